namespace SerPipeline.Reports.Plots;

/// <summary>A tick of an axis.</summary>
/// <param name="Value">Where, in the axis's unit.</param>
/// <param name="Label">What it says.</param>
internal readonly record struct AxisTick(double Value, string Label);

/// <summary>An axis: its range, its ticks, and its name.</summary>
/// <param name="Label">The name with its unit; none when empty.</param>
/// <param name="Low">The value at the left or bottom end.</param>
/// <param name="High">The value at the right or top end.</param>
/// <param name="Ticks">The ticks, rising.</param>
internal sealed record Axis(string Label, double Low, double High, IReadOnlyList<AxisTick> Ticks)
{
    // From here on seconds are hard to read.
    private const double LongClipSeconds = 600;

    /// <summary>Ticks at round numbers within the range as it is.</summary>
    public static Axis Exact(string label, double low, double high, int target)
    {
        NiceTicks ticks = NiceTicks.Enclose(low, high, target);
        return new Axis(label, low, high, [.. ticks.Within(low, high).Select(v => new AxisTick(v, ticks.Label(v)))]);
    }

    /// <summary>Ticks at round numbers, and the range widened to them.</summary>
    public static Axis Loose(string label, double low, double high, int target)
    {
        NiceTicks ticks = NiceTicks.Enclose(low, high, target);
        return new Axis(label, ticks.Low, ticks.High, [.. ticks.Values.Select(v => new AxisTick(v, ticks.Label(v)))]);
    }

    /// <summary>Ticks at whole numbers within the range as it is, such as epochs.</summary>
    public static Axis Whole(string label, double low, double high, int target)
    {
        NiceTicks ticks = NiceTicks.Enclose(low, high, target);
        // In double: neither step nor ticks of a huge range fit in an integer.
        // The step is at least that of NiceTicks, which bounds their number.
        double step = Math.Max(1, Math.Round(ticks.Step));
        var values = new List<AxisTick>();
        for (double k = Math.Ceiling(low / step); k * step <= high; k++) values.Add(new AxisTick(k * step, WholeLabel(ticks, k * step)));
        return new Axis(label, low, high, values);
    }

    // Beyond 15 digits a number is no longer read digit by digit.
    private static string WholeLabel(NiceTicks ticks, double value) => Math.Abs(value) < 1e15
        ? ((long)value).ToString(CultureInfo.InvariantCulture)
        : ticks.Label(value);

    /// <summary>Time from 0, in seconds or, for long clips, minutes.</summary>
    public static Axis Time(double seconds, int target) => seconds >= LongClipSeconds
        ? Exact("Time (min)", 0, seconds / 60, target)
        : Exact("Time (s)", 0, seconds, target);

    /// <summary>An amplitude axis around 0; full scale for silence.</summary>
    public static Axis Amplitude(double peak, int target) => Loose("Amplitude", peak > 0 ? -peak : -1, peak > 0 ? peak : 1, target);

    /// <summary>The share of the way from the low to the high end.</summary>
    public double Share(double value) => High > Low ? (value - Low) / (High - Low) : 0.5;

    /// <summary>The width of the widest tick label.</summary>
    public double LabelWidth(double fontSize) => Ticks.Count == 0 ? 0 : Ticks.Max(t => TextMetrics.Width(t.Label, fontSize));
}

/// <summary>
/// Axis ticks at round numbers: Paul Heckbert, "Nice Numbers for Graph Labels", Graphics Gems, 1990. Steps are 1, 2 or 5 times a power of
/// ten. His first rounding, of the whole range, is left out: it made axes up to twice as long as their data.
/// </summary>
public sealed class NiceTicks
{
    private readonly long _first, _last;
    private readonly int _decimals;

    private NiceTicks(double step, long first, long last)
    {
        Step = step;
        _first = first;
        _last = last;
        _decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, 15);
    }

    /// <summary>The distance between two ticks.</summary>
    public double Step { get; }

    /// <summary>The first tick: at or below the range's low end.</summary>
    public double Low => Value(_first);

    /// <summary>The last tick: at or above the range's high end.</summary>
    public double High => Value(_last);

    /// <summary>The ticks from <see cref="Low"/> to <see cref="High"/>, rising.</summary>
    public IEnumerable<double> Values
    {
        get
        {
            for (long k = _first; k <= _last; k++) yield return Value(k);
        }
    }

    /// <summary>Chooses ticks that enclose a range.</summary>
    /// <param name="low">The low end.</param>
    /// <param name="high">The high end; when it equals the low end, the range is widened on both sides.</param>
    /// <param name="target">About how many ticks to have, at least 2. There are never more than twice as many.</param>
    /// <exception cref="ArgumentException">The range is not finite or is reversed.</exception>
    public static NiceTicks Enclose(double low, double high, int target = 5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target, 2);
        if (!double.IsFinite(low) || !double.IsFinite(high) || high < low || !double.IsFinite(high - low))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"Expected a finite range with its low end first, found {low} to {high}."));
        }
        // Below this width neighbouring ticks would be the same double.
        double magnitude = Math.Max(Math.Abs(low), Math.Abs(high));
        if (high - low <= Math.Max(magnitude * 1e-9, 1e-300))
        {
            double margin = magnitude > 1e-290 ? magnitude * 0.1 : 0.5;
            low -= margin;
            high += margin;
        }
        double step = RoundToNice((high - low) / (target - 1));
        // The tolerance keeps a range end that is a tick, up to rounding, from adding one more tick.
        return new NiceTicks(step, (long)Math.Floor((low / step) + 1e-9), (long)Math.Ceiling((high / step) - 1e-9));
    }

    /// <summary>The ticks within a range.</summary>
    /// <param name="low">The low end.</param>
    /// <param name="high">The high end.</param>
    public IEnumerable<double> Within(double low, double high) => Values.Where(v => v >= low - (Step * 1e-9) && v <= high + (Step * 1e-9));

    /// <summary>The label of a tick, with as many decimals as the step needs.</summary>
    /// <param name="value">The tick.</param>
    public string Label(double value)
    {
        if (value == 0) return "0";
        bool plain = Step >= 1e-4 && Math.Max(Math.Abs(Low), Math.Abs(High)) < 1e6;
        string text = plain ? value.ToString("F" + _decimals, CultureInfo.InvariantCulture)
            : value.ToString("0.####e0", CultureInfo.InvariantCulture);
        return text.Replace('-', '−');
    }

    // Rounding to the step's decimals turns 3 * 0.1 into 0.3.
    private double Value(long k) => _decimals < 15 ? Math.Round(k * Step, _decimals) : k * Step;

    private static double RoundToNice(double value)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(value))), fraction = value / power;
        return power * (fraction < 1.5 ? 1 : fraction < 3 ? 2 : fraction < 7 ? 5 : 10);
    }
}
