using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>The ends of an error bar, such as a confidence interval.</summary>
/// <param name="Low">The low end.</param>
/// <param name="High">The high end.</param>
public readonly record struct ErrorBar(double Low, double High);

/// <summary>One colour of bars.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Values">A value for each category; one that is no finite number leaves a gap.</param>
public sealed record BarSeries(string Name, IReadOnlyList<double> Values)
{
    /// <summary>An error bar for each category; none when null, the default.</summary>
    public IReadOnlyList<ErrorBar>? Errors { get; init; }

    /// <summary>The colour; the next of <see cref="Palette.Series"/> when null, the default.</summary>
    public Rgb? Color { get; init; }
}

/// <summary>Options of <see cref="BarChart"/>.</summary>
public sealed record BarChartOptions : PlotOptions
{
    /// <summary>The vertical axis's name. Default: none.</summary>
    public string YLabel { get; init; } = "";

    /// <summary>The value at the top; a round number above everything drawn when null, the default. Bars always begin at 0.</summary>
    public double? YMax { get; init; }

    /// <summary>A value to mark by a level line, such as chance; none when null, the default.</summary>
    public double? Reference { get; init; }

    /// <summary>What the level line is, for the legend. Default: chance.</summary>
    public string ReferenceLabel { get; init; } = "chance";

    /// <summary>Decimals of the number on each bar; null leaves the numbers out. Default: 2.</summary>
    public int? ValueDecimals { get; init; } = 2;

    /// <summary>The categories, from 0, whose bars are vermilion to stand out, whatever their series' colour. Default: none.</summary>
    public IReadOnlyList<int> Highlighted { get; init; } = [];

    private protected override void Check(OptionsCheck check) => check
        .Require(YMax is null or (> 0 and < double.PositiveInfinity), YMax, "be a positive number or null")
        .Require(Reference is null || double.IsFinite(Reference.Value), Reference, "be a finite number or null")
        .Require(ValueDecimals is null or (>= 0 and <= 6), ValueDecimals, "be between 0 and 6, or null");
}

/// <summary>Upright bars by category, such as recall by emotion; several series stand side by side.</summary>
public sealed class BarChart : Plot
{
    private readonly BarChartOptions _options;
    private readonly IReadOnlyList<string> _categories;
    private readonly IReadOnlyList<BarSeries> _series;

    /// <summary>Creates the chart.</summary>
    /// <param name="categories">The categories' names, at least one.</param>
    /// <param name="series">The bars; each series has a value for every category.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <exception cref="ArgumentException">Values or error bars do not fit the categories, or an error bar is reversed.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public BarChart(IReadOnlyList<string> categories, IReadOnlyList<BarSeries> series, BarChartOptions? options = null)
        : base(options ??= new BarChartOptions())
    {
        ArgumentNullException.ThrowIfNull(categories);
        ArgumentNullException.ThrowIfNull(series);
        if (categories.Count == 0 || series.Count == 0)
            throw new ArgumentException($"Expected at least one category and one series, found {categories.Count} and {series.Count}.");
        foreach (BarSeries s in series)
        {
            if (s.Values.Count != categories.Count || (s.Errors is not null && s.Errors.Count != categories.Count))
                throw new ArgumentException($"Expected {categories.Count} values and as many or no error bars in '{s.Name}', found "
                    + $"{s.Values.Count} and {s.Errors?.Count ?? 0}.");
            if (s.Errors is not null && s.Errors.Any(e => !(e.Low <= e.High) || !double.IsFinite(e.High - e.Low)))
                throw new ArgumentException($"Expected error bars with finite ends, low before high, in '{s.Name}'; found otherwise.");
        }
        _options = options;
        _categories = categories;
        _series = series;
    }

    private protected override void Draw(ICanvas canvas)
    {
        double font = _options.FontSize, padding = PlotArea.Padding(_options), titleRoom = PlotArea.TitleRoom(_options);
        double width = canvas.Width - (2 * padding);
        // 1. Room: the legend above, names below, upright where they are wider than their share of the axis.
        List<LegendEntry> legend = LegendEntries();
        double top = titleRoom + Legend.Room(legend, _options, width) + (font * 0.4);
        Axis y = ValueAxis(PlotArea.TickTarget(canvas.Height - top - (4 * font), font * 3.5));
        double left = padding + PlotArea.VerticalAxisRoom(y, _options), slot = (canvas.Width - padding - left) / _categories.Count;
        double longest = _categories.Max(c => TextMetrics.Width(c, font));
        bool upright = longest > slot - (font * 0.6);
        double names = upright ? Math.Min(longest, canvas.Height * 0.35) : font;
        var area = new PlotArea(left, top, canvas.Width - padding, canvas.Height - padding - names - (font * 0.5));
        // 2. Grid, bars, axes.
        area.DrawGrid(canvas, _options, y);
        for (int c = 0; c < _categories.Count; c++)
        {
            DrawGroup(canvas, area, y, c, left + (c * slot), slot);
            DrawName(canvas, area, c, left + ((c + 0.5) * slot), upright, names);
        }
        if (_options.Reference is { } reference && reference >= y.Low && reference <= y.High)
            canvas.DrawLine(new(area.Left, area.Y(y, reference)), new(area.Right, area.Y(y, reference)),
                new Stroke(_options.Theme.Ink, 1, 4));
        canvas.DrawLine(new(area.Left, area.Y(y, 0)), new(area.Right, area.Y(y, 0)), new Stroke(_options.Theme.Ink));
        area.DrawVerticalAxis(canvas, _options, y);
        Legend.Draw(canvas, legend, _options, left, titleRoom, canvas.Width - padding - left);
        PlotArea.DrawTitle(canvas, _options, left);
    }

    private void DrawGroup(ICanvas canvas, PlotArea area, Axis y, int category, double left, double slot)
    {
        // Bars take 70 % of their category's width, so that groups stay apart.
        double bar = slot * 0.7 / _series.Count, zero = area.Y(y, 0);
        for (int s = 0; s < _series.Count; s++)
        {
            double value = _series[s].Values[category];
            if (!double.IsFinite(value)) continue;
            double x = left + (slot * 0.15) + (s * bar), level = area.Y(y, Math.Clamp(value, y.Low, y.High));
            canvas.FillRectangle(x + (bar * 0.04), Math.Min(level, zero), bar * 0.92, Math.Abs(zero - level),
                _options.Highlighted.Contains(category) ? Palette.Vermilion : ColorOf(s));
            double above = level, below = level;
            if (_series[s].Errors is { } errors)
            {
                DrawError(canvas, area, y, errors[category], x + (bar / 2), Math.Min(bar * 0.25, 6));
                above = Math.Min(above, area.Y(y, Math.Clamp(errors[category].High, y.Low, y.High)));
                below = Math.Max(below, area.Y(y, Math.Clamp(errors[category].Low, y.Low, y.High)));
            }
            DrawValue(canvas, value, x + (bar / 2), value < 0 ? below : above, bar);
        }
    }

    private void DrawError(ICanvas canvas, PlotArea area, Axis y, ErrorBar error, double x, double half)
    {
        var stroke = new Stroke(_options.Theme.Ink, 1.2);
        double low = area.Y(y, Math.Clamp(error.Low, y.Low, y.High)), high = area.Y(y, Math.Clamp(error.High, y.Low, y.High));
        canvas.DrawLine(new(x, high), new(x, low), stroke);
        canvas.DrawLine(new(x - half, high), new(x + half, high), stroke);
        canvas.DrawLine(new(x - half, low), new(x + half, low), stroke);
    }

    private void DrawValue(ICanvas canvas, double value, double x, double end, double room)
    {
        if (_options.ValueDecimals is not { } decimals) return;
        string text = value.ToString("F" + decimals, CultureInfo.InvariantCulture).Replace('-', '−');
        double size = _options.FontSize * 0.85;
        if (TextMetrics.Width(text, size) > room + (size * 0.4)) return;
        canvas.DrawText(new(x, value < 0 ? end + (size * (0.35 + TextMetrics.CapHeight)) : end - (size * 0.35)), text,
            new TextStyle(size, _options.Theme.Ink, TextAnchor.Middle));
    }

    private void DrawName(ICanvas canvas, PlotArea area, int category, double x, bool upright, double room)
    {
        double font = _options.FontSize;
        var style = new TextStyle(font, _options.Theme.Ink, TextAnchor.Middle, TextBaseline.Top);
        if (upright) style = style with { Anchor = TextAnchor.End, Baseline = TextBaseline.Middle, Rotation = 90 };
        string name = upright ? TextMetrics.Shorten(_categories[category], font, room) : _categories[category];
        canvas.DrawText(new(x, area.Bottom + (font * 0.5)), name, style);
    }

    private List<LegendEntry> LegendEntries()
    {
        var entries = new List<LegendEntry>();
        if (_series.Count > 1 || (_series[0].Name.Length > 0 && _options.Reference is not null))
            entries.AddRange(_series.Select((s, i) => new LegendEntry(s.Name, ColorOf(i), IsLine: false)));
        if (_options.Reference is not null && _options.ReferenceLabel.Length > 0)
            entries.Add(new LegendEntry(_options.ReferenceLabel, _options.Theme.Ink, IsLine: true, Dash: 4));
        return entries;
    }

    private Axis ValueAxis(int target)
    {
        IEnumerable<double> drawn = _series.SelectMany(s => s.Values).Where(double.IsFinite)
            .Concat(_series.SelectMany(s => s.Errors ?? []).SelectMany(e => new[] { e.Low, e.High }))
            .Concat(_options.Reference is { } reference ? [reference] : []).Append(0);
        double low = drawn.Min(), high = _options.YMax ?? drawn.Max();
        if (high <= low) high = low + 1;
        Axis loose = Axis.Loose(_options.YLabel, low, high, target);
        return _options.YMax is null ? loose : loose with { High = high, Ticks = [.. loose.Ticks.Where(t => t.Value <= high + 1e-12)] };
    }

    private Rgb ColorOf(int index) => _series[index].Color ?? Palette.Series[index % Palette.Series.Count];
}
