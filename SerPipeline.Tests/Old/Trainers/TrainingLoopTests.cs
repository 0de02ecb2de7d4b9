using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch;
using SerPipeline.Old.Trainers;
using SerPipeline.Tests.Old.Pipeline;
using SerPipeline.Trainers;


namespace SerPipeline.Tests.Old.Trainers;

public sealed class TrainingLoopTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_mlp_learns_what_can_be_learnt_and_nothing_else(bool shuffled)
    {
        using MlpModel model = Mlp(new() { Epoch = 25, HiddenUnits = [16] }).Fit(Toys.Clouds(240, seed: 1, shuffled));
        double accuracy = Toys.Accuracy(model, Toys.Clouds(300, seed: 2));
        // At chance, 300 draws are right 1/3 of the time, give or take .027; .25 is more than six deviations wide on each side.
        if (shuffled) Assert.True(Toys.Accuracy(model, Toys.Clouds(300, seed: 2, shuffled: true)) is > 0.2 and < 0.5);
        else Assert.True(accuracy > 0.95, $"accuracy {accuracy}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_cnn_learns_what_can_be_learnt_and_nothing_else(bool shuffled)
    {
        using ImageClassificationModel model = Cnn(new() { Epoch = 20 }).Fit(Toys.Bands(150, seed: 1, shuffled));
        double accuracy = Toys.Accuracy(model, Toys.Bands(300, seed: 2, shuffled));
        if (shuffled) Assert.True(accuracy is > 0.2 and < 0.5, $"accuracy {accuracy}");
        else Assert.True(accuracy > 0.95, $"accuracy {accuracy}");
    }

    [Fact]
    public void The_weights_of_the_best_epoch_are_put_back()
    {
        // Shuffled labels: what the network learns makes it worse on the validation part, so the best epoch is an early one.
        IDataView validation = Toys.Clouds(90, seed: 4, shuffled: true);
        using MlpModel model = Mlp(new()
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
        Assert.Equal(losses.Min(), LogLoss(model, validation), 1e-5);
    }

    [Fact]
    public void Without_a_validation_part_every_epoch_runs_and_the_last_is_kept()
    {
        using MlpModel model = Mlp(new() { Epoch = 3, ValidationSetFraction = 0, EarlyStoppingCriteria = new() { Patience = 1 } }).Fit(Toys.Clouds(30, seed: 1));
        Assert.Equal(3, model.History.ChosenEpoch);
        Assert.Equal((30, 0), (model.History.TrainExamples, model.History.ValidationExamples));
        Assert.All(model.History.Epochs, e => Assert.Null(e.ValidationLoss));
    }

    [Fact]
    public void Training_stops_when_the_validation_part_gets_no_better()
    {
        using MlpModel model = Mlp(new() { Epoch = 200, LearningRate = 0.1, HiddenUnits = [32], ValidationSet = Toys.Clouds(60, seed: 4, shuffled: true), EarlyStoppingCriteria = new() { Patience = 3 } })
            .Fit(Toys.Clouds(60, seed: 3, shuffled: true));
        Assert.InRange(model.History.Epochs.Count, 4, 199);
        Assert.Equal(model.History.ChosenEpoch + 3, model.History.Epochs.Count);
    }

    [Fact]
    public void The_callback_gets_finite_figures_for_every_epoch_and_the_history_keeps_them()
    {
        var seen = new List<TrainingMetrics>();
        using ImageClassificationModel model = Cnn(new() { Epoch = 4, ValidationSetFraction = 0.25, MetricsCallback = seen.Add }).Fit(Toys.Bands(40, seed: 1));
        Assert.Equal([1, 2, 3, 4], seen.Select(m => m.Epoch));
        Assert.Equal(seen, model.History.Epochs);
        Assert.All(seen, m =>
        {
            Assert.Equal(4, m.Epochs);
            Assert.All(new[] { m.TrainLoss, m.ValidationLoss!.Value, m.LearningRate, m.Seconds, m.ExamplesPerSecond }, v => Assert.True(double.IsFinite(v) && v > 0, $"{m}"));
            Assert.All(new[] { m.TrainAccuracy, m.ValidationAccuracy!.Value, m.ValidationUar!.Value }, v => Assert.InRange(v, 0, 1));
        });
        Assert.True(seen[0].IsBest);
        Assert.Equal(model.History.ChosenEpoch, seen.FindLast(m => m.IsBest)!.Epoch);
        Assert.Equal((30, 10), (model.History.TrainExamples, model.History.ValidationExamples));
        Assert.Equal(40, model.History.TrainExamples + model.History.ValidationExamples);
        Assert.True(model.History.Parameters > 100);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_to_the_last_bit_and_another_seed_others()
    {
        byte[] Weights(int seed, int threads, int? own = null)
        {
            var trainer = new SerContext(seed, new() { DegreeOfParallelism = threads }).MulticlassClassification.Trainers.ImageClassification(Small(new() { Epoch = 2, Seed = own }));
            using ImageClassificationModel model = trainer.Fit(Toys.Bands(45, seed: 1));
            return WeightsOf(model);
        }
        byte[] weights = Weights(7, threads: 1);
        Assert.Equal(weights, Weights(7, threads: 2));
        Assert.Equal(weights, Weights(8, threads: 1, own: 7));
        Assert.NotEqual(weights, Weights(8, threads: 1));
    }

    // One row a batch is left over at 13 = 3 x 4 + 1, and a batch normalisation of one vector has no variance.
    [Theory]
    [InlineData(13, 4)]
    [InlineData(9, 8)]
    [InlineData(2, 32)]
    public void A_last_batch_of_one_example_does_not_stop_the_training(int examples, int batch)
    {
        using ImageClassificationModel model = Cnn(new() { Epoch = 2, BatchSize = batch, ValidationSetFraction = 0 }).Fit(Toys.Bands(examples, seed: 1));
        Assert.All(model.History.Epochs, e => Assert.True(double.IsFinite(e.TrainLoss)));
        Assert.Equal(examples, model.History.TrainExamples);
        Assert.All(model.Transform(Toys.Bands(6, seed: 2)).GetColumn<VBuffer<float>>("Score"), s => Assert.Equal(1, s.DenseValues().Sum(), 1e-5));
    }

    [Fact]
    public void One_example_a_batch_is_refused_where_the_network_normalises_batches_and_not_elsewhere()
    {
        Assert.Contains("BatchSize", Assert.Throws<OptionsException>(() => Cnn(new() { BatchSize = 1 })).Message, StringComparison.Ordinal);
        using MlpModel model = Mlp(new() { Epoch = 1, BatchSize = 1, ValidationSetFraction = 0 }).Fit(Toys.Clouds(5, seed: 1));
        Assert.Equal(5, model.History.TrainExamples);
    }

    [Fact]
    public void One_training_example_is_refused_with_a_reason() =>
        Assert.Contains("at least 2", Assert.Throws<SchemaException>(() => Cnn(new() { ValidationSetFraction = 0 }).Fit(Toys.Bands(1, seed: 1))).Message, StringComparison.Ordinal);

    [Fact]
    public void Balanced_class_weights_are_scikit_learns()
    {
        // n / (classes * count): compute_class_weight("balanced", classes=[0, 1, 2], y=[0]*6 + [1]*3 + [2]*1) gives 10/18, 10/9, 10/3.
        int[] labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2];
        Assert.Equal([10f / 18, 10f / 9, 10f / 3], TrainingLoop.BalancedWeights(labels, 3));
        Assert.Equal([0.5f, 0.5f, 0f, 1f], TrainingLoop.BalancedWeights([0, 0, 1, 1, 3], 4).Select((w, i) => i == 3 ? w / 1.25f : w / 1.25f));
    }

    [Fact]
    public void Balanced_weights_make_a_rare_class_count_as_much_as_a_frequent_one()
    {
        // Overlapping classes, one of them ten times as frequent: without weights the rare one is hardly ever chosen.
        IDataView Rows(int seed)
        {
            var random = new SeededRandom(seed);
            return Views.Of([new("Features", new VectorDataViewType(1)), new("Label", new KeyDataViewType(2), new ColumnAnnotations { KeyValues = ["often", "rare"] })],
                Enumerable.Range(0, 330).Select(i => new object?[] { new VBuffer<float>([(float)(random.NextNormal() + (i % 11 == 0 ? 1 : 0))]), i % 11 == 0 ? 2u : 1u }));
        }
        double RareShare(bool balanced)
        {
            using MlpModel model = Mlp(new() { Epoch = 15, HiddenUnits = [8], BalancedClassWeights = balanced, ValidationSetFraction = 0, LearningRate = 0.01 }).Fit(Rows(1));
            return model.Transform(Rows(2)).GetColumn<uint>("PredictedLabel").Average(k => k == 2 ? 1.0 : 0);
        }
        Assert.True(RareShare(false) < 0.02);
        Assert.InRange(RareShare(true), 0.2, 0.6);
    }

    [Fact]
    public void Under_a_speaker_protocol_the_validation_part_shares_no_speaker_with_training()
    {
        IDataView rows = Toys.Clouds(120, seed: 1, marked: true);
        using TrainingData data = TrainingData.Read(rows, new MlpOptions { ValidationSetFraction = 0.25 }, 6 * sizeof(float), seed: 5);
        string[] trained = [.. data.Train.Select(i => data.Store.Groups[i]).Distinct()], validated = [.. data.Validation.Select(i => data.Store.Groups[i]).Distinct()];
        Assert.Empty(trained.Intersect(validated));
        Assert.Equal(validated.Order(StringComparer.Ordinal), data.ValidationGroups);
        Assert.Equal((6, 2), (trained.Length, validated.Length));
        Assert.Equal(Enumerable.Range(0, 120), data.Train.Concat(data.Validation).Order());
        // A column named by the caller does the same without a mark; without either, rows are drawn within each label.
        using TrainingData named = TrainingData.Read(Toys.Clouds(120, seed: 1), new MlpOptions { ValidationSetFraction = 0.25, SamplingKeyColumnName = "Speaker" }, 6 * sizeof(float), seed: 5);
        Assert.Equal(data.Validation, named.Validation);
        using TrainingData random = TrainingData.Read(Toys.Clouds(120, seed: 1), new MlpOptions { ValidationSetFraction = 0.25 }, 6 * sizeof(float), seed: 5);
        Assert.Empty(random.ValidationGroups);
        Assert.All(random.Validation.GroupBy(i => random.Store.Labels[i]), g => Assert.Equal(10, g.Count()));
    }

    [Fact]
    public void A_speaker_independent_split_carries_its_promise_into_the_validation_part()
    {
        var ser = new SerContext(3);
        IDataView rows = Toys.Clouds(120, seed: 1);
        TrainTestData split = ser.Data.SpeakerIndependentSplit(rows, heldOutSpeakers: ["s6", "s7"]);
        using MlpModel model = ser.MulticlassClassification.Trainers.Mlp(new() { Epoch = 1 }).Fit(split.TrainSet);
        // Fifteen rows a speaker, and whole speakers only.
        Assert.NotEmpty(model.History.ValidationGroups);
        Assert.Empty(model.History.ValidationGroups.Intersect(["s6", "s7"]));
        Assert.Equal(90, model.History.TrainExamples + model.History.ValidationExamples);
        Assert.Equal(15 * model.History.ValidationGroups.Count, model.History.ValidationExamples);
    }

    [Fact]
    public void One_marked_speaker_alone_cannot_be_divided_and_says_so()
    {
        IDataView rows = Views.Of([new("Features", new VectorDataViewType(1)), new("Label", new KeyDataViewType(2), new ColumnAnnotations { KeyValues = ["a", "b"] }),
            new("Speaker", TextDataViewType.Instance, new ColumnAnnotations { IsSamplingKey = true })],
            Enumerable.Range(0, 20).Select(i => new object?[] { new VBuffer<float>([i]), (uint)(i % 2) + 1, "only" }));
        Assert.Contains("one speaker", Assert.Throws<CorpusException>(() => Mlp(new()).Fit(rows)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_beyond_the_memory_budget_train_the_same_weights()
    {
        byte[] Weights(long budget)
        {
            using ImageClassificationModel model = Cnn(new() { Epoch = 1, MemoryBudgetBytes = budget }).Fit(Toys.Bands(24, seed: 1));
            return WeightsOf(model);
        }
        Assert.Equal(Weights(1 << 30), Weights(0));
    }

    internal static MlpTrainer Mlp(MlpOptions options) => new SerContext(1).MulticlassClassification.Trainers.Mlp(options with { LearningRate = options.LearningRate == 1e-3 ? 0.02 : options.LearningRate });

    internal static ImageClassificationTrainer Cnn(ImageClassificationOptions options) => new SerContext(1).MulticlassClassification.Trainers.ImageClassification(Small(options));

    internal static ImageClassificationOptions Small(ImageClassificationOptions options) => options with
    {
        Architecture = new() { Channels = [6, 8], AttentionUnits = 8 },
        Augmentation = new() { TimeRollFrames = 3, FrequencyMaskBands = 2, TimeMaskFrames = 3 },
        LearningRate = 0.01,
    };

    internal static byte[] WeightsOf(NeuralModel model)
    {
        var content = new StageContent(model.StageName);
        model.Save(content);
        return content.GetPart("weights.safetensors");
    }

    private static double LogLoss(MlpModel model, IDataView data)
    {
        IDataView scored = model.Transform(data);
        return scored.GetColumn<VBuffer<float>>("Score").Zip(scored.GetColumn<uint>("Label"), (s, l) => -Math.Log(s.GetValues()[(int)l - 1])).Average();
    }
}
