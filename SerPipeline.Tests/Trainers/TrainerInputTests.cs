using Microsoft.ML;
using SerPipeline.Networks;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Trainers;

/// <summary>Rows, columns and validation sets that a trainer must refuse, and why.</summary>
public sealed class TrainerInputTests
{
    [Fact]
    public void Columns_that_do_not_fit_are_named_before_a_row_is_read()
    {
        MLContext ml = Toys.Ml;
        SchemaShape vectors = MlNetInternals.ShapeOf(Toys.Clouds(3, 1).Schema),
            texts = MlNetInternals.ShapeOf(ml.Data.LoadFromEnumerable([new TextRow()]).Schema);
        var trainers = ml.MulticlassClassification.Trainers;
        Says(() => trainers.Mlp("Label", "Nope").GetOutputSchema(vectors), "Mlp", "'Nope'", "Features");
        Says(() => trainers.Mlp("Label", "Speaker").GetOutputSchema(vectors), "Mlp", "'Speaker'", "Vector<Single>");
        Says(() => trainers.Mlp().GetOutputSchema(texts), "Mlp", "'Features'", "unknown length");
        Says(() => trainers.Mlp("Speaker").GetOutputSchema(vectors), "'Speaker'", "key", "MapValueToKey");
        Says(() => trainers.Mlp(new MlpOptions { SamplingKeyColumnName = "Who" }).GetOutputSchema(vectors), "'Who'");
        Says(() => trainers.ImageClassification("Label", "Features").Fit(Toys.Unreadable(Toys.Clouds(3, 1))), "ImageClassification",
            "'Features'", "ExtractPixels");
        var deep = new ImageClassificationOptions { Architecture = new() { Channels = [4, 4, 4, 4, 4] } };
        Assert.Throws<OptionsException>(() => trainers.ImageClassification(deep).Fit(Toys.Unreadable(Toys.Bands(3, 1))));
        Says(() => trainers.Conv1d().Fit(Toys.Unreadable(Toys.Clouds(3, 1))), "at least 9", "'Features'");
        Says(() => trainers.Ensemble(EnsembleOptions.Of(new MlpOptions { FeatureColumnName = "Nope" }, 2)).GetOutputSchema(vectors),
            "member 1 of 2", "'Nope'");
        Says(() => trainers.Mlp(new MlpOptions { ScoreColumnName = "P" }).GetOutputSchema(MlNetInternals.ShapeOf(Scored(vectors: true))),
            "'P'", "'Score'");
    }

    [Fact]
    public void No_row_with_a_label_is_refused()
    {
        Says(() => TrainingLoopTests.Mlp(new()).Fit(Rows(["a", "b"], 0, 0, 0)), "no row to train on");
        Says(() => TrainingLoopTests.Mlp(new()).Fit(Toys.Ml.Data.SkipRows(Rows(["a", "b"], 1, 2), 2)), "no row to train on");
    }

    [Fact]
    public void One_class_alone_is_refused_before_a_row_is_read() =>
        Says(() => TrainingLoopTests.Mlp(new()).Fit(Toys.Unreadable(Rows(["calm"], 1, 1))), "Mlp", "2 classes", "'Label'", "calm");

    [Fact]
    public void A_validation_set_that_does_not_fit_is_named()
    {
        IDataView texts = Toys.Ml.Data.LoadFromEnumerable([new TextLabel()]);
        Says(() => TrainingLoopTests.Mlp(new() { ValidationSet = texts }).Fit(Toys.Unreadable(Toys.Clouds(3, 1))), "ValidationSet",
            "'Label'", "MapValueToKey");
    }

    [Fact]
    public void Columns_that_would_hide_each_other_or_the_truth_are_refused()
    {
        Refuses(new MlpOptions { ScoreColumnName = "Label" }, "ScoreColumnName");
        Refuses(new MlpOptions { ScoreColumnName = "Logits" }, "ScoreColumnName");
        Refuses(new MlpOptions { PredictedLabelColumnName = "Label" }, "PredictedLabelColumnName");
        Refuses(new MlpOptions { PredictedLabelColumnName = "Score" }, "PredictedLabelColumnName");
        Refuses(new MlpOptions { ScoreColumnName = "P", PredictedLabelColumnName = "P" }, "PredictedLabelColumnName");
        Refuses(new MlpOptions { ScoreColumnName = "P", PredictedLabelColumnName = "Score" }, "PredictedLabelColumnName");
        var ensemble = new EnsembleOptions { Members = [new MlpOptions()], ScoreColumnName = "Label" };
        Assert.Contains("EnsembleOptions.ScoreColumnName", Assert.Throws<OptionsException>(ensemble.Validate).Message,
            StringComparison.Ordinal);
        // One model's scores as another's features are a chain like any other.
        new MlpOptions { FeatureColumnName = "Score" }.Validate();

        static void Refuses(MlpOptions options, string option) =>
            Assert.Contains($"MlpOptions.{option} must", Assert.Throws<OptionsException>(options.Validate).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void A_validation_set_whose_labels_have_other_keys_is_refused() =>
        // The same texts in another order: every label would be taken for another one.
        Says(() => TrainingLoopTests.Mlp(new() { ValidationSet = Rows(["b", "a"], 1, 2, 1, 2) }).Fit(Rows(["a", "b"], 1, 2, 1, 2)),
            "ValidationSet", "'Label'");

    [Fact]
    public void A_validation_set_without_a_usable_row_is_refused() =>
        Says(() => TrainingLoopTests.Mlp(new() { ValidationSet = Rows(["a", "b"], 0, 0) }).Fit(Rows(["a", "b"], 1, 2, 1, 2)),
            "ValidationSet");

    [Fact]
    public void A_validation_set_of_another_feature_size_is_refused_before_a_row_is_read() =>
        Says(() => TrainingLoopTests.Mlp(new() { ValidationSet = Toys.Unreadable(Rows(Toys.Classes, 1)) })
            .Fit(Toys.Unreadable(Toys.Clouds(3, 1))), "ValidationSet", "'Features'");

    [Fact]
    public void A_validation_set_with_a_speaker_of_the_training_rows_is_refused_under_a_speaker_protocol()
    {
        IDataView train = Toys.Clouds(24, seed: 1, marked: true), validation = Toys.Clouds(3, seed: 2);
        var error = Assert.Throws<CorpusException>(() => TrainingLoopTests.Mlp(new() { ValidationSet = validation }).Fit(train));
        Assert.Contains("s0", error.Message, StringComparison.Ordinal);
        // Without that protocol it is the caller's choice.
        using NeuralModel model = TrainingLoopTests.Mlp(new() { Epoch = 1, ValidationSet = validation }).Fit(Toys.Clouds(24, seed: 1));
        Assert.Equal(3, model.History.ValidationExamples);
        IDataView silent = Toys.Ml.Transforms.DropColumns("Speaker").Fit(validation).Transform(validation);
        Says(() => TrainingLoopTests.Mlp(new() { ValidationSet = silent }).Fit(train), "'Speaker'");
    }

    [Fact]
    public void Under_a_speaker_protocol_the_validation_part_shares_no_speaker_with_training()
    {
        TrainingData Read(bool marked, MlpOptions options) =>
            TrainingData.Read(Toys.Clouds(120, seed: 1, marked: marked), options, new VectorEncoder(6), Toys.Classes, seed: 5);
        using TrainingData data = Read(true, new() { ValidationSetFraction = 0.25 });
        string[] trained = [.. data.Train.Select(i => data.Store.Groups[i]).Distinct()],
            validated = [.. data.Validation.Select(i => data.Store.Groups[i]).Distinct()];
        Assert.Empty(trained.Intersect(validated));
        Assert.Equal(validated.Order(StringComparer.Ordinal), data.ValidationGroups);
        Assert.Equal((6, 2), (trained.Length, validated.Length));
        Assert.Equal(Enumerable.Range(0, 120), data.Train.Concat(data.Validation).Order());
        // A column named by the caller does the same without a mark; without either, rows are drawn within each label.
        using TrainingData named = Read(false, new() { ValidationSetFraction = 0.25, SamplingKeyColumnName = "Speaker" });
        Assert.Equal(data.Validation, named.Validation);
        using TrainingData random = Read(false, new() { ValidationSetFraction = 0.25 });
        Assert.Empty(random.ValidationGroups);
        Assert.All(random.Validation.GroupBy(i => random.Store.Labels[i]), g => Assert.Equal(10, g.Count()));
    }

    [Fact]
    public void A_marked_column_that_became_a_key_under_its_name_still_keeps_speakers_apart()
    {
        IDataView rows = Toys.Clouds(120, seed: 1, marked: true),
            keyed = Toys.Ml.Transforms.Conversion.MapValueToKey("Speaker").Fit(rows).Transform(rows);
        using NeuralModel plain = TrainingLoopTests.Mlp(new() { Epoch = 1, ValidationSetFraction = 0.1 }).Fit(rows),
            model = TrainingLoopTests.Mlp(new() { Epoch = 1, ValidationSetFraction = 0.1 }).Fit(keyed);
        Assert.NotEmpty(plain.History.ValidationGroups);
        Assert.Equal(plain.History.ValidationGroups, model.History.ValidationGroups);
        IDataView replaced = Toys.Ml.Transforms.CopyColumns("Speaker", "Features").Fit(rows).Transform(rows);
        Says(() => TrainingLoopTests.Mlp(new() { ValidationSetFraction = 0.1 }).Fit(replaced), "'Speaker'", "stay together");
    }

    [Theory]
    [InlineData("select")]
    [InlineData("drop")]
    [InlineData("cache")]
    public void A_marked_column_that_was_taken_away_is_not_silently_forgotten(string how)
    {
        IDataView rows = Toys.Clouds(48, seed: 1, marked: true), without = how switch
        {
            "select" => Toys.Ml.Transforms.SelectColumns("Features", "Label").Fit(rows).Transform(rows),
            "drop" => Toys.Ml.Transforms.DropColumns("Speaker").Fit(rows).Transform(rows),
            _ => Toys.Ml.Data.Cache(Toys.Ml.Transforms.NormalizeMinMax("Features").Append(Toys.Ml.Transforms.DropColumns("Speaker"))
                .Fit(rows).Transform(rows)),
        };
        Says(() => TrainingLoopTests.Mlp(new() { ValidationSetFraction = 0.1 }).Fit(without), "Mlp", "'Speaker'",
            "SelectColumns", "ValidationSetFraction = 0");
        // Where nothing is divided there is no promise to break.
        using NeuralModel model = TrainingLoopTests.Mlp(new() { Epoch = 1 }).Fit(without);
        Assert.Empty(model.History.ValidationGroups);
        IDataView unmarked = Toys.Ml.Transforms.SelectColumns("Features", "Label").Fit(rows).Transform(Toys.Clouds(48, seed: 1));
        using NeuralModel random = TrainingLoopTests.Mlp(new() { Epoch = 1, ValidationSetFraction = 0.1 }).Fit(unmarked);
        Assert.NotEqual(0, random.History.ValidationExamples);
    }

    [Fact]
    public void One_marked_speaker_alone_cannot_be_divided_and_says_so()
    {
        IDataView rows = Toys.View(["a", "b"], marked: true,
            [.. Enumerable.Range(0, 20).Select(i => new Toys.Row { Features = [i], Label = (uint)(i % 2) + 1, Speaker = "only" })]);
        Assert.Contains("one speaker", Assert.Throws<CorpusException>(() =>
            TrainingLoopTests.Mlp(new() { ValidationSetFraction = 0.1 }).Fit(rows)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_of_one_clip_trains()
    {
        using NeuralModel model = TrainingLoopTests.Mlp(new() { Epoch = 2, ValidationSetFraction = 0.2 })
            .Fit(Rows(["a", "b"], 1, 1, 1, 1, 1, 1, 1, 1, 1, 2));
        Assert.Equal(10, model.History.TrainExamples + model.History.ValidationExamples);
        Assert.Equal(2, model.Labels.Count);
    }

    [Fact]
    public void Options_left_out_are_listed_with_the_other_problems()
    {
        var options = new ImageClassificationOptions
        {
            Epoch = 0,
            EarlyStoppingCriteria = null!,
            Architecture = null!,
            Augmentation = null!
        };
        OptionsException error = Assert.Throws<OptionsException>(options.Validate);
        Assert.Equal(4, error.Problems.Count);
        Assert.Contains("ImageClassificationOptions.EarlyStoppingCriteria must be given, got null.", error.Problems);
        error = Assert.Throws<OptionsException>(() => new ImageClassificationOptions { Epoch = 0, BatchSize = -1 }.Validate());
        string[] expected = ["ImageClassificationOptions.Epoch must be between 1 and 100000, got 0.",
            "ImageClassificationOptions.BatchSize must be between 1 and 65536, got -1."];
        Assert.Equal(expected, error.Problems);
    }

    [Fact]
    public void Features_that_are_not_finite_stop_the_training_with_a_reason()
    {
        IDataView rows = Toys.View(["a", "b"], false,
            [.. Enumerable.Range(0, 20).Select(i => new Toys.Row { Features = [i == 7 ? float.NaN : i, 1], Label = (uint)(i % 2) + 1 })]);
        var error = Assert.Throws<TorchException>(() => TrainingLoopTests.Mlp(new() { ValidationSetFraction = 0 }).Fit(rows));
        Assert.Contains("not finite", error.Message, StringComparison.Ordinal);
        IDataView validation = Toys.View(["a", "b"], false, new Toys.Row { Features = [float.NaN, 1], Label = 1 });
        // The row's class is the first, which NaN would count as.
        foreach (EarlyStoppingMetric metric in Enum.GetValues<EarlyStoppingMetric>())
        {
            MlpOptions options = new() { Epoch = 3, ValidationSet = validation, EarlyStoppingCriteria = new() { Metric = metric } };
            error = Assert.Throws<TorchException>(() => TrainingLoopTests.Mlp(options).Fit(Rows(["a", "b"], 1, 2, 1, 2)));
            Assert.Contains($"validation {metric}", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_needs_no_row_to_be_seen_is_refused_before_one_is_read()
    {
        IDataView rows = Toys.Clouds(3, 1), unreadable = Toys.Unreadable(rows),
            scored = Toys.Unreadable(Toys.Ml.Transforms.CopyColumns("Score", "Features").Fit(rows).Transform(rows));
        var trainers = Toys.Ml.MulticlassClassification.Trainers;
        VoiceMember grouped = VoiceMember.Of(new MlpOptions { ValidationGroups = ["s1"] }),
            lda = VoiceMember.Of(new LinearDiscriminantOptions());
        Says(() => TrainingLoopTests.Mlp(new() { ValidationGroups = ["s1"] }).Fit(unreadable), "Mlp", "SamplingKeyColumnName");
        Says(() => trainers.VoiceEnsemble(new() { Members = [grouped] }).Fit(unreadable), "Mlp", "SamplingKeyColumnName");
        Says(() => TrainingLoopTests.Mlp(new() { ScoreColumnName = "P" }).Fit(scored), "Mlp", "'P'", "'Score'");
        Says(() => trainers.Ensemble(new() { Members = [new MlpOptions()], ScoreColumnName = "P" }).Fit(scored), "Ensemble", "'P'");
        Says(() => trainers.VoiceEnsemble(new() { Members = [lda], ScoreColumnName = "P" }).Fit(scored), "VoiceEnsemble", "'P'");
        VoiceMember image = VoiceMember.Of(new ImageClassificationOptions { FeatureColumnName = "Features" });
        Says(() => trainers.VoiceEnsemble(new() { Members = [lda, image] }).Fit(unreadable), "ImageClassification", "'Features'");
        Says(() => trainers.VoiceEnsemble(new() { Members = [lda, VoiceMember.Of(new Conv1dOptions())] }).Fit(unreadable), "at least 9");
    }

    [Fact]
    public void A_device_that_is_not_there_is_refused_before_a_row_is_read()
    {
        Assert.SkipWhen(TorchEngine.Resolve(TorchDevice.Auto).type == TorchSharp.DeviceType.CUDA, "there is a CUDA GPU");
        IDataView rows = Toys.Unreadable(Toys.Clouds(3, 1));
        Assert.Throws<TorchException>(() => TrainingLoopTests.Mlp(new() { Device = TorchDevice.Cuda }).Fit(rows));
    }

    [Theory]
    [InlineData(256f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    public void Pixels_that_are_no_levels_are_refused(float level)
    {
        Toys.Row[] rows = [.. Toys.BandRows(6, 1)];
        rows[2].Pixels[5] = level;
        Says(() => TrainingLoopTests.Cnn(new()).Fit(Toys.View(Toys.Classes, false, rows)), "0 to 255", "ExtractPixels", "scaleImage: 1");
    }

    [Fact]
    public void Pixels_scaled_to_one_are_refused_and_near_black_levels_are_not()
    {
        static IDataView Rows(Func<float, float> change) => Toys.View(Toys.Classes, false, [.. Toys.BandRows(12, 1).Select(row =>
        {
            row.Pixels = [.. row.Pixels.Select(change)];
            return row;
        })]);
        IDataView scaled = Rows(level => level / 255), dark = Rows(level => level > 240 ? 2 : 0);
        Says(() => TrainingLoopTests.Cnn(new()).Fit(scaled), "ImageClassification", "above 1", "offsetImage: 0", "scaleImage: 1");
        Says(() => TrainingLoopTests.Cnn(new() { ValidationSet = scaled }).Fit(Toys.Bands(12, 1)), "ValidationSet", "above 1");
        Says(() => Toys.Ml.MulticlassClassification.Trainers.TorchModule(_ => null!, new() { FeatureColumnName = "Pixels", Pixels = true })
            .Fit(scaled), "TorchModule", "above 1");
        using NeuralModel model = TrainingLoopTests.Cnn(new() { Epoch = 1 }).Fit(dark);
        Assert.Single(model.History.Epochs);
    }

    [Fact]
    public void Pixels_that_are_all_alike_are_refused_as_the_alpha_of_an_image_is()
    {
        static Toys.Row Opaque(Toys.Row row)
        {
            row.Pixels = [.. row.Pixels.Select(_ => 255f)];
            return row;
        }
        IDataView alpha = Toys.View(Toys.Classes, false, [.. Toys.BandRows(12, 1).Select(Opaque)]);
        Says(() => TrainingLoopTests.Cnn(new()).Fit(alpha), "ImageClassification", "255", "ColorBits.Alpha", "ColorBits.Red");
        Says(() => TrainingLoopTests.Cnn(new() { ValidationSet = alpha }).Fit(Toys.Bands(12, 1)), "ValidationSet", "ColorBits.Alpha");
    }

    [Fact]
    public void A_list_in_the_options_may_change_afterwards_without_changing_the_trainer()
    {
        int[] hidden = [5], channels = [4, 6];
        NeuralTrainer mlp = TrainingLoopTests.Mlp(new() { Epoch = 1, HiddenUnits = hidden });
        NeuralTrainer cnn = Toys.Ml.MulticlassClassification.Trainers.ImageClassification(new ImageClassificationOptions
        {
            Epoch = 1,
            Architecture = new() { Channels = channels }
        });
        hidden[0] = channels[0] = 9;
        using NeuralModel first = mlp.Fit(Toys.Clouds(30, seed: 1)), second = cnn.Fit(Toys.Bands(30, seed: 1));
        Assert.Equal(5L, first.Layers[0].HyperParameters["out_features"]);
        Assert.Equal(4L, second.Layers.First(l => l.Kind == "Conv2d").HyperParameters["out_channels"]);
    }

    private static IDataView Rows(string[] labels, params uint[] keys) =>
        Toys.View(labels, false, [.. keys.Select((k, i) => new Toys.Row { Features = [i, k], Label = k })]);

    private static DataViewSchema Scored(bool vectors)
    {
        IDataView rows = vectors ? Toys.Clouds(30, 1) : Toys.Bands(30, 1);
        using NeuralModel model = TrainingLoopTests.Mlp(new() { Epoch = 1 }).Fit(rows);
        return model.GetOutputSchema(rows.Schema);
    }

    private static void Says(Func<object> action, params string[] words)
    {
        SchemaException error = Assert.Throws<SchemaException>(action);
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }

    private sealed class TextLabel
    {
        [Microsoft.ML.Data.VectorType(6)]
        public float[] Features { get; set; } = new float[6];

        public string Label { get; set; } = "calm";
    }

    private sealed class TextRow
    {
        public float[] Features { get; set; } = [1];

        public string Label { get; set; } = "";
    }
}
