using SerPipeline.Evaluation;
using SerPipeline.Tests.Reports;

namespace SerPipeline.Tests.Evaluation;

public class MetricSummaryTests
{
    [Theory]
    // The 0.975 and 0.995 quantiles of Student's t as in the NIST/SEMATECH e-Handbook, table 1.3.6.7.2 (three decimals).
    [InlineData(1, 0.95, 12.706)]
    [InlineData(2, 0.95, 4.303)]
    [InlineData(3, 0.95, 3.182)]
    [InlineData(4, 0.95, 2.776)]
    [InlineData(9, 0.95, 2.262)]
    [InlineData(10, 0.95, 2.228)]
    [InlineData(23, 0.95, 2.069)]
    [InlineData(100, 0.95, 1.984)]
    [InlineData(5, 0.99, 4.032)]
    [InlineData(30, 0.99, 2.750)]
    public void Quantiles_are_the_published_ones(int degrees, double confidence, double expected) =>
        Assert.Equal(expected, StudentT.TwoSidedQuantile(degrees, confidence), 0.0005);

    [Fact]
    public void One_and_two_degrees_follow_their_closed_forms()
    {
        foreach (double t in new[] { 0.1, 1, 3, 40 })
        {
            // Cauchy, and the closed form for two degrees; a few operations in double precision.
            Assert.Equal(2 / Math.PI * Math.Atan(t), StudentT.TwoSidedProbability(1, t), 1e-14);
            Assert.Equal(t / Math.Sqrt(2 + (t * t)), StudentT.TwoSidedProbability(2, t), 1e-14);
        }
    }

    [Fact]
    public void Five_values_are_summarised_by_hand()
    {
        // Mean 0.6, squared deviations 0.01 + 0.0025 + 0 + 0.0025 + 0.01 =
        // 0.025, variance 0.00625, half width 2.776445 * sqrt(0.00625 / 5).
        MetricSummary summary = MetricSummary.Of([0.5, 0.55, 0.6, 0.65, 0.7]);
        Assert.Equal(5, summary.Count);
        Assert.Equal(0.6, summary.Mean, 1e-12);
        Assert.Equal(Math.Sqrt(0.00625), summary.Deviation, 1e-12);
        Assert.Equal(0.6 - (2.776445 * Math.Sqrt(0.00125)), summary.Interval![0], 1e-7);
        Assert.Equal(0.6 + (2.776445 * Math.Sqrt(0.00125)), summary.Interval[1], 1e-7);
        Assert.Equal((0.5, 0.7), (summary.Min, summary.Max));
    }

    [Fact]
    public void Seeds_that_test_the_same_folds_again_are_no_further_evidence()
    {
        RunMetrics[] folds = [.. new[] { 0.5, 0.6, 0.8 }.Select((uar, f) =>
            ReportSamples.Metrics(ReportSamples.Predictions(4, 160), "speaker-5fold", f + 1) with
            {
                Uar = uar,
                Seed = 1,
                HeldOutSpeakers = [$"s{f}"],
            })];
        MetricSummary once = Assert.Single(RunSummary.Of(folds)).Uar;
        // The same scores under two more seeds: nothing is known that one did not tell.
        MetricSummary thrice = Assert.Single(RunSummary.Of([.. new[] { 1, 2, 3 }.SelectMany(seed =>
            folds.Select(fold => fold with { Seed = seed }))])).Uar;
        Assert.Equal((9, 3), (thrice.Count, once.Count));
        Assert.Equal(once.Interval!, thrice.Interval!, (a, b) => Math.Abs(a - b) < 1e-12);
        // Where there is one split a seed, nothing but the seeds differs.
        RunMetrics[] seeds = [.. folds.Select((run, i) => run with { Fold = null, Seed = i })];
        MetricSummary overSeeds = RunSummary.Of(seeds)[0].Uar;
        Assert.Null(overSeeds.Interval);
        Assert.Equal((once.Mean, once.Deviation), (overSeeds.Mean, overSeeds.Deviation));
    }

    [Fact]
    public void Seeds_that_draw_their_folds_have_an_interval_as_wide_as_the_widest_of_one()
    {
        // Fold 1 of one seed is other people than fold 1 of the next: averaged by number, the folds would be alike by chance alone.
        RunMetrics[] runs = [.. from seed in new[] { 1, 2 }
            from fold in new[] { 1, 2, 3 }
            select ReportSamples.Metrics(ReportSamples.Predictions(4, 160), "speaker-5fold", fold) with
            {
                Uar = seed == 1 ? 0.4 + (0.1 * fold) : 0.9 - (0.02 * fold),
                Seed = seed,
                HeldOutSpeakers = [$"s{(fold + seed) % 3}"],
            }];
        IReadOnlyList<double> one = RunSummary.Of([.. runs.Where(run => run.Seed == 1)])[0].Uar.Interval!;
        MetricSummary both = RunSummary.Of(runs)[0].Uar;
        Assert.True(one[1] - one[0] > 0.4);
        Assert.Equal(one[1] - one[0], both.Interval![1] - both.Interval[0], 1e-12);
        // Around the mean that it stands beside.
        Assert.Equal(both.Mean, (both.Interval[0] + both.Interval[1]) / 2, 1e-12);
    }

    [Fact]
    public void Too_few_or_infinite_values_are_refused()
    {
        Assert.Throws<EvaluationException>(() => MetricSummary.Of([0.5]));
        Assert.Throws<EvaluationException>(() => MetricSummary.Of([0.5, double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => MetricSummary.Of([0.5, 0.6], confidence: 95));
    }
}
