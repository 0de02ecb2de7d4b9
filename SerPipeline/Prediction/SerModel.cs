using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SerPipeline.Audio;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>
/// A trained model, loaded once to predict many times, from any number of threads: <c>using var model = SerModel.Load("emotion.zip")</c>,
/// then
/// <c>model.Predict("clip.wav").Label</c>. Everything but the file is within: rate, trimming, features, weights, labels.
/// </summary>
public sealed partial class SerModel : IEmotionPredictor, IDisposable
{
    private readonly TaskFactory _workers;
    private readonly IClipScorer _scorer;
    private readonly ModelCalls _calls;

    private readonly ModelRecord _record;
    private readonly string _name;

    private SerModel(ModelRecord record, IClipScorer scorer, SerModelOptions options, string name)
    {
        (_record, _scorer, Options, _name) = (record, scorer, options, name);
        _workers = new(new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, options.DegreeOfParallelism).ConcurrentScheduler);
        _calls = new ModelCalls(scorer.Dispose);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels => _record.Labels;

    /// <inheritdoc/>
    public int SampleRateHz => _scorer.Loading.SampleRateHz;

    /// <summary>How it predicts.</summary>
    public SerModelOptions Options { get; }

    /// <summary>Texts that travel with the model, such as how it was trained and under which licence.</summary>
    public IReadOnlyDictionary<string, string> Notes => _record.Notes;

    /// <summary>Files that travel with the model by name, such as <c>metrics.json</c>, its scores, and <c>README.md</c>, its
    /// card.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Attachments => _record.Attachments;

    internal ResamplerOptions? Resampler => _scorer.Loading.Resampler;

    /// <summary>Loads a model.</summary>
    /// <param name="path">A zip that <c>ml.Model.SavePortable</c> or <c>ser train</c> wrote, or the folder of a run with one model of all
    /// clips.</param>
    /// <param name="options">How to predict; the defaults when null.</param>
    /// <exception cref="ModelFormatException">The file is absent, damaged, foreign, newer than this library, or does not predict from
    /// audio.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public static SerModel Load(string path, SerModelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = ModelPath.Resolve(path);
        if (!File.Exists(path)) throw new ModelFormatException($"There is no model file '{path}'.");
        using FileStream zip = File.OpenRead(path);
        return Load(zip, path, options);
    }

    /// <summary>Loads a model from a stream, such as a resource of an assembly.</summary>
    /// <param name="stream">The zip; it must seek.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">How to predict; the defaults when null.</param>
    /// <exception cref="ModelFormatException">The content is damaged, foreign, newer than this library, or does not predict from
    /// audio.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public static SerModel Load(Stream stream, string name = "stream", SerModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new SerModelOptions();
        options.Validate();
        ModelRecord record = ModelRecord.Read(stream, name);
        return new SerModel(record, record.Scoring is null ? OpenChain(record, stream, name) : NetworkScorer.Create(record, name), options,
            name);
    }

    /// <inheritdoc/>
    public EmotionPrediction Predict(string path)
    {
        using ModelCalls.Call call = _calls.Enter(this);
        return One(AudioBlocks.Read(path, Options.Reading), path);
    }

    /// <summary>Predicts on each channel of a file by itself.</summary>
    /// <param name="path">See <see cref="Predict(string)"/>.</param>
    /// <returns>One answer a channel, in their order; <see cref="EmotionPrediction.Channel"/> names it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="AudioFormatException">It holds no audio that can be read.</exception>
    public IReadOnlyList<EmotionPrediction> PredictChannels(string path)
    {
        using ModelCalls.Call call = _calls.Enter(this);
        return Score(AudioBlocks.Read(path, Options.Reading), path, ChannelSelection.Each);
    }

    /// <summary>Predicts on each channel of decoded audio by itself.</summary>
    /// <param name="clip">See <see cref="Predict(AudioClip)"/>.</param>
    /// <returns>One answer a channel, in their order.</returns>
    /// <exception cref="AudioFormatException">It cannot be used, see <see cref="Predict(AudioClip)"/>.</exception>
    public IReadOnlyList<EmotionPrediction> PredictChannels(AudioClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        using ModelCalls.Call call = _calls.Enter(this);
        return Score([clip], "The clip", ChannelSelection.Each);
    }

    /// <inheritdoc/>
    public EmotionPrediction Predict(Stream stream, string name = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        using ModelCalls.Call call = _calls.Enter(this);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return One([Decode(bytes, name)], name);
    }

    /// <inheritdoc/>
    public EmotionPrediction Predict(ReadOnlySpan<float> samples, int sampleRateHz)
    {
        if (sampleRateHz < 1)
            throw new ArgumentOutOfRangeException(nameof(sampleRateHz), sampleRateHz,
                "A sample rate is the number of samples a second, at least 1 and usually 8000 to 48000.");
        return Predict(new AudioClip(samples.ToArray(), sampleRateHz));
    }

    /// <inheritdoc/>
    public EmotionPrediction Predict(AudioClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        using ModelCalls.Call call = _calls.Enter(this);
        return One([clip], "The clip");
    }

    /// <inheritdoc/>
    public IReadOnlyList<EmotionPrediction> Predict(IReadOnlyList<AudioClip> clips)
    {
        ArgumentNullException.ThrowIfNull(clips);
        for (int i = 0; i < clips.Count; i++)
            if (clips[i] is null) throw new ArgumentNullException(nameof(clips), $"Clip {i}, counted from 0, is null.");
        using ModelCalls.Call call = _calls.Enter(this);
        Task<EmotionPrediction>[] tasks =
            [.. clips.Select((clip, i) => _workers.StartNew(() => One([clip], $"Clip {i}, counted from 0,")))];
        // The call ends when all have. Of several bad clips the first is told of, whichever failed first.
        ((Task)Task.WhenAll(tasks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        return Array.ConvertAll(tasks, task => task.GetAwaiter().GetResult());
    }

    /// <inheritdoc/>
    public async Task<EmotionPrediction> PredictAsync(string path, CancellationToken cancellation = default)
    {
        using ModelCalls.Call call = _calls.Enter(this);
        return await OnWorker(() => AudioBlocks.Read(path, Options.Reading), path, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<EmotionPrediction> PredictAsync(Stream stream, string name = "stream", CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using ModelCalls.Call call = _calls.Enter(this);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancellation).ConfigureAwait(false);
        return await OnWorker(() => [Decode(bytes, name)], name, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<EmotionPrediction> PredictAsync(AudioClip clip, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(clip);
        using ModelCalls.Call call = _calls.Enter(this);
        return await OnWorker(() => [clip], "The clip", cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<FilePrediction> PredictFilesAsync(IEnumerable<string> paths, CancellationToken cancellation = default) =>
        PredictFilesAsync(paths, RecordingCondition.AsRecorded, cancellation);

    /// <summary>The same of files as they sound under a condition.</summary>
    internal async IAsyncEnumerable<FilePrediction> PredictFilesAsync(IEnumerable<string> paths, RecordingCondition condition,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(paths);
        using ModelCalls.Call call = _calls.Enter(this);
        var underWay = new Queue<Task<FilePrediction[]>>();
        try
        {
            foreach (string path in paths)
            {
                cancellation.ThrowIfCancellationRequested();
                underWay.Enqueue(_workers.StartNew(() => PredictOrTell(path, condition)));
                // Twice as many as are worked on: one slow file does not leave the other workers idle.
                if (underWay.Count < 2 * Options.DegreeOfParallelism) continue;
                foreach (FilePrediction file in await underWay.Dequeue().ConfigureAwait(false)) yield return file;
            }
            while (underWay.TryDequeue(out Task<FilePrediction[]>? next))
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (FilePrediction file in await next.ConfigureAwait(false)) yield return file;
            }
        }
        finally
        {
            // The call ends when what it started has.
            await Task.WhenAll(underWay).ContinueWith(static t => _ = t.Exception, TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public EmotionTimeline OpenTimeline(int sampleRateHz, int channels = 1, EmotionTimelineOptions? options = null)
    {
        RequireOne();
        return OpenTimeline(sampleRateHz, channels, options, Channels.IndexOf(Options.Channel));
    }

    /// <summary>The timeline of a recording of any length: a window that slides over it. Memory stays small whatever its length, see
    /// <see cref="AudioBlocks"/>.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="options">Window, hop, silence; the defaults when null.</param>
    /// <returns>The windows as they are done; see <see cref="EmotionTimeline"/>.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="AudioFormatException">It holds no audio that can be read.</exception>
    public IEnumerable<EmotionSegment> PredictTimeline(string path, EmotionTimelineOptions? options = null) =>
        PredictTimeline(AudioBlocks.Read(path, Options.Reading), options);

    /// <summary>The timeline of audio that comes in blocks.</summary>
    /// <param name="blocks">Blocks of one rate and number of channels.</param>
    /// <param name="options">Window, hop, silence; the defaults when null.</param>
    /// <exception cref="AudioFormatException">A block cannot be used, or there is no sample in all.</exception>
    public IEnumerable<EmotionSegment> PredictTimeline(IEnumerable<AudioClip> blocks, EmotionTimelineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        EmotionTimeline? stream = null;
        try
        {
            foreach (AudioClip block in blocks)
            {
                stream ??= OpenTimeline(block.SampleRateHz, block.Channels, options);
                foreach (EmotionSegment segment in stream.Push(block)) yield return segment;
            }
            if (stream is null || stream.Received == TimeSpan.Zero)
                throw new AudioFormatException("The audio holds no samples: there is nothing to predict on.");
            foreach (EmotionSegment segment in stream.Complete()) yield return segment;
        }
        finally
        {
            stream?.Dispose();
        }
    }

    /// <summary>Frees the network when the calls under way have ended, and lets no other begin.</summary>
    public void Dispose() => _calls.Close();

    // On its own, so that ML.NET is loaded when it is called and not when its caller is compiled.
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SuppressMessage("Performance", "CA1859", Justification = "The caller would load the type, and ML.NET with it.")]
    private static IClipScorer OpenChain(ModelRecord record, Stream zip, string name) => ChainScorer.Create(record, zip, name);

    private AudioClip Decode(MemoryStream bytes, string name) => AudioFile.Decode(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), name,
        Options.Reading);

    private FilePrediction[] PredictOrTell(string path, RecordingCondition condition)
    {
        if (string.IsNullOrEmpty(path) || path.Contains('\0', StringComparison.Ordinal))
            return [new FilePrediction(path ?? "", null, "This is no path of a file: it is empty or holds a NUL character.")];
        try
        {
            IEnumerable<AudioClip> audio = condition == default ? AudioBlocks.Read(path, Options.Reading)
                : [AudioPreparation.Resample(AudioFile.Read(path, Options.Reading), _scorer.Loading).Under(condition)];
            return Array.ConvertAll(Score(audio, path, Options.Channel),
                prediction => new FilePrediction(path, prediction, null));
        }
        catch (Exception e) when (AudioReading.IsBadClip(e))
        {
            return [new FilePrediction(path, null, e.Message)];
        }
    }

    private Task<EmotionPrediction> OnWorker(Func<IEnumerable<AudioClip>> read, string name, CancellationToken cancellation) =>
        _workers.StartNew(() =>
        {
            cancellation.ThrowIfCancellationRequested();
            return One(read().Select(block =>
            {
                cancellation.ThrowIfCancellationRequested();
                return block;
            }), name);
        });
}
