using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>Which numbers stand in the cells of a confusion matrix.</summary>
public enum ConfusionNumbers
{
    /// <summary>Clips and, where there is room, their share of the true class.</summary>
    CountsAndShares,

    /// <summary>Clips only.</summary>
    Counts,

    /// <summary>Shares of the true class only, in per cent: each row adds up to 100.</summary>
    Shares,
}

/// <summary>Options of <see cref="ConfusionMatrixPlot"/>.</summary>
public sealed record ConfusionMatrixPlotOptions : PlotOptions
{
    /// <summary>The colours of a row's shares, 0 to 1. Default: white to dark blue.</summary>
    public ColorMap Colors { get; init; } = ColorMap.Blues;

    /// <summary>Whether accuracy, UAR and the number of clips stand below. Default: yes.</summary>
    public bool ShowScores { get; init; } = true;

    /// <summary>What stands in the cells. Default: clips and their share of the true class.</summary>
    public ConfusionNumbers Numbers { get; init; }

    private protected override void Check(OptionsCheck check) => check
        .Require(Enum.IsDefined(Numbers), Numbers, "be one of CountsAndShares, Counts and Shares");
}

/// <summary>
/// A confusion matrix: true classes down, predicted classes across. Numbers are clips, or their share of the true class, or both; colour
/// is that share, so that a rare class shows as well as a common one.
/// </summary>
public sealed class ConfusionMatrixPlot : Plot
{
    private readonly ConfusionMatrixPlotOptions _options;
    private readonly ConfusionGrid _grid;

    /// <summary>Creates the plot.</summary>
    /// <param name="counts">Clips, <c>counts[true][predicted]</c>; whole numbers, or sums of weights.</param>
    /// <param name="labels">The classes' names, in the order of the counts.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <exception cref="ArgumentException">The counts are not square, do not fit the labels, or are negative or not finite.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public ConfusionMatrixPlot(IReadOnlyList<IReadOnlyList<double>> counts, IReadOnlyList<string> labels,
        ConfusionMatrixPlotOptions? options = null)
        : base(options ??= new ConfusionMatrixPlotOptions { Width = 560, Height = 560 })
    {
        _grid = new ConfusionGrid(counts, labels);
        _options = options;
    }

    private protected override void Draw(ICanvas canvas)
    {
        double font = _options.FontSize, padding = PlotArea.Padding(_options), top = PlotArea.TitleRoom(_options);
        int n = _grid.Labels.Count;
        // 1. Room: names at the left, upright names below where they are wider than a cell, scores at the bottom.
        double longest = _grid.Labels.Max(label => TextMetrics.Width(label, font));
        double names = Math.Min(longest, canvas.Width * 0.25), left = padding + (font * 2) + names;
        double scores = _options.ShowScores ? font * 1.8 : 0;
        double flat = Math.Min(canvas.Width - padding - left, canvas.Height - top - padding - (font * 3.4) - scores) / n;
        bool upright = longest > flat - (font * 0.5);
        double below = (upright ? Math.Min(longest, canvas.Height * 0.25) : font) + (font * 2.4) + scores;
        double cell = Math.Min(canvas.Width - padding - left, canvas.Height - top - padding - below) / n;
        // A free width is shared by both sides.
        left += Math.Max(0, (canvas.Width - padding - left - (cell * n)) / 2);
        var area = new PlotArea(left, top, left + (cell * n), top + (cell * n));
        // 2. Cells, frame, names, scores.
        DrawCells(canvas, area, cell);
        DrawNames(canvas, area, cell, names, upright, below - scores - (font * 2.4));
        DrawCaptions(canvas, area, names, area.Bottom + below - scores - (font * 0.4), scores);
        PlotArea.DrawTitle(canvas, _options, Math.Max(padding, left - (font * 2) - names));
    }

    private void DrawCells(ICanvas canvas, PlotArea area, double cell)
    {
        int n = _grid.Labels.Count;
        for (int row = 0; row < n; row++)
        {
            for (int column = 0; column < n; column++)
            {
                double x = area.Left + (column * cell), y = area.Top + (row * cell), share = _grid.Share(row, column);
                Rgb color = _options.Colors.At(share);
                canvas.FillRectangle(x, y, cell, cell, color);
                DrawNumbers(canvas, row, column, x + (cell / 2), y + (cell / 2), cell, color);
            }
        }
        var frame = new Stroke(_options.Theme.Muted);
        foreach (double y in (ReadOnlySpan<double>)[area.Top, area.Bottom]) canvas.DrawLine(new(area.Left, y), new(area.Right, y), frame);
        foreach (double x in (ReadOnlySpan<double>)[area.Left, area.Right]) canvas.DrawLine(new(x, area.Top), new(x, area.Bottom), frame);
    }

    private void DrawNumbers(ICanvas canvas, int row, int column, double x, double y, double cell, Rgb color)
    {
        double count = _grid.Counts[row][column], size = _options.FontSize, room = cell * 0.9;
        bool shares = _options.Numbers == ConfusionNumbers.Shares;
        double share = _grid.Share(row, column) * 100;
        string text = shares ? share.ToString(share is > 0 and < 100 ? "0.0" : "0", CultureInfo.InvariantCulture)
            : count.ToString("0.#", CultureInfo.InvariantCulture);
        string percent = share.ToString("0", CultureInfo.InvariantCulture) + " %";
        Rgb ink = color.ReadableInk;
        // Zeros stay, but faint: the eye finds the confusions.
        if (count == 0) ink = color.Mix(ink, 0.45);
        size = Math.Min(size, size * room / Math.Max(room, TextMetrics.Width(text, size)));
        double small = size * 0.8;
        bool both = _options.Numbers == ConfusionNumbers.CountsAndShares && count > 0 && cell > size * 3
            && TextMetrics.Width(percent, small) < room;
        var style = new TextStyle(size, ink, TextAnchor.Middle, TextBaseline.Middle);
        canvas.DrawText(new(x, both ? y - (size * 0.5) : y), text, style);
        if (both) canvas.DrawText(new(x, y + (size * 0.65)), percent, style with { Size = small });
    }

    private void DrawNames(ICanvas canvas, PlotArea area, double cell, double leftRoom, bool upright, double belowRoom)
    {
        double font = _options.FontSize;
        for (int i = 0; i < _grid.Labels.Count; i++)
        {
            double middle = (i + 0.5) * cell;
            string left = TextMetrics.Shorten(_grid.Labels[i], font, leftRoom);
            canvas.DrawText(new(area.Left - (font * 0.5), area.Top + middle), left, Names(TextAnchor.End, TextBaseline.Middle));
            string below = upright ? TextMetrics.Shorten(_grid.Labels[i], font, belowRoom) : _grid.Labels[i];
            TextStyle style = upright ? Names(TextAnchor.End, TextBaseline.Middle) with { Rotation = 90 }
                : Names(TextAnchor.Middle, TextBaseline.Top);
            canvas.DrawText(new(area.Left + middle, area.Bottom + (font * 0.5)), below, style);
        }
    }

    private void DrawCaptions(ICanvas canvas, PlotArea area, double names, double predictedLine, double scores)
    {
        double font = _options.FontSize, middle = (area.Left + area.Right) / 2;
        TextStyle style = Names(TextAnchor.Middle, TextBaseline.Alphabetic), bold = style with { Bold = true };
        canvas.DrawText(new(middle, predictedLine), "Predicted class", bold);
        double trueLine = area.Left - names - (font * 1.2);
        canvas.DrawText(new(trueLine, (area.Top + area.Bottom) / 2), "True class", bold with { Rotation = 90 });
        if (scores > 0)
        {
            double half = TextMetrics.Width(_grid.Scores, font) / 2, padding = PlotArea.Padding(_options), center = canvas.Width / 2;
            double x = Math.Clamp(middle, Math.Min(padding + half, center), Math.Max(canvas.Width - padding - half, center));
            canvas.DrawText(new(x, predictedLine + scores), _grid.Scores, style with { Paint = _options.Theme.Muted });
        }
    }

    private TextStyle Names(TextAnchor anchor, TextBaseline baseline) => new(_options.FontSize, _options.Theme.Ink, anchor, baseline);
}

/// <summary>The checked counts of a confusion matrix and the scores that follow from them.</summary>
internal sealed class ConfusionGrid
{
    private readonly double[] _rowSums;

    public ConfusionGrid(IReadOnlyList<IReadOnlyList<double>> counts, IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0 || counts.Count != labels.Count)
            throw new ArgumentException(
                $"Expected as many rows of counts as labels, at least one; found {counts.Count} rows and {labels.Count} labels.");
        for (int row = 0; row < counts.Count; row++)
        {
            if (counts[row].Count != labels.Count)
                throw new ArgumentException($"Expected {labels.Count} counts in row {row} ('{labels[row]}'), found {counts[row].Count}.");
            if (counts[row].Any(count => !double.IsFinite(count) || count < 0))
                throw new ArgumentException(
                    $"Expected counts that are finite and not negative, found otherwise in row {row} ('{labels[row]}').");
        }
        Counts = counts;
        Labels = labels;
        _rowSums = [.. counts.Select(row => row.Sum())];
    }

    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }

    public IReadOnlyList<string> Labels { get; }

    /// <summary>Accuracy, unweighted average recall over the classes that have clips, and the number of clips.</summary>
    public string Scores
    {
        get
        {
            double total = _rowSums.Sum();
            if (total <= 0) return "no clips";
            double correct = Enumerable.Range(0, Labels.Count).Sum(i => Counts[i][i]);
            double uar = Enumerable.Range(0, Labels.Count).Where(i => _rowSums[i] > 0).Average(i => Share(i, i));
            return string.Create(CultureInfo.InvariantCulture,
                $"accuracy {correct / total * 100:0.0} %, UAR {uar * 100:0.0} %, n = {total:0.#}");
        }
    }

    /// <summary>The share of a true class that was predicted as a class; 0 where the true class has no clips.</summary>
    public double Share(int row, int column) => _rowSums[row] > 0 ? Counts[row][column] / _rowSums[row] : 0;
}
