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
        // In double: neither step nor ticks of a huge range fit in an integer. The step is at least that of NiceTicks, which bounds their number.
        double step = Math.Max(1, Math.Round(ticks.Step));
        var values = new List<AxisTick>();
        for (double k = Math.Ceiling(low / step); k * step <= high; k++) values.Add(new AxisTick(k * step, WholeLabel(ticks, k * step)));
        return new Axis(label, low, high, values);
    }

    // Beyond 15 digits a number is no longer read digit by digit.
    private static string WholeLabel(NiceTicks ticks, double value) => Math.Abs(value) < 1e15
        ? ((long)value).ToString(System.Globalization.CultureInfo.InvariantCulture)
        : ticks.Label(value);

    /// <summary>Time from 0, in seconds or, for long clips, minutes.</summary>
    public static Axis Time(double seconds, int target) => seconds >= LongClipSeconds
        ? Exact("Time (min)", 0, seconds / 60, target)
        : Exact("Time (s)", 0, seconds, target);

    /// <summary>The share of the way from the low to the high end.</summary>
    public double Share(double value) => High > Low ? (value - Low) / (High - Low) : 0.5;

    /// <summary>The width of the widest tick label.</summary>
    public double LabelWidth(double fontSize) => Ticks.Count == 0 ? 0 : Ticks.Max(t => TextMetrics.Width(t.Label, fontSize));
}
