using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Evaluation;

namespace SerPipeline.Tests.Evaluation;

/// <summary>Evaluation of ML.NET's scored rows, against hand computation and ML.NET's own figures.</summary>
public class EvaluateCatalogTests
{
    private static readonly string[] Emotions = ["angry", "calm", "sad"];

    [Fact]
    public void Figures_are_ml_nets_and_those_of_its_probabilities()
    {
        var ml = new MLContext(seed: 1);
        IDataView scored = Scored(ml, ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        MulticlassClassificationMetrics expected = ml.MulticlassClassification.Evaluate(scored);
        SpeechMetrics found = ml.MulticlassClassification.EvaluateSpeech(scored);
        Assert.InRange(found.Accuracy, 0.5, 0.95);
        Assert.Equal(expected.MicroAccuracy, found.Accuracy, 1e-12);
        Assert.Equal(expected.MacroAccuracy, found.Uar, 1e-12);
        Assert.Equal(expected.LogLoss, found.LogLoss!.Value, 1e-6);
        Assert.Equal(expected.ConfusionMatrix.Counts.SelectMany(row => row),
            found.ConfusionMatrix.Counts.SelectMany(row => row).Select(n => (double)n));
        Assert.Equal(Emotions, found.Classes.Select(c => c.Label));
        Assert.Null(found.NotProbabilities);

        // By hand, from the rows' own values.
        float[][] scores = [.. scored.GetColumn<float[]>("Score")];
        string[] truth = [.. scored.GetColumn<string>("Truth")];
        double loss = truth.Select((label, i) => -Math.Log(scores[i][Array.IndexOf(Emotions, label)])).Average();
        double top2 = truth.Select((label, i) => scores[i].Order().Skip(1).Contains(scores[i][Array.IndexOf(Emotions, label)]) ? 1.0 : 0)
            .Average();
        Assert.Equal(loss, found.LogLoss!.Value, 1e-9);
        Assert.Equal(top2, found.Top2Accuracy!.Value, 1e-12);
        Assert.Equal(Calibration.Of(found.Predictions).Ece, found.Calibration!.Ece);
        Assert.Equal(scores.Length, found.Calibration.Reliability.Sum(bin => bin.Clips));
    }

    [Fact]
    public void Speakers_are_resampled_and_scored_where_the_rows_name_them()
    {
        var ml = new MLContext(seed: 1);
        IDataView scored = Scored(ml, ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        SpeechMetrics found = ml.MulticlassClassification.EvaluateSpeech(scored, bootstrap: new() { Draws = 200, Seed = 7 });
        Assert.Equal(("speaker", 12, 200, 7),
            (found.Intervals.Unit, found.Intervals.Units, found.Intervals.Draws, (int)found.Intervals.Seed));
        Assert.Null(found.Intervals.Caution);
        Assert.InRange(found.Uar, found.Intervals.Uar[0], found.Intervals.Uar[1]);
        Assert.Equal(SpeakerBootstrap.Compute(found.Predictions, new() { Draws = 200, Seed = 7 }).Uar, found.Intervals.Uar);
        Assert.Equal(12, found.BySpeaker.Count);
        Assert.Equal(["female", "male"], found.BySex.Select(group => group.Group));
        Assert.Equal(found.Report.Support, found.BySpeaker.Sum(group => group.Report.Support));
        ClipPrediction first = ml.MulticlassClassification.Predictions(scored).Rows[0];
        Assert.Equal(("clips/0.wav", "s0", "female", "angry"), (first.Path, first.Speaker, first.Sex, first.Label));

        SpeechMetrics without =
            ml.MulticlassClassification.EvaluateSpeech(ml.Transforms.DropColumns("Speaker").Fit(scored).Transform(scored));
        Assert.Equal("clip", without.Intervals.Unit);
        Assert.NotNull(without.Intervals.Caution);
        Assert.Empty(without.BySpeaker);
        Assert.Equal(2, ml.MulticlassClassification.EvaluateSpeech(scored, speakerColumnName: "Sex").Intervals.Units);
    }

    [Fact]
    public void Margins_are_not_taken_for_probabilities()
    {
        var ml = new MLContext(seed: 1);
        IDataView scored = Scored(ml,
            ml.MulticlassClassification.Trainers.OneVersusAll(ml.BinaryClassification.Trainers.LinearSvm(), useProbabilities: false));
        SpeechMetrics found = ml.MulticlassClassification.EvaluateSpeech(scored);
        Assert.Equal(ml.MulticlassClassification.Evaluate(scored).MicroAccuracy, found.Accuracy, 1e-12);
        Assert.Null(found.LogLoss);
        Assert.Null(found.Top2Accuracy);
        Assert.Null(found.Calibration);
        Assert.Contains("row 1 has", found.NotProbabilities, StringComparison.Ordinal);
        Assert.Equal("speaker", found.Intervals.Unit);
        Assert.All(ml.MulticlassClassification.Predictions(scored).Rows, row => Assert.Empty(row.Probabilities));
    }

    [Fact]
    public void One_versus_all_of_calibrated_trainers_gives_probabilities()
    {
        var ml = new MLContext(seed: 1);
        IDataView scored = Scored(ml, ml.MulticlassClassification.Trainers.OneVersusAll(ml.BinaryClassification.Trainers.LinearSvm()));
        SpeechMetrics found = ml.MulticlassClassification.EvaluateSpeech(scored);
        Assert.Null(found.NotProbabilities);
        Assert.Equal(ml.MulticlassClassification.Evaluate(scored).LogLoss, found.LogLoss!.Value, 1e-6);
    }

    [Fact]
    public void Labels_may_be_text()
    {
        var ml = new MLContext(seed: 1);
        IDataView scored = Scored(ml, ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        IDataView texts = ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Append(ml.Transforms.Conversion.MapKeyToValue("Label"))
            .Fit(scored).Transform(scored);
        Assert.Equal(ml.MulticlassClassification.EvaluateSpeech(scored).Uar, ml.MulticlassClassification.EvaluateSpeech(texts).Uar);
    }

    [Fact]
    public void Unfit_columns_are_named()
    {
        var ml = new MLContext(seed: 1);
        IDataView scored = Scored(ml, ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        Assert.Contains("'Nothing'", Refused(() => ml.MulticlassClassification.EvaluateSpeech(scored, "Nothing")),
            StringComparison.Ordinal);
        Assert.Contains("'SlotNames'", Refused(() => ml.MulticlassClassification.EvaluateSpeech(scored, scoreColumnName: "Features")),
            StringComparison.Ordinal);
        Assert.Contains("vector of Single", Refused(() => ml.MulticlassClassification.EvaluateSpeech(Named(ml), "Text", "Words", "Text")),
            StringComparison.Ordinal);
        Assert.Contains("'Number' to be text", Refused(() => ml.MulticlassClassification.EvaluateSpeech(scored, "Number")),
            StringComparison.Ordinal);
        Assert.Contains("'Nobody'", Refused(() => ml.MulticlassClassification.EvaluateSpeech(scored, speakerColumnName: "Nobody")),
            StringComparison.Ordinal);

        static string Refused(Func<object> run) => Assert.Throws<ArgumentOutOfRangeException>(run).Message;
    }

    [Fact]
    public void Labels_that_the_model_does_not_know_and_scores_that_are_not_finite_are_refused()
    {
        var ml = new MLContext(seed: 1);
        var chain = Chain(ml, ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy()).Fit(ml.Data.LoadFromEnumerable(Clips(60)));
        Clip[] clips = Clips(3);
        clips[1].Truth = "bored";
        string unknown = Assert.Throws<EvaluationException>(() =>
            ml.MulticlassClassification.EvaluateSpeech(chain.Transform(ml.Data.LoadFromEnumerable(clips)))).Message;
        Assert.Contains("clips/1.wav", unknown, StringComparison.Ordinal);
        Assert.Contains("angry, calm, sad", unknown, StringComparison.Ordinal);
        clips[1].Truth = "calm";
        clips[2].Features = [float.NaN, 1];
        string infinite = Assert.Throws<EvaluationException>(() =>
            ml.MulticlassClassification.EvaluateSpeech(chain.Transform(ml.Data.LoadFromEnumerable(clips)))).Message;
        Assert.Contains("Expected finite scores; row 3", infinite, StringComparison.Ordinal);
    }

    private static IDataView Scored(MLContext ml, IEstimator<ITransformer> trainer)
    {
        IDataView clips = ml.Data.LoadFromEnumerable(Clips(180));
        return Chain(ml, trainer).Fit(clips).Transform(clips);
    }

    private static EstimatorChain<ITransformer> Chain(MLContext ml, IEstimator<ITransformer> trainer) =>
        ml.Transforms.Conversion.MapValueToKey("Label", "Truth",
            keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(trainer);

    /// <summary>A view whose score column has slot names but holds texts.</summary>
    private static IDataView Named(MLContext ml)
    {
        IDataView texts = ml.Data.LoadFromEnumerable([new Texts { Text = "calm", A = "a", B = "b" }]);
        return ml.Transforms.Concatenate("Words", "A", "B").Fit(texts).Transform(texts);
    }

    /// <summary>Three overlapping clouds, 12 speakers, two sexes.</summary>
    private static Clip[] Clips(int count)
    {
        var random = new SeededRandom(5);
        return [.. Enumerable.Range(0, count).Select(i => new Clip
        {
            Truth = Emotions[i % 3],
            Features = [(float)((i % 3 == 0 ? 1 : 0) + random.NextNormal()), (float)((i % 3 == 1 ? 1.5 : 0) + random.NextNormal())],
            Speaker = $"s{i / 3 % 12}",
            Sex = i / 3 % 2 == 0 ? "female" : "male",
            Path = $"clips/{i}.wav",
            Number = i,
        })];
    }

    private sealed class Clip
    {
        public string Truth { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public string Speaker { get; set; } = "";

        public string Sex { get; set; } = "";

        public string Path { get; set; } = "";

        public float Number { get; set; }
    }

    private sealed class Texts
    {
        public string Text { get; set; } = "";

        public string A { get; set; } = "";

        public string B { get; set; } = "";
    }
}
