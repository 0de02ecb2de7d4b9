using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>Options of <see cref="ScoreMatrixPlot"/>.</summary>
public sealed record ScoreMatrixPlotOptions : PlotOptions
{
    /// <summary>The name of the rows. Default: Trained on.</summary>
    public string RowsLabel { get; init; } = "Trained on";

    /// <summary>The name of the columns. Default: Tested on.</summary>
    public string ColumnsLabel { get; init; } = "Tested on";

    /// <summary>The score of the lightest colour. Default: 0.</summary>
    public double Low { get; init; }

    /// <summary>The score of the darkest colour. Default: 1.</summary>
    public double High { get; init; } = 1;

    /// <summary>A remark below the matrix, such as what the numbers are; none when empty, the default.</summary>
    public string Remark { get; init; } = "";

    /// <summary>The colours. Default: white to dark blue.</summary>
    public ColorMap Colors { get; init; } = ColorMap.Blues;

    private protected override void Check(OptionsCheck check) => check
        .Require(double.IsFinite(Low), Low, "be a finite number")
        .Require(double.IsFinite(High) && High > Low, High, "be a finite number above Low");
}

/// <summary>
/// Scores as a matrix of coloured cells with their values in per cent, such as a model trained on each corpus and tested on each. The
/// first row is at the top.
/// </summary>
public sealed class ScoreMatrixPlot : Plot
{
    private readonly ScoreMatrixPlotOptions _options;
    private readonly IReadOnlyList<IReadOnlyList<double>> _scores;
    private readonly IReadOnlyList<string> _rows, _columns;

    /// <summary>Creates the plot.</summary>
    /// <param name="scores">
    /// Scores, <c>scores[row][column]</c>; one that is no finite number leaves its cell grey and without a value.
    /// </param>
    /// <param name="rows">The rows' names, from the top, at least one.</param>
    /// <param name="columns">The columns' names, at least one.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <exception cref="ArgumentException">The scores do not fit the names.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public ScoreMatrixPlot(IReadOnlyList<IReadOnlyList<double>> scores, IReadOnlyList<string> rows, IReadOnlyList<string> columns,
        ScoreMatrixPlotOptions? options = null)
        : base(options ??= new ScoreMatrixPlotOptions { Width = 560, Height = 420 })
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        if (rows.Count == 0 || columns.Count == 0 || scores.Count != rows.Count || scores.Any(row => row.Count != columns.Count))
            throw new ArgumentException($"Expected {rows.Count} rows of {columns.Count} scores, at least one of each; found rows of "
                + $"{string.Join(", ", scores.Select(row => row.Count))}.");
        _options = options;
        _scores = scores;
        _rows = rows;
        _columns = columns;
    }

    private protected override void Draw(ICanvas canvas)
    {
        double font = _options.FontSize, padding = PlotArea.Padding(_options);
        double names = Math.Min(_rows.Max(name => TextMetrics.Width(name, font)), canvas.Width * 0.3), left = padding + (font * 2) + names;
        double cell = (canvas.Width - padding - left) / _columns.Count, longest = _columns.Max(name => TextMetrics.Width(name, font));
        bool upright = longest > cell - (font * 0.5);
        double above = (upright ? Math.Min(longest, canvas.Height * 0.3) : font) + (font * 2.4);
        double top = PlotArea.TitleRoom(_options) + above, bottom = canvas.Height - padding - (_options.Remark.Length > 0 ? font * 1.8 : 0);
        double height = (bottom - top) / _rows.Count;
        for (int r = 0; r < _rows.Count; r++)
            for (int c = 0; c < _columns.Count; c++)
                DrawCell(canvas, _scores[r][c], left + (c * cell), top + (r * height), cell, height);
        TextStyle style = new(font, _options.Theme.Ink, TextAnchor.Middle);
        for (int r = 0; r < _rows.Count; r++)
            canvas.DrawText(new(left - (font * 0.5), top + ((r + 0.5) * height)), TextMetrics.Shorten(_rows[r], font, names),
                style with { Anchor = TextAnchor.End, Baseline = TextBaseline.Middle });
        for (int c = 0; c < _columns.Count; c++)
        {
            TextStyle turned = upright ? style with { Anchor = TextAnchor.Start, Baseline = TextBaseline.Middle, Rotation = 90 } : style;
            canvas.DrawText(new(left + ((c + 0.5) * cell), top - (font * 0.6)),
                TextMetrics.Shorten(_columns[c], font, upright ? above - (font * 2.4) : cell), turned);
        }
        TextStyle bold = style with { Bold = true };
        canvas.DrawText(new((left + canvas.Width - padding) / 2, top - above + font), _options.ColumnsLabel, bold);
        canvas.DrawText(new(padding + (font * TextMetrics.CapHeight), (top + bottom) / 2), _options.RowsLabel, bold with { Rotation = 90 });
        if (_options.Remark.Length > 0)
            canvas.DrawText(new(canvas.Width / 2, canvas.Height - padding),
                TextMetrics.Shorten(_options.Remark, font, canvas.Width - (2 * padding)), style with { Paint = _options.Theme.Muted });
        PlotArea.DrawTitle(canvas, _options, padding);
    }

    private void DrawCell(ICanvas canvas, double score, double x, double y, double width, double height)
    {
        const double gap = 1;
        if (!double.IsFinite(score))
        {
            canvas.FillRectangle(x + gap, y + gap, width - (2 * gap), height - (2 * gap), _options.Theme.Grid);
            return;
        }
        Rgb color = _options.Colors.At(Math.Clamp((score - _options.Low) / (_options.High - _options.Low), 0, 1));
        canvas.FillRectangle(x + gap, y + gap, width - (2 * gap), height - (2 * gap), color);
        Rgb ink = color.ReadableInk;
        string text = (score * 100).ToString("0.0", CultureInfo.InvariantCulture);
        double size = _options.FontSize * 1.2, wide = TextMetrics.Width(text, size);
        canvas.DrawText(new(x + (width / 2), y + (height / 2)), text,
            new TextStyle(Math.Min(size, size * width * 0.9 / wide), ink, TextAnchor.Middle, TextBaseline.Middle));
    }
}
