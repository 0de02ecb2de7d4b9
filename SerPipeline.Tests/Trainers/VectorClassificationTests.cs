using Microsoft.ML;
using SerPipeline.Networks;
using SerPipeline.Tests.Networks;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Trainers;

/// <summary>The networks that read one vector a clip.</summary>
public sealed class VectorClassificationTests
{
    public static TheoryData<string> Networks => ["MlpClassifier", "Conv1d", "Lstm"];

    // Counted by hand from the layers' formulas, for 40 values and 8 classes.
    [Theory]
    [InlineData("MlpClassifier", (40 * 100) + 100 + (100 * 8) + 8)]
    [InlineData("Conv1d", (((5 * 1) + 1) * 16) + (((5 * 16) + 1) * 8) + (((5 * 8) + 1) * 8) + 16 + (((32 * 8) + 1) * 8))]
    [InlineData("Lstm", (4 * 64 * (1 + 64 + 1)) + (4 * 32 * (64 + 32 + 1)) + ((32 + 1) * 32) + ((32 + 1) * 8))]
    public void The_defaults_have_the_baselines_number_of_parameters(string network, long parameters)
    {
        using NeuralModel model = Fit(network, Rows(24, 40, 8), epochs: 1);
        Assert.Equal(parameters, model.History.Parameters);
    }

    [Fact]
    public void Each_network_is_described_layer_by_layer()
    {
        IDataView rows = Rows(24, 40, 8);
        using NeuralModel mlp = Fit("MlpClassifier", rows, 1), cnn = Fit("Conv1d", rows, 1), lstm = Fit("Lstm", rows, 1);
        Assert.Equal(["Linear", "ReLU", "Linear"], mlp.Layers.Select(l => l.Kind));
        Assert.Equal(["Unsqueeze", "Conv1d", "ReLU", "Conv1d", "ReLU", "Conv1d", "BatchNorm1d", "Flatten", "Linear"],
            cnn.Layers.Select(l => l.Kind));
        Assert.Equal(["LSTM", "LSTM", "Linear", "Dropout", "Linear"], lstm.Layers.Select(l => l.Kind));
        LayerDescription[] convolutions = [.. cnn.Layers.Where(l => l.Kind == "Conv1d")];
        Assert.Equal([16L, 8, 8], convolutions.Select(l => (long)l.HyperParameters["out_channels"]));
        Assert.Equal([2L, 0, 0], convolutions.Select(l => ((long[])l.HyperParameters["padding"])[0]));
        Assert.All(convolutions, l => Assert.Equal([5L], (long[])l.HyperParameters["kernel_size"]));
    }

    [Fact]
    public void Defaults_are_the_baselines()
    {
        MlpClassifierOptions mlp = new();
        Assert.Equal([(200, 200), (50, 100), (32, 100)],
            new VectorClassificationOptions[] { mlp, new Conv1dOptions(), new LstmOptions() }.Select(o => (o.BatchSize, o.Epoch)));
        Assert.All(new VectorClassificationOptions[] { mlp, new Conv1dOptions(), new LstmOptions() }, o => Assert.Equal(
            (1e-3, LearningRateScheduleKind.Constant, 0.0, 0.0, 0.0, 0.0, true),
            (o.LearningRate, o.LearningRateSchedule, o.WeightDecay, o.LabelSmoothing, o.GradientClipNorm, o.ValidationSetFraction,
                o.KeepLastEpoch)));
        Assert.Equal((1e-3, 1e-4, 10), (mlp.L2Regularization, mlp.Tolerance, mlp.NoChangeEpochs));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void It_learns_what_can_be_learnt(string network)
    {
        using NeuralModel model = Fit(network, Toys.Clouds(240, seed: 1), epochs: 25, learningRate: 0.01);
        double accuracy = Toys.Accuracy(model, Toys.Clouds(300, seed: 2));
        // Bayes' rule is right on more than .99; chance is .33.
        Assert.True(accuracy > 0.93, $"accuracy {accuracy}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_validation_part_is_only_watched_unless_it_is_to_choose(bool keepLastEpoch)
    {
        // Shuffled labels: the best epoch on the validation part is an early one, and patience runs out.
        using NeuralModel model = Toys.Ml.MulticlassClassification.Trainers.Conv1d(new Conv1dOptions
        {
            Epoch = 30,
            LearningRate = 0.02,
            Filters = [8, 8],
            KernelSize = 3,
            ValidationSetFraction = 0.3,
            KeepLastEpoch = keepLastEpoch,
            EarlyStoppingCriteria = new() { Patience = 2 },
        }).Fit(Toys.Clouds(120, seed: 3, shuffled: true));
        Assert.All(model.History.Epochs, e => Assert.NotNull(e.ValidationLoss));
        Assert.Equal(keepLastEpoch, model.History.Epochs.Count == 30);
        Assert.Equal(keepLastEpoch, model.History.ChosenEpoch == 30);
        double chosen = model.History.Epochs[model.History.ChosenEpoch - 1].ValidationLoss!.Value;
        Assert.Equal(!keepLastEpoch, chosen == model.History.Epochs.Min(e => e.ValidationLoss));
    }

    [Fact]
    public void Keras_first_weights_are_glorot_uniform_with_zero_biases()
    {
        using var network = new Conv1dNetwork(40, [16, 8, 8], 5, 8, new SeededRandom(3));
        Dictionary<string, float[]> state = Loops.State(network);
        foreach ((string layer, int fans) in new[] { ("conv1", 5 + 80), ("conv2", 80 + 40), ("conv3", 40 + 40), ("classifier", 256 + 8) })
        {
            double bound = Math.Sqrt(6.0 / fans);
            Assert.All(state[$"{layer}.weight"], w => Assert.InRange(Math.Abs(w), 0, bound));
            Assert.True(state[$"{layer}.weight"].Max(Math.Abs) > 0.9 * bound);
            Assert.All(state[$"{layer}.bias"], b => Assert.Equal(0, b));
        }
    }

    [Fact]
    public void The_lstm_starts_with_orthogonal_recurrence_and_an_open_forget_gate_and_trains_one_bias_a_gate()
    {
        using var network = new LstmNetwork([64, 32], 32, 0.1, 8, new SeededRandom(4));
        Dictionary<string, float[]> state = Loops.State(network);
        foreach ((string layer, int inputs, int units) in new[] { ("lstm1", 1, 64), ("lstm2", 64, 32) })
        {
            double bound = Math.Sqrt(6.0 / (inputs + (4 * units)));
            Assert.All(state[$"{layer}.weight_ih_l0"], w => Assert.InRange(Math.Abs(w), 0, bound));
            float[] recurrent = state[$"{layer}.weight_hh_l0"];
            for (int a = 0; a < units; a++)
                for (int b = a; b < units; b++)
                    Assert.Equal(a == b ? 1 : 0, Enumerable.Range(0, 4 * units)
                        .Sum(r => (double)recurrent[(r * units) + a] * recurrent[(r * units) + b]), 1e-6);
            Assert.Equal(Enumerable.Range(0, 4 * units).Select(i => i >= units && i < 2 * units ? 1f : 0f), state[$"{layer}.bias_ih_l0"]);
        }
        var options = new LstmOptions { Epoch = 2, BatchSize = 8 };
        var encoder = new VectorEncoder(12);
        using TrainingData data = TrainingData.Read(Rows(24, 12, 8), options, encoder,
            [.. Enumerable.Range(0, 8).Select(c => $"class {c}")], 1);
        new TrainingLoop(network, data, encoder, 8, options, new SeededRandom(1)).Run();
        Dictionary<string, float[]> after = Loops.State(network);
        Assert.NotEqual(state["lstm1.bias_ih_l0"], after["lstm1.bias_ih_l0"]);
        Assert.All(after["lstm1.bias_hh_l0"].Concat(after["lstm2.bias_hh_l0"]), b => Assert.Equal(0, b));
    }

    [Fact]
    public void A_vector_too_short_for_the_convolutions_is_refused_before_a_row_is_read()
    {
        // Behind the first, padded one, each of the two others takes 4 values: 9 is the least, 8 leaves nothing.
        NeuralTrainer trainer = Toys.Ml.MulticlassClassification.Trainers.Conv1d(new Conv1dOptions { Epoch = 1 });
        SchemaException error = Assert.Throws<SchemaException>(() => trainer.Fit(Toys.Unreadable(Rows(24, 8, 3))));
        Assert.Contains("at least 9", error.Message, StringComparison.Ordinal);
        using NeuralModel least = trainer.Fit(Rows(24, 9, 3));
        Assert.Equal(8L, least.Layers.Single(l => l.Kind == "Linear").HyperParameters["in_features"]);
    }

    /// <summary>Prints what each network reaches on the stored features under the baseline's split, and how long it takes.</summary>
    [Theory(Explicit = true)]
    [Trait("Category", "Slow")]
    [InlineData("MlpClassifier", "original", 40)]
    [InlineData("MlpClassifier", "over", 3)]
    [InlineData("MlpClassifier", "new", 3)]
    [InlineData("Conv1d", "original", 3)]
    [InlineData("Conv1d", "over", 3)]
    [InlineData("Conv1d", "new", 3)]
    [InlineData("Lstm", "original", 1)]
    public void Accuracy_on_the_baselines_split_is_far_above_chance(string network, string set, int seeds)
    {
        (IDataView train, IDataView test) = PaperData.Load(set);
        for (int seed = 0; seed < seeds; seed++)
        {
            using NeuralModel model = Fit(network, train, seed: seed);
            double accuracy = Toys.Accuracy(model, test);
            TestContext.Current.TestOutputHelper!.WriteLine($"{network} {set} seed {seed}: accuracy {accuracy:0.0000}, "
                + $"{model.History.Epochs.Count} epochs, {model.History.Epochs.Sum(e => e.Seconds):0.0} s");
            // Eight classes, the largest of which has less than a fifth of the rows.
            Assert.True(accuracy > 0.3, $"accuracy {accuracy}");
        }
    }

    private static NeuralModel Fit(string network, IDataView rows, int? epochs = null, double learningRate = 1e-3, int seed = 1)
    {
        var mlp = new MlpClassifierOptions { LearningRate = learningRate };
        bool shorter = rows.Schema["Features"].Type is Microsoft.ML.Data.VectorDataViewType { Size: < 9 };
        var cnn = new Conv1dOptions { LearningRate = learningRate, KernelSize = shorter ? 3 : 5 };
        var lstm = new LstmOptions { LearningRate = learningRate };
        var trainers = new MLContext(seed).MulticlassClassification.Trainers;
        return network switch
        {
            "MlpClassifier" => trainers.MlpClassifier(mlp with { Epoch = epochs ?? mlp.Epoch }).Fit(rows),
            "Conv1d" => trainers.Conv1d(cnn with { Epoch = epochs ?? cnn.Epoch }).Fit(rows),
            _ => trainers.Lstm(lstm with { Epoch = epochs ?? lstm.Epoch }).Fit(rows),
        };
    }

    private static IDataView Rows(int count, int size, int classes) =>
        Toys.View([.. Enumerable.Range(0, classes).Select(c => $"class {c}")], false,
        [.. Enumerable.Range(0, count).Select(i => new Toys.Row { Features = Loops.Normal(i, size), Label = (uint)(i % classes) + 1 })]);
}
