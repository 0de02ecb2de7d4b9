using System.Text.Json;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Old.Trainers;
using SerPipeline.Tests.Old.Pipeline;
using SerPipeline.Tests.Support;
using SerPipeline.Tests.Old.Torch;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Old.Trainers;

/// <summary>MlpClassifier against scikit-learn's MLPClassifier; Fixtures/mlp_classifier.py made the values.</summary>
public sealed class MlpClassifierTests
{
    private static readonly Lazy<JsonElement> Reference = new(() =>
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Companions.Repository(), "SerPipeline.Tests", "Trainers", "Fixtures", "mlp_classifier.json")));
        return document.RootElement.Clone();
    });

    [Fact]
    public void Three_steps_from_given_weights_are_scikit_learns()
    {
        JsonElement steps = Reference.Value.GetProperty("steps");
        float[][] rows = steps.GetProperty("x").Deserialize<float[][]>()!;
        uint[] keys = [.. steps.GetProperty("y").Deserialize<int[]>()!.Select(y => (uint)y + 1)];
        IDataView view = Views.Of(
            [new("Features", new VectorDataViewType(4)), new("Label", new KeyDataViewType(3), new ColumnAnnotations { KeyValues = Toys.Classes })],
            rows.Select((row, i) => new object?[] { new VBuffer<float>(row), keys[i] }));
        var options = new MlpClassifierOptions
        {
            Epoch = 3,
            BatchSize = rows.Length,
            HiddenUnits = [5],
            L2Regularization = steps.GetProperty("alpha").GetDouble(),
            LearningRate = steps.GetProperty("learning_rate").GetDouble(),
        };
        var encoder = new VectorEncoder(4);
        using Module network = MlpClassifierModel.CreateNetwork(4, [5], 3, new SeededRandom(1));
        Dictionary<string, SerPipeline.Old.Torch.Parameter> parameters = network.NamedParameters().ToDictionary(StringComparer.Ordinal);
        foreach ((string name, double[] values) in Weights(steps.GetProperty("start"))) parameters[name].Value.Assign([.. values.Select(v => (float)v)]);
        using TrainingData data = TrainingData.Read(view, options, encoder.RowBytes, 1);
        TrainingHistory history = new TrainingLoop(network, data, encoder, options, new SeededRandom(1)).Run();
        // float32 against float64 over three steps.
        Near.Equal(steps.GetProperty("losses").Deserialize<double[]>()!, [.. history.Epochs.Select(e => (float)e.TrainLoss)], 1e-5);
        foreach ((string name, double[] values) in Weights(steps.GetProperty("end"))) Near.Equal(values, network.Values(name), 1e-5);
    }

    [Fact]
    public void Over_seeds_it_is_as_accurate_and_runs_as_long_as_scikit_learn_on_the_baselines_split() => CompareSeeds(8);

    // Forty seeds of each may differ by more than two standard errors, and did; two hundred settle it.
    [Fact(Explicit = true), Trait("Category", "Slow")]
    public void Over_two_hundred_seeds_it_is_as_accurate_and_runs_as_long_as_scikit_learn() => CompareSeeds(200);

    private static void CompareSeeds(int seeds)
    {
        (IDataView train, IDataView test) = PaperData.Load("original");
        var accuracies = new List<double>();
        var epochs = new List<double>();
        for (int seed = 0; seed < seeds; seed++)
        {
            using MlpClassifierModel model = new SerContext(seed).MulticlassClassification.Trainers.MlpClassifier().Fit(train);
            accuracies.Add(Toys.Accuracy(model, test));
            epochs.Add(model.History.Epochs.Count);
        }
        JsonElement theirs = Reference.Value.GetProperty("accuracy");
        Alike(theirs.GetProperty("scores").Deserialize<double[]>()!, accuracies);
        Alike(theirs.GetProperty("epochs").Deserialize<double[]>()!, epochs);
    }

    [Fact]
    public void First_weights_and_biases_fill_the_glorot_bound_of_their_layer()
    {
        using Module network = MlpClassifierModel.CreateNetwork(40, [100], 8, new SeededRandom(2));
        foreach ((string layer, int fans) in new[] { ("hidden1", 140), ("classifier", 108) })
        {
            double bound = Math.Sqrt(6.0 / fans);
            float[] weights = network.Values($"{layer}.weight"), biases = network.Values($"{layer}.bias");
            Assert.All(weights.Concat(biases), w => Assert.InRange(Math.Abs(w), 0, bound));
            // Of 800 uniform draws or more the largest is within 2 % of the bound but once in e^16.
            Assert.True(weights.Max() > 0.98 * bound && weights.Min() < -0.98 * bound);
            Assert.True(biases.Max(Math.Abs) > 0.3 * bound);
        }
    }

    [Fact]
    public void Training_ends_after_more_than_so_many_epochs_without_improvement_by_the_tolerance()
    {
        var monitor = new TrainingLossMonitor(0.1, noChangeEpochs: 2);
        // Down by .05 is no change, though the least loss moves with it; down by .2 is improvement; then three without.
        double[] losses = [1, 0.95, 0.9, 0.7, 0.8, 0.65, 0.6];
        Assert.Equal([false, false, false, false, false, false, true], losses.Select(monitor.Observe));
    }

    [Fact]
    public void A_training_that_cannot_improve_stops_early_and_keeps_the_last_epoch()
    {
        using MlpClassifierModel model = new SerContext(1).MulticlassClassification.Trainers.MlpClassifier(new() { Tolerance = 1e6, NoChangeEpochs = 3, Epoch = 50 }).Fit(Toys.Clouds(60, seed: 1));
        // The first epoch improves on nothing at all; the four after it do not improve by a million.
        Assert.Equal(5, model.History.Epochs.Count);
        Assert.Equal(5, model.History.ChosenEpoch);
    }

    // The means differ by less than three standard errors of their difference.
    private static void Alike(double[] theirs, List<double> ours)
    {
        double error = Math.Sqrt((Variance(theirs) / theirs.Length) + (Variance(ours) / ours.Count));
        double difference = ours.Average() - theirs.Average();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"ours {ours.Average():0.0000}, deviation {Math.Sqrt(Variance(ours)):0.0000}; theirs {theirs.Average():0.0000}, deviation {Math.Sqrt(Variance(theirs)):0.0000}; difference {difference:0.0000}, standard error {error:0.0000}");
        Assert.True(Math.Abs(difference) < 3 * error, $"ours {ours.Average()}, theirs {theirs.Average()}, standard error {error}");
    }

    private static double Variance(IReadOnlyList<double> values) => values.Sum(v => (v - values.Average()) * (v - values.Average())) / (values.Count - 1);

    // scikit-learn keeps coefficients as [in, out], this library as [out, in].
    private static IEnumerable<(string Name, double[] Values)> Weights(JsonElement model)
    {
        string[] layers = ["hidden1", "classifier"];
        double[][][] coefs = model.GetProperty("coefs").Deserialize<double[][][]>()!;
        double[][] intercepts = model.GetProperty("intercepts").Deserialize<double[][]>()!;
        for (int i = 0; i < layers.Length; i++)
        {
            yield return ($"{layers[i]}.weight", [.. Enumerable.Range(0, intercepts[i].Length).SelectMany(o => coefs[i].Select(row => row[o]))]);
            yield return ($"{layers[i]}.bias", intercepts[i]);
        }
    }
}
