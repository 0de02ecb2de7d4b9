using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>A time span of a recording, and a model's prediction for it.</summary>
/// <param name="StartSeconds">Where it begins.</param>
/// <param name="EndSeconds">Where it ends.</param>
/// <param name="Probabilities">One probability per label; null for silence.</param>
public sealed record TimelineSpan(double StartSeconds, double EndSeconds, IReadOnlyList<float>? Probabilities)
{
    /// <summary>Whether the model abstained because its probabilities were too low.</summary>
    public bool IsAbstained { get; init; }
}

/// <summary>What an <see cref="EmotionTimelinePlot"/> shows.</summary>
public sealed record EmotionTimelineData
{
    /// <summary>How long the recording plays, in seconds; above 0.</summary>
    public required double Seconds { get; init; }

    /// <summary>
    /// The least sample of each column of time; all columns together make up the recording, the last one perhaps in part.
    /// </summary>
    public required IReadOnlyList<float> Low { get; init; }

    /// <summary>The greatest sample of each column.</summary>
    public required IReadOnlyList<float> High { get; init; }

    /// <summary>Levels in dB, [bands, columns] row-major, low to high frequency, of the same columns.</summary>
    public required IReadOnlyList<float> LevelsDb { get; init; }

    /// <summary>The time of each column, in seconds.</summary>
    public required double SecondsPerColumn { get; init; }

    /// <summary>The centre frequency of each band in Hz, rising.</summary>
    public required IReadOnlyList<double> BandCentersHz { get; init; }

    /// <summary>The labels.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The spans in order of their starts; they may overlap and leave gaps.</summary>
    public required IReadOnlyList<TimelineSpan> Spans { get; init; }
}

/// <summary>Options of <see cref="EmotionTimelinePlot"/>.</summary>
public sealed record EmotionTimelinePlotOptions : PlotOptions
{
    /// <summary>Decibels below the loudest level at which the spectrogram's colours end. Default: 80.</summary>
    public double RangeDb { get; init; } = 80;

    private protected override void Check(OptionsCheck check) => check
        .Require(Height >= 26 * FontSize, Height, "be at least 26 times FontSize: three plots share it")
        .Require(RangeDb is > 0 and <= 300, RangeDb, "be above 0 and at most 300 dB");
}

/// <summary>
/// A recording and its emotions over one time axis: waveform, spectrogram, and the probability of each label as colour. Where windows
/// overlap, their mean is shown; the line marks the most probable label, except where the model abstained on all of them. Silence and
/// gaps are grey.
/// </summary>
public sealed class EmotionTimelinePlot : Plot
{
    private const int MostColumns = 4000;

    private readonly EmotionTimelinePlotOptions _options;
    private readonly EmotionTimelineData _data;

    /// <summary>Creates the plot.</summary>
    /// <param name="data">The recording and its emotions.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public EmotionTimelinePlot(EmotionTimelineData data, EmotionTimelinePlotOptions? options = null)
        : base(options ??= new EmotionTimelinePlotOptions { Width = 960, Height = 640 })
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!(data.Seconds > 0) || !(data.SecondsPerColumn > 0))
            throw new ArgumentException(
                $"Expected a recording of some length, found {data.Seconds} s in columns of {data.SecondsPerColumn} s.", nameof(data));
        if (data.Low.Count == 0 || data.High.Count != data.Low.Count || data.BandCentersHz.Count == 0
            || data.LevelsDb.Count != data.Low.Count * data.BandCentersHz.Count)
            throw new ArgumentException($"Expected as many columns everywhere, found {data.Low.Count} and {data.High.Count} of the "
                + $"waveform and {data.LevelsDb.Count} levels in {data.BandCentersHz.Count} bands.", nameof(data));
        if (data.Labels.Count == 0 || data.Spans.Any(s => s.Probabilities is { } p && p.Count != data.Labels.Count))
            throw new ArgumentException($"Expected a probability for each of {data.Labels.Count} labels.", nameof(data));
        (_options, _data) = (options, data);
    }

    private protected override void Draw(ICanvas canvas)
    {
        // 1. Three areas over each other, with the same left and right edges: the widest labels decide.
        double padding = PlotArea.Padding(_options), top = PlotArea.TitleRoom(_options), gap = _options.FontSize * 1.2;
        double height = canvas.Height - top - padding - (2 * gap) - PlotArea.HorizontalAxisRoom(Axis.Time(_data.Seconds, 2), _options);
        Matrix levels = Levels();
        Axis wave = Axis.Amplitude(Math.Max(Math.Abs((double)_data.Low.Min()), _data.High.Max()), 3),
            frequency = SpectrogramPlot.FrequencyAxis(_data.BandCentersHz, height * 0.37, _options.FontSize), emotions = EmotionAxis();
        Axis levelBar = Axis.Exact("Level (dB)", levels.Low, levels.High, 4), shareBar = Axis.Exact("Probability", 0, 1, 5);
        double left = padding + new[] { wave, frequency, emotions }.Max(axis => PlotArea.VerticalAxisRoom(axis, _options));
        double right = canvas.Width - padding - Math.Max(PlotArea.ColorBarRoom(levelBar, _options),
            PlotArea.ColorBarRoom(shareBar, _options));
        var first = new PlotArea(left, top, right, top + (height * 0.22));
        var second = new PlotArea(left, first.Bottom + gap, right, first.Bottom + gap + (height * 0.37));
        var third = new PlotArea(left, second.Bottom + gap, right, top + height + (2 * gap));
        Axis time = Axis.Time(_data.Seconds, PlotArea.TickTarget(first.Width, _options.FontSize * 6)),
            bare = time with { Label = "", Ticks = [] };
        // 2. What they show.
        first.DrawGrid(canvas, _options, wave);
        DrawWave(canvas, first, wave);
        canvas.DrawImage(MatrixPainter.ToImage(levels, ColorMap.Magma, _options, second), left, second.Top, second.Width * Covered,
            second.Height);
        DrawEmotions(canvas, third);
        // 3. What frames them.
        foreach ((PlotArea area, Axis x, Axis y) in (ReadOnlySpan<(PlotArea, Axis, Axis)>)[(first, bare, wave), (second, bare, frequency),
            (third, time, emotions)])
        {
            area.DrawHorizontalAxis(canvas, _options, x);
            area.DrawVerticalAxis(canvas, _options, y);
        }
        second.DrawColorBar(canvas, _options, levelBar, ColorMap.Magma);
        third.DrawColorBar(canvas, _options, shareBar, ColorMap.Blues);
        PlotArea.DrawTitle(canvas, _options, left);
    }

    // The columns that lie within the recording by half or more; and the share of the time axis that they fill.
    private int Shown => Math.Clamp((int)Math.Round(_data.Seconds / _data.SecondsPerColumn), 1, _data.Low.Count);

    private double Covered => Math.Min(1, Shown * _data.SecondsPerColumn / _data.Seconds);

    private Matrix Levels()
    {
        float loudest = _data.LevelsDb.Max();
        if (!float.IsFinite(loudest)) loudest = 0;
        double floor = loudest - _options.RangeDb;
        IEnumerable<float> levels = _data.LevelsDb.Where((_, i) => i % _data.Low.Count < Shown).Select(v => (float)Math.Max(floor, v));
        return Matrix.Create([.. levels], _data.BandCentersHz.Count, Shown, floor, loudest);
    }

    private Axis EmotionAxis()
    {
        int labels = _data.Labels.Count;
        return new Axis("", -0.5, labels - 0.5,
            [.. Enumerable.Range(0, labels).Select(row => new AxisTick(row, _data.Labels[labels - 1 - row]))]);
    }

    private void DrawWave(ICanvas canvas, PlotArea area, Axis y)
    {
        int columns = _data.Low.Count;
        var outline = new CanvasPoint[2 * columns];
        for (int c = 0; c < columns; c++)
        {
            double x = Math.Min(area.Right, area.Left + ((c + 0.5) * _data.SecondsPerColumn / _data.Seconds * area.Width));
            double above = area.Y(y, _data.High[c]), below = area.Y(y, _data.Low[c]);
            // A silent stretch keeps a visible line.
            double thin = Math.Max(0, 0.8 - (below - above)) / 2;
            outline[c] = new(x, above - thin);
            outline[^(c + 1)] = new(x, below + thin);
        }
        canvas.FillPolygon(outline, Palette.Blue);
    }

    private void DrawEmotions(ICanvas canvas, PlotArea area)
    {
        int columns = Math.Clamp((int)(area.Width * _options.PixelRatio), 1, MostColumns), labels = _data.Labels.Count;
        (float[] means, bool[] named) = Means(columns);
        var matrix = Matrix.Create(means, labels, columns, 0, 1);
        canvas.DrawImage(MatrixPainter.ToImage(matrix, ColorMap.Blues, _options, area), area.Left, area.Top, area.Width, area.Height);
        // The most probable label: a line for each stretch in which it stays the same.
        for (int c = 0; c < columns;)
        {
            int best = Best(means, named, c), from = c;
            while (c < columns && Best(means, named, c) == best) c++;
            if (best < 0) continue;
            double y = area.Bottom - ((best + 0.5) / labels * area.Height);
            canvas.DrawLine(new(area.Left + (from * area.Width / columns), y), new(area.Left + (c * area.Width / columns), y),
                new Stroke(Palette.Vermilion, 2.5));
        }
    }

    // [labels, columns], the last label first, as rows go upwards; NaN where
    // nothing was scored. And the columns in which a label was named.
    private (float[] Means, bool[] Named) Means(int columns)
    {
        int labels = _data.Labels.Count;
        var means = new float[labels * columns];
        Array.Fill(means, float.NaN);
        var named = new bool[columns];
        int begin = 0;
        for (int c = 0; c < columns; c++)
        {
            double at = (c + 0.5) / columns * _data.Seconds;
            while (begin < _data.Spans.Count && _data.Spans[begin].EndSeconds <= at) begin++;
            TimelineSpan[] here =
                [.. _data.Spans.Skip(begin).TakeWhile(s => s.StartSeconds <= at)
                    .Where(s => s.Probabilities is not null && s.EndSeconds > at)];
            if (here.Length == 0) continue;
            named[c] = here.Any(s => !s.IsAbstained);
            for (int label = 0; label < labels; label++)
                means[((labels - 1 - label) * columns) + c] = here.Average(s => s.Probabilities![label]);
        }
        return (means, named);
    }

    // The row of the most probable label, of equal ones of the first; -1 where none was named.
    private int Best(float[] means, bool[] named, int column)
    {
        float Mean(int row) => means[(row * named.Length) + column];
        return Enumerable.Range(0, named[column] ? _data.Labels.Count : 0).Reverse().Where(row => !float.IsNaN(Mean(row)))
            .DefaultIfEmpty(-1).MaxBy(row => row < 0 ? 0 : Mean(row));
    }
}
