using System.Text.Json;
using Microsoft.ML;
using SerPipeline.Networks;
using SerPipeline.Tests.Networks;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;
using TorchSharp.Modules;

namespace SerPipeline.Tests.Trainers;

/// <summary>MlpClassifier against scikit-learn's MLPClassifier; Fixtures/mlp_classifier.py made the values.</summary>
public sealed class MlpClassifierTests
{
    private static readonly Lazy<JsonElement> Reference = new(() =>
    {
        string file = Path.Combine(Companions.Repository(), "SerPipeline.Tests", "Trainers", "Fixtures", "mlp_classifier.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.Clone();
    });

    [Fact]
    public void Three_steps_from_given_weights_are_scikit_learns()
    {
        JsonElement steps = Reference.Value.GetProperty("steps");
        float[][] rows = steps.GetProperty("x").Deserialize<float[][]>()!;
        int[] labels = steps.GetProperty("y").Deserialize<int[]>()!;
        IDataView view = Toys.View(Toys.Classes, false,
            [.. rows.Select((row, i) => new Toys.Row { Features = row, Label = (uint)labels[i] + 1 })]);
        var options = new MlpClassifierOptions
        {
            Epoch = 3,
            BatchSize = rows.Length,
            HiddenUnits = [5],
            L2Regularization = steps.GetProperty("alpha").GetDouble(),
            LearningRate = steps.GetProperty("learning_rate").GetDouble(),
        };
        var encoder = new VectorEncoder(4);
        using var network = new MlpClassifierNetwork(4, [5], 3, new SeededRandom(1));
        Dictionary<string, Parameter> parameters = network.named_parameters().ToDictionary(p => p.name, p => p.parameter,
            StringComparer.Ordinal);
        foreach ((string name, double[] values) in Weights(steps.GetProperty("start")))
            Initializers.Assign(parameters[name], [.. values.Select(v => (float)v)]);
        using TrainingData data = TrainingData.Read(view, options, encoder, Toys.Classes, 1);
        TrainingHistory history = new TrainingLoop(network, data, encoder, 3, options, new SeededRandom(1)).Run();
        // float32 against float64 over three steps.
        Loops.Near(steps.GetProperty("losses").Deserialize<double[]>()!, [.. history.Epochs.Select(e => (float)e.TrainLoss)], 1e-5);
        Dictionary<string, float[]> state = Loops.State(network);
        foreach ((string name, double[] values) in Weights(steps.GetProperty("end"))) Loops.Near(values, state[name], 1e-5);
    }

    [Fact]
    public void Over_seeds_it_is_as_accurate_and_runs_as_long_as_scikit_learn_on_the_baselines_split() => CompareSeeds(4);

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
            using NeuralModel model = new MLContext(seed).MulticlassClassification.Trainers.MlpClassifier().Fit(train);
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
        using var network = new MlpClassifierNetwork(40, [100], 8, new SeededRandom(2));
        Dictionary<string, float[]> state = Loops.State(network);
        foreach ((string layer, int fans) in new[] { ("hidden1", 140), ("classifier", 108) })
        {
            double bound = Math.Sqrt(6.0 / fans);
            float[] weights = state[$"{layer}.weight"], biases = state[$"{layer}.bias"];
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
        using NeuralModel model = Toys.Ml.MulticlassClassification.Trainers
            .MlpClassifier(new MlpClassifierOptions { Tolerance = 1e6, NoChangeEpochs = 3, Epoch = 50 }).Fit(Toys.Clouds(60, seed: 1));
        // The first epoch improves on nothing at all; the four after it do not improve by a million.
        Assert.Equal(5, model.History.Epochs.Count);
        Assert.Equal(5, model.History.ChosenEpoch);
    }

    // The means differ by less than three standard errors of their difference.
    private static void Alike(double[] theirs, List<double> ours)
    {
        double error = Math.Sqrt((Variance(theirs) / theirs.Length) + (Variance(ours) / ours.Count));
        double difference = ours.Average() - theirs.Average();
        string found = $"ours {ours.Average():0.0000}, theirs {theirs.Average():0.0000}, difference {difference:0.0000}, standard error "
            + $"{error:0.0000}";
        TestContext.Current.TestOutputHelper?.WriteLine(found);
        Assert.True(Math.Abs(difference) < 3 * error, found);
    }

    private static double Variance(IReadOnlyList<double> values) =>
        values.Sum(v => (v - values.Average()) * (v - values.Average())) / (values.Count - 1);

    // scikit-learn keeps coefficients as [in, out], this library as [out, in].
    private static IEnumerable<(string Name, double[] Values)> Weights(JsonElement model)
    {
        string[] layers = ["hidden1", "classifier"];
        double[][][] coefs = model.GetProperty("coefs").Deserialize<double[][][]>()!;
        double[][] intercepts = model.GetProperty("intercepts").Deserialize<double[][]>()!;
        for (int i = 0; i < layers.Length; i++)
        {
            yield return ($"{layers[i]}.weight",
                [.. Enumerable.Range(0, intercepts[i].Length).SelectMany(o => coefs[i].Select(row => row[o]))]);
            yield return ($"{layers[i]}.bias", intercepts[i]);
        }
    }
}
