using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Networks;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Trainers;

/// <summary>Several networks as one model.</summary>
public sealed class EnsembleTests
{
    private static readonly MlpOptions Quick = new()
    {
        Epoch = 3,
        HiddenUnits = [6],
        LearningRate = 0.02,
        Precision = ComputePrecision.Float32
    };

    [Fact]
    public void Scores_are_the_mean_of_what_the_members_trained_alone_say()
    {
        IDataView rows = Toys.Clouds(48, seed: 1);
        using NeuralModel ensemble = Trainer(EnsembleOptions.Of(Quick, 3)).Fit(rows);
        float[][][] alone = [.. Enumerable.Range(0, 3).Select(i =>
        {
            // The first has the ensemble's own seed; all hold out the part of that seed, as a member must.
            using NeuralModel one = new MLContext(5).MulticlassClassification.Trainers
                .Mlp(Quick with { Seed = EnsembleOptions.MemberSeed(5, i), ValidationSeed = 5 }).Fit(rows);
            Assert.Equal(one.History.Epochs.Select(e => e.TrainLoss), ensemble.Members[i].History.Epochs.Select(e => e.TrainLoss));
            Assert.Equal(Toys.Scores(one, rows), Toys.Scores(ensemble.Members[i], rows));
            return Toys.Scores(one, rows);
        })];
        float[][] together = Toys.Scores(ensemble, rows);
        for (int row = 0; row < together.Length; row++)
            for (int c = 0; c < 3; c++) Assert.Equal(alone.Average(member => (double)member[row][c]), together[row][c], 1e-6);
        Assert.Equal(together.Select(s => (uint)Array.IndexOf(s, s.Max()) + 1), ensemble.Transform(rows).GetColumn<uint>("PredictedLabel"));
        // Different seeds, different networks.
        Assert.Equal(3, alone.Select(member => member[0][0]).Distinct().Count());
    }

    [Fact]
    public void Members_trained_at_once_are_those_trained_one_after_another()
    {
        IDataView rows = Toys.Clouds(48, seed: 2);
        int inside = 0, most = 0, calls = 0;
        MlpOptions watched = Quick with
        {
            MetricsCallback = _ =>
            {
                most = Math.Max(most, Interlocked.Increment(ref inside));
                Thread.Sleep(2);
                calls++;
                Interlocked.Decrement(ref inside);
            },
        };
        using NeuralModel one = Trainer(EnsembleOptions.Of(Quick, 4)).Fit(rows);
        using NeuralModel both = Trainer(EnsembleOptions.Of(watched, 4) with { MaxDegreeOfParallelism = 2 }).Fit(rows);
        Assert.Equal(one.Network.ToBytes(), both.Network.ToBytes());
        Assert.Equal((1, 12), (most, calls));
    }

    [Fact]
    public void Networks_of_different_kinds_and_columns_are_averaged_saved_and_loaded()
    {
        IDataView rows = Toys.Both(36);
        NeuralTrainerOptions[] members =
        [
            TrainingLoopTests.Small(new() { Epoch = 2 }),
            Quick with { FeatureColumnName = "Features" },
            TrainingLoopTests.Small(new() { Epoch = 2, ProsodyColumnName = "Features" }),
            TorchModuleOptions.Of(context => new MlpNetwork((int)context.Shape[0], [4], context.Classes, 0, context.Random),
                new() { Epoch = 2 }),
        ];
        using NeuralModel model = Trainer(new() { Members = members, ScoreColumnName = "P", PredictedLabelColumnName = "Best" }).Fit(rows);
        Assert.Equal(["Features", "Pixels"], model.FeatureColumnNames.Order(StringComparer.Ordinal));
        Assert.Equal(model.Members.Sum(m => m.History.Parameters), model.History.Parameters);
        Assert.Contains(model.Layers, layer => layer.Name == "member2.hidden1" && layer.ParameterNames.Contains("member2.hidden1.weight"));
        Assert.Equal(model.Members.Sum(m => m.Layers.Count), model.Layers.Count);
        using var folder = new TemporaryFolder();
        Toys.Ml.Model.Save(model, rows.Schema, folder.File("m.zip"));
        ITransformer loaded = new MLContext().Model.Load(folder.File("m.zip"), out _);
        Assert.Equal(Toys.Scores(model, rows, "P"), Toys.Scores(loaded, rows, "P"));
    }

    [Fact]
    public void All_members_are_watched_on_the_same_rows()
    {
        IDataView rows = Toys.Clouds(60, seed: 4);
        MlpOptions member = Quick with { ValidationSetFraction = 0.3, SamplingKeyColumnName = "Speaker", Seed = 3 };
        using NeuralModel model = Trainer(EnsembleOptions.Of(member, 4)).Fit(rows), alone = TrainingLoopTests.Mlp(member).Fit(rows);
        // Those of the member's own seed, whatever the context's.
        Assert.Equal(alone.History.ValidationGroups, model.Members[0].History.ValidationGroups);
        Assert.NotEmpty(model.Members[0].History.ValidationGroups);
        Assert.All(model.Members, m => Assert.Equal(model.Members[0].History.ValidationGroups, m.History.ValidationGroups));
    }

    [Fact]
    public void Seeds_of_members_differ_and_the_first_is_the_ensembles_own()
    {
        int[] seeds = [.. Enumerable.Range(0, 50)
            .SelectMany(member => new[] { 42, 1, 2 }.Select(seed => EnsembleOptions.MemberSeed(seed, member)))];
        Assert.Equal([42, 1, 2], seeds[..3]);
        Assert.Equal(seeds.Length, seeds.Distinct().Count());
        Assert.Equal([9, EnsembleOptions.MemberSeed(9, 1)],
            EnsembleOptions.Of(Quick with { Seed = 9 }, 2).Members.Select(m => m.Seed!.Value));
        Assert.Throws<ArgumentOutOfRangeException>(() => EnsembleOptions.Of(Quick, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => EnsembleOptions.MemberSeed(1, -1));
    }

    [Fact]
    public void What_cannot_be_an_ensemble_is_refused()
    {
        Assert.Contains("Members", Fails(new() { Members = [] }), StringComparison.Ordinal);
        Assert.Contains("Epoch", Fails(new() { Members = [Quick, Quick with { Epoch = 0 }] }), StringComparison.Ordinal);
        Assert.Contains("Other", Fails(new() { Members = [Quick, Quick with { LabelColumnName = "Other" }] }), StringComparison.Ordinal);
        Assert.Contains("MaxDegreeOfParallelism", Fails(EnsembleOptions.Of(Quick, 2) with { MaxDegreeOfParallelism = 0 }),
            StringComparison.Ordinal);

        static string Fails(EnsembleOptions options) => Assert.Throws<OptionsException>(() => Trainer(options)).Message;
    }

    [Fact]
    public void What_cannot_be_members_of_a_voice_ensemble_is_refused()
    {
        VoiceMember lda = VoiceMember.Of(new LinearDiscriminantOptions()), image = VoiceMember.Of(new ImageClassificationOptions());
        Refused(new() { Members = [lda, null!] }, "none of them null");
        Refused(new() { Members = [lda], CopyColumnNames = null! }, "CopyColumnNames");
        Refused(new() { Members = [lda], CopyColumnNames = [""] }, "CopyColumnNames");
        Refused(new() { Members = [lda, VoiceMember.Of(new ImageClassificationOptions { LabelColumnName = "Other" })] }, "Other");
        Refused(new() { Members = [image], SpeakerColumnName = "Speaker" }, "SpeakerColumnName");
        VoiceMember saved = VoiceMember.Of(new MlpOptions { CheckpointPath = "same.checkpoint" });
        Refused(new() { Members = [saved, saved] }, "CheckpointPath");
        Refused(new() { Members = [Held("Speaker"), Held(null)] }, "SamplingKeyColumnName");

        static VoiceMember Held(string? key) => VoiceMember.Of(new MlpOptions { ValidationSetFraction = 0.2, SamplingKeyColumnName = key });
        static void Refused(VoiceEnsembleOptions options, string what) =>
            Assert.Contains(what, Assert.Throws<OptionsException>(options.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_members_of_a_voice_ensemble_without_seeds_are_different_networks()
    {
        var losses = new List<double>();
        VoiceMember member = VoiceMember.Of(Quick with { Epoch = 1, MetricsCallback = epoch => losses.Add(epoch.TrainLoss) });
        using NeuralModel model = Toys.Ml.MulticlassClassification.Trainers.VoiceEnsemble(new() { Members = [member, member] })
            .Fit(Toys.Clouds(30, seed: 1));
        Assert.Equal(2, losses.Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_member_that_is_stopped_stops_the_ensemble_with_its_own_error(int atOnce)
    {
        using var source = new CancellationTokenSource();
        MlpOptions stopping = Quick with { CancellationToken = source.Token, MetricsCallback = _ => source.Cancel() };
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer(EnsembleOptions.Of(stopping, 3) with { MaxDegreeOfParallelism = atOnce })
            .Fit(Toys.Clouds(30, seed: 1)));
    }

    private static EnsembleTrainer Trainer(EnsembleOptions options) => new MLContext(5).MulticlassClassification.Trainers.Ensemble(options);
}
