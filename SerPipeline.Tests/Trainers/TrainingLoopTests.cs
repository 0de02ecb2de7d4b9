using Microsoft.ML;
using SerPipeline.Networks;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Trainers;

public sealed class TrainingLoopTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_mlp_learns_what_can_be_learnt_and_nothing_else(bool shuffled)
    {
        using NeuralModel model = Mlp(new() { Epoch = 25, HiddenUnits = [16] }).Fit(Toys.Clouds(240, seed: 1, shuffled));
        double accuracy = Toys.Accuracy(model, Toys.Clouds(300, seed: 2, shuffled));
        // At chance, 300 draws are right 1/3 of the time, give or take .027; .2 and .5 are five deviations away and more.
        if (shuffled) Assert.True(accuracy is > 0.2 and < 0.5, $"accuracy {accuracy}");
        else Assert.True(accuracy > 0.95, $"accuracy {accuracy}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_cnn_learns_what_can_be_learnt_and_nothing_else(bool shuffled)
    {
        using NeuralModel model = Cnn(new() { Epoch = 20 }).Fit(Toys.Bands(150, seed: 1, shuffled));
        double accuracy = Toys.Accuracy(model, Toys.Bands(300, seed: 2, shuffled));
        if (shuffled) Assert.True(accuracy is > 0.2 and < 0.5, $"accuracy {accuracy}");
        else Assert.True(accuracy > 0.95, $"accuracy {accuracy}");
    }

    [Fact]
    public void The_weights_of_the_best_epoch_are_put_back()
    {
        // Shuffled labels: what the network learns makes it worse on the validation part, so the best epoch is an early one.
        IDataView validation = Toys.Clouds(90, seed: 4, shuffled: true);
        using NeuralModel model = Mlp(new()
        {
            Epoch = 12,
            LearningRate = 0.05,
            LearningRateSchedule = LearningRateScheduleKind.Constant,
            HiddenUnits = [32],
            Dropout = 0,
            ValidationSet = validation,
            EarlyStoppingCriteria = new() { Patience = 100 },
            Precision = ComputePrecision.Float32,
        }).Fit(Toys.Clouds(120, seed: 3, shuffled: true));
        TrainingHistory history = model.History;
        double[] losses = [.. history.Epochs.Select(e => e.ValidationLoss!.Value)];
        Assert.Equal(12, losses.Length);
        Assert.Equal(Array.IndexOf(losses, losses.Min()) + 1, history.ChosenEpoch);
        Assert.NotEqual(12, history.ChosenEpoch);
        Assert.NotEqual(losses[^1], losses.Min());
        // The loss of the model that was given back, by its probabilities: float32 sums of 90 rows agree to about 1e-6.
        Assert.Equal(losses.Min(), Toys.LogLoss(model, validation), 1e-5);
    }

    [Fact]
    public void Without_a_validation_part_every_epoch_runs_and_the_last_is_kept()
    {
        using NeuralModel model = Mlp(new() { Epoch = 3, ValidationSetFraction = 0, EarlyStoppingCriteria = new() { Patience = 1 } })
            .Fit(Toys.Clouds(30, seed: 1));
        Assert.Equal(3, model.History.ChosenEpoch);
        Assert.Equal((30, 0), (model.History.TrainExamples, model.History.ValidationExamples));
        Assert.All(model.History.Epochs, e => Assert.Null(e.ValidationLoss));
        Assert.Null(model.History.Temperature);
    }

    [Fact]
    public void Training_stops_when_the_validation_part_gets_no_better()
    {
        using NeuralModel model = Mlp(new()
        {
            Epoch = 200,
            LearningRate = 0.1,
            HiddenUnits = [32],
            ValidationSet = Toys.Clouds(60, seed: 4, shuffled: true),
            EarlyStoppingCriteria = new() { Patience = 3 },
        }).Fit(Toys.Clouds(60, seed: 3, shuffled: true));
        Assert.InRange(model.History.Epochs.Count, 4, 199);
        Assert.Equal(model.History.ChosenEpoch + 3, model.History.Epochs.Count);
    }

    [Fact]
    public void The_callback_gets_finite_figures_for_every_epoch_and_the_history_keeps_them()
    {
        var seen = new List<TrainingMetrics>();
        using NeuralModel model = Cnn(new() { Epoch = 4, ValidationSetFraction = 0.25, MetricsCallback = seen.Add })
            .Fit(Toys.Bands(40, seed: 1));
        Assert.Equal([1, 2, 3, 4], seen.Select(m => m.Epoch));
        Assert.Equal(seen, model.History.Epochs);
        Assert.All(seen, m =>
        {
            Assert.Equal(4, m.Epochs);
            double[] positive = [m.TrainLoss, m.ValidationLoss!.Value, m.LearningRate, m.Seconds, m.ExamplesPerSecond];
            Assert.All(positive, v => Assert.True(double.IsFinite(v) && v > 0, $"{m}"));
            Assert.All(new[] { m.TrainAccuracy, m.ValidationAccuracy!.Value, m.ValidationUar!.Value }, v => Assert.InRange(v, 0, 1));
        });
        Assert.True(seen[0].IsBest);
        Assert.Equal(model.History.ChosenEpoch, seen.FindLast(m => m.IsBest)!.Epoch);
        Assert.Equal((30, 10), (model.History.TrainExamples, model.History.ValidationExamples));
        Assert.True(model.History.Parameters > 100);
    }

    [Theory]
    [InlineData(ComputePrecision.Float32)]
    [InlineData(ComputePrecision.BFloat16)]
    public void The_same_seed_gives_the_same_network_to_the_last_bit_and_another_seed_another(ComputePrecision precision)
    {
        byte[] Network(int seed, int? own = null)
        {
            NeuralTrainer trainer = new MLContext(seed)
                .MulticlassClassification.Trainers.ImageClassification(Small(new() { Epoch = 2, Seed = own, Precision = precision }));
            using NeuralModel model = trainer.Fit(Toys.Bands(45, seed: 1));
            return model.Network.ToBytes();
        }
        byte[] network = Network(7);
        Assert.Equal(network, Network(7));
        Assert.Equal(network, Network(8, own: 7));
        Assert.NotEqual(network, Network(8));
    }

    [Fact]
    public async Task Two_trainings_at_once_are_those_trained_one_after_another()
    {
        byte[] Network(int seed)
        {
            using NeuralModel model = Cnn(new() { Epoch = 3, Seed = seed }).Fit(Toys.Bands(60, seed: 1));
            return model.Network.ToBytes();
        }
        byte[][] alone = [Network(1), Network(2)];
        byte[][] together = await Task.WhenAll(Task.Run(() => Network(1)), Task.Run(() => Network(2)));
        Assert.Equal(alone, together);
    }

    [Fact]
    public void A_context_without_a_seed_takes_the_documented_one()
    {
        using NeuralModel unseeded = new MLContext().MulticlassClassification.Trainers.Mlp(new MlpOptions { Epoch = 1 })
            .Fit(Toys.Clouds(30, seed: 1));
        using NeuralModel seeded = new MLContext(5).MulticlassClassification.Trainers.Mlp(new MlpOptions
        {
            Epoch = 1,
            Seed = NeuralTrainerOptions.DefaultSeed
        }).Fit(Toys.Clouds(30, seed: 1));
        Assert.Equal(seeded.Network.ToBytes(), unseeded.Network.ToBytes());
    }

    // One row a batch is left over at 13 = 3 x 4 + 1, and a batch normalisation of one vector has no variance.
    [Theory]
    [InlineData(13, 4)]
    [InlineData(9, 8)]
    [InlineData(2, 32)]
    public void A_last_batch_of_one_example_does_not_stop_the_training(int examples, int batch)
    {
        using NeuralModel model = Cnn(new() { Epoch = 2, BatchSize = batch, ValidationSetFraction = 0 }).Fit(Toys.Bands(examples, seed: 1));
        Assert.All(model.History.Epochs, e => Assert.True(double.IsFinite(e.TrainLoss)));
        Assert.Equal(examples, model.History.TrainExamples);
        Assert.All(Toys.Scores(model, Toys.Bands(6, seed: 2)), s => Assert.Equal(1, s.Sum(), 1e-5));
    }

    [Fact]
    public void One_example_a_batch_is_refused_where_the_network_normalises_batches_and_not_elsewhere()
    {
        Assert.Contains("BatchSize", Assert.Throws<OptionsException>(() => Cnn(new() { BatchSize = 1 })).Message, StringComparison.Ordinal);
        using NeuralModel model = Mlp(new() { Epoch = 1, BatchSize = 1, ValidationSetFraction = 0 }).Fit(Toys.Clouds(5, seed: 1));
        Assert.Equal(5, model.History.TrainExamples);
    }

    [Fact]
    public void One_training_example_is_refused_with_a_reason() => Assert.Contains(
        "at least 2", Assert.Throws<SchemaException>(() => Cnn(new() { ValidationSetFraction = 0 }).Fit(Toys.Bands(1, seed: 1))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Rows_beyond_the_memory_budget_train_the_same_network()
    {
        byte[] Network(long budget)
        {
            using NeuralModel model = Cnn(new() { Epoch = 1, MemoryBudgetBytes = budget }).Fit(Toys.Bands(24, seed: 1));
            return model.Network.ToBytes();
        }
        Assert.Equal(Network(1 << 30), Network(0));
    }

    // Values of the formulas at the ends and the turn, for 100 steps and a highest rate of 1: PyTorch's OneCycleLR, CosineAnnealing after a
    // tenth of warm-up, StepLR.
    [Fact]
    public void Learning_rates_are_those_of_the_formulas()
    {
        double At(LearningRateScheduleKind kind, int step) => LearningRates.At(kind, 1, step, 100);
        Assert.Equal([1, 1, 1], new[] { 0, 50, 99 }.Select(step => At(LearningRateScheduleKind.Constant, step)));
        double[] oneCycle = [.. new[] { 0, 29, 64, 99 }.Select(step => At(LearningRateScheduleKind.OneCycle, step))];
        Assert.Equal(0.04, oneCycle[0], 1e-12);
        Assert.Equal(1, oneCycle[1], 1e-12);
        Assert.Equal((1 + 4e-6) / 2, oneCycle[2], 1e-12);
        Assert.Equal(4e-6, oneCycle[3], 1e-12);
        double[] cosine = [.. new[] { 0, 9, 10, 55, 99 }.Select(step => At(LearningRateScheduleKind.Cosine, step))];
        Assert.Equal([1 / 11.0, 10 / 11.0, 1, 0.5, (1 + Math.Cos(Math.PI * 89 / 90)) / 2], cosine.Select(rate => Math.Round(rate, 12)),
            (a, b) => Math.Abs(a - b) < 1e-11);
        Assert.Equal([1, 1, 0.1, 0.01], new[] { 0, 33, 34, 99 }.Select(step => At(LearningRateScheduleKind.Step, step)),
            (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(1, LearningRates.At(LearningRateScheduleKind.OneCycle, 1, 0, 1));
    }

    internal static NeuralTrainer Mlp(MlpOptions options) =>
        Toys.Ml.MulticlassClassification.Trainers.Mlp(options with
        {
            LearningRate = options.LearningRate == 1e-3 ? 0.02
            : options.LearningRate
        });

    internal static NeuralTrainer Cnn(ImageClassificationOptions options) =>
        Toys.Ml.MulticlassClassification.Trainers.ImageClassification(Small(options));

    internal static ImageClassificationOptions Small(ImageClassificationOptions options) => options with
    {
        Architecture = new() { Channels = [6, 8], AttentionUnits = 8 },
        Augmentation = new() { TimeRollFrames = 3, FrequencyMaskBands = 2, TimeMaskFrames = 3 },
        LearningRate = 0.01,
    };
}
