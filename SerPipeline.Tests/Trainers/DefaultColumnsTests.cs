using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Networks;

namespace SerPipeline.Tests.Trainers;

/// <summary>Trainers as an ML.NET user calls them first: without options, on columns of the default names.</summary>
public sealed class DefaultColumnsTests
{
    public static TheoryData<string> Trainers => ["ImageClassification", "Mlp", "MlpClassifier", "Conv1d", "Lstm", "TorchModule"];

    [Theory]
    [MemberData(nameof(Trainers))]
    public void A_trainer_without_options_learns_from_the_default_columns(string name)
    {
        // Small perceptrons need more steps than one an epoch; the others would only take longer.
        int count = name is "Mlp" or "TorchModule" ? 60 : 20;
        var ml = new MLContext(1);
        var trainers = ml.MulticlassClassification.Trainers;
        IEstimator<ITransformer> trainer = name switch
        {
            "ImageClassification" => trainers.ImageClassification(),
            "Mlp" => trainers.Mlp(),
            "MlpClassifier" => trainers.MlpClassifier(),
            "Conv1d" => trainers.Conv1d(),
            "Lstm" => trainers.Lstm(),
            _ => trainers.TorchModule(context => new MlpNetwork((int)context.Shape[0], [8], context.Classes, 0, context.Random)),
        };
        var random = new SeededRandom(3);
        IDataView rows = ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new Row
        {
            Label = i % 2 == 0 ? "calm" : "angry",
            Features = [.. Enumerable.Range(0, 10).Select(_ => (float)random.NextNormal() + (i % 2 * 6) - 3)],
            Pixels = [.. Enumerable.Range(0, 16 * 16).Select(_ => (float)random.Next(100) + (i % 2 * 150))],
        }).ToArray());
        IEstimator<ITransformer> chain = ml.Transforms.Conversion.MapValueToKey("Label").Append(trainer)
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        IDataView scored = chain.Fit(rows).Transform(rows);
        Assert.All(scored.GetColumn<float[]>("Score"), score => Assert.Equal(1, score.Sum(), 1e-5));
        string[] predicted = [.. scored.GetColumn<string>("PredictedLabel")];
        Assert.Equal(count, predicted.Length);
        int right = predicted.Where((label, i) => label == (i % 2 == 0 ? "calm" : "angry")).Count();
        Assert.True(right > 0.9 * count, $"{right} of {count} training rows are right");
    }

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(10)]
        public float[] Features { get; set; } = [];

        [VectorType(1, 16, 16)]
        public float[] Pixels { get; set; } = [];
    }
}
