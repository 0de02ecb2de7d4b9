using FsCheck;
using FsCheck.Fluent;
using SerPipeline.Evaluation;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch;
using SerPipeline.Old.Trainers;
using SerPipeline.Tests.Old.Pipeline;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Old.Trainers;

/// <summary>Oversampling, focal loss, named validation groups and the fitted temperature, through whole trainings.</summary>
public sealed class ImbalanceTests
{
    // RandomOverSampler on counts 6, 3, 1: 'minority' brings the last to 6, 'auto' the second as well.
    [Theory]
    [InlineData(Oversampling.None, 0, 0, 0)]
    [InlineData(Oversampling.Minority, 0, 0, 5)]
    [InlineData(Oversampling.All, 0, 3, 5)]
    public void Rare_classes_are_drawn_again_until_they_match_the_largest(Oversampling oversampling, params int[] expected)
    {
        int[] labels = [0, 0, 1, 0, 2, 1, 0, 0, 1, 0, 1, 2];
        int[] train = [.. Enumerable.Range(0, 10)];
        int[] added = RandomOversampler.Draw(train, labels, 3, oversampling, new SeededRandom(4));
        Assert.Equal(expected, Enumerable.Range(0, 3).Select(c => added.Count(p => labels[p] == c)));
        Assert.All(added, p => Assert.Contains(p, train));
    }

    [Fact]
    public void Whatever_the_counts_all_classes_present_get_equal() => Seeds(60, seed =>
    {
        var random = new SeededRandom(seed);
        int[] labels = [.. Enumerable.Range(0, 2 + random.Next(40)).Select(_ => random.Next(5))];
        int[] train = [.. Enumerable.Range(0, labels.Length).Where(_ => random.NextDouble() < 0.8)];
        int[] added = RandomOversampler.Draw(train, labels, 5, Oversampling.All, random.Fork("x"));
        Assert.True(added.All(train.Contains));
        Assert.True(train.Concat(added).GroupBy(p => labels[p]).Select(g => g.Count()).Distinct().Count() <= 1);
        Assert.Equal(added, RandomOversampler.Draw(train, labels, 5, Oversampling.All, random.Fork("x")));
    });

    [Fact]
    public void Repeated_examples_are_drawn_with_replacement()
    {
        // Twenty draws of ten: with replacement some repeat and, but for one chance in 10^8, not each twice.
        int[] labels = [.. Enumerable.Repeat(0, 30), .. Enumerable.Repeat(1, 10)];
        int[] added = RandomOversampler.Draw([.. Enumerable.Range(0, 40)], labels, 2, Oversampling.All, new SeededRandom(1));
        Assert.Equal(20, added.Length);
        Assert.NotEqual(Enumerable.Repeat(2, 10), added.GroupBy(p => p).Select(g => g.Count()));
        Assert.NotEqual(added, RandomOversampler.Draw([.. Enumerable.Range(0, 40)], labels, 2, Oversampling.All, new SeededRandom(2)));
    }

    [Fact]
    public void Oversampling_makes_a_rare_class_count_and_the_history_says_how_many_were_added()
    {
        (double share, TrainingHistory history) plain = Rare(new()), over = Rare(new() { Oversampling = Oversampling.Minority });
        Assert.True(plain.share < 0.02, $"{plain.share}");
        Assert.InRange(over.share, 0.2, 0.6);
        Assert.Equal((330, 0), (plain.history.TrainExamples, plain.history.OversampledExamples));
        Assert.Equal((330, 270), (over.history.TrainExamples, over.history.OversampledExamples));
        // Balanced weights after oversampling are all 1: the same training to the last bit.
        Assert.Equal(over.history.Epochs.Select(e => e.TrainLoss), Rare(new() { Oversampling = Oversampling.All, BalancedClassWeights = true }).History.Epochs.Select(e => e.TrainLoss));
    }

    [Fact]
    public void The_validation_part_is_taken_before_and_stays_as_it_is()
    {
        IReadOnlyList<TrainingMetrics> Epochs(Oversampling oversampling, out TrainingHistory history)
        {
            using MlpModel model = TrainingLoopTests.Mlp(new() { Epoch = 2, HiddenUnits = [4], ValidationSetFraction = 0.2, Oversampling = oversampling }).Fit(Rows(1));
            history = model.History;
            return history.Epochs;
        }
        Epochs(Oversampling.None, out TrainingHistory plain);
        Epochs(Oversampling.All, out TrainingHistory over);
        Assert.Equal((plain.TrainExamples, plain.ValidationExamples), (over.TrainExamples, over.ValidationExamples));
        // 300 and 30 rows, a fifth of each held out: 240 and 24 are left.
        Assert.Equal((264, 216, 66), (over.TrainExamples, over.OversampledExamples, over.ValidationExamples));
    }

    [Fact]
    public void What_is_drawn_again_was_trained_on_and_never_held_out()
    {
        var options = new MlpOptions { ValidationSetFraction = 0.2, Oversampling = Oversampling.All };
        using TrainingData data = TrainingData.Read(Rows(1), options, sizeof(float), seed: 3);
        // Neither network nor encoder is touched before the first epoch.
        var loop = new TrainingLoop(null!, data, null!, options, new SeededRandom(3));
        Assert.Equal(data.Train, loop.Examples.Take(data.Train.Length));
        int[] drawn = [.. loop.Examples.Skip(data.Train.Length)];
        Assert.Equal(216, drawn.Length);
        Assert.Subset(data.Train.ToHashSet(), drawn.ToHashSet());
        Assert.Empty(data.Validation.Intersect(loop.Examples));
        Assert.Equal(66, data.Validation.Length);
    }

    [Fact]
    public void Focal_loss_trains_and_the_validation_loss_stays_plain_cross_entropy()
    {
        IDataView validation = Toys.Clouds(60, seed: 2);
        var options = new MlpOptions { Epoch = 10, HiddenUnits = [16], ValidationSet = validation, Precision = ComputePrecision.Float32, EarlyStoppingCriteria = new() { Patience = 100 } };
        using MlpModel focal = TrainingLoopTests.Mlp(options with { FocalGamma = 2 }).Fit(Toys.Clouds(240, seed: 1));
        using MlpModel plain = TrainingLoopTests.Mlp(options).Fit(Toys.Clouds(240, seed: 1));
        Assert.True(Toys.Accuracy(focal, validation) > 0.95);
        Assert.NotEqual(TrainingLoopTests.WeightsOf(plain), TrainingLoopTests.WeightsOf(focal));
        Assert.Equal(LogLoss(focal, validation, 1), focal.History.Epochs[focal.History.ChosenEpoch - 1].ValidationLoss!.Value, 1e-5);
    }

    [Fact]
    public void Focal_loss_takes_mixed_examples_class_weights_and_smoothing_together()
    {
        ImageClassificationOptions options = TrainingLoopTests.Small(new() { Epoch = 8, FocalGamma = 1.5, BalancedClassWeights = true, Oversampling = Oversampling.Minority });
        options = options with { Augmentation = options.Augmentation with { MixupAlpha = 0.3 }, LabelSmoothing = 0.1 };
        using ImageClassificationModel model = new SerContext(1).MulticlassClassification.Trainers.ImageClassification(options).Fit(Toys.Bands(120, seed: 1));
        Assert.True(Toys.Accuracy(model, Toys.Bands(60, seed: 2)) > 0.7);
    }

    [Fact]
    public void The_temperature_minimises_the_models_own_log_loss_on_the_validation_part()
    {
        // Focal loss leaves a network less sure than it may be (Mukhoti et al. 2020), and overlapping classes keep the best temperature finite.
        IDataView validation = Rows(2);
        using MlpModel model = TrainingLoopTests.Mlp(new() { Epoch = 15, HiddenUnits = [8], FocalGamma = 3, ValidationSet = validation, LearningRate = 0.01 }).Fit(Rows(1));
        double temperature = model.History.Temperature!.Value;
        Assert.InRange(temperature, 0.1, 0.9);
        double best = LogLoss(model, validation, temperature);
        Assert.True(best < LogLoss(model, validation, 1));
        // Rounding of float32 scores, in batches there and one by one here, moves the least by far less than this.
        Assert.All(new[] { 0.95, 1.05 }, factor => Assert.True(best <= LogLoss(model, validation, temperature * factor) + 1e-7));
    }

    [Fact]
    public void Without_a_validation_part_there_is_no_temperature()
    {
        using MlpModel model = TrainingLoopTests.Mlp(new() { Epoch = 1, ValidationSetFraction = 0 }).Fit(Toys.Clouds(30, seed: 1));
        Assert.Null(model.History.Temperature);
    }

    [Fact]
    public void A_history_without_the_newer_fields_still_loads()
    {
        const string old = """{"Epochs":[],"ChosenEpoch":3,"TrainExamples":10,"ValidationExamples":2,"ValidationGroups":["s1"],"Parameters":7}""";
        TrainingHistory history = System.Text.Json.JsonSerializer.Deserialize<TrainingHistory>(old)!;
        Assert.Equal((3, null, 0), (history.ChosenEpoch, history.Temperature, history.OversampledExamples));
    }

    [Fact]
    public void Named_groups_make_the_validation_part()
    {
        var options = new MlpOptions { ValidationGroups = ["s6", "s2", "s2"], ValidationSetFraction = 0 };
        using TrainingData data = TrainingData.Read(Toys.Clouds(120, seed: 1, marked: true), options, 6 * sizeof(float), seed: 5);
        Assert.Equal(["s2", "s6"], data.ValidationGroups);
        Assert.Equal(["s2", "s6"], data.Validation.Select(i => data.Store.Groups[i]).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(data.Train, i => data.Store.Groups[i] is "s2" or "s6");
        Assert.Equal(Enumerable.Range(0, 120), data.Train.Concat(data.Validation).Order());
        using MlpModel model = TrainingLoopTests.Mlp(new() { Epoch = 1, ValidationGroups = ["s1"], SamplingKeyColumnName = "Speaker" }).Fit(Toys.Clouds(120, seed: 1));
        Assert.Equal(["s1"], model.History.ValidationGroups);
        Assert.Equal(15, model.History.ValidationExamples);
    }

    [Fact]
    public void Named_groups_that_cannot_be_are_refused_with_a_reason()
    {
        static string Fails<T>(MlpOptions options, bool marked = true) where T : Exception =>
            Assert.Throws<T>(() => TrainingLoopTests.Mlp(options).Fit(Toys.Clouds(120, seed: 1, marked: marked))).Message;
        string unknown = Fails<CorpusException>(new() { ValidationGroups = ["s1", "nobody"] });
        Assert.Contains("nobody", unknown, StringComparison.Ordinal);
        Assert.Contains("s7", unknown, StringComparison.Ordinal);
        Assert.Contains("nothing is left", Fails<CorpusException>(new() { ValidationGroups = [.. Enumerable.Range(0, 8).Select(i => $"s{i}")] }), StringComparison.Ordinal);
        Assert.Contains("SamplingKeyColumnName", Fails<SchemaException>(new() { ValidationGroups = ["s1"] }, marked: false), StringComparison.Ordinal);
        Assert.Contains("ValidationGroups", Fails<OptionsException>(new() { ValidationGroups = [] }), StringComparison.Ordinal);
        Assert.Contains("ValidationSet", Fails<OptionsException>(new() { ValidationGroups = ["s1"], ValidationSet = Toys.Clouds(3, seed: 2) }), StringComparison.Ordinal);
        Assert.Contains("FocalGamma", Fails<OptionsException>(new() { FocalGamma = -1 }), StringComparison.Ordinal);
        Assert.Contains("Oversampling", Fails<OptionsException>(new() { Oversampling = (Oversampling)9 }), StringComparison.Ordinal);
    }

    private static void Seeds(int times, Action<int> holds) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(times), Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), holds));

    // Overlapping classes, one of them ten times as frequent.
    private static IDataView Rows(int seed)
    {
        var random = new SeededRandom(seed);
        return Views.Of([new("Features", new VectorDataViewType(1)), new("Label", new KeyDataViewType(2), new ColumnAnnotations { KeyValues = ["often", "rare"] })],
            Enumerable.Range(0, 330).Select(i => new object?[] { new VBuffer<float>([(float)(random.NextNormal() + (i % 11 == 0 ? 1 : 0))]), i % 11 == 0 ? 2u : 1u }));
    }

    private static (double Share, TrainingHistory History) Rare(MlpOptions options)
    {
        using MlpModel model = TrainingLoopTests.Mlp(options with { Epoch = 15, HiddenUnits = [8], ValidationSetFraction = 0, LearningRate = 0.01 }).Fit(Rows(1));
        return (model.Transform(Rows(2)).GetColumn<uint>("PredictedLabel").Average(k => k == 2 ? 1.0 : 0), model.History);
    }

    private static double LogLoss(MlpModel model, IDataView data, double temperature)
    {
        IDataView scored = model.Transform(data);
        return scored.GetColumn<VBuffer<float>>("Score").Zip(scored.GetColumn<uint>("Label"), (s, l) => -Math.Log(TemperatureScaling.Apply(s.GetValues(), temperature)[(int)l - 1])).Average();
    }
}
