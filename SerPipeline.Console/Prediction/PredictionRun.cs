using System.Globalization;
using SerPipeline.Audio;
using SerPipeline.Console.Hosting;
using SerPipeline.Old.Models;
using SerPipeline.Reports;

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

    /// <summary>Writes the timeline of a recording. Of one that cannot be read to its end nothing stays in a file, or --resume would take it for finished.</summary>
    /// <param name="path">What to call it.</param>
    /// <param name="blocks">Its audio.</param>
    /// <param name="figure">What gathers its figure, or null.</param>
    /// <param name="keep">Whether the part before a failure stays: what a microphone heard cannot be heard again.</param>
    /// <param name="cancellation">Ends it.</param>
    public void Timeline(string path, IEnumerable<AudioClip> blocks, RecordingFigure? figure, bool keep, CancellationToken cancellation)
    {
        using var recording = new RecordingWindows(model, options.Windows, path, blocks, figure, cancellation);
        (int windows, int silent) = (0, 0);
        writer.Begin();
        while (recording.Next() is { } segments)
        {
            windows += segments.Count;
            silent += segments.Count(segment => segment.IsSilence);
            foreach (EmotionSegment segment in segments) writer.Write(path, segment);
        }
        if (recording.Problem is { } problem)
        {
            if (!keep) writer.Discard();
            Unreadable(path, problem);
            return;
        }
        _recordings++;
        _audio += recording.Received;
        (_windows, _silent) = (_windows + windows, _silent + silent);
    }

    /// <summary>Draws the figure.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="path">What to call the recording.</param>
    /// <param name="unseen">Its audio where the figure has not gathered it yet; else null.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Whether it was drawn.</returns>
    public bool Draw(RecordingFigure figure, string path, IEnumerable<AudioClip>? unseen, CancellationToken cancellation)
    {
        if (unseen is null) return figure.Draw(terminal);
        using var recording = new RecordingWindows(model, options.Windows, path, unseen, figure, cancellation);
        while (recording.Next() is not null) { }
        return figure.Draw(terminal, recording.Problem);
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

    private void Unreadable(string path, string reason)
    {
        Bad++;
        terminal.Message($"error: {(reason.Contains(path, StringComparison.Ordinal) ? reason : $"{path}: {reason}")}");
    }
}
