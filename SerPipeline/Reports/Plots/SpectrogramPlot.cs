using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>Options of <see cref="SpectrogramPlot"/>.</summary>
public sealed record SpectrogramPlotOptions : PlotOptions
{
    /// <summary>The time from one frame to the next, in seconds. Default: 0.01.</summary>
    public double SecondsPerFrame { get; init; } = 0.01;

    /// <summary>
    /// The centre frequency of each band in Hz, rising; the frequency axis is made from them, so any scale fits. Null, the default,
    /// counts bands.
    /// </summary>
    public IReadOnlyList<double>? BandCentersHz { get; init; }

    /// <summary>The value of the darkest colour; the least finite value when null, the default.</summary>
    public double? LowDb { get; init; }

    /// <summary>The value of the brightest colour; the greatest finite value when null, the default.</summary>
    public double? HighDb { get; init; }

    /// <summary>The colours. Default: magma.</summary>
    public ColorMap Colors { get; init; } = ColorMap.Magma;

    /// <summary>The colour bar's name. Default: Level (dB).</summary>
    public string ColorBarLabel { get; init; } = "Level (dB)";

    private protected override void Check(OptionsCheck check) => check
        .Require(SecondsPerFrame is > 0 and < double.PositiveInfinity, SecondsPerFrame, "be a positive number of seconds")
        .Require(LowDb is null || double.IsFinite(LowDb.Value), LowDb, "be a finite number of dB or null")
        .Require(HighDb is null || (double.IsFinite(HighDb.Value) && !(HighDb <= LowDb)), HighDb,
            "be a finite number of dB above LowDb, or null")
        .Require(BandCentersHz is null || Rises(BandCentersHz), BandCentersHz, "hold finite frequencies, each above the one before it");

    private static bool Rises(IReadOnlyList<double> values)
    {
        for (int i = 0; i < values.Count; i++)
            if (!double.IsFinite(values[i]) || values[i] < 0 || (i > 0 && values[i] <= values[i - 1])) return false;
        return values.Count > 0;
    }
}

/// <summary>A spectrogram over time: frequency upwards, level as colour. Values that are no finite number are drawn grey.</summary>
public sealed class SpectrogramPlot : Plot
{
    private readonly SpectrogramPlotOptions _options;
    private readonly Matrix _matrix;

    /// <summary>Creates the plot.</summary>
    /// <param name="values">Levels in dB, [rows, columns] row-major: bands rows from low to high frequency, frames columns. Copied.</param>
    /// <param name="rows">Bands.</param>
    /// <param name="columns">Frames.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <exception cref="ArgumentException">The shape does not fit the values, or there is nothing finite to draw.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public SpectrogramPlot(ReadOnlySpan<float> values, int rows, int columns, SpectrogramPlotOptions? options = null)
        : base(options ??= new SpectrogramPlotOptions())
    {
        _options = options;
        if (options.BandCentersHz is { } centers && centers.Count != rows)
            throw new ArgumentException($"Expected a centre frequency for each of {rows} bands, found {centers.Count}.", nameof(options));
        _matrix = Matrix.Create(values, rows, columns, options.LowDb, options.HighDb);
    }

    private protected override void Draw(ICanvas canvas) =>
        MatrixPainter.Draw(canvas, _options, _matrix, _options.Colors, _options.ColorBarLabel,
        target => Axis.Time(_matrix.Columns * _options.SecondsPerFrame, target), FrequencyAxis);

    private Axis FrequencyAxis(double height)
    {
        if (_options.BandCentersHz is not { } centers)
        {
            Axis bands = Axis.Whole("Band", 0, _matrix.Rows - 1, PlotArea.TickTarget(height, _options.FontSize * 3));
            return bands with { Low = -0.5, High = _matrix.Rows - 0.5 };
        }
        return FrequencyAxis(centers, height, _options.FontSize);
    }

    /// <summary>The axis of a spectrogram with one row per band.</summary>
    /// <param name="centers">The bands' centre frequencies in Hz, rising.</param>
    /// <param name="height">The height of the area.</param>
    /// <param name="fontSize">The size of labels.</param>
    internal static Axis FrequencyAxis(IReadOnlyList<double> centers, double height, double fontSize)
    {
        double spacing = fontSize * 1.25 / height * centers.Count;
        List<AxisTick> ticks = Spread(OctaveFrequencies(centers), centers, spacing);
        if (ticks.Count < 2)
        {
            NiceTicks nice = NiceTicks.Enclose(centers[0], centers[^1], 4);
            ticks = Spread(nice.Within(centers[0], centers[^1]), centers, spacing);
        }
        return new Axis("Frequency (Hz)", -0.5, centers.Count - 0.5, ticks);
    }

    // Octaves around 1 kHz, as audiograms have them, from the top down: where a mel scale crowds the low ones, those give way.
    private static IEnumerable<double> OctaveFrequencies(IReadOnlyList<double> centers)
    {
        for (double hz = 64_000; hz > 30; hz /= 2)
            if (hz >= centers[0] && hz <= centers[^1]) yield return hz == 62.5 ? 63 : hz;
    }

    private static List<AxisTick> Spread(IEnumerable<double> frequencies, IReadOnlyList<double> centers, double spacing)
    {
        var ticks = new List<AxisTick>();
        foreach (double hz in frequencies.OrderDescending())
        {
            double row = RowOf(hz, centers);
            if (ticks.Count == 0 || ticks[^1].Value - row >= spacing)
                ticks.Add(new AxisTick(row, hz.ToString("0.##", CultureInfo.InvariantCulture)));
        }
        ticks.Reverse();
        return ticks;
    }

    // Between two centres the scale is taken as straight: bands are narrow against any scale's curvature.
    private static double RowOf(double hz, IReadOnlyList<double> centers)
    {
        int upper = 0;
        while (upper < centers.Count - 1 && centers[upper] < hz) upper++;
        return upper == 0 ? 0 : upper - ((centers[upper] - hz) / (centers[upper] - centers[upper - 1]));
    }
}
