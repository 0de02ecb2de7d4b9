using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using SerPipeline.Audio;

namespace SerPipeline.Prediction;

/// <summary>
/// A model that is loaded anew when its file changes. Each call is answered by one model from beginning to end; the old one is freed when
/// the last call it answers, or the last
/// stream opened on it, has ended.
/// </summary>
internal sealed class ReloadingSerModel : IEmotionPredictor, IDisposable
{
    private readonly SerModelServiceOptions _options;
    private readonly ILogger _logger;
    private readonly string _file;
    private readonly ITimer? _timer;
    private readonly Lock _reloading = new();
    private volatile SerModel _current;
    private volatile bool _disposed;

    // The version last tried, loaded or not: a damaged file is told of once.
    private FileStamp? _tried;

    public ReloadingSerModel(SerModelServiceOptions options, ILogger logger, TimeProvider time)
    {
        options.Validate();
        // The folder of a run stands for the model in it.
        (_options, _logger, _file) = (options, logger, ModelPath.Resolve(options.Path));
        // The stamp first: a file that changes while it is read is read again.
        _tried = FileStamp.Of(_file);
        _current = SerModel.Load(options.Path, options.ToModelOptions());
        _logger.LogInformation("Loaded the model {Path}: {Labels}.", options.Path, string.Join(", ", _current.Labels));
        if (options.ReloadOnChange) _timer = time.CreateTimer(_ => LoadIfChanged(), null, options.ReloadInterval, options.ReloadInterval);
    }

    public IReadOnlyList<string> Labels => _current.Labels;

    public int SampleRateHz => _current.SampleRateHz;

    public EmotionPrediction Predict(string path) => Call(model => model.Predict(path));

    public EmotionPrediction Predict(Stream stream, string name = "stream") => Call(model => model.Predict(stream, name));

    public EmotionPrediction Predict(ReadOnlySpan<float> samples, int sampleRateHz)
    {
        float[] copy = samples.ToArray();
        return Call(model => model.Predict(copy, sampleRateHz));
    }

    public EmotionPrediction Predict(AudioClip clip) => Call(model => model.Predict(clip));

    public IReadOnlyList<EmotionPrediction> Predict(IReadOnlyList<AudioClip> clips) => Call(model => model.Predict(clips));

    public Task<EmotionPrediction> PredictAsync(string path, CancellationToken cancellation = default) =>
        CallAsync(model => model.PredictAsync(path, cancellation));

    public Task<EmotionPrediction> PredictAsync(Stream stream, string name = "stream", CancellationToken cancellation = default) =>
        CallAsync(model => model.PredictAsync(stream, name, cancellation));

    public Task<EmotionPrediction> PredictAsync(AudioClip clip, CancellationToken cancellation = default) =>
        CallAsync(model => model.PredictAsync(clip, cancellation));

    public async IAsyncEnumerable<FilePrediction> PredictFilesAsync(IEnumerable<string> paths,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        // All files of one call get one model: it is held on to from the first step of the enumeration to the last.
        (IAsyncEnumerator<FilePrediction> files, bool any) = await CallAsync(async model =>
        {
            // Where the first step fails the enumeration has ended, and there is nothing to dispose of.
            IAsyncEnumerator<FilePrediction> begun = model.PredictFilesAsync(paths, cancellation).GetAsyncEnumerator(cancellation);
            return (begun, await begun.MoveNextAsync().ConfigureAwait(false));
        }).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable disposing = files.ConfigureAwait(false);
        for (; any; any = await files.MoveNextAsync().ConfigureAwait(false)) yield return files.Current;
    }

    public EmotionTimeline OpenTimeline(int sampleRateHz, int channels = 1, EmotionTimelineOptions? options = null) =>
        Call(model => model.OpenTimeline(sampleRateHz, channels, options));

    public void Dispose()
    {
        _timer?.Dispose();
        lock (_reloading)
        {
            _disposed = true;
            _current.Dispose();
        }
    }

    /// <summary>Loads the file when it is another one than that tried last.</summary>
    internal void LoadIfChanged()
    {
        // A look while another one loads has nothing to do.
        if (!_reloading.TryEnter()) return;
        try
        {
            if (_disposed || FileStamp.Of(_file) is not { } stamp || stamp == _tried) return;
            _tried = stamp;
            Load();
        }
        catch (Exception e)
        {
            // Of whatever kind: the caller is a thread of a timer, where an exception ends the program.
            _logger.LogError(e, "The changed model {Path} cannot be loaded, and the one before it stays: {Reason}", _options.Path,
                e.Message);
        }
        finally
        {
            _reloading.Exit();
        }
    }

    private void Load()
    {
        SerModel old = _current;
        _current = SerModel.Load(_options.Path, _options.ToModelOptions());
        // Only lets no further call begin: the last one under way frees it.
        old.Dispose();
        _logger.LogInformation("Loaded the changed model {Path}: {Labels}.", _options.Path, string.Join(", ", _current.Labels));
    }

    // The call itself is made on this thread, and nothing is waited for.
    private T Call<T>(Func<SerModel, T> call) => CallAsync(model => Task.FromResult(call(model))).GetAwaiter().GetResult();

    // Between the look at the current model and the beginning of the call another one may have taken its place; the call then begins with
    // that one.
    private async Task<T> CallAsync<T>(Func<SerModel, Task<T>> call)
    {
        while (true)
        {
            SerModel model = _current;
            try
            {
                return await call(model).ConfigureAwait(false);
            }
            catch (ObjectDisposedException) when (model != _current)
            {
            }
        }
    }
}

/// <summary>What tells one version of a zip from another without reading it whole.</summary>
/// <param name="Written">When it was written, UTC.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Directory">SHA-256 of its end: there stands a zip's directory, with the CRC-32 of every entry. A file copied with its time,
/// or written twice within a tick of the
/// clock, may have the time and length of the one before.</param>
internal sealed record FileStamp(DateTime Written, long Length, string Directory)
{
    // Some hundred bytes an entry: a model's directory takes a few kilobytes.
    private const int DirectoryBytes = 1 << 16;

    /// <summary>The stamp of a file, or of the file that a link leads to; null when there is none or it cannot be opened.</summary>
    public static FileStamp? Of(string path)
    {
        try
        {
            // By handle, because volumes of containers swap files by swapping links.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            long length = file.Length;
            var end = new byte[Math.Min(length, DirectoryBytes)];
            file.Position = length - end.Length;
            file.ReadExactly(end);
            return new FileStamp(File.GetLastWriteTimeUtc(file.SafeFileHandle), length, Convert.ToHexStringLower(SHA256.HashData(end)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
