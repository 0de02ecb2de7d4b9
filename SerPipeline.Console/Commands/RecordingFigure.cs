using SerPipeline.Audio;
using SerPipeline.Reports.Plots;

namespace SerPipeline.Console.Commands;

/// <summary>Gathers what the figure of a recording shows, and draws it. It fails alone: the recording is predicted on whatever becomes of
/// its figure.</summary>
/// <param name="file">The picture, .png or .svg.</param>
/// <param name="title">What stands above it.</param>
/// <param name="labels">The model's labels.</param>
internal sealed class RecordingFigure(string file, string title, IReadOnlyList<string> labels)
{
    private readonly List<EmotionSegment> _segments = [];
    private RecordingOutline? _outline;
    private string? _problem;

    public void Add(AudioClip block)
    {
        if (_problem is not null) return;
        try
        {
            (_outline ??= new RecordingOutline(block.SampleRateHz)).Add(block);
        }
        catch (AudioFormatException e)
        {
            // A rate too low to be drawn is none too low to be predicted on.
            _problem = e.Message;
        }
    }

    public void Add(IReadOnlyList<EmotionSegment> segments)
    {
        if (_problem is null) _segments.AddRange(segments);
    }

    /// <param name="terminal">Gets the outcome.</param>
    /// <param name="problem">Why there is nothing to draw, or null.</param>
    /// <returns>Whether the figure lies in its file.</returns>
    public bool Draw(Terminal terminal, string? problem = null)
    {
        problem ??= _problem ?? Save();
        terminal.Message(problem is null ? $"Drew {file}." : $"error: The figure '{file}' was not drawn: {problem}");
        return problem is null;
    }

    private string? Save()
    {
        try
        {
            var plot = new EmotionTimelinePlot(_outline!.Complete(labels, _segments),
                new EmotionTimelinePlotOptions { Width = 960, Height = 640, Title = title });
            if (Path.GetExtension(file).Equals(".svg", StringComparison.OrdinalIgnoreCase)) plot.SaveSvg(file);
            else plot.SavePng(file);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
