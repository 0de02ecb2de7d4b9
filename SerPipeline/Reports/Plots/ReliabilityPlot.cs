using SerPipeline.Evaluation;
using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>One panel of a reliability diagram.</summary>
/// <param name="Name">What it shows, such as <c>after temperature scaling</c>.</param>
/// <param name="Bins">The bins in order.</param>
/// <param name="Error">The expected calibration error, 0 to 1.</param>
public sealed record ReliabilityPanel(string Name, IReadOnlyList<RunReliabilityBin> Bins, double Error);

/// <summary>Options of <see cref="ReliabilityPlot"/>.</summary>
public sealed record ReliabilityPlotOptions : PlotOptions;

/// <summary>
/// Reliability diagrams (Niculescu-Mizil and Caruana 2005; Guo et al. 2017): the accuracy of the clips of each confidence against that
/// confidence, with the share of clips in each bin below. On the diagonal, probabilities are calibrated; light orange and light blue mark
/// how far confidence lies above and below accuracy.
/// </summary>
public sealed class ReliabilityPlot : Plot
{
    private readonly ReliabilityPlotOptions _options;
    private readonly IReadOnlyList<ReliabilityPanel> _panels;

    /// <summary>Creates the plot.</summary>
    /// <param name="panels">The panels, side by side: one, or one before and one after calibration.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <exception cref="ArgumentException">There is no panel, or a bin lies outside 0 to 1.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public ReliabilityPlot(IReadOnlyList<ReliabilityPanel> panels, ReliabilityPlotOptions? options = null)
        : base(options ??= new ReliabilityPlotOptions { Width = panels?.Count == 1 ? 400 : 760, Height = 440 })
    {
        ArgumentNullException.ThrowIfNull(panels);
        if (panels.Count == 0) throw new ArgumentException("Expected at least one panel, found none.", nameof(panels));
        foreach (RunReliabilityBin bin in panels.SelectMany(p => p.Bins))
            if (!(bin is { Low: >= 0, High: <= 1, Clips: >= 0, Confidence: >= 0 and <= 1, Accuracy: >= 0 and <= 1 } && bin.Low < bin.High))
                throw new ArgumentException($"Expected bins within 0 and 1 and counts that are not negative, found {bin}.", nameof(panels));
        _options = options;
        _panels = panels;
    }

    private protected override void Draw(ICanvas canvas)
    {
        double font = _options.FontSize, padding = PlotArea.Padding(_options), top = PlotArea.TitleRoom(_options),
            width = canvas.Width - (2 * padding);
        LegendEntry[] legend =
        [
            new("accuracy", Palette.Blue, IsLine: false), new("overconfident by", Overconfident, IsLine: false),
            new("underconfident by", Palette.SkyBlue, IsLine: false), new("calibrated", _options.Theme.Ink, IsLine: true, Dash: 4),
        ];
        double panelTop = top + Legend.Room(legend, _options, width), slot = (width - ((_panels.Count - 1) * font)) / _panels.Count;
        Legend.Draw(canvas, legend, _options, padding, top, width);
        PlotArea.DrawTitle(canvas, _options, padding);
        for (int i = 0; i < _panels.Count; i++)
        {
            double left = padding + (i * (slot + font));
            DrawPanel(canvas, _panels[i], new PlotArea(left, panelTop, left + slot, canvas.Height - padding));
        }
    }

    private static Rgb Overconfident => Palette.Vermilion.Mix(Rgb.White, 0.45);

    private void DrawPanel(ICanvas canvas, ReliabilityPanel panel, PlotArea room)
    {
        double font = _options.FontSize;
        // 1. Room: a line of text, the diagram, and below it a fifth for the share of clips.
        Axis x = Axis.Exact("Confidence", 0, 1, PlotArea.TickTarget(room.Width, font * 5)), y = Axis.Exact("Accuracy", 0, 1, 5);
        long clips = panel.Bins.Sum(b => b.Clips);
        double most = panel.Bins.Count == 0 || clips == 0 ? 1 : panel.Bins.Max(b => (double)b.Clips / clips);
        Axis share = new("Clips", 0, most,
            [new AxisTick(0, "0 %"), new AxisTick(most, (100 * most).ToString("0", CultureInfo.InvariantCulture) + " %")]);
        double left = room.Left + Math.Max(PlotArea.VerticalAxisRoom(y, _options), PlotArea.VerticalAxisRoom(share, _options)),
            right = room.Right - (font * 0.8);
        double top = room.Top + (font * 1.8), bottom = room.Bottom - PlotArea.HorizontalAxisRoom(x, _options),
            strip = (bottom - top) * 0.18;
        var upper = new PlotArea(left, top, right, bottom - strip - (font * 1.2));
        var lower = new PlotArea(left, bottom - strip, right, bottom);
        string error = string.Create(CultureInfo.InvariantCulture, $"{panel.Name}: ECE {100 * panel.Error:0.0} %");
        canvas.DrawText(new(left, room.Top + font), TextMetrics.Shorten(error, font * 1.07, room.Right - left),
            new TextStyle(font, _options.Theme.Ink, Bold: true));

        // 2. Bars, gaps, the diagonal.
        upper.DrawGrid(canvas, _options, y);
        foreach (RunReliabilityBin bin in panel.Bins.Where(b => b.Clips > 0))
            DrawBin(canvas, bin, (double)bin.Clips / clips, upper, lower, x, y, share);
        canvas.DrawLine(new(upper.Left, upper.Bottom), new(upper.Right, upper.Top), new Stroke(_options.Theme.Ink, 1.2, 4));

        // 3. Axes.
        canvas.DrawLine(new(upper.Left, upper.Bottom), new(upper.Right, upper.Bottom), new Stroke(_options.Theme.Ink));
        upper.DrawVerticalAxis(canvas, _options, y);
        lower.DrawVerticalAxis(canvas, _options, share);
        lower.DrawHorizontalAxis(canvas, _options, x);
    }

    private void DrawBin(ICanvas canvas, RunReliabilityBin bin, double part, PlotArea upper, PlotArea lower, Axis x, Axis y, Axis share)
    {
        double left = upper.X(x, bin.Low) + 1, width = upper.X(x, bin.High) - 1 - left;
        double accuracy = upper.Y(y, bin.Accuracy), confidence = upper.Y(y, bin.Confidence), level = lower.Y(share, part);
        canvas.FillRectangle(left, accuracy, width, upper.Bottom - accuracy, Palette.Blue);
        // The bar is the accuracy in both cases: confidence beyond it stands
        // on top, confidence short of it leaves the bar's upper part lighter.
        if (confidence < accuracy) canvas.FillRectangle(left, confidence, width, accuracy - confidence, Overconfident);
        else canvas.FillRectangle(left, accuracy, width, confidence - accuracy, Palette.SkyBlue);
        canvas.FillRectangle(left, level, width, lower.Bottom - level, _options.Theme.Muted);
    }
}
