namespace SerPipeline.Reports.Plots;

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
                throw new ArgumentException($"Expected a position for each of the {line.Y.Count} values of '{line.Name}', found {line.X.Count}.");
            for (int i = 0; i < line.X.Count; i++)
                if (!double.IsFinite(line.X[i]) || (i > 0 && line.X[i] <= line.X[i - 1]))
                    throw new ArgumentException($"Expected finite rising positions in '{line.Name}', found otherwise at number {i}.");
        }
    }

    /// <summary>The legend: lines without a name have no entry.</summary>
    public static IReadOnlyList<LegendEntry> LegendOf(IReadOnlyList<LineSeries> series, PlotOptions options) =>
        [.. series.Select((s, i) => new LegendEntry(s.Name, PaintOf(s, i, options), IsLine: true, DashOf(s, i))).Where(entry => entry.Name.Length > 0)];

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
        for (int i = 0; i < series.Count; i++) DrawSeries(canvas, series[i], new Stroke(PaintOf(series[i], i, figure), series[i].Width, DashOf(series[i], i)), area, x, y);
        area.DrawHorizontalAxis(canvas, figure, x);
        area.DrawVerticalAxis(canvas, figure, y);
        return left;
    }

    private static void DrawSeries(ICanvas canvas, LineSeries line, Stroke stroke, PlotArea area, Axis x, Axis y)
    {
        var run = new List<CanvasPoint>();
        for (int i = 0; i <= line.Y.Count; i++)
        {
            if (i < line.Y.Count && double.IsFinite(line.Y[i]))
            {
                run.Add(new CanvasPoint(area.X(x, line.XAt(i)), area.Y(y, Math.Clamp(line.Y[i], y.Low, y.High))));
                continue;
            }
            // A value between two gaps has no line: a dot shows it.
            canvas.DrawPolyline([.. run], run.Count == 1 ? stroke with { Width = 5, Dash = 0 } : stroke);
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
        double low = panel.YMin ?? (values.Count > 0 ? values.Min() : 0), high = panel.YMax ?? (values.Count > 0 ? values.Max() : Math.Max(1, low + 1));
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
    private static double DashOf(LineSeries line, int index) => line.Dashed || (line.Color is null && index > Palette.Series.Count) ? Dash : 0;
}
