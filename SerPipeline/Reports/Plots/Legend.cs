namespace SerPipeline.Reports.Plots;

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
                canvas.DrawText(new(x + SampleWidth(entry, options), y), name, new TextStyle(options.FontSize, options.Theme.Ink, Baseline: TextBaseline.Middle));
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
