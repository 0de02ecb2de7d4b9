using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Onnx;

namespace SerPipeline.Transforms;

/// <summary>Reads files as mono audio of one rate, silence trimmed; see <see cref="TransformsCatalogExtensions.LoadAudio"/>.</summary>
public sealed class LoadAudioEstimator : RowEstimator<LoadAudioTransformer>
{
    internal LoadAudioEstimator(LoadAudioTransformer transformer) : base(transformer) { }
}

/// <summary>
/// Reads files as mono audio of one rate, silence trimmed: from a text column of paths to a vector of samples, whose annotation
/// <c>SampleRateHz </c> (Int32) tells
/// the rate.
/// </summary>
public sealed class LoadAudioTransformer : RowTransformer
{
    internal const string Name = "LoadAudio";

    // Part of every cache key: raise it when decoding, resampling or trimming come to give other samples.
    private const int Revision = 3;

    private readonly IHostEnvironment? _environment;
    private readonly ConcurrentDictionary<ulong, bool> _good = new();

    internal LoadAudioTransformer(
        string outputColumnName, string? inputColumnName, LoadAudioOptions options, AudioReading? reading = null,
            IHostEnvironment? environment = null)
        : base(outputColumnName, inputColumnName)
    {
        Options = PrepareWaveformTransformer.Copy(options);
        Reading = (reading ?? new AudioReading()) with { };
        Reading.Validate();
        _environment = environment;
    }

    /// <summary>What a file becomes.</summary>
    public LoadAudioOptions Options { get; }

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

    internal override string StageName => Name;

    internal override string Signature => string.Create(CultureInfo.InvariantCulture, $"{Name}.{Revision} {Options}");

    private protected override bool ReadsText => true;

    internal override bool MayRefuse => true;

    internal override SchemaShape.Column OutputShape => Waveform.Shape(OutputColumnName);

    internal override BoundStage Bind(DataViewSchema.Column input) =>
        new(Waveform.Type, Waveform.Annotations(Options.SampleRateHz), path => Load((string)path));

    internal override OnnxColumn AddOnnx(OnnxColumn input) => PrepareWaveformTransformer.AddOnnx(input, Options);

    /// <summary>The first step: a file's samples, mono, at the options' rate.</summary>
    /// <exception cref="AudioFormatException">The file is no audio, or its samples are too large to be resampled.</exception>
    internal static AudioClip Decode(string path, LoadAudioOptions options) => AudioPreparation.Resample(AudioFile.Read(RequirePath(path)),
        options);

    /// <summary>What identifies the content of a file.</summary>
    internal static string ContentKey(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Whether a file as it is now has been read before without error.</summary>
    internal bool IsKnownGood(string path) => File.Exists(path) && _good.ContainsKey(Stamp(path));

    internal void Report(BadClip clip)
    {
        if (Reading.BadClipFound is { } found)
        {
            found(clip);
            return;
        }
        if (_environment is null) return;
        using IChannel channel = _environment.Start(Name);
        channel.Trace(new MessageSensitivity(), $"left out '{clip.Path}': {clip.Reason}");
    }

    private float[] Load(string path)
    {
        AudioClip clip = AudioFile.Read(RequirePath(path));
        Reading.Decoded?.Invoke(path, clip);
        float[] samples = AudioPreparation.Prepare(AudioPreparation.Resample(clip, Options), Options).Samples.ToArray();
        if (Reading.BadClips == BadClipRule.Skip) _good.TryAdd(Stamp(path), true);
        return samples;
    }

    // A row without a path is one bad row, not a wrong program.
    private static string RequirePath(string path) => path.Length > 0 && !path.Contains('\0')
        ? path
        : throw new AudioFormatException(path.Length == 0
            ? $"{Name} needs the path of an audio file, but a row's is empty or missing. Leave such rows out, or name their files."
            : $"{Name} needs the path of an audio file, but a row's holds a null character: '{path.Replace('\0', '?')}'.");

    private static ulong Stamp(string path)
    {
        var file = new FileInfo(path);
        string text =
            string.Create(CultureInfo.InvariantCulture, $"{path}|{(file.Exists ? file.Length : -1)}|{file.LastWriteTimeUtc.Ticks}");
        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()));
    }
}

/// <summary>
/// The second step of <see cref="LoadAudioTransformer"/>, for audio that is no file: a vector of samples at the options' rate, trimmed,
/// levelled and padded.
/// </summary>
internal sealed class PrepareWaveformTransformer(string outputColumnName, string? inputColumnName, LoadAudioOptions options)
    : RowTransformer(outputColumnName, inputColumnName)
{
    internal const string Name = "PrepareWaveform";

    public LoadAudioOptions Options { get; } = Copy(options);

    internal override string StageName => Name;

    internal override string Signature => string.Create(CultureInfo.InvariantCulture, $"{Name} {Options}");

    internal override SchemaShape.Column OutputShape => Waveform.Shape(OutputColumnName);

    internal override BoundStage Bind(DataViewSchema.Column input)
    {
        RequireRate(input, Options.SampleRateHz);
        return new(Waveform.Type, Waveform.Annotations(Options.SampleRateHz), samples =>
            AudioPreparation.Prepare(new AudioClip(RequireSamples(samples), Options.SampleRateHz), Options).Samples.ToArray());
    }

    internal override OnnxColumn AddOnnx(OnnxColumn input) => AddOnnx(input, Options);

    internal static LoadAudioOptions Copy(LoadAudioOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options with { };
    }

    internal static OnnxColumn AddOnnx(OnnxColumn waveform, LoadAudioOptions options)
    {
        OnnxColumn audio = options.Trim is { } trim ? SilenceOnnx.Add(waveform.Values, trim, options.SampleRateHz) : waveform;
        if (options.Normalization is { } level) audio = NormalizationOnnx.Add(audio, level, options.SampleRateHz);
        return options.MinimumSamples > 0 ? PaddingOnnx.Add(audio, options.MinimumSamples) : audio;
    }
}
