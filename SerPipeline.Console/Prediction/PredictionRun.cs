using System.Globalization;
using SerPipeline.Audio;
using SerPipeline.Console.Hosting;
using SerPipeline.Console.Output;
using SerPipeline.Imaging;
using SerPipeline.Models;

namespace SerPipeline.Console.Prediction;

/// <summary>One run of <c>ser predict</c>: predicts, writes, and counts.</summary>
internal sealed class PredictionRun(SerModel model, PredictOptions options, PredictionWriter writer, Terminal terminal, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _audio;
    private int _recordings, _windows, _silent;

    /// <summary>Files that could not be read.</summary>
    public int Bad { get; private set; }

    /// <summary>Whether anything was predicted.</summary>
    public bool Any => _recordings > 0;

    /// <summary>Predicts on whole files, several at once; writes them in order as they are done.</summary>
    public void Files(IReadOnlyList<string> paths, Action<int> done, CancellationToken cancellation)
    {
        int count = 0;
        foreach (FilePrediction file in model.PredictFilesAsync(paths, cancellation).ToBlockingEnumerable(CancellationToken.None))
        {
            if (file.Prediction is { } prediction) Clip(file.Path, prediction);
            else Unreadable(file.Path, file.Error!);
            done(++count);
        }
    }

    /// <summary>Predicts on one clip.</summary>
    public void Clip(string path, EmotionPrediction prediction)
    {
        writer.Write(path, prediction);
        _recordings++;
        _audio += prediction.Duration;
    }

    /// <summary>Writes the timeline of a recording, and draws it where that is asked for.</summary>
    /// <param name="path">What to call it.</param>
    /// <param name="blocks">Its audio.</param>
    /// <param name="write">Whether the timeline is written, or only drawn.</param>
    /// <param name="cancellation">Ends it.</param>
    public void Timeline(string path, IEnumerable<AudioClip> blocks, bool write, CancellationToken cancellation)
    {
        EmotionTimeline? timeline = null;
        RecordingOutline? outline = null;
        var drawn = new List<EmotionSegment>();
        try
        {
            foreach (AudioClip block in blocks)
            {
                cancellation.ThrowIfCancellationRequested();
                timeline ??= model.OpenTimeline(block.SampleRateHz, block.Channels, options.Windows);
                if (options.Figure is not null) (outline ??= new RecordingOutline(block.SampleRateHz)).Add(block);
                Take(timeline.Push(block));
            }
            if (timeline is null) throw new AudioFormatException($"{path}: no samples came: there is nothing to predict on.");
            Take(timeline.Complete());
            if (write) _audio += timeline.Received;
            if (write) _recordings++;
        }
        catch (Exception e) when (e is AudioFormatException or IOException or UnauthorizedAccessException)
        {
            Unreadable(path, e.Message);
            return;
        }
        finally
        {
            timeline?.Dispose();
        }
        if (outline is not null) Draw(path, outline.Complete(model.Labels, drawn));

        void Take(IReadOnlyList<EmotionSegment> segments)
        {
            if (outline is not null) drawn.AddRange(segments);
            if (!write) return;
            _windows += segments.Count;
            _silent += segments.Count(segment => segment.IsSilence);
            foreach (EmotionSegment segment in segments) writer.Write(path, segment);
        }
    }

    /// <summary>Says how much was done, and how fast.</summary>
    public void Summarize()
    {
        if (!Any) return;
        TimeSpan took = time.GetElapsedTime(_start);
        double seconds = Math.Max(took.TotalSeconds, 1e-3);
        string windows = options.Stream ? $", {Format.Count(_windows - _silent, "window")} and {Format.Whole(_silent)} of silence left out" : "";
        terminal.Message(string.Create(CultureInfo.InvariantCulture,
            $"Predicted {Format.Count(_recordings, "recording")}, {Format.Duration(_audio)} of audio{windows}, in {Format.Duration(took)}: {_recordings / seconds:0.0} recordings/s, {_audio.TotalSeconds / seconds:0} times as fast as they play."));
    }

    private void Draw(string path, EmotionTimelineData data)
    {
        var plot = new EmotionTimelinePlot(data, new EmotionTimelinePlotOptions { Width = 960, Height = 640, Title = path == "-" ? "Standard input" : Path.GetFileName(path) });
        string figure = options.Figure!;
        if (Path.GetExtension(figure).Equals(".svg", StringComparison.OrdinalIgnoreCase)) plot.SaveSvg(figure);
        else plot.SavePng(figure);
        terminal.Message($"Drew {figure}.");
    }

    private void Unreadable(string path, string reason)
    {
        Bad++;
        terminal.Message($"error: {(reason.Contains(path, StringComparison.Ordinal) ? reason : $"{path}: {reason}")}");
    }
}
