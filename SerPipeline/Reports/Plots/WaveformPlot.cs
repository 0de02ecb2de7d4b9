using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>Options of <see cref="WaveformPlot"/>.</summary>
public sealed record WaveformPlotOptions : PlotOptions
{
    /// <summary>
    /// The amplitude at the top and, negated, at the bottom; a round number above the loudest sample when null, the default.
    /// </summary>
    public double? Amplitude { get; init; }

    /// <summary>The colour of the wave. Default: blue.</summary>
    public Rgb Color { get; init; } = Palette.Blue;

    private protected override void Check(OptionsCheck check) => check
        .Require(Amplitude is null or (> 0 and < double.PositiveInfinity), Amplitude, "be a positive number or null");
}

/// <summary>
/// A waveform over time: the least and greatest sample of each pixel column, so that no peak is lost; single samples joined by lines
/// where there is room for them. Samples that are no finite number leave a gap.
/// </summary>
public sealed class WaveformPlot : Plot
{
    // Columns per canvas unit: as fine as the pixels of a high-density screen.
    private const double Fineness = 2;
    private readonly WaveformPlotOptions _options;
    private readonly float[] _samples;
    private readonly double _rate;

    /// <summary>Creates the plot.</summary>
    /// <param name="samples">One channel, at least one sample. Copied.</param>
    /// <param name="sampleRateHz">Samples per second (Hz), above 0.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <exception cref="ArgumentException">There are no samples, or the rate is not positive.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public WaveformPlot(ReadOnlySpan<float> samples, double sampleRateHz, WaveformPlotOptions? options = null)
        : base(options ??= new WaveformPlotOptions { Height = 200 })
    {
        if (samples.IsEmpty) throw new ArgumentException("Expected at least one sample, found none.", nameof(samples));
        if (sampleRateHz is not (> 0 and < double.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(sampleRateHz), sampleRateHz, "Expected a positive sample rate in Hz.");
        _options = options;
        _samples = samples.ToArray();
        _rate = sampleRateHz;
    }

    private protected override void Draw(ICanvas canvas)
    {
        double top = PlotArea.TitleRoom(_options), padding = PlotArea.Padding(_options);
        double seconds = _samples.Length / _rate;
        double bottom = canvas.Height - padding - PlotArea.HorizontalAxisRoom(Axis.Time(seconds, 2), _options);
        Axis y = AmplitudeAxis();
        double left = padding + PlotArea.VerticalAxisRoom(y, _options);
        var area = new PlotArea(left, top, canvas.Width - (1.5 * padding), bottom);
        area.DrawGrid(canvas, _options, y);
        if (_samples.Length <= area.Width * Fineness) DrawSamples(canvas, area, y);
        else DrawEnvelope(canvas, area, y);
        area.DrawHorizontalAxis(canvas, _options, Axis.Time(seconds, PlotArea.TickTarget(area.Width, _options.FontSize * 6)));
        area.DrawVerticalAxis(canvas, _options, y);
        PlotArea.DrawTitle(canvas, _options, left);
    }

    private Axis AmplitudeAxis()
    {
        double peak = 0;
        foreach (float sample in _samples)
            if (float.IsFinite(sample)) peak = Math.Max(peak, Math.Abs(sample));
        return _options.Amplitude is { } amplitude ? Axis.Exact("Amplitude", -amplitude, amplitude, 5) : Axis.Amplitude(peak, 4);
    }

    private void DrawSamples(ICanvas canvas, PlotArea area, Axis y)
    {
        var stroke = new Stroke(_options.Color, 1.2);
        LinePainter.DrawRuns(canvas, _samples.Length, i => float.IsFinite(_samples[i])
            ? new CanvasPoint(area.Left + ((i + 0.5) / _samples.Length * area.Width), Level(area, y, _samples[i])) : null, stroke, stroke);
    }

    private void DrawEnvelope(ICanvas canvas, PlotArea area, Axis y)
    {
        int columns = (int)(area.Width * Fineness);
        List<CanvasPoint> upper = [], lower = [];
        for (int c = 0; c <= columns; c++)
        {
            if (c < columns && Range(c, columns) is var (low, high))
            {
                double x = area.Left + ((c + 0.5) / columns * area.Width), above = Level(area, y, high), below = Level(area, y, low);
                // A silent stretch keeps a visible line.
                double thin = Math.Max(0, 0.8 - (below - above)) / 2;
                upper.Add(new CanvasPoint(x, above - thin));
                lower.Add(new CanvasPoint(x, below + thin));
                continue;
            }
            lower.Reverse();
            canvas.FillPolygon([.. upper, .. lower], _options.Color);
            upper.Clear();
            lower.Clear();
        }
    }

    // The least and greatest sample of a column and of the first of the next
    // one, so that steep flanks leave no holes; null where one is missing.
    private (float Low, float High)? Range(int column, int columns)
    {
        int from = (int)((long)column * _samples.Length / columns), to = (int)((long)(column + 1) * _samples.Length / columns);
        float low = float.PositiveInfinity, high = float.NegativeInfinity;
        for (int i = from; i < Math.Min(to + 1, _samples.Length); i++)
        {
            if (!float.IsFinite(_samples[i])) return null;
            low = Math.Min(low, _samples[i]);
            high = Math.Max(high, _samples[i]);
        }
        return (low, high);
    }

    private static double Level(PlotArea area, Axis y, double value) => area.Y(y, Math.Clamp(value, y.Low, y.High));
}
