using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Evaluation;
using SerPipeline.Networks;
using SerPipeline.Trainers;
using TorchSharp;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Trainers;

/// <summary>Class weights, oversampling, focal loss, named validation groups and the fitted temperature, through whole trainings.</summary>
public sealed class ImbalanceTests
{
    [Fact]
    public void Balanced_class_weights_are_scikit_learns()
    {
        // n / (classes * count): compute_class_weight("balanced", classes=[0, 1, 2], y=[0]*6 + [1]*3 + [2]*1) gives 10/18, 10/9, 10/3.
        Assert.Equal([10f / 18, 10f / 9, 10f / 3], ClassificationLoss.BalancedWeights([0, 0, 0, 0, 0, 0, 1, 1, 1, 2], 3));
        Assert.Equal([0.625f, 0.625f, 0f, 1.25f], ClassificationLoss.BalancedWeights([0, 0, 1, 1, 3], 4));
    }

    // The sum over classes of w_k q'_k (1 - p_k)^gamma (-log p_k), over the sum of the labels' weights, in double.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 0.1)]
    [InlineData(2, 0)]
    [InlineData(1.5, 0.1)]
    public void The_loss_is_that_of_the_formula(double gamma, double smoothing)
    {
        TorchEngine.Start();
        float[] scores = [0.3f, -1.2f, 2.1f, 1.1f, 0.4f, -0.7f], weights = [0.5f, 1, 2];
        int[] labels = [2, 0];
        using DisposeScope scope = NewDisposeScope();
        var batch = new Batch(zeros(1), tensor(new long[] { 2, 0 }), labels, null);
        double expected = 0;
        for (int i = 0; i < 2; i++)
        {
            double sum = Enumerable.Range(0, 3).Sum(k => Math.Exp(scores[(i * 3) + k]));
            for (int k = 0; k < 3; k++)
            {
                double p = Math.Exp(scores[(i * 3) + k]) / sum, q = ((labels[i] == k ? 1 : 0) * (1 - smoothing)) + (smoothing / 3);
                expected -= weights[k] * q * Math.Pow(1 - p, gamma) * Math.Log(p) / (weights[2] + weights[0]);
            }
        }
        Assert.Equal(expected, new ClassificationLoss(weights, smoothing, gamma, CPU).Of(tensor(scores, 2, 3), batch).item<float>(), 1e-6);
    }

    [Fact]
    public void Oversampling_and_balanced_weights_make_a_rare_class_count()
    {
        (double share, TrainingHistory history) plain = Rare(new()), over = Rare(new() { Oversampling = Oversampling.Minority }),
            balanced = Rare(new() { BalancedClassWeights = true });
        Assert.True(plain.share < 0.02, $"{plain.share}");
        Assert.InRange(over.share, 0.2, 0.6);
        Assert.InRange(balanced.share, 0.2, 0.6);
        Assert.Equal((330, 0), (plain.history.TrainExamples, plain.history.OversampledExamples));
        Assert.Equal((330, 270), (over.history.TrainExamples, over.history.OversampledExamples));
    }

    [Fact]
    public void What_is_drawn_again_was_trained_on_and_never_held_out()
    {
        var options = new MlpOptions { ValidationSetFraction = 0.2, Oversampling = Oversampling.All };
        using TrainingData data = TrainingData.Read(Rows(1), options, new VectorEncoder(1), ["often", "rare"], seed: 3);
        // Neither network nor encoder is touched before the first epoch.
        var loop = new TrainingLoop(null!, data, null!, 2, options, new SeededRandom(3));
        Assert.Equal(data.Train, loop.Examples.Take(data.Train.Length));
        int[] drawn = [.. loop.Examples.Skip(data.Train.Length)];
        // 300 and 30 rows, a fifth of each held out: 240 and 24 are left.
        Assert.Equal((264, 216, 66), (data.Train.Length, drawn.Length, data.Validation.Length));
        Assert.Subset(data.Train.ToHashSet(), drawn.ToHashSet());
        Assert.Empty(data.Validation.Intersect(loop.Examples));
    }

    [Fact]
    public void Focal_loss_trains_and_the_validation_loss_stays_plain_cross_entropy()
    {
        IDataView validation = Toys.Clouds(60, seed: 2);
        var options = new MlpOptions
        {
            Epoch = 10,
            HiddenUnits = [16],
            ValidationSet = validation,
            Precision = ComputePrecision.Float32,
            FocalGamma = 2,
            EarlyStoppingCriteria = new() { Patience = 100 }
        };
        using NeuralModel focal = TrainingLoopTests.Mlp(options).Fit(Toys.Clouds(240, seed: 1));
        Assert.True(Toys.Accuracy(focal, validation) > 0.95);
        Assert.Equal(Toys.LogLoss(focal, validation), focal.History.Epochs[focal.History.ChosenEpoch - 1].ValidationLoss!.Value, 1e-5);
    }

    [Fact]
    public void Focal_loss_takes_mixed_examples_class_weights_and_smoothing_together()
    {
        ImageClassificationOptions options = TrainingLoopTests.Small(new()
        {
            Epoch = 8,
            FocalGamma = 1.5,
            BalancedClassWeights = true,
            Oversampling = Oversampling.Minority
        });
        options = options with { Augmentation = options.Augmentation with { MixupAlpha = 0.3 }, LabelSmoothing = 0.1 };
        using NeuralModel model = Toys.Ml.MulticlassClassification.Trainers.ImageClassification(options).Fit(Toys.Bands(120, seed: 1));
        Assert.True(Toys.Accuracy(model, Toys.Bands(60, seed: 2)) > 0.7);
    }

    [Fact]
    public void The_temperature_minimises_the_models_own_log_loss_on_the_validation_part()
    {
        // Focal loss leaves a network less sure than it may be (Mukhoti et al. 2020), and overlapping classes keep the best temperature
        // finite.
        IDataView validation = Rows(2);
        using NeuralModel model = TrainingLoopTests.Mlp(new()
        {
            Epoch = 15,
            HiddenUnits = [8],
            FocalGamma = 3,
            ValidationSet = validation,
            LearningRate = 0.01
        }).Fit(Rows(1));
        double temperature = model.History.Temperature!.Value;
        Assert.InRange(temperature, 0.1, 0.9);
        uint[] labels = [.. validation.GetColumn<uint>("Label")];
        float[][] scores = Toys.Scores(model, validation);
        double LogLoss(double t) => scores.Zip(labels, (s, l) => -Math.Log(TemperatureScaling.Apply(s, t)[(int)l - 1])).Average();
        // Rounding of float32 scores, in batches there and one by one here, moves the least by far less than this.
        Assert.All(new[] { 0.95, 1.05, 1 / temperature },
            factor => Assert.True(LogLoss(temperature) <= LogLoss(temperature * factor) + 1e-7));
    }

    [Fact]
    public void Named_groups_make_the_validation_part_and_are_refused_where_they_cannot()
    {
        using NeuralModel model = TrainingLoopTests.Mlp(new() { Epoch = 1, ValidationGroups = ["s6", "s2", "s2"] })
            .Fit(Toys.Clouds(120, seed: 1, marked: true));
        Assert.Equal(["s2", "s6"], model.History.ValidationGroups);
        Assert.Equal(30, model.History.ValidationExamples);
        static string Fails<T>(MlpOptions options, bool marked = true) where T : Exception =>
            Assert.Throws<T>(() => TrainingLoopTests.Mlp(options).Fit(Toys.Clouds(120, seed: 1, marked: marked))).Message;
        string unknown = Fails<CorpusException>(new() { ValidationGroups = ["s1", "nobody"] });
        Assert.Contains("nobody", unknown, StringComparison.Ordinal);
        Assert.Contains("s7", unknown, StringComparison.Ordinal);
        Assert.Contains("nothing is left",
            Fails<CorpusException>(new() { ValidationGroups = [.. Enumerable.Range(0, 8).Select(i => $"s{i}")] }),
            StringComparison.Ordinal);
        Assert.Contains("SamplingKeyColumnName", Fails<SchemaException>(new() { ValidationGroups = ["s1"] }, marked: false),
            StringComparison.Ordinal);
        Assert.Contains("ValidationGroups", Fails<OptionsException>(new() { ValidationGroups = [] }), StringComparison.Ordinal);
        Assert.Contains("ValidationSet",
            Fails<OptionsException>(new() { ValidationGroups = ["s1"], ValidationSet = Toys.Clouds(3, seed: 2) }),
            StringComparison.Ordinal);
        Assert.Contains("FocalGamma", Fails<OptionsException>(new() { FocalGamma = -1 }), StringComparison.Ordinal);
    }

    // Overlapping classes, one of them ten times as frequent.
    private static IDataView Rows(int seed)
    {
        var random = new SeededRandom(seed);
        return Toys.View(["often", "rare"], false, [.. Enumerable.Range(0, 330).Select(i =>
            new Toys.Row { Features = [(float)(random.NextNormal() + (i % 11 == 0 ? 1 : 0))], Label = i % 11 == 0 ? 2u : 1u })]);
    }

    private static (double Share, TrainingHistory History) Rare(MlpOptions options)
    {
        using NeuralModel model = TrainingLoopTests.Mlp(options with
        {
            Epoch = 15,
            HiddenUnits = [8],
            ValidationSetFraction = 0,
            LearningRate = 0.01
        }).Fit(Rows(1));
        return (model.Transform(Rows(2)).GetColumn<uint>("PredictedLabel").Average(k => k == 2 ? 1.0 : 0), model.History);
    }
}
