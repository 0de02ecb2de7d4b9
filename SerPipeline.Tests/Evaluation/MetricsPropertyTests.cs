using FsCheck;
using FsCheck.Fluent;
using SerPipeline.Evaluation;

namespace SerPipeline.Tests.Evaluation;

/// <summary>What holds for any predictions, over random data.</summary>
public class MetricsPropertyTests
{
    // A few hundred terms below 1 summed in double precision.
    private const double Rounding = 1e-12;

    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(20261129UL, 7UL);

    private static readonly Arbitrary<(int Seed, int Rows, int Classes)> Cases =
        (from seed in Gen.Choose(0, 1_000_000)
         from rows in Gen.Choose(1, 120)
         from classes in Gen.Choose(1, 8)
         select (seed, rows, classes)).ToArbitrary();

    [Fact]
    public void Accuracy_is_trace_over_total_and_weighted_recall() => ForAll((set, report) =>
    {
        Assert.Equal((double)set.Rows.Count(row => row.Label == row.Predicted) / set.Rows.Count, report.Accuracy, Rounding);
        Assert.Equal((double)report.Confusion.Trace / report.Confusion.Total, report.Accuracy, Rounding);
        Assert.Equal(report.Accuracy, report.Weighted.Recall, Rounding);
    });

    [Fact]
    public void Every_figure_matches_a_naive_computation_from_the_rows() => ForAll((set, report) =>
    {
        foreach (ClassMetrics c in report.Classes)
        {
            double both = set.Rows.Count(row => row.Label == c.Label && row.Predicted == c.Label);
            double said = set.Rows.Count(row => row.Predicted == c.Label), there = set.Rows.Count(row => row.Label == c.Label);
            double precision = said > 0 ? both / said : 0, recall = there > 0 ? both / there : 0;
            Assert.Equal(precision, c.Precision, Rounding);
            Assert.Equal(recall, c.Recall, Rounding);
            Assert.Equal(both > 0 ? 2 * precision * recall / (precision + recall) : 0, c.F1, Rounding);
            Assert.Equal(there, c.Support);
        }
        int Truth(ClipPrediction row) => set.Labels.ToList().IndexOf(row.Label);
        double loss = set.Rows.Average(row =>
            -Math.Log(Math.Min(1 - MetricsAccumulator.LogLossEpsilon,
                Math.Max(MetricsAccumulator.LogLossEpsilon, row.Probabilities[Truth(row)]))));
        Assert.Equal(loss, report.LogLoss, Rounding);
        double top2 = set.Rows.Average(row =>
            Enumerable.Range(0, set.Labels.Count).OrderByDescending(i => row.Probabilities[i]).Take(2).Contains(Truth(row)) ? 1.0 : 0);
        Assert.Equal(top2, report.Top2Accuracy, Rounding);
        Assert.Equal(set.Rows.GroupBy(row => row.Label).Average(g => g.Average(row => row.Predicted == row.Label ? 1.0 : 0)), report.Uar,
            Rounding);
    });

    [Fact]
    public void The_order_of_the_rows_changes_no_bit() => ForAll((set, report) =>
    {
        ClipPrediction[] shuffled = [.. set.Rows];
        new SeededRandom(7).Shuffle<ClipPrediction>(shuffled);
        AssertSame(report, new PredictionSet(set.Labels, shuffled).ToReport());
    });

    [Fact]
    public void A_constant_predictor_has_the_uar_of_the_majority_baseline() => ForAll((set, report) =>
    {
        string majority = report.Baseline.MajorityLabel;
        ClassificationReport constant =
            new PredictionSet(set.Labels, [.. set.Rows.Select(row => row with { Predicted = majority })]).ToReport();
        Assert.Equal(1.0 / set.Rows.Select(row => row.Label).Distinct().Count(), constant.Uar, Rounding);
        Assert.Equal(report.Baseline.MajorityUar, constant.Uar, Rounding);
        Assert.Equal(report.Baseline.MajorityAccuracy, constant.Accuracy, Rounding);
    });

    [Fact]
    public void Groups_share_out_the_clips() => ForAll((set, report) =>
    {
        IReadOnlyList<GroupMetrics> speakers = set.BySpeaker();
        Assert.Equal(report.Support, speakers.Sum(group => group.Report.Support));
        Assert.Equal(report.Confusion.Trace, speakers.Sum(group => group.Report.Confusion.Trace));
        Assert.Equal(speakers.Select(group => group.Group).Order(StringComparer.Ordinal), speakers.Select(group => group.Group));
        Assert.Equal(report.Support, set.BySex().Sum(group => group.Report.Support));
    });

    private static void ForAll(Action<PredictionSet, ClassificationReport> holds) =>
        Check.One(Runs, Prop.ForAll(Cases, x =>
        {
            PredictionSet set = Predictions.Random(x.Seed, x.Rows, x.Classes);
            holds(set, set.ToReport());
        }));

    private static void AssertSame(ClassificationReport expected, ClassificationReport actual)
    {
        Assert.Equal(expected.Confusion.Counts, actual.Confusion.Counts);
        Assert.Equal(expected.LogLoss, actual.LogLoss);
        Assert.Equal(expected.Top2Accuracy, actual.Top2Accuracy);
        Assert.Equal(expected.Macro, actual.Macro);
        Assert.Equal(expected.Weighted, actual.Weighted);
        Assert.Equal(expected.Classes, actual.Classes);
    }
}
