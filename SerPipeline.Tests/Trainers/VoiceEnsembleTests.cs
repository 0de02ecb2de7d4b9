using Microsoft.ML;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Trainers;

public sealed class VoiceEnsembleTests
{
    private static readonly MLContext Ml = new(1);

    [Fact]
    public void One_discriminant_is_the_normaliser_and_the_discriminant()
    {
        IDataView rows = Toys.Clouds(180, seed: 1), test = Toys.Clouds(90, seed: 2);
        using NeuralModel ensemble = Fit(rows, new() { Members = [VoiceMember.Of(new LinearDiscriminantOptions())] });
        ITransformer plain = Ml.Transforms.NormalizeMeanVariance("Features", fixZero: false)
            .Append(Ml.MulticlassClassification.Trainers.LinearDiscriminant()).Fit(rows);
        Assert.Null(ensemble.Adaptation);
        Assert.Empty(ensemble.History.Epochs);
        Assert.Equal((3 * 6) + 3, ensemble.History.Parameters);
        RequireClose(Toys.Scores(plain, test), Toys.Scores(ensemble, test), 1e-4);
    }

    [Fact]
    public void Scores_are_the_members_weighted_mean()
    {
        IDataView rows = Toys.Clouds(60, seed: 1), test = Toys.Clouds(60, seed: 2);
        VoiceMember stiff = VoiceMember.Of(new LinearDiscriminantOptions { Shrinkage = 1, Temperature = 2 }, weight: 3);
        VoiceMember loose = VoiceMember.Of(new MlpOptions { Epoch = 3, ValidationSetFraction = 0, Seed = 4, HiddenUnits = [8] });
        using NeuralModel both = Fit(rows, new() { Members = [stiff, loose] });
        using NeuralModel first = Fit(rows, new() { Members = [stiff] }), second = Fit(rows, new() { Members = [loose] });
        float[][] a = Toys.Scores(first, test), b = Toys.Scores(second, test);
        RequireClose([.. a.Zip(b, (x, y) => x.Zip(y, (p, q) => ((3 * p) + q) / 4).ToArray())], Toys.Scores(both, test), 1e-5);
    }

    [Fact]
    public void A_discriminant_among_others_is_calibrated_on_training_speakers()
    {
        // Forty slots of noise over eighty rows: the discriminant is far too sure.
        SeededRandom random = new SeededRandom(9).Fork("noise");
        Toys.Row[] rows = [.. Enumerable.Range(0, 240).Select(i => new Toys.Row
        {
            Features = [.. Enumerable.Range(0, 40).Select(d => (float)(random.NextNormal() + (d == i % 3 ? 1.2 : 0)))],
            Label = (uint)(i % 3) + 1,
            Speaker = $"s{i % 8}",
        })];
        IDataView train = Toys.View(Toys.Classes, false, rows[..120]), test = Toys.View(Toys.Classes, false, rows[120..]);
        VoiceMember free = VoiceMember.Of(new LinearDiscriminantOptions { Shrinkage = 0.01 });
        VoiceMember sure = VoiceMember.Of(new LinearDiscriminantOptions { Shrinkage = 0.01, Temperature = 1 });
        using NeuralModel raw = Fit(train, new() { Members = [sure] });
        using NeuralModel calibrated = Fit(train, new() { Members = [free, free], SpeakerColumnName = "Speaker" });
        Assert.Equal(Toys.Accuracy(raw, test), Toys.Accuracy(calibrated, test), 3);
        Assert.True(Toys.LogLoss(calibrated, test) < Toys.LogLoss(raw, test) - 0.02,
            $"{Toys.LogLoss(calibrated, test)} {Toys.LogLoss(raw, test)}");
    }

    [Fact]
    public void Five_clips_of_a_new_voice_undo_what_is_peculiar_to_it()
    {
        IDataView rows = Voices(8, 30, seed: 1, spread: 6);
        using NeuralModel model = Fit(rows, new()
        {
            Members = [VoiceMember.Of(new LinearDiscriminantOptions())],
            SpeakerColumnName = "Speaker",
        });
        SpeakerAdaptation adaptation = model.Adaptation!;
        Assert.Equal(8, adaptation.Speakers);
        double unknown = 0, known = 0;
        for (int voice = 0; voice < 10; voice++)
        {
            Toys.Row[] clips = [.. VoiceRows(1, 60, seed: 100 + voice, spread: 6)];
            float[] offset = adaptation.OffsetOf([.. clips.Take(SpeakerAdaptation.MinimumClips).Select(clip => clip.Features)]);
            Toys.Row[] rest = clips[SpeakerAdaptation.MinimumClips..];
            unknown += Toys.Accuracy(model, View(rest, null)) / 10;
            known += Toys.Accuracy(model.Adapted!, View(rest, offset)) / 10;
        }
        // The offsets are larger than what parts the classes; without them Bayes' rule is right on more than .99.
        Assert.True(known > 0.85 && known > unknown + 0.1, $"known {known:0.000}, unknown {unknown:0.000}");
    }

    [Fact]
    public void The_offset_is_trusted_the_more_the_larger_voices_differ_and_the_more_clips_there_are()
    {
        SpeakerAdaptation alike = Adaptation(spread: 0.5), apart = Adaptation(spread: 6);
        Assert.True(apart.Shrinkage < 1 && alike.Shrinkage > 5 * apart.Shrinkage, $"{apart.Shrinkage} {alike.Shrinkage}");
        SpeakerAdaptation four = apart with { Center = [1, 2], Shrinkage = 4, ClassMeans = [], Weights = [], Biases = [] };
        Assert.Equal((7 - 1) * 10 / 14f, four.OffsetOf([.. Enumerable.Repeat<float[]>([7, 2], 10)])[0], 5);
        Assert.Equal((7 - 1) * 20 / 24f, four.OffsetOf([.. Enumerable.Repeat<float[]>([7, 2], 20)])[0], 5);
    }

    [Fact]
    public void What_clips_owe_to_their_emotions_is_not_the_voice()
    {
        // Two classes at -1 and 1 of the first slot, told apart by it beyond doubt.
        SpeakerAdaptation adaptation = Adaptation(spread: 2) with
        {
            Center = [10, 20],
            Shrinkage = 10,
            ClassMeans = [[-1, 0], [1, 0]],
            Weights = [[-50, 0], [50, 0]],
            Biases = [0, 0],
        };
        // All of the second class, of a voice whose offset is (.2, 3): half of it is believed of ten clips.
        float[][] clips = [.. Enumerable.Repeat<float[]>([10 + 1 + 0.2f, 20 + 3], 10)];
        Assert.Equal([0.1f, 1.5f], adaptation.OffsetOf(clips), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal([0.6f, 1.5f], (adaptation with { ClassMeans = [], Weights = [], Biases = [] }).OffsetOf(clips),
            (a, b) => Math.Abs(a - b) < 1e-5);
        // Scores that tell nothing take the mean of the classes out, which is the center's.
        Assert.Equal([0.6f, 1.5f], (adaptation with { Weights = [[0, 0], [0, 0]] }).OffsetOf(clips), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Clips_of_one_class_are_not_taken_for_the_voice()
    {
        using NeuralModel model = Fit(Voices(8, 60, seed: 1, spread: 2), new()
        {
            Members = [VoiceMember.Of(new LinearDiscriminantOptions())],
            SpeakerColumnName = "Speaker",
        });
        SpeakerAdaptation adaptation = model.Adaptation!, blind = adaptation with { ClassMeans = [], Weights = [], Biases = [] };
        double sees = 0, doesNot = 0;
        for (int voice = 0; voice < 10; voice++)
        {
            Toys.Row[] clips = [.. VoiceRows(1, 90, seed: 300 + voice, spread: 2)];
            Toys.Row[] heard = [.. clips.Where(clip => clip.Label == 2).Take(10)], rest = [.. clips.Except(heard)];
            float[][] features = [.. heard.Select(clip => clip.Features)];
            sees += Toys.Accuracy(model.Adapted!, View(rest, adaptation.OffsetOf(features))) / 10;
            doesNot += Toys.Accuracy(model.Adapted!, View(rest, blind.OffsetOf(features))) / 10;
        }
        Assert.True(sees > doesNot + 0.02, $"{sees:0.000} {doesNot:0.000}");
    }

    [Fact]
    public void Fewer_clips_than_were_shown_to_help_are_refused()
    {
        SpeakerAdaptation adaptation = Adaptation(spread: 2);
        var error = Assert.Throws<ArgumentException>(() => adaptation.OffsetOf([.. Enumerable.Repeat(new float[6], 9)]));
        Assert.Contains("at least 10 clips, got 9", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => adaptation.OffsetOf([.. Enumerable.Repeat(new float[5], 10)]));
    }

    [Fact]
    public void With_too_few_speakers_the_shrinkage_is_the_fixed_one()
    {
        using NeuralModel model = Fit(Voices(1, 60, seed: 1, spread: 2), new()
        {
            Members = [VoiceMember.Of(new LinearDiscriminantOptions())],
            SpeakerColumnName = "Speaker",
        });
        Assert.Equal(SpeakerAdaptation.DefaultShrinkage, model.Adaptation!.Shrinkage);
    }

    [Fact]
    public void Copies_are_rows_of_training_and_no_model_asks_for_them()
    {
        IDataView rows = Ml.Transforms.CopyColumns("Other", "Features").Fit(Toys.Clouds(90, seed: 1)).Transform(Toys.Clouds(90, seed: 1));
        VoiceEnsembleOptions options = new() { Members = [VoiceMember.Of(new LinearDiscriminantOptions())] };
        using NeuralModel plain = Fit(rows, options), copied = Fit(rows, options with { CopyColumnNames = ["Other"] });
        Assert.Equal(["Features"], copied.FeatureColumnNames);
        Assert.Equal(90, copied.History.TrainExamples);
        // The same rows twice are the same means and covariances.
        IDataView test = Toys.Clouds(60, seed: 2);
        RequireClose(Toys.Scores(plain, test), Toys.Scores(copied, test), 1e-4);
        Assert.Throws<SchemaException>(() => Fit(rows, options with { CopyColumnNames = ["Pixels"] }));
        Assert.Throws<SchemaException>(() => Fit(rows, options with { SpeakerColumnName = "Nobody" }));
    }

    [Fact]
    public void A_clip_that_validates_has_no_copy_in_training()
    {
        // The labels are drawn: who has seen a copy knows them, who has not guesses.
        IDataView rows = Toys.Clouds(120, seed: 1, shuffled: true);
        IDataView twice = Ml.Transforms.CopyColumns("Other", "Features").Fit(rows).Transform(rows);
        using NeuralModel model = Fit(twice, new()
        {
            Members = [VoiceMember.Of(new MlpOptions
            {
                HiddenUnits = [128],
                Dropout = 0,
                Epoch = 150,
                LearningRate = 0.01,
                WeightDecay = 0,
                ValidationSetFraction = 0.25,
                KeepLastEpoch = true,
                Seed = 3,
            })],
            CopyColumnNames = ["Other"],
        });
        TrainingMetrics last = model.History.Epochs[^1];
        Assert.Equal((90, 30), (model.History.TrainExamples, model.History.ValidationExamples));
        Assert.Empty(model.History.ValidationGroups);
        Assert.True(last.TrainAccuracy > 0.8 && last.ValidationAccuracy < 0.65, $"{last.TrainAccuracy} {last.ValidationAccuracy}");
    }

    [Fact]
    public void A_corpus_own_parts_are_nobodys_names()
    {
        // A division by the corpus's parts keeps those together: they are no two speakers, too few to calibrate by.
        IDataView rows = Toys.Clouds(90, seed: 1), test = Toys.Clouds(60, seed: 2);
        IDataView divided = RowSubsetView.Create(Ml.Transforms.CopyColumns("Split", "Speaker").Fit(rows).Transform(rows),
            Enumerable.Range(0, 90), "Split");
        VoiceEnsembleOptions options = new() { Members = [VoiceMember.Of(new LinearDiscriminantOptions())] };
        using NeuralModel plain = Fit(rows, options), parted = Fit(divided, options);
        RequireClose(Toys.Scores(plain, test), Toys.Scores(parted, test), 1e-6);
        RequireClose(Toys.Scores(Ml.MulticlassClassification.Trainers.LinearDiscriminant().Fit(rows), test),
            Toys.Scores(Ml.MulticlassClassification.Trainers.LinearDiscriminant().Fit(divided), test), 1e-6);
    }

    [Fact]
    public void Options_are_checked()
    {
        VoiceMember member = VoiceMember.Of(new LinearDiscriminantOptions());
        Assert.Throws<OptionsException>(() => new VoiceEnsembleOptions { Members = [] }.Validate());
        Assert.Throws<OptionsException>(() => new VoiceEnsembleOptions { Members = [member with { Weight = 0 }] }.Validate());
        Assert.Throws<OptionsException>(() => new VoiceEnsembleOptions
        {
            Members = [VoiceMember.Of(new ImageClassificationOptions { ProsodyColumnName = "Features" })],
        }.Validate());
        Assert.Throws<ArgumentException>(() => VoiceMember.Of("lda"));
    }

    [Fact]
    public void The_column_that_members_name_is_kept_on_one_side_with_its_copies()
    {
        IDataView rows = Toys.Clouds(96, seed: 1), twice = Ml.Transforms.CopyColumns("Other", "Features").Fit(rows).Transform(rows);
        MlpOptions member = new() { Epoch = 1, HiddenUnits = [4], ValidationSetFraction = 0.25, SamplingKeyColumnName = "Speaker" };
        TrainingHistory History(params MlpOptions[] members)
        {
            VoiceMember[] all = [.. members.Select(one => VoiceMember.Of(one))];
            using NeuralModel model = Fit(twice, new() { Members = all, CopyColumnNames = ["Other"] });
            return model.History;
        }
        TrainingHistory named = History(member with { ValidationGroups = ["s3", "s5"] });
        Assert.Equal(["s3", "s5"], named.ValidationGroups);
        Assert.Equal((72, 24), (named.TrainExamples, named.ValidationExamples));
        // Whichever is trained last, all hold out the same speakers.
        MlpOptions first = member with { Seed = 1 }, second = member with { Seed = 2 };
        string[] groups = [.. History(first, second).ValidationGroups];
        Assert.Equal(2, groups.Length);
        Assert.Equal(groups, History(second, first).ValidationGroups);
        IDataView marked = Toys.Clouds(96, seed: 1, marked: true),
            lost = Ml.Transforms.DropColumns("Speaker").Fit(marked).Transform(marked);
        Assert.Contains("'Speaker'", Assert.Throws<SchemaException>(() => Fit(lost,
            new() { Members = [VoiceMember.Of(member with { SamplingKeyColumnName = null })] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_discriminant_is_calibrated_at_its_own_shrinkage()
    {
        IDataView rows = Toys.Clouds(60, seed: 1), test = Toys.Clouds(60, seed: 2);
        VoiceMember[] members = [.. new[] { 0.01, 1 }
            .Select(shrinkage => VoiceMember.Of(new LinearDiscriminantOptions { Shrinkage = shrinkage }))];
        using NeuralModel both = Fit(rows, new() { Members = members }), first = Fit(rows, new() { Members = [members[0]] }),
            second = Fit(rows, new() { Members = [members[1]] });
        RequireClose([.. Toys.Scores(first, test).Zip(Toys.Scores(second, test), (x, y) => x.Zip(y, (p, q) => (p + q) / 2).ToArray())],
            Toys.Scores(both, test), 1e-5);
    }

    [Fact]
    public void Speakers_of_one_clip_teach_nothing_and_stop_the_training_where_there_are_no_others()
    {
        VoiceEnsembleOptions options = new() { Members = [VoiceMember.Of(new LinearDiscriminantOptions())], SpeakerColumnName = "Speaker" };
        string message = Assert.Throws<SchemaException>(() => Fit(Voices(30, 1, seed: 1, spread: 1), options)).Message;
        Assert.Contains("SpeakerColumnName", message, StringComparison.Ordinal);
        Assert.Contains("one clip", message, StringComparison.Ordinal);
        // The fold that holds the only voice of several clips out learns from the others alone.
        Toys.Row[] few = [.. VoiceRows(1, 30, seed: 1, spread: 1),
            .. Enumerable.Range(0, 9).SelectMany(i => VoiceRows(1, 3, seed: 2 + i, spread: 1).Skip(i % 3).Take(1)
                .Select(row => new Toys.Row { Features = row.Features, Label = row.Label, Speaker = $"w{i}" }))];
        using NeuralModel model = Fit(Toys.View(Toys.Classes, false, few), options);
        Assert.Equal(10, model.Adaptation!.Speakers);
        Assert.Same(model.Adapted, model.Adapted);
    }

    [Fact]
    public void Copies_that_are_not_those_of_the_clips_are_refused()
    {
        IDataView rows = Toys.Clouds(30, seed: 1), twice = Ml.Transforms.CopyColumns("Other", "Features").Fit(rows).Transform(rows);
        VoiceEnsembleOptions options = new()
        {
            Members = [VoiceMember.Of(new LinearDiscriminantOptions())],
            CopyColumnNames = ["Other"],
        };
        Assert.Contains("'Other'", Assert.Throws<SchemaException>(() => Fit(new WithoutFirst(twice, "Other"), options)).Message,
            StringComparison.Ordinal);
    }

    // A row less where one column is asked for.
    private sealed class WithoutFirst(IDataView source, string column) : ViewOver(source, source.Schema)
    {
        public override DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            IDataView rows = columnsNeeded.Any(one => one.Name == column) ? Ml.Data.SkipRows(Source, 1) : Source;
            return rows.GetRowCursor(columnsNeeded.Select(one => rows.Schema[one.Index]));
        }
    }

    private static SpeakerAdaptation Adaptation(double spread)
    {
        using NeuralModel model = Fit(Voices(12, 60, seed: 5, spread), new()
        {
            Members = [VoiceMember.Of(new LinearDiscriminantOptions())],
            SpeakerColumnName = "Speaker",
        });
        return model.Adaptation!;
    }

    private static NeuralModel Fit(IDataView rows, VoiceEnsembleOptions options) =>
        Ml.MulticlassClassification.Trainers.VoiceEnsemble(options).Fit(rows);

    private static IDataView Voices(int speakers, int clips, int seed, double spread) =>
        Toys.View(Toys.Classes, false, [.. VoiceRows(speakers, clips, seed, spread)]);

    private static IDataView View(Toys.Row[] rows, float[]? offset) => Toys.View(Toys.Classes, false, [.. rows.Select(row => new Toys.Row
    {
        Features = offset is null ? row.Features : [.. row.Features.Zip(offset, (value, o) => value - o)],
        Label = row.Label,
        Speaker = row.Speaker,
    })]);

    private static IEnumerable<Toys.Row> VoiceRows(int speakers, int clips, int seed, double spread)
    {
        SeededRandom random = new SeededRandom(seed).Fork("voices");
        for (int speaker = 0; speaker < speakers; speaker++)
        {
            double[] own = [.. Enumerable.Range(0, 6).Select(_ => spread * random.NextNormal())];
            for (int i = 0; i < clips; i++)
                yield return new Toys.Row
                {
                    Features = [.. own.Select((o, d) => (float)(random.NextNormal() + o + (d % 3 == i % 3 ? 4 : 0)))],
                    Label = (uint)(i % 3) + 1,
                    Speaker = $"v{speaker}",
                };
        }
    }

    private static void RequireClose(float[][] expected, float[][] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, (x, y) => Math.Abs(x - y) < tolerance));
    }
}
