namespace SerPipeline.Trainers;

/// <summary>The learning rate of each step.</summary>
internal static class LearningRates
{
    /// <param name="kind">Which schedule.</param>
    /// <param name="highest">The highest rate.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="steps">All steps of the training.</param>
    public static double At(LearningRateScheduleKind kind, double highest, int step, int steps) => kind switch
    {
        // One step leaves nothing to go up or down over: a tiny data set for one epoch.
        _ when steps == 1 => highest,
        LearningRateScheduleKind.Constant => highest,
        LearningRateScheduleKind.Cosine => Cosine(highest, step, steps, steps / 10),
        LearningRateScheduleKind.OneCycle => OneCycle(highest, step, steps),
        LearningRateScheduleKind.Step => highest * Math.Pow(0.1, step / Math.Max(1, (steps + 2) / 3)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown schedule."),
    };

    // Linear warm-up, then half a cosine down (Loshchilov and Hutter 2017).
    private static double Cosine(double highest, int step, int steps, int warmup) => step < warmup
        ? highest * (step + 1) / (warmup + 1)
        : Anneal(highest, 0, (double)(Math.Min(step, steps - 1) - warmup) / (steps - warmup));

    // Smith and Topin 2018, with the values of PyTorch's OneCycleLR: pct_start .3, div_factor 25, final_div_factor 1e4.
    private static double OneCycle(double highest, int step, int steps)
    {
        double first = highest / 25, top = (0.3 * steps) - 1, last = steps - 1, at = Math.Min(step, last);
        return top > 0 && at <= top ? Anneal(first, highest, at / top) : Anneal(highest, first / 1e4, (at - top) / (last - top));
    }

    // Half a cosine from one value to another while t goes from 0 to 1.
    private static double Anneal(double from, double to, double t) => to + ((from - to) * (1 + Math.Cos(Math.PI * t)) / 2);
}
