using SerPipeline.Evaluation;

namespace SerPipeline.Tests.Evaluation;

/// <summary>Predictions that cannot be scored are refused with an error that names them.</summary>
public class MetricsInputTests
{
    private static readonly string[] Labels = ["angry", "sad"];

    [Fact]
    public void No_predictions_are_refused()
    {
        var error = Assert.Throws<EvaluationException>(() => new PredictionSet(Labels, []).ToReport());
        Assert.Contains("at least one prediction", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN, 1f)]
    [InlineData(float.PositiveInfinity, 0f)]
    [InlineData(-0.25f, 1.25f)]
    [InlineData(0.6f, 0.5f)]
    [InlineData(0f, 0f)]
    public void Probabilities_that_are_no_distribution_are_refused_and_nothing_is_counted(float first, float second)
    {
        var accumulator = new MetricsAccumulator(Labels);
        var error = Assert.Throws<EvaluationException>(() => accumulator.Add(Predictions.Row("angry", "sad", first, second)));
        Assert.Contains("clip 'angry-sad.wav'", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, accumulator.Count);
        // The next row may be of either kind: the refused one left no trace.
        accumulator.Add(Predictions.Row("angry", "angry"));
        Assert.Equal(1, accumulator.Count);
    }

    [Fact]
    public void A_number_of_probabilities_other_than_the_labels_is_refused()
    {
        var error = Assert.Throws<EvaluationException>(() =>
            new PredictionSet(Labels, [Predictions.Row("angry", "sad", 0.5f, 0.25f, 0.25f)]));
        Assert.Contains("Expected 2 probabilities", error.Message, StringComparison.Ordinal);
        Assert.Contains("found 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Angry", "sad", "label of clip")]
    [InlineData("angry", "bored", "predicted label of clip")]
    public void A_label_that_is_not_listed_is_refused(string label, string predicted, string role)
    {
        var error = Assert.Throws<EvaluationException>(() => new PredictionSet(Labels, [Predictions.Row(label, predicted)]));
        Assert.Contains(role, error.Message, StringComparison.Ordinal);
        Assert.Contains("angry, sad", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_with_and_without_probabilities_do_not_mix()
    {
        var with = new MetricsAccumulator(Labels);
        with.Add(Predictions.Row("sad", "sad", 0, 1));
        Assert.Throws<EvaluationException>(() => with.Add(Predictions.Row("sad", "sad")));
        Assert.Equal(1, with.Count);
    }

    [Theory]
    [InlineData()]
    [InlineData("a", "a")]
    [InlineData("a", " ")]
    public void Labels_must_be_there_named_and_distinct(params string[] labels) =>
        Assert.Throws<EvaluationException>(() => new MetricsAccumulator(labels));
}
