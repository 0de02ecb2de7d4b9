using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>The rectangle between the axes, and how axes, grid and titles are drawn around it.</summary>
/// <param name="Left">The left edge.</param>
/// <param name="Top">The top edge.</param>
/// <param name="Right">The right edge.</param>
/// <param name="Bottom">The bottom edge.</param>
internal sealed record PlotArea(double Left, double Top, double Right, double Bottom)
{
    private const double TickLength = 4, LabelGap = 4;

    public double Width => Right - Left;

    public double Height => Bottom - Top;

    /// <summary>The free border around a figure.</summary>
    public static double Padding(PlotOptions options) => options.FontSize;

    public static double TitleSize(PlotOptions options) => Math.Round(options.FontSize * 7 / 6, 2);

    /// <summary>The height that the title takes from the top, border included.</summary>
    public static double TitleRoom(PlotOptions options) =>
        Padding(options) + (options.Title.Length > 0 ? TitleSize(options) * 1.5 : 0);

    /// <summary>The width left of the area for the ticks and name of a vertical axis.</summary>
    public static double VerticalAxisRoom(Axis axis, PlotOptions options) =>
        TickLength + LabelGap + axis.LabelWidth(options.FontSize) + (axis.Label.Length > 0 ? options.FontSize * 1.5 : 0);

    /// <summary>The height below the area for the ticks and name of a horizontal axis.</summary>
    public static double HorizontalAxisRoom(Axis axis, PlotOptions options) =>
        TickLength + LabelGap + options.FontSize + (axis.Label.Length > 0 ? options.FontSize * 1.4 : 0);

    /// <summary>About how many ticks fit along a length.</summary>
    public static int TickTarget(double length, double spacing) => Math.Clamp((int)(length / spacing), 2, 12);

    public double X(Axis axis, double value) => Left + (axis.Share(value) * Width);

    public double Y(Axis axis, double value) => Bottom - (axis.Share(value) * Height);

    public static void DrawTitle(ICanvas canvas, PlotOptions options, double left)
    {
        if (options.Title.Length == 0) return;
        double size = TitleSize(options);
        string text = TextMetrics.Shorten(options.Title, size * 1.07, canvas.Width - left - Padding(options));
        canvas.DrawText(new(left, Padding(options)), text, new TextStyle(size, options.Theme.Ink, Baseline: TextBaseline.Top, Bold: true));
    }

    /// <summary>Draws horizontal grid lines at the ticks.</summary>
    public void DrawGrid(ICanvas canvas, PlotOptions options, Axis vertical)
    {
        foreach (AxisTick tick in vertical.Ticks)
            canvas.DrawLine(new(Left, Y(vertical, tick.Value)), new(Right, Y(vertical, tick.Value)), new Stroke(options.Theme.Grid));
    }

    /// <summary>Draws the line below, its ticks, labels and name. Labels that would touch their neighbour are left out.</summary>
    public void DrawHorizontalAxis(ICanvas canvas, PlotOptions options, Axis axis)
    {
        var stroke = new Stroke(options.Theme.Ink);
        canvas.DrawLine(new(Left, Bottom), new(Right, Bottom), stroke);
        var style = new TextStyle(options.FontSize, options.Theme.Ink, TextAnchor.Middle, TextBaseline.Top);
        double free = double.NegativeInfinity;
        foreach (AxisTick tick in axis.Ticks)
        {
            double x = X(axis, tick.Value), half = TextMetrics.Width(tick.Label, options.FontSize) / 2;
            canvas.DrawLine(new(x, Bottom), new(x, Bottom + TickLength), stroke);
            if (x - half < free || x + half > canvas.Width) continue;
            canvas.DrawText(new(x, Bottom + TickLength + LabelGap), tick.Label, style);
            free = x + half + (options.FontSize / 2);
        }
        double nameTop = Bottom + TickLength + LabelGap + (options.FontSize * 1.4);
        double middle = (Left + Right) / 2, room = 2 * Math.Min(middle, canvas.Width - middle);
        if (axis.Label.Length > 0)
            canvas.DrawText(new(middle, nameTop), TextMetrics.Shorten(axis.Label, options.FontSize, room), style);
    }

    /// <summary>Draws the line at the left, its ticks, labels and name. Labels that would touch their neighbour are left out.</summary>
    public void DrawVerticalAxis(ICanvas canvas, PlotOptions options, Axis axis)
    {
        var stroke = new Stroke(options.Theme.Ink);
        canvas.DrawLine(new(Left, Top), new(Left, Bottom), stroke);
        DrawVerticalTicks(canvas, options, axis, Left, -1);
        double name = Left - VerticalAxisRoom(axis, options) + (options.FontSize * TextMetrics.CapHeight);
        DrawVerticalName(canvas, options, axis, name);
    }

    /// <summary>Draws the colours of a range right of the area, with ticks and name.</summary>
    public void DrawColorBar(ICanvas canvas, PlotOptions options, Axis axis, ColorMap colors)
    {
        double left = Right + options.FontSize, width = options.FontSize;
        var ramp = new RgbImage(256, 1);
        for (int i = 0; i < 256; i++) ramp.SetPixel(255 - i, 0, colors[(byte)i]);
        canvas.DrawImage(ramp, left, Top, width, Height);
        DrawVerticalTicks(canvas, options, axis, left + width, 1);
        DrawVerticalName(canvas, options, axis, left + width + VerticalAxisRoom(axis, options));
    }

    /// <summary>The width right of the area for a colour bar.</summary>
    public static double ColorBarRoom(Axis axis, PlotOptions options) => (2 * options.FontSize) + VerticalAxisRoom(axis, options);

    private void DrawVerticalTicks(ICanvas canvas, PlotOptions options, Axis axis, double x, int direction)
    {
        TextAnchor anchor = direction < 0 ? TextAnchor.End : TextAnchor.Start;
        var style = new TextStyle(options.FontSize, options.Theme.Ink, anchor, TextBaseline.Middle);
        double free = double.PositiveInfinity;
        foreach (AxisTick tick in axis.Ticks)
        {
            double y = Y(axis, tick.Value), half = options.FontSize * TextMetrics.CapHeight / 2;
            canvas.DrawLine(new(x, y), new(x + (direction * TickLength), y), new Stroke(options.Theme.Ink));
            if (y + half > free) continue;
            canvas.DrawText(new(x + (direction * (TickLength + LabelGap)), y), tick.Label, style);
            free = y - half - (options.FontSize * 0.3);
        }
    }

    private void DrawVerticalName(ICanvas canvas, PlotOptions options, Axis axis, double x)
    {
        if (axis.Label.Length == 0) return;
        double middle = (Top + Bottom) / 2, room = 2 * Math.Min(middle, canvas.Height - middle);
        string name = TextMetrics.Shorten(axis.Label, options.FontSize, room);
        canvas.DrawText(new(x, middle), name, new TextStyle(options.FontSize, options.Theme.Ink, TextAnchor.Middle, Rotation: 90));
    }
}

/// <summary>An entry of a legend.</summary>
/// <param name="Name">What the entry says.</param>
/// <param name="Paint">The colour of its sample.</param>
/// <param name="IsLine">Whether its sample is a line, or else a square.</param>
/// <param name="Dash">The line's dashes.</param>
internal sealed record LegendEntry(string Name, Paint Paint, bool IsLine, double Dash = 0);

/// <summary>Names of series in rows above a plot, where they cover no data.</summary>
internal static class Legend
{
    /// <summary>The height of the legend within a width; none for no entries.</summary>
    public static double Room(IReadOnlyList<LegendEntry> entries, PlotOptions options, double width) =>
        entries.Count == 0 ? 0 : (Rows(entries, options, width).Count * options.FontSize * 1.5) + (options.FontSize * 0.3);

    /// <summary>Draws the rows from the top left.</summary>
    public static void Draw(ICanvas canvas, IReadOnlyList<LegendEntry> entries, PlotOptions options, double left, double top, double width)
    {
        double y = top + (options.FontSize * 0.5);
        foreach (List<LegendEntry> row in Rows(entries, options, width))
        {
            double x = left;
            foreach (LegendEntry entry in row)
            {
                DrawSample(canvas, entry, options, x, y);
                string name = TextMetrics.Shorten(entry.Name, options.FontSize, width - SampleWidth(entry, options));
                canvas.DrawText(new(x + SampleWidth(entry, options), y), name,
                    new TextStyle(options.FontSize, options.Theme.Ink, Baseline: TextBaseline.Middle));
                x += EntryWidth(entry, options);
            }
            y += options.FontSize * 1.5;
        }
    }

    private static void DrawSample(ICanvas canvas, LegendEntry entry, PlotOptions options, double x, double y)
    {
        double size = options.FontSize;
        if (entry.IsLine) canvas.DrawLine(new(x, y), new(x + (size * 1.6), y), new Stroke(entry.Paint, 2, entry.Dash));
        else canvas.FillRectangle(x, y - (size * 0.4), size * 0.8, size * 0.8, entry.Paint);
    }

    private static double SampleWidth(LegendEntry entry, PlotOptions options) => options.FontSize * (entry.IsLine ? 2 : 1.25);

    private static double EntryWidth(LegendEntry entry, PlotOptions options) =>
        SampleWidth(entry, options) + TextMetrics.Width(entry.Name, options.FontSize) + (options.FontSize * 1.5);

    private static List<List<LegendEntry>> Rows(IReadOnlyList<LegendEntry> entries, PlotOptions options, double width)
    {
        var rows = new List<List<LegendEntry>>();
        double used = double.PositiveInfinity;
        foreach (LegendEntry entry in entries)
        {
            double next = EntryWidth(entry, options);
            if (used + next - (options.FontSize * 1.5) > width)
            {
                rows.Add([]);
                used = 0;
            }
            rows[^1].Add(entry);
            used += next;
        }
        return rows;
    }
}
