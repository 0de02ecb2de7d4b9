using System.IO.Hashing;
using Microsoft.ML.Runtime;
using SerPipeline.Audio;

namespace SerPipeline.Transforms;

/// <summary>Reads files as mono audio of one rate, silence trimmed; see <see cref="TransformsCatalogExtensions.LoadAudio"/>.</summary>
public sealed class LoadAudioEstimator : RowEstimator<LoadAudioTransformer>
{
    internal LoadAudioEstimator(LoadAudioTransformer transformer) : base(transformer) { }
}

/// <summary>
/// Reads files as mono audio of one rate, silence trimmed: from a text column of paths to a vector of samples, whose annotation
/// <c>SampleRateHz</c> (Int32) tells the rate.
/// </summary>
public sealed class LoadAudioTransformer : RowTransformer
{
    // Of files with segments alone, by name, size and time: a file of a thousand segments is hashed once.
    private static readonly ConcurrentDictionary<ulong, string> Hashes = new();

    // Of every stage of the process: the chains of a run's folds read the same files.
    private static readonly ConcurrentDictionary<(ulong File, string Stage), bool> Good = new();

    private readonly IHostEnvironment? _environment;

    internal LoadAudioTransformer(
        string outputColumnName, string? inputColumnName, LoadAudioOptions options, AudioReading? reading = null,
            IHostEnvironment? environment = null)
        : base(outputColumnName, inputColumnName, At(reading ?? new(), ClipStage.LoadAudio(options)))
    {
        Reading = (reading ?? new AudioReading()) with { };
        Reading.Validate();
        _environment = environment;
    }

    /// <summary>What a file becomes.</summary>
    public LoadAudioOptions Options => (LoadAudioOptions)Stage.Options;

    /// <summary>How this run reads.</summary>
    public AudioReading Reading { get; }

    /// <summary>What the stage makes of decoded audio; the way of a clip that is no file.</summary>
    /// <param name="clip">Audio of any rate and number of channels.</param>
    /// <exception cref="AudioFormatException">Samples are too large to be resampled.</exception>
    public AudioClip Prepare(AudioClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        return AudioPreparation.Prepare(AudioPreparation.Resample(clip, Options), Options);
    }

    private protected override bool ReadsText => true;

    internal override BoundStage Bind(DataViewSchema.Column input) =>
        new(Waveform.Type, Waveform.Annotations(Options.SampleRateHz), path => Load((string)path));

    /// <summary>The same stage for clips under a condition.</summary>
    internal LoadAudioTransformer Under(RecordingCondition condition) =>
        new(OutputColumnName, InputColumnName, Options, Reading with { Condition = condition, Decoded = null }, _environment);

    /// <summary>The first step: a file's samples, mono, at the options' rate.</summary>
    /// <exception cref="AudioFormatException">The file is no audio, or its samples are too large to be resampled.</exception>
    internal static AudioClip Decode(string path, LoadAudioOptions options) => AudioPreparation.Resample(AudioFile.Read(RequirePath(path)),
        options);

    /// <summary>What identifies the content of a file, or of a segment of one.</summary>
    internal static string ContentKey(string path) => AudioSegment.TryParse(path, out string file, out AudioSegment? segment)
        ? Hashes.GetOrAdd(Stamp(file), _ => HashOf(file)) + segment.Suffix : HashOf(path);

    private static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Whether a file as it is now has been read before without error, by a stage of the same options.</summary>
    internal bool IsKnownGood(string path) => File.Exists(AudioSegment.FileOf(path)) && Good.ContainsKey((Stamp(path), Stage.Signature));

    /// <summary>That a file as it is now was read without error.</summary>
    internal void RememberGood(string path) => Good.TryAdd((Stamp(path), Stage.Signature), true);

    internal void Report(BadClip clip)
    {
        if (Reading.BadClipFound is { } found)
        {
            found(clip);
            return;
        }
        if (_environment is null) return;
        using IChannel channel = _environment.Start(StageName);
        channel.Trace(new MessageSensitivity(), $"left out '{clip.Path}': {clip.Reason}");
    }

    // A copy at another speed mostly stands beside the clip itself, which is judged already; one under a condition may be all that is read.
    private static ClipStage At(AudioReading reading, ClipStage stage) => reading is { Speed: 1, Condition: RecordingCondition.AsRecorded }
        ? stage : stage with { Speed = reading.Speed, Condition = reading.Condition, MayRefuse = reading.Speed == 1 };

    private float[] Load(string path)
    {
        AudioClip clip = AudioFile.Read(RequirePath(path));
        Reading.Decoded?.Invoke(path, clip);
        if (Reading.Speed != 1)
            clip = clip.With(clip.Samples.ToArray(), Math.Max(1, (int)Math.Round(clip.SampleRateHz * Reading.Speed)));
        AudioClip mono = AudioPreparation.Resample(clip, Options).Under(Reading.Condition);
        return AudioPreparation.Prepare(mono, Options).Samples.ToArray();
    }

    // A row without a path is one bad row, not a wrong program.
    private static string RequirePath(string path)
    {
        if (path.Length > 0 && !path.Contains('\0')) return path;
        string found = path.Length == 0 ? "is empty or missing. Leave such rows out, or name their files."
            : $"holds a null character: '{path.Replace('\0', '?')}'.";
        throw new AudioFormatException($"{nameof(ClipStage.LoadAudio)} needs the path of an audio file, but a row's {found}");
    }

    /// <summary>A file, or a segment of one, as it is now: full name, size and time.</summary>
    internal static ulong Stamp(string path)
    {
        bool isSegment = AudioSegment.TryParse(path, out string name, out AudioSegment? segment);
        var file = new FileInfo(name);
        string text = string.Create(CultureInfo.InvariantCulture,
            $"{file.FullName}{(isSegment ? segment!.Suffix : "")}|{(file.Exists ? file.Length : -1)}|{file.LastWriteTimeUtc.Ticks}");
        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()));
    }
}

/// <summary>
/// The second step of <see cref="LoadAudioTransformer"/>, for audio that is no file: a vector of samples at the options' rate, trimmed,
/// levelled and padded.
/// </summary>
internal sealed class PrepareWaveformTransformer(string outputColumnName, string? inputColumnName, LoadAudioOptions options)
    : RowTransformer(outputColumnName, inputColumnName, ClipStage.PrepareWaveform(options))
{
    public LoadAudioOptions Options => (LoadAudioOptions)Stage.Options;
}
