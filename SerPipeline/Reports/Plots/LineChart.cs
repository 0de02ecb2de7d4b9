using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>One line of a chart.</summary>
/// <param name="Name">Its name in the legend; none when empty.</param>
/// <param name="Y">Its values; a value that is no finite number leaves a gap.</param>
public sealed record LineSeries(string Name, IReadOnlyList<double> Y)
{
    /// <summary>The position of each value, rising; 1, 2, 3 and so on when null, the default, as epochs are counted.</summary>
    public IReadOnlyList<double>? X { get; init; }

    /// <summary>The colour; the next of <see cref="Palette.Series"/> when null, the default.</summary>
    public Rgb? Color { get; init; }

    /// <summary>Whether the line is dashed. Default: no.</summary>
    public bool Dashed { get; init; }

    /// <summary>The line's width in CSS pixels. Default: 2.</summary>
    public double Width { get; init; } = 2;

    internal double XAt(int i) => X is null ? i + 1 : X[i];
}

/// <summary>Options of <see cref="LineChart"/>.</summary>
public sealed record LineChartOptions : PlotOptions
{
    /// <summary>The horizontal axis's name. Default: Epoch.</summary>
    public string XLabel { get; init; } = "Epoch";

    /// <summary>The vertical axis's name. Default: none.</summary>
    public string YLabel { get; init; } = "";

    /// <summary>The value at the bottom; a round number below the least value when null, the default.</summary>
    public double? YMin { get; init; }

    /// <summary>The value at the top; a round number above the greatest value when null, the default.</summary>
    public double? YMax { get; init; }

    /// <summary>A position to mark by an upright line, such as the epoch that early stopping kept; none when null, the default.</summary>
    public double? MarkerX { get; init; }

    /// <summary>What the marker says. Default: none.</summary>
    public string MarkerLabel { get; init; } = "";

    private protected override void Check(OptionsCheck check) => check
        .Require(YMin is null || double.IsFinite(YMin.Value), YMin, "be a finite number or null")
        .Require(YMax is null || (double.IsFinite(YMax.Value) && !(YMax <= YMin)), YMax, "be a finite number above YMin, or null")
        .Require(MarkerX is null || double.IsFinite(MarkerX.Value), MarkerX, "be a finite number or null");
}

/// <summary>Lines over a common axis, such as training and validation loss by epoch.</summary>
public sealed class LineChart : Plot
{
    private readonly LineChartOptions _options;
    private readonly IReadOnlyList<LineSeries> _series;

    /// <summary>Creates the chart.</summary>
    /// <param name="series">The lines; a chart without any, or whose lines are empty, has axes only.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <exception cref="ArgumentException">A line's positions do not fit its values, or do not rise.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public LineChart(IReadOnlyList<LineSeries> series, LineChartOptions? options = null)
        : base(options ??= new LineChartOptions())
    {
        LinePainter.CheckSeries(series);
        _options = options;
        _series = series;
    }

    private protected override void Draw(ICanvas canvas)
    {
        double padding = PlotArea.Padding(_options), top = PlotArea.TitleRoom(_options), width = canvas.Width - (2 * padding);
        IReadOnlyList<LegendEntry> legend = LinePainter.LegendOf(_series, _options);
        double left = LinePainter.Draw(canvas, _options, _options, _series,
            new PlotArea(padding, top + Legend.Room(legend, _options, width), canvas.Width - padding, canvas.Height - padding));
        Legend.Draw(canvas, legend, _options, Math.Min(left, padding + (width / 4)), top, width);
        PlotArea.DrawTitle(canvas, _options, left);
    }
}

/// <summary>Draws the axes and lines of one panel.</summary>
internal static class LinePainter
{
    private const double Dash = 5;

    /// <summary>Checks that positions fit values and rise.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public static void CheckSeries(IReadOnlyList<LineSeries> series)
    {
        ArgumentNullException.ThrowIfNull(series);
        foreach (LineSeries line in series)
        {
            if (line.X is null) continue;
            if (line.X.Count != line.Y.Count)
                throw new ArgumentException(
                    $"Expected a position for each of the {line.Y.Count} values of '{line.Name}', found {line.X.Count}.");
            for (int i = 0; i < line.X.Count; i++)
                if (!double.IsFinite(line.X[i]) || (i > 0 && line.X[i] <= line.X[i - 1]))
                    throw new ArgumentException($"Expected finite rising positions in '{line.Name}', found otherwise at number {i}.");
        }
    }

    /// <summary>The legend: lines without a name have no entry.</summary>
    public static IReadOnlyList<LegendEntry> LegendOf(IReadOnlyList<LineSeries> series, PlotOptions options) =>
        [.. series.Select((s, i) => new LegendEntry(s.Name, PaintOf(s, i, options), IsLine: true, DashOf(s, i)))
            .Where(entry => entry.Name.Length > 0)];

    /// <summary>Draws one panel within a room that holds its axes too.</summary>
    /// <returns>The left edge of the area between the axes.</returns>
    public static double Draw(ICanvas canvas, PlotOptions figure, LineChartOptions panel, IReadOnlyList<LineSeries> series, PlotArea room)
    {
        double bottom = room.Bottom - PlotArea.HorizontalAxisRoom(XAxis(panel, series, 2), figure);
        double top = room.Top + (panel.MarkerX is not null && panel.MarkerLabel.Length > 0 ? figure.FontSize * 1.2 : figure.FontSize * 0.4);
        Axis y = YAxis(panel, series, PlotArea.TickTarget(bottom - top, figure.FontSize * 2.8));
        double left = room.Left + PlotArea.VerticalAxisRoom(y, figure);
        var area = new PlotArea(left, top, room.Right - (figure.FontSize * 0.5), bottom);
        Axis x = XAxis(panel, series, PlotArea.TickTarget(area.Width, figure.FontSize * 5));
        area.DrawGrid(canvas, figure, y);
        if (panel.MarkerX is { } marker && marker >= x.Low && marker <= x.High) DrawMarker(canvas, figure, panel, area, area.X(x, marker));
        for (int i = 0; i < series.Count; i++)
            DrawSeries(canvas, series[i], new Stroke(PaintOf(series[i], i, figure), series[i].Width, DashOf(series[i], i)), area, x, y);
        area.DrawHorizontalAxis(canvas, figure, x);
        area.DrawVerticalAxis(canvas, figure, y);
        return left;
    }

    // A value between two gaps has no line: a dot shows it.
    private static void DrawSeries(ICanvas canvas, LineSeries line, Stroke stroke, PlotArea area, Axis x, Axis y) =>
        DrawRuns(canvas, line.Y.Count, i => double.IsFinite(line.Y[i])
            ? new CanvasPoint(area.X(x, line.XAt(i)), area.Y(y, Math.Clamp(line.Y[i], y.Low, y.High))) : null, stroke,
            stroke with { Width = 5, Dash = 0 });

    /// <summary>Draws a line through each run of points; null leaves a gap.</summary>
    public static void DrawRuns(ICanvas canvas, int count, Func<int, CanvasPoint?> at, Stroke stroke, Stroke single)
    {
        var run = new List<CanvasPoint>();
        for (int i = 0; i <= count; i++)
        {
            if (i < count && at(i) is { } point)
            {
                run.Add(point);
                continue;
            }
            canvas.DrawPolyline([.. run], run.Count == 1 ? single : stroke);
            run.Clear();
        }
    }

    private static void DrawMarker(ICanvas canvas, PlotOptions figure, LineChartOptions panel, PlotArea area, double x)
    {
        canvas.DrawLine(new(x, area.Top), new(x, area.Bottom), new Stroke(figure.Theme.Muted, 1, 3));
        if (panel.MarkerLabel.Length == 0) return;
        double half = TextMetrics.Width(panel.MarkerLabel, figure.FontSize) / 2;
        double centre = Math.Clamp(x, Math.Min(area.Left + half, area.Right - half), area.Right - half);
        var style = new TextStyle(figure.FontSize, figure.Theme.Muted, TextAnchor.Middle);
        canvas.DrawText(new(centre, area.Top - (figure.FontSize * 0.35)), panel.MarkerLabel, style);
    }

    private static Axis XAxis(LineChartOptions panel, IReadOnlyList<LineSeries> series, int target)
    {
        List<double> positions = [.. series.SelectMany(s => Enumerable.Range(0, s.Y.Count).Select(s.XAt))];
        if (positions.Count == 0) positions = [0, 1];
        double low = positions.Min(), high = positions.Max();
        if (high <= low) (low, high) = (low - 1, high + 1);
        bool whole = positions.TrueForAll(p => p == Math.Floor(p));
        Axis axis = whole ? Axis.Whole(panel.XLabel, low, high, target) : Axis.Exact(panel.XLabel, low, high, target);
        // Epochs begin at 1, which round numbers leave out.
        bool roomForOne = whole && low == 1 && (axis.Ticks.Count < 2 || axis.Ticks[1].Value - axis.Ticks[0].Value > 1);
        return roomForOne && axis.Ticks.All(t => t.Value != 1) ? axis with { Ticks = [new AxisTick(1, "1"), .. axis.Ticks] } : axis;
    }

    private static Axis YAxis(LineChartOptions panel, IReadOnlyList<LineSeries> series, int target)
    {
        List<double> values = [.. series.SelectMany(s => s.Y).Where(double.IsFinite)];
        double low = panel.YMin ?? (values.Count > 0 ? values.Min() : 0),
            high = panel.YMax ?? (values.Count > 0 ? values.Max() : Math.Max(1, low + 1));
        if (high < low) (low, high) = panel.YMin is null ? (high - 1, high) : (low, low + 1);
        Axis loose = Axis.Loose(panel.YLabel, low, high, target);
        double from = panel.YMin ?? loose.Low, to = panel.YMax ?? loose.High;
        return loose with { Low = from, High = to, Ticks = [.. loose.Ticks.Where(t => t.Value >= from - 1e-12 && t.Value <= to + 1e-12)] };
    }

    private static Paint PaintOf(LineSeries line, int index, PlotOptions options)
    {
        if (line.Color is { } color) return color;
        int number = index % (Palette.Series.Count + 1);
        return number < Palette.Series.Count ? Palette.Series[number] : options.Theme.Ink;
    }

    // Once all colours and the ink are used, the next lines are dashed.
    private static double DashOf(LineSeries line, int index) =>
        line.Dashed || (line.Color is null && index > Palette.Series.Count) ? Dash : 0;
}
