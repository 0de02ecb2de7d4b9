using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>Options of <see cref="HeatmapPlot"/>.</summary>
public sealed record HeatmapPlotOptions : PlotOptions
{
    /// <summary>The time from one column to the next, in seconds; null, the default, counts columns.</summary>
    public double? SecondsPerColumn { get; init; }

    /// <summary>A name for each row, from the bottom up; null, the default, counts rows.</summary>
    public IReadOnlyList<string>? RowLabels { get; init; }

    /// <summary>The number of the bottom row where rows are counted. Default: 0.</summary>
    public int FirstRow { get; init; }

    /// <summary>The horizontal axis's name where columns are counted. Default: Frame.</summary>
    public string XLabel { get; init; } = "Frame";

    /// <summary>The vertical axis's name. Default: Row.</summary>
    public string YLabel { get; init; } = "Row";

    /// <summary>The colour bar's name. Default: Value.</summary>
    public string ColorBarLabel { get; init; } = "Value";

    /// <summary>The value of the darkest colour; the least finite value when null, the default.</summary>
    public double? Low { get; init; }

    /// <summary>The value of the brightest colour; the greatest finite value when null, the default.</summary>
    public double? High { get; init; }

    /// <summary>
    /// Whether each row is brought to mean 0 and deviation 1 first, so that a row of large values does not hide the others. Default: no.
    /// </summary>
    public bool StandardizeRows { get; init; }

    /// <summary>The colours. Default: viridis.</summary>
    public ColorMap Colors { get; init; } = ColorMap.Viridis;

    private protected override void Check(OptionsCheck check) => check
        .Require(SecondsPerColumn is null or (> 0 and < double.PositiveInfinity), SecondsPerColumn,
            "be a positive number of seconds or null")
        .Require(Low is null || double.IsFinite(Low.Value), Low, "be a finite number or null")
        .Require(High is null || (double.IsFinite(High.Value) && !(High <= Low)), High, "be a finite number above Low, or null")
        .Require(RowLabels is null || RowLabels.All(label => label is not null), RowLabels, "hold no null");
}

/// <summary>
/// A matrix as colours, row 0 at the bottom: MFCCs, chroma, any feature over time. Values that are no finite number are drawn grey.
/// </summary>
public sealed class HeatmapPlot : Plot
{
    private static readonly string[] PitchClasses = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
    // Longer row labels are shortened, so that the matrix keeps most of the width.
    private const double LabelShare = 0.3;
    private readonly HeatmapPlotOptions _options;
    private readonly Matrix _matrix;

    /// <summary>Creates the plot.</summary>
    /// <param name="values">Values, [rows, columns] row-major. Copied.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <exception cref="ArgumentException">The shape does not fit the values, or there is nothing finite to draw.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public HeatmapPlot(ReadOnlySpan<float> values, int rows, int columns, HeatmapPlotOptions? options = null)
        : base(options ??= new HeatmapPlotOptions())
    {
        _options = options;
        MatrixCheck.Shape(values.Length, rows, columns);
        if (options.RowLabels is { } labels && labels.Count != rows)
            throw new ArgumentException($"Expected a label for each of {rows} rows, found {labels.Count}.", nameof(options));
        ReadOnlySpan<float> drawn = options.StandardizeRows ? Standardize(values, rows, columns) : values;
        _matrix = Matrix.Create(drawn, rows, columns, options.Low, options.High);
    }

    /// <summary>
    /// A plot of mel-frequency cepstral coefficients; each coefficient is standardised, as the first would hide all others.
    /// </summary>
    /// <param name="values">Coefficients, [rows, columns] row-major: coefficients rows, frames columns.</param>
    /// <param name="rows">Coefficients.</param>
    /// <param name="columns">Frames.</param>
    /// <param name="options">Size, title and time; labels and standardisation are those of MFCCs.</param>
    public static HeatmapPlot Mfcc(ReadOnlySpan<float> values, int rows, int columns, HeatmapPlotOptions? options = null) =>
        new(values, rows, columns, (options ?? new() { Title = "MFCC" }) with
        { YLabel = "Coefficient", ColorBarLabel = "Standardised value", StandardizeRows = true });

    /// <summary>A plot of a chromagram.</summary>
    /// <param name="values">Energy of the pitch classes C to B, [12, columns] row-major.</param>
    /// <param name="columns">Frames.</param>
    /// <param name="options">Size, title and time; the labels are those of pitch classes.</param>
    public static HeatmapPlot Chroma(ReadOnlySpan<float> values, int columns, HeatmapPlotOptions? options = null) =>
        new(values, PitchClasses.Length, columns, (options ?? new() { Title = "Chromagram" }) with
        { YLabel = "Pitch class", ColorBarLabel = "Relative energy", RowLabels = PitchClasses });

    private protected override void Draw(ICanvas canvas) =>
        MatrixPainter.Draw(canvas, _options, _matrix, _options.Colors, _options.ColorBarLabel, HorizontalAxis, VerticalAxis);

    private Axis HorizontalAxis(int target)
    {
        if (_options.SecondsPerColumn is { } seconds) return Axis.Time(_matrix.Columns * seconds, target);
        return Axis.Whole(_options.XLabel, 0, _matrix.Columns - 1, target) with { Low = -0.5, High = _matrix.Columns - 0.5 };
    }

    private Axis VerticalAxis(double height)
    {
        double low = -0.5, high = _matrix.Rows - 0.5;
        if (_options.RowLabels is { } labels)
            return new Axis(_options.YLabel, low, high,
                [.. labels.Select((label, row) =>
                    new AxisTick(row, TextMetrics.Shorten(label, _options.FontSize, _options.Width * LabelShare)))]);
        int first = _options.FirstRow, target = PlotArea.TickTarget(height, _options.FontSize * 2.5);
        return Axis.Whole(_options.YLabel, first, first + _matrix.Rows - 1, target) with { Low = first + low, High = first + high };
    }

    private static float[] Standardize(ReadOnlySpan<float> values, int rows, int columns)
    {
        float[] result = values.ToArray();
        for (int r = 0; r < rows; r++)
        {
            Span<float> row = result.AsSpan(r * columns, columns);
            double sum = 0, squares = 0;
            int count = 0;
            foreach (float value in row)
            {
                if (!float.IsFinite(value)) continue;
                sum += value;
                squares += (double)value * value;
                count++;
            }
            double mean = sum / Math.Max(1, count), deviation = Math.Sqrt(Math.Max(0, (squares / Math.Max(1, count)) - (mean * mean)));
            // A constant row is its mean everywhere: 0.
            for (int i = 0; i < row.Length; i++)
                if (float.IsFinite(row[i])) row[i] = deviation > 1e-9 * (1 + Math.Abs(mean)) ? (float)((row[i] - mean) / deviation) : 0;
        }
        return result;
    }
}

/// <summary>Draws a matrix as colours between two axes with a colour bar: the body of spectrograms and heat maps.</summary>
internal static class MatrixPainter
{
    /// <summary>Draws the whole figure.</summary>
    /// <param name="canvas">The surface.</param>
    /// <param name="options">Sizes, title and theme.</param>
    /// <param name="matrix">What to draw, row 0 at the bottom.</param>
    /// <param name="colors">The colours of low to high.</param>
    /// <param name="barLabel">The colour bar's name.</param>
    /// <param name="horizontal">Makes the horizontal axis for a number of ticks.</param>
    /// <param name="vertical">Makes the vertical axis for the height of the area.</param>
    public static void Draw(
        ICanvas canvas, PlotOptions options, Matrix matrix, ColorMap colors, string barLabel, Func<int, Axis> horizontal,
            Func<double, Axis> vertical)
    {
        // 1. Room: the axes' labels decide the margins.
        double padding = PlotArea.Padding(options), top = PlotArea.TitleRoom(options);
        double height = canvas.Height - top - padding - PlotArea.HorizontalAxisRoom(horizontal(2), options);
        Axis y = vertical(height), bar = Axis.Exact(barLabel, matrix.Low, matrix.High, PlotArea.TickTarget(height, options.FontSize * 4));
        double left = padding + PlotArea.VerticalAxisRoom(y, options);
        var area = new PlotArea(left, top, canvas.Width - padding - PlotArea.ColorBarRoom(bar, options), top + height);
        Axis x = horizontal(PlotArea.TickTarget(area.Width, options.FontSize * 6));
        // 2. Colours, then what frames them.
        canvas.DrawImage(ToImage(matrix, colors, options, area), area.Left, area.Top, area.Width, area.Height);
        area.DrawHorizontalAxis(canvas, options, x);
        area.DrawVerticalAxis(canvas, options, y);
        area.DrawColorBar(canvas, options, bar, colors);
        PlotArea.DrawTitle(canvas, options, left);
    }

    internal static RgbImage ToImage(Matrix matrix, ColorMap colors, PlotOptions options, PlotArea area)
    {
        // More columns than pixels: averages, so that a long clip is neither aliased nor a huge file.
        int pixels = Math.Max(1, (int)(area.Width * options.PixelRatio));
        int columns = Math.Min(matrix.Columns, pixels);
        float[] values = columns < matrix.Columns ? ColumnResampler.Resize(matrix.Values, matrix.Rows, matrix.Columns, columns)
            : matrix.Values;
        var image = new RgbImage(matrix.Rows, columns);
        for (int row = 0; row < matrix.Rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                float value = values[(row * columns) + column];
                Rgb color = float.IsFinite(value)
                    ? colors.At((value - matrix.Low) / (matrix.High - matrix.Low)) : options.Theme.Missing.Color;
                image.SetPixel(matrix.Rows - 1 - row, column, color);
            }
        }
        return image;
    }
}

/// <summary>Values to draw, [rows, columns] row-major, and the range of their colours.</summary>
internal sealed record Matrix(float[] Values, int Rows, int Columns, double Low, double High)
{
    /// <summary>Copies values and finds the range where it is not given. Values that are no finite number are drawn as missing.</summary>
    /// <exception cref="ArgumentException">The shape does not fit, or there is no finite value and no range.</exception>
    public static Matrix Create(ReadOnlySpan<float> values, int rows, int columns, double? low, double? high)
    {
        MatrixCheck.Shape(values.Length, rows, columns);
        double min = double.PositiveInfinity, max = double.NegativeInfinity;
        foreach (float value in values)
        {
            if (!float.IsFinite(value)) continue;
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }
        if (min > max && (low is null || high is null))
            throw new ArgumentException(
                "Expected at least one finite value to colour, found none; give the colour range in the options to draw an empty matrix.");
        double from = low ?? min, to = high ?? max;
        // A constant, or a limit beyond every value, leaves no range: one unit is as good as any.
        if (to <= from) (from, to) = low is null && high is not null ? (to - 1, to) : (from, from + Math.Max(1, Math.Abs(from) * 0.1));
        return new Matrix(values.ToArray(), rows, columns, from, to);
    }
}
