using SerPipeline.Audio;
using SerPipeline.Old.Models;

namespace SerPipeline.Console.Prediction;

/// <summary>The windows of one recording, as its blocks are read. What is wrong with the recording is kept apart from whatever its caller does with the windows.</summary>
internal sealed class RecordingWindows : IDisposable
{
    private readonly IEnumerator<IReadOnlyList<EmotionSegment>> _windows;
    private EmotionTimeline? _timeline;

    /// <summary>Opens a recording.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Window, hop and silence.</param>
    /// <param name="path">What messages call it.</param>
    /// <param name="blocks">Its audio, read as windows are asked for.</param>
    /// <param name="figure">What gathers the figure on the way, or null.</param>
    /// <param name="cancellation">Ends it.</param>
    public RecordingWindows(SerModel model, EmotionTimelineOptions options, string path, IEnumerable<AudioClip> blocks, RecordingFigure? figure, CancellationToken cancellation) =>
        _windows = Read(model, options, path, blocks, figure, cancellation).GetEnumerator();

    /// <summary>What was read so far.</summary>
    public TimeSpan Received => _timeline?.Received ?? TimeSpan.Zero;

    /// <summary>Why it could not be read to its end, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>The next windows; null at the end, and where the recording cannot be read on.</summary>
    public IReadOnlyList<EmotionSegment>? Next()
    {
        try
        {
            return _windows.MoveNext() ? _windows.Current : null;
        }
        catch (Exception e) when (e is AudioFormatException or IOException or UnauthorizedAccessException)
        {
            Problem = e.Message;
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _windows.Dispose();
        _timeline?.Dispose();
    }

    private IEnumerable<IReadOnlyList<EmotionSegment>> Read(
        SerModel model, EmotionTimelineOptions options, string path, IEnumerable<AudioClip> blocks, RecordingFigure? figure, CancellationToken cancellation)
    {
        foreach (AudioClip block in blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            _timeline ??= model.OpenTimeline(block.SampleRateHz, block.Channels, options);
            figure?.Add(block);
            yield return Seen(_timeline.Push(block));
        }
        if (_timeline is null) throw new AudioFormatException($"{path}: no samples came: there is nothing to predict on.");
        yield return Seen(_timeline.Complete());

        IReadOnlyList<EmotionSegment> Seen(IReadOnlyList<EmotionSegment> segments)
        {
            figure?.Add(segments);
            return segments;
        }
    }
}
