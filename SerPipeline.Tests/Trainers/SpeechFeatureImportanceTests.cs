using Microsoft.ML;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Trainers;

public sealed class SpeechFeatureImportanceTests
{
    [Fact]
    public void The_slots_that_hold_the_answer_come_first_and_noise_costs_nothing()
    {
        IDataView rows = Rows(300);
        var chain = Toys.Ml.Transforms.NormalizeMeanVariance("Features",
            fixZero: false).Append(TrainingLoopTests.Mlp(new() { Epoch = 15, HiddenUnits = [8], ValidationSetFraction = 0 }));
        var model = chain.Fit(rows);
        IReadOnlyList<FeatureImportance> found = SpeechFeatureImportance.Measure(Toys.Ml, model, rows, new() { Repetitions = 4 });
        Assert.Equal(4, found.Count);
        // Slot 1 alone decides; dealt anew, two classes are told apart by chance.
        Assert.Equal([1], found[0].Slots);
        Assert.InRange(found[0].UarDrop, 0.35, 0.65);
        Assert.InRange(found[0].UarDeviation, 1e-6, 0.1);
        Assert.All(found.Skip(1), slot => Assert.InRange(slot.UarDrop, -0.05, 0.05));
        Assert.Equal(found.OrderByDescending(f => f.UarDrop), found);
        // The same seed deals the same.
        IReadOnlyList<FeatureImportance> again = SpeechFeatureImportance.Measure(Toys.Ml, model, rows, new() { Repetitions = 4 });
        Assert.Equal(found.Select(f => (f.Name, f.UarDrop, f.AccuracyDrop)), again.Select(f => (f.Name, f.UarDrop, f.AccuracyDrop)));
    }

    [Fact]
    public void Slots_of_a_group_are_permuted_together_and_stock_trainers_work_too()
    {
        IDataView rows = Rows(200);
        var model = Toys.Ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy().Fit(rows);
        var options = new FeatureImportanceOptions { GroupOf = slot => slot is "0" or "1" ? "first" : "rest" };
        IReadOnlyList<FeatureImportance> found = SpeechFeatureImportance.Measure(Toys.Ml, model, rows, options);
        Assert.Equal(["first", "rest"], found.Select(f => f.Name));
        Assert.Equal([0, 1], found[0].Slots);
        Assert.True(found[0].UarDrop > 0.3);
    }

    // The images' member learns nothing, so that the vectors alone decide.
    [Fact]
    public void Members_of_an_ensemble_that_read_another_column_read_it_as_it_is()
    {
        IDataView rows = Toys.Both(120);
        using NeuralModel model = Toys.Ml.MulticlassClassification.Trainers.Ensemble(new()
        {
            Members =
            [
                new ImageClassificationOptions { Epoch = 1, LearningRate = 1e-9, Architecture = new() { Channels = [4, 4] } },
                new MlpOptions { Epoch = 40, LearningRate = 1e-2, HiddenUnits = [16], ValidationSetFraction = 0 },
            ],
            Seed = 1,
        }).Fit(rows);
        FeatureImportanceOptions all = new() { Repetitions = 3, GroupOf = _ => "all" };
        FeatureImportance features = Assert.Single(SpeechFeatureImportance.Measure(Toys.Ml, model, rows, all)),
            pixels = Assert.Single(SpeechFeatureImportance.Measure(Toys.Ml, model, rows, all with { FeatureColumnName = "Pixels" }));
        Assert.InRange(features.UarDrop, 0.45, 0.85);
        Assert.InRange(pixels.UarDrop, -0.1, 0.1);
        Assert.Equal((6, 12 * 16), (features.Slots.Count, pixels.Slots.Count));
    }

    [Fact]
    public void Stages_that_do_not_read_the_features_work_once_and_rows_without_a_label_are_left_out()
    {
        Toys.Row[] some = [.. Enumerable.Range(0, 60).Select(i => new Toys.Row
        {
            Features = [i % 2, i % 3],
            Pixels = new float[12 * 16],
            Label = (uint)(i % 5 == 0 ? 0 : 1 + (i % 2)),
        })];
        IDataView rows = Toys.View(["low", "high"], false, some);
        int read = 0;
        var chain = Toys.Ml.Transforms.NormalizeMinMax("Features").Append(Toys.Ml.Transforms.CustomMapping<Voice, Count>((_, to) =>
        {
            Interlocked.Increment(ref read);
            to.Counted = 1;
        }, null)).Append(Toys.Ml.Transforms.Concatenate("Both", "Features", nameof(Count.Counted)))
            .Append(Toys.Ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Label", "Both"));
        ITransformer model = chain.Fit(rows);
        read = 0;
        IReadOnlyList<FeatureImportance> found = SpeechFeatureImportance.Measure(Toys.Ml, model, rows, new() { Repetitions = 4 });
        Assert.Equal([0], found[0].Slots);
        Assert.True(found[0].UarDrop > 0.3);
        Assert.InRange(read, 1, 60);
    }

    [Fact]
    public void What_it_cannot_measure_is_said()
    {
        IDataView rows = Toys.Clouds(30, seed: 1);
        using NeuralModel model = TrainingLoopTests.Mlp(new() { Epoch = 1 }).Fit(rows);
        Assert.Contains("'Nope'", Assert.Throws<SchemaException>(() => SpeechFeatureImportance.Measure(Toys.Ml, model, rows,
            new() { FeatureColumnName = "Nope" })).Message, StringComparison.Ordinal);
        Assert.Contains("'P'", Assert.Throws<SchemaException>(() => SpeechFeatureImportance.Measure(Toys.Ml, model, rows,
            new() { ScoreColumnName = "P" })).Message, StringComparison.Ordinal);
        Assert.Throws<OptionsException>(() => SpeechFeatureImportance.Measure(Toys.Ml, model, rows, new() { Repetitions = 0 }));
    }

    // Two classes, three deviations apart along slot 1.
    private static IDataView Rows(int examples)
    {
        var random = new SeededRandom(3);
        return Toys.View(["low", "high"], false, [.. Enumerable.Range(0, examples).Select(i => new Toys.Row
        {
            Features = [.. Enumerable.Range(0, 4).Select(d => (float)(random.NextNormal() + (d == 1 ? 6 * (i % 2) : 0)))],
            Label = (uint)(i % 2) + 1,
        })]);
    }

    private sealed class Voice
    {
        public string Speaker { get; set; } = "";
    }

    private sealed class Count
    {
        public float Counted { get; set; }
    }
}
