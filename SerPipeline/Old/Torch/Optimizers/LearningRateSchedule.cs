using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch.Optimizers;

/// <summary>The learning rate at each step of a training run. Set it before each step: <c>optimizer.LearningRate = schedule.At(step)</c>.</summary>
public abstract class LearningRateSchedule
{
    private LearningRateSchedule()
    {
    }

    /// <summary>The learning rate of one step; after the last step planned, that step's.</summary>
    /// <param name="step">The step, from 0.</param>
    public double At(long step)
    {
        TensorCheck.NotNegative(nameof(LearningRateSchedule), nameof(step), step);
        return Rate(step);
    }

    /// <summary>The same rate always.</summary>
    /// <param name="rate">The rate.</param>
    public static LearningRateSchedule Constant(double rate) => new Formula(RequireRate(rate), static (rate, _) => rate);

    /// <summary>Linear warm-up, then half a cosine down (Loshchilov and Hutter 2017).</summary>
    /// <param name="rate">The highest rate, reached at step <paramref name="warmupSteps"/>.</param>
    /// <param name="totalSteps">The steps of the run.</param>
    /// <param name="warmupSteps">Steps of growing rates: step s has rate (s + 1) / (warmupSteps + 1) of the highest.</param>
    /// <param name="finalRate">The rate that would follow the last step, at most <paramref name="rate"/> (PyTorch: eta_min).</param>
    public static LearningRateSchedule Cosine(double rate, long totalSteps, long warmupSteps = 0, double finalRate = 0)
    {
        RequireSteps(totalSteps, warmupSteps);
        if (!(finalRate >= 0 && finalRate <= RequireRate(rate))) throw TensorCheck.Fail(nameof(Cosine), nameof(finalRate), $"at least 0 and at most the highest rate, {rate}", $"{finalRate}");
        return new Formula(rate, (highest, step) => step < warmupSteps
            ? highest * (step + 1) / (warmupSteps + 1)
            : Anneal(highest, finalRate, (double)(Math.Min(step, totalSteps - 1) - warmupSteps) / (totalSteps - warmupSteps)));
    }

    /// <summary>One cycle up and down along half cosines (Smith and Topin 2018), with the values of PyTorch's OneCycleLR.</summary>
    /// <param name="maximumRate">The highest rate (PyTorch: max_lr).</param>
    /// <param name="totalSteps">The steps of the run, at least 2.</param>
    /// <param name="warmupFraction">The share of steps on the way up (PyTorch: pct_start).</param>
    /// <param name="startDivisor">The first rate is the highest over this (PyTorch: div_factor).</param>
    /// <param name="finalDivisor">The last rate is the first over this (PyTorch: final_div_factor).</param>
    public static LearningRateSchedule OneCycle(double maximumRate, long totalSteps, double warmupFraction = 0.3, double startDivisor = 25, double finalDivisor = 1e4)
    {
        RequireSteps(totalSteps, 1);
        if (warmupFraction is not (> 0 and < 1)) throw TensorCheck.Fail(nameof(OneCycle), nameof(warmupFraction), "above 0 and below 1", $"{warmupFraction}");
        if (startDivisor is not > 0 || finalDivisor is not > 0) throw TensorCheck.Fail(nameof(OneCycle), "divisors", "above 0", $"{startDivisor} and {finalDivisor}");
        double top = (warmupFraction * totalSteps) - 1, last = totalSteps - 1;
        return new Formula(RequireRate(maximumRate), (highest, step) =>
        {
            double first = highest / startDivisor, at = Math.Min(step, last);
            return top > 0 && at <= top ? Anneal(first, highest, at / top) : Anneal(highest, first / finalDivisor, (at - top) / (last - top));
        });
    }

    /// <summary>The rate times a factor after every so many steps.</summary>
    /// <param name="rate">The first rate.</param>
    /// <param name="everySteps">Steps of equal rate (PyTorch: step_size).</param>
    /// <param name="factor">The factor, above 0 and at most 1 (PyTorch: gamma).</param>
    public static LearningRateSchedule Step(double rate, long everySteps, double factor = 0.1)
    {
        TensorCheck.Positive(nameof(Step), nameof(everySteps), everySteps);
        if (factor is not (> 0 and <= 1)) throw TensorCheck.Fail(nameof(Step), nameof(factor), "above 0 and at most 1", $"{factor}");
        return new Formula(RequireRate(rate), (first, step) => first * Math.Pow(factor, step / everySteps));
    }

    private protected abstract double Rate(long step);

    // Half a cosine from one value to another while t goes from 0 to 1.
    private static double Anneal(double from, double to, double t) => to + ((from - to) * (1 + Math.Cos(Math.PI * t)) / 2);

    private static double RequireRate(double rate) =>
        rate > 0 && double.IsFinite(rate) ? rate : throw TensorCheck.Fail(nameof(LearningRateSchedule), nameof(rate), "a finite number above 0", $"{rate}");

    private static void RequireSteps(long totalSteps, long warmupSteps)
    {
        if (warmupSteps < 0 || totalSteps <= warmupSteps)
            throw TensorCheck.Fail(nameof(LearningRateSchedule), nameof(totalSteps), $"above the {warmupSteps} steps of warm-up, which must be at least 0", $"{totalSteps}");
    }

    private sealed class Formula(double rate, Func<double, long, double> formula) : LearningRateSchedule
    {
        private protected override double Rate(long step) => formula(rate, step);
    }
}
