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

    /// <inheritdoc/>
    protected override void Check(OptionsCheck check)
    {
        ArgumentNullException.ThrowIfNull(check);
        check.Require(XLabel is not null, XLabel, "not be null")
            .Require(YLabel is not null, YLabel, "not be null")
            .Require(MarkerLabel is not null, MarkerLabel, "not be null")
            .Require(YMin is null || double.IsFinite(YMin.Value), YMin, "be a finite number or null")
            .Require(YMax is null || (double.IsFinite(YMax.Value) && !(YMax <= YMin)), YMax, "be a finite number above YMin, or null")
            .Require(MarkerX is null || double.IsFinite(MarkerX.Value), MarkerX, "be a finite number or null");
    }
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

    /// <inheritdoc/>
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
