using System.Text.Json;
using SerPipeline.Evaluation;

namespace SerPipeline.Tests.Evaluation;

public class ScikitLearnTests
{
    // Both sides divide the same whole numbers; only the order of a few additions differs.
    private const double Counted = 1e-14;

    // scikit-learn divides each row by its sum first, which is 1 but for the
    // rounding of float32 (5 values, some 1e-7), and the library does not.
    private const double Logged = 1e-6;

    public static TheoryData<string> Names => [.. MetricFixtures.Sets.Select(set => set.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Metrics_are_those_of_scikit_learn(string name)
    {
        (_, PredictionSet predictions, JsonElement expected) = MetricFixtures.Sets.Single(set => set.Name == name);
        ClassificationReport report = predictions.ToReport();
        Assert.Equal(Number("uar"), report.Uar, Counted);
        Assert.Equal(Number("accuracy"), report.Accuracy, Counted);
        Assert.Equal(Number("macroF1"), report.Macro.F1, Counted);
        Assert.Equal(Number("weightedF1"), report.Weighted.F1, Counted);
        Assert.Equal(Number("logLoss"), report.LogLoss, Logged);
        Assert.Equal(Number("top2"), report.Top2Accuracy, Counted);
        // Among probabilities of exactly 0 scikit-learn counts the later label first, this library the earlier one.
        if (name != "probabilities of 0 and 1") Assert.Equal(Number("top3"), report.TopKAccuracy(3), Counted);
        for (int i = 0; i < report.Classes.Count; i++)
        {
            Assert.Equal(expected.GetProperty("precision")[i].GetDouble(), report.Classes[i].Precision, Counted);
            Assert.Equal(expected.GetProperty("recall")[i].GetDouble(), report.Classes[i].Recall, Counted);
            Assert.Equal(expected.GetProperty("f1")[i].GetDouble(), report.Classes[i].F1, Counted);
            Assert.Equal(expected.GetProperty("support")[i].GetInt64(), report.Classes[i].Support);
            Assert.Equal(expected.GetProperty("confusion")[i].Deserialize<long[]>()!, report.Confusion.Counts[i]);
        }

        double Number(string field) => expected.GetProperty(field).GetDouble();
    }

    [Fact]
    public void McNemar_is_that_of_statsmodels()
    {
        Assert.True(MetricFixtures.McNemar.Count >= 10);
        // Sums of up to 900 exponentials of logarithms near 1500: some 1e-16 * 1500 a step, relative.
        foreach (McNemarTest expected in MetricFixtures.McNemar)
            Assert.Equal(1, McNemarTest.Of(expected.OnlyA, expected.OnlyB).PValue / expected.PValue, 1e-9);
    }
}
