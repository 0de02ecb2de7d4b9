using SerPipeline.Evaluation;

namespace SerPipeline.Tests.Evaluation;

/// <summary>Values from scikit-learn's published documentation, and cases worked out by hand.</summary>
public class ClassificationReportTests
{
    // Sums and quotients of a few small numbers in double precision.
    private const double Exact = 1e-12;

    [Fact]
    public void Report_is_the_example_of_sklearn_metrics_classification_report()
    {
        // https://scikit-learn.org/stable/modules/generated/sklearn.metrics.classification_report.html, first example.
        ClassificationReport report = Predictions.Set(["class 0", "class 1", "class 2"], [0, 1, 2, 2, 2], [0, 0, 2, 2, 1]).ToReport();
        Assert.Equal([new ClassMetrics("class 0", 0.5, 1, 2.0 / 3, 1), new("class 1", 0, 0, 0, 1), new("class 2", 1, 2.0 / 3, 0.8, 3)],
            report.Classes);
        Assert.Equal((0.6, 5), (report.Accuracy, report.Support));
        Assert.Equal(("0.50 0.56 0.49", "0.70 0.60 0.61"), (Rounded(report.Macro), Rounded(report.Weighted)));

        static string Rounded(AverageMetrics average) =>
            FormattableString.Invariant($"{average.Precision:0.00} {average.Recall:0.00} {average.F1:0.00}");
    }

    [Fact]
    public void Labels_without_clips_count_in_the_macro_average_but_not_in_uar()
    {
        // The same page, second example (labels=[1, 2, 3]): macro avg 0.33 0.22 0.27, and precision of class 1 is 1 because the stray
        // prediction 0 is not among its labels. Here every prediction must be a label, so 0 becomes 2: precision of 2 stays 0.
        ClassificationReport report = Predictions.Set(["1", "2", "3"], [0, 0, 0], [0, 0, 1]).ToReport();
        Assert.Equal(1.0 / 3, report.Macro.Precision, Exact);
        Assert.Equal(2.0 / 9, report.Macro.Recall, Exact);
        Assert.Equal(0.8 / 3, report.Macro.F1, Exact);
        Assert.Equal(1.0, report.Weighted.Precision, Exact);
        Assert.Equal(2.0 / 3, report.Weighted.Recall, Exact);
        Assert.Equal(0.8, report.Weighted.F1, Exact);
        Assert.Equal(2.0 / 3, report.Uar, Exact);
        Assert.Equal(0, report.Classes[2].Support);
        Assert.Equal(0, report.Classes[2].Precision);
        Assert.Equal(0, report.Classes[2].F1);
    }

    [Fact]
    public void Uar_is_sklearns_balanced_accuracy()
    {
        // https://scikit-learn.org/stable/modules/generated/sklearn.metrics.balanced_accuracy_score.html
        ClassificationReport report = Predictions.Set(["0", "1"], [0, 1, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1]).ToReport();
        Assert.Equal(0.625, report.Uar, Exact);
    }

    [Fact]
    public void Confusion_matrix_is_sklearns()
    {
        // https://scikit-learn.org/stable/modules/generated/sklearn.metrics.confusion_matrix.html
        ConfusionMatrix confusion = Predictions.Set(["0", "1", "2"], [2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2]).ToReport().Confusion;
        Assert.Equal([[2L, 0L, 0L], [0L, 0L, 1L], [1L, 0L, 2L]], confusion.Counts);
        Assert.Equal([[1.0, 0, 0], [0, 0, 1.0], [1.0 / 3, 0, 2.0 / 3]], confusion.RowNormalized());
        Assert.Equal(1, confusion.GetCountForClassPair(predictedClassIndicatorIndex: 0, actualClassIndicatorIndex: 2));
        Assert.Equal(0, confusion.GetCountForClassPair(predictedClassIndicatorIndex: 2, actualClassIndicatorIndex: 0));
    }

    [Fact]
    public void Log_loss_is_sklearns()
    {
        // https://scikit-learn.org/stable/modules/generated/sklearn.metrics.log_loss.html: 0.21616...; the user guide's example: 0.1738...
        ClassificationReport spam = new PredictionSet(["ham", "spam"],
        [
            Predictions.Row("spam", "spam", .1f, .9f), Predictions.Row("ham", "ham", .9f, .1f),
            Predictions.Row("ham", "ham", .8f, .2f), Predictions.Row("spam", "spam", .35f, .65f),
        ]).ToReport();
        // float32 probabilities differ from the page's doubles by up to 6e-8 each.
        Assert.Equal(0.21616187468057912, spam.LogLoss, 1e-7);
        ClassificationReport guide = new PredictionSet(["0", "1"],
        [
            Predictions.Row("0", "0", .9f, .1f), Predictions.Row("0", "0", .8f, .2f),
            Predictions.Row("1", "1", .3f, .7f), Predictions.Row("1", "1", .01f, .99f),
        ]).ToReport();
        Assert.InRange(guide.LogLoss, 0.1738, 0.1739);
    }

    [Fact]
    public void Top_2_accuracy_is_sklearns()
    {
        // https://scikit-learn.org/stable/modules/generated/sklearn.metrics.top_k_accuracy_score.html: 0.75. Its first rows sum to 0.9;
        // here the largest score takes the rest, which leaves the order of the scores as it is.
        ClassificationReport report = new PredictionSet(["0", "1", "2"],
        [
            Predictions.Row("0", "0", .6f, .2f, .2f), Predictions.Row("1", "1", .3f, .5f, .2f),
            Predictions.Row("2", "1", .2f, .5f, .3f), Predictions.Row("2", "0", .7f, .2f, .1f),
        ]).ToReport();
        Assert.Equal(0.75, report.Top2Accuracy, Exact);
        Assert.Equal(0.5, report.TopKAccuracy(1), Exact);
        Assert.Equal(1.0, report.TopKAccuracy(3), Exact);
        Assert.Equal(1.0, report.TopKAccuracy(10), Exact);
    }

    [Fact]
    public void Ties_go_to_the_label_that_comes_first()
    {
        float third = 1f / 3;
        ClassificationReport report = new PredictionSet(["0", "1", "2"],
            [.. new[] { "0", "1", "2" }.Select(label => Predictions.Row(label, "0", third, third, third))]).ToReport();
        Assert.Equal(1.0 / 3, report.TopKAccuracy(1), Exact);
        Assert.Equal(2.0 / 3, report.Top2Accuracy, Exact);
    }

    [Fact]
    public void A_truth_given_no_probability_costs_the_clipped_loss_and_certainty_costs_almost_nothing()
    {
        ClassificationReport wrong = new PredictionSet(["a", "b"], [Predictions.Row("a", "b", 0, 1)]).ToReport();
        // -ln(2^-23)
        Assert.Equal(23 * Math.Log(2), wrong.LogLoss, Exact);
        ClassificationReport right = new PredictionSet(["a", "b"], [Predictions.Row("a", "a", 1, 0)]).ToReport();
        Assert.Equal(-Math.Log(1 - Math.Pow(2, -23)), right.LogLoss, Exact);
    }

    [Fact]
    public void Without_probabilities_log_loss_and_top_2_are_not_numbers()
    {
        ClassificationReport report = Predictions.Set(["a", "b"], [0, 1], [0, 0]).ToReport();
        Assert.True(double.IsNaN(report.LogLoss));
        Assert.True(double.IsNaN(report.Top2Accuracy));
        Assert.Equal(0.5, report.Accuracy, Exact);
    }

    [Fact]
    public void A_single_class_is_scored()
    {
        ClassificationReport report = new PredictionSet(["only"], [Predictions.Row("only", "only", 1)]).ToReport();
        Assert.Equal(1, report.Accuracy);
        Assert.Equal(1, report.Uar);
        Assert.Equal(1, report.Top2Accuracy);
        Assert.Equal(new BaselineMetrics("only", 1, 1, 1), report.Baseline);
    }

    [Fact]
    public void Baselines_are_those_of_the_majority_class_and_of_chance()
    {
        // Ten clips: 2 angry, 5 happy, 3 sad, no neutral.
        ClassificationReport report = Predictions.Set(Predictions.Emotions, [0, 0, 1, 1, 1, 1, 1, 3, 3, 3], [0, 1, 1, 1, 0, 3, 1, 3, 3, 2])
            .ToReport();
        Assert.Equal(new BaselineMetrics("happy", 0.5, 1.0 / 3, 0.25), report.Baseline);
        Assert.Equal(0.6, report.Accuracy, Exact);
        Assert.Equal((0.5 + 0.6 + (2.0 / 3)) / 3, report.Uar, Exact);
    }

    [Fact]
    public void The_confusion_table_is_laid_out_as_ml_net_does()
    {
        string table = Predictions.Set(["yes", "no"], [0, 0, 1, 1], [0, 1, 1, 1]).ToReport().Confusion.GetFormattedConfusionTable();
        const string expected =
            "Confusion table\n" +
            "          ||==================\n" +
            "PREDICTED ||    yes |     no | Recall\n" +
            "TRUTH     ||==================\n" +
            "      yes ||      1 |      1 | 0.5000\n" +
            "       no ||      0 |      2 | 1.0000\n" +
            "          ||==================\n" +
            "Precision || 1.0000 | 0.6667 |\n";
        Assert.Equal(expected, table);
    }
}
