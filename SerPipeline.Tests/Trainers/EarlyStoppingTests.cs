using SerPipeline.Trainers;

namespace SerPipeline.Tests.Trainers;

public sealed class EarlyStoppingTests
{
    [Fact]
    public void It_stops_after_as_many_epochs_without_a_better_loss_as_its_patience()
    {
        // Best at 1, 2, 4; then two epochs (5, 6) without a better value.
        Assert.Equal("b b - b - S", Run(new() { Patience = 2 }, 1.0, 0.9, 0.95, 0.8, 0.8, 0.85));
        Assert.Equal("b b - b - - S", Run(new() { Patience = 3 }, 1.0, 0.9, 0.95, 0.8, 0.8, 0.85, 0.9));
    }

    [Fact]
    public void An_equal_value_is_no_better() => Assert.Equal("b - - S", Run(new() { Patience = 3 }, 0.5, 0.5, 0.5, 0.5));

    [Fact]
    public void A_value_must_be_better_by_more_than_the_least_difference()
    {
        Assert.Equal("b - b", Run(new() { Patience = 9, MinDelta = 0.1 }, 1.0, 0.95, 0.85));
        // The first value is the best whatever it is.
        Assert.Equal("b", Run(new() { Patience = 9, MinDelta = 1000 }, 5));
    }

    [Theory]
    [InlineData(EarlyStoppingMetric.Loss)]
    [InlineData(EarlyStoppingMetric.Accuracy)]
    [InlineData(EarlyStoppingMetric.UnweightedAverageRecall)]
    public void NaN_is_never_the_best_and_counts_against_the_patience(EarlyStoppingMetric metric) =>
        Assert.Equal("- b - S", Run(new() { Patience = 2, Metric = metric }, double.NaN, 0.5, double.NaN, double.NaN));

    [Theory]
    [InlineData(EarlyStoppingMetric.Accuracy)]
    [InlineData(EarlyStoppingMetric.UnweightedAverageRecall)]
    public void Accuracy_and_recall_are_better_when_higher(EarlyStoppingMetric metric) =>
        Assert.Equal("b b - b", Run(new() { Patience = 9, Metric = metric }, 0, 0.4, 0.3, 0.5));

    [Fact]
    public void Each_criterion_watches_its_own_figure()
    {
        var loss = new EarlyStoppingMonitor(new() { Metric = EarlyStoppingMetric.Loss });
        var accuracy = new EarlyStoppingMonitor(new() { Metric = EarlyStoppingMetric.Accuracy });
        var uar = new EarlyStoppingMonitor(new() { Metric = EarlyStoppingMetric.UnweightedAverageRecall });
        Assert.All([loss, accuracy, uar], m => Assert.True(m.Observe(1, 0.5, 0.5).IsBest));
        // Loss worse, accuracy better, recall the same.
        Assert.Equal([false, true, false], new[] { loss, accuracy, uar }.Select(m => m.Observe(2, 0.6, 0.5).IsBest));
    }

    private static string Run(EarlyStoppingCriteria criteria, params double[] values)
    {
        var monitor = new EarlyStoppingMonitor(criteria);
        return string.Join(' ', values.Select(v => monitor.Observe(v, v, v)).Select(r => r.IsBest ? "b" : r.Stop ? "S" : "-"));
    }
}
