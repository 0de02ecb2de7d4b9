using FsCheck;
using FsCheck.Fluent;
using SerPipeline.Reports.Plots;

namespace SerPipeline.Tests.Reports.Plots;

public class NiceTicksTests
{
    [Fact]
    public void Ticks_enclose_any_range_with_few_rising_round_numbers()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(20261129UL, 7UL),
            Prop.ForAll<NormalFloat, NormalFloat, byte>((a, b, count) =>
        {
            double low = Math.Min(a.Get, b.Get), high = Math.Max(a.Get, b.Get);
            if (!double.IsFinite(high - low)) return true;
            int target = 2 + (count % 11);
            NiceTicks ticks = NiceTicks.Enclose(low, high, target);
            double[] values = [.. ticks.Values];
            double slack = ticks.Step * 1e-6, mantissa = ticks.Step / Math.Pow(10, Math.Floor(Math.Log10(ticks.Step) + 1e-9));
            bool nice = new[] { 1.0, 2, 5 }.Any(m => Math.Abs(mantissa - m) < 1e-6);
            bool rising = values.Zip(values.Skip(1))
                .All(pair => Math.Abs(pair.Second - pair.First - ticks.Step) < Math.Max(slack, 1e-9 * Math.Abs(pair.First)));
            return nice && rising && values[0] <= low + slack && values[^1] >= high - slack && values.Length >= 2
                && values.Length <= 2 * target;
        }));
    }

    [Theory]
    [InlineData(0, 1, 6, "0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(-80, 0, 5, "−80 −60 −40 −20 0")]
    [InlineData(0.05, 2.15, 5, "0 0.5 1.0 1.5 2.0 2.5")]
    [InlineData(0, 0.0125, 6, "0 0.002 0.004 0.006 0.008 0.010 0.012 0.014")]
    [InlineData(0, 3e7, 4, "0 1e7 2e7 3e7")]
    [InlineData(3, 3, 3, "2.6 2.8 3.0 3.2 3.4")]
    public void Labels_have_the_decimals_their_step_needs(double low, double high, int target, string expected)
    {
        NiceTicks ticks = NiceTicks.Enclose(low, high, target);
        Assert.Equal(expected, string.Join(' ', ticks.Values.Select(ticks.Label)));
    }

    [Fact]
    public void Within_keeps_the_ends_and_drops_what_lies_outside()
    {
        NiceTicks ticks = NiceTicks.Enclose(0.3, 0.9, 7);
        Assert.Equal([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], ticks.Within(0.3, 0.9));
        Assert.Equal([0.4, 0.5], ticks.Within(0.31, 0.55));
    }

    [Theory]
    [InlineData(0, 3e12)]
    [InlineData(-4e18, 9e18)]
    [InlineData(0, 1e300)]
    [InlineData(9.007199254740992e15, 9.007199254740999e15)]
    public void Whole_ticks_of_huge_ranges_are_few_and_within(double low, double high)
    {
        IReadOnlyList<AxisTick> ticks = Axis.Whole("x", low, high, 6).Ticks;
        // NiceTicks gives at most twice as many as asked for. A range narrower than its own rounding may have none.
        Assert.InRange(ticks.Count, high - low > 1000 ? 2 : 0, 12);
        Assert.All(ticks, tick => Assert.InRange(tick.Value, low, high));
        Assert.Equal(ticks.Count, ticks.Select(tick => tick.Label).Distinct().Count());
        Assert.All(ticks, tick => Assert.InRange(tick.Label.Length, 1, 20));
    }

    [Fact]
    public void Ranges_that_are_none_are_refused()
    {
        Assert.Throws<ArgumentException>(() => NiceTicks.Enclose(1, 0));
        Assert.Throws<ArgumentException>(() => NiceTicks.Enclose(double.NaN, 1));
        Assert.Throws<ArgumentException>(() => NiceTicks.Enclose(0, double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => NiceTicks.Enclose(0, 1, 1));
    }
}
