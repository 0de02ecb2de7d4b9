using SerPipeline.Console.Commands;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Console;

public sealed class TrainersTests(TrainedDemo demo) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Trainers_over_features_train_score_and_predict()
    {
        string[] trainers = ["lda", "lbfgs", "svm", "lightgbm", "fasttree", "lstm", "conv1d"];
        string run = _folder.File("run");
        ConsoleRun training = (await ConsoleRun.Of("train", "--corpus", "demo", "--data", await demo.Corpus, "--trainer",
            string.Join(',', trainers), "--labels", "neutral,sad,angry,fearful", "--protocol", "random", "--test-fraction", "0.25",
            "--epochs", "1", "--out", run, "--cache", demo.Cache)).Succeeds();
        MetricsFile all = MetricsFile.Read(Path.Combine(run, MetricsFile.FileName));
        Assert.Equal(trainers, all.Runs.Select(metrics => metrics.Trainer));
        // Probabilities, margins calibrated: else there would be no log-loss.
        Assert.All(all.Runs, metrics => Assert.True(metrics.LogLoss > 0 && double.IsFinite(metrics.LogLoss.Value), metrics.Trainer));
        Assert.Contains("lightgbm", training.Output, StringComparison.Ordinal);
        foreach (string trainer in trainers)
        {
            string folder = Path.Combine(run, $"{trainer}-random");
            PredictionSet said = PredictionsCsv.Read(Path.Combine(folder, PredictionsCsv.FileName));
            Assert.True(File.Exists(Path.Combine(folder, "report.html")));
            using SerModel model = SerModel.Load(Path.Combine(folder, "model.zip"));
            foreach (ClipPrediction row in said.Rows.Take(3))
                Assert.Equal(row.Probabilities, model.Predict(Path.Combine(await demo.Corpus, row.Path)).Scores,
                    (a, b) => Math.Abs(a - b) < 1e-4);
        }
        // The demo's cues are plain: what is linear finds them from 48 clips.
        Assert.True(all.Runs[0].Uar > 0.4, $"lda {all.Runs[0].Uar:0.000}");
        RunRecord record = RunRecord.Read(Path.Combine(run, "lda-random", RunRecord.FileName));
        Assert.Equal(0.3, record.Options["trainer"].GetProperty("shrinkage").GetDouble());
        Assert.False(ModelRecord.Read(Path.Combine(run, "lda-random", "model.zip")).Attachments.ContainsKey("adaptation.json"));
    }

    [Fact]
    public async Task Scores_under_a_condition_are_explained_and_point_to_their_like()
    {
        string output = (await ConsoleRun.Of("train", "--corpus", "demo", "--data", await demo.Corpus, "--trainer", "lda", "--protocol",
            "random,random@noise,speaker@noise,speaker+5", "--test-fraction", "0.25", "--out", _folder.File("run"), "--cache",
            demo.Cache)).Succeeds().Output;
        Assert.Contains("spoken by voices that it heard in training. Run --protocol speaker to see that.", output,
            StringComparison.Ordinal);
        Assert.Contains("The random@noise protocol hides how a model does on new voices", output, StringComparison.Ordinal);
        Assert.Contains("For new voices read the speaker-independent@noise rows.", output, StringComparison.Ordinal);
        Assert.Contains("Under protocols with @noise the test clips were altered: they sound as in pink noise", output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_option_lists_every_trainer() => Assert.Equal(
        ["lda", "cnn", "resnet18", "mlp", "lstm", "conv1d", "lbfgs", "svm", "recipe", "recipe-medium", "recipe-small",
            "lightgbm", "fasttree"],
        ConsoleTrainers.Names);

    [Theory]
    [InlineData("recipe-small", 25)]
    [InlineData("recipe-medium", 25, 60)]
    [InlineData("recipe", 25, 60, 15)]
    public void A_recipe_has_a_fixed_schedule_and_members_of_its_own(string trainer, params int[] epochs)
    {
        // Each of them is for a trainer beside the recipe.
        var settings = new ExperimentSettings
        {
            EarlyStoppingPatience = 3,
            ValidationFraction = 0.2,
            SelfAttentionHeads = 4,
            ChannelDropout = 0.3,
            RandomWeights = true,
            Stages = 1,
            Prosody = true,
            Augmentation = AugmentationLevel.None,
        };
        var given = (VoiceEnsembleOptions)TrainerChains.OptionsOf(trainer, settings);
        var plain = (VoiceEnsembleOptions)TrainerChains.OptionsOf(trainer, new ExperimentSettings());
        Assert.NotNull(plain.Members[0].LinearDiscriminant);
        NeuralTrainerOptions[] networks = [.. given.Members.Skip(1).Select(member => member.Network!)];
        Assert.Equal(epochs, networks.Select(network => network.Epoch));
        Assert.All(networks, network => Assert.Equal((0, true), (network.ValidationSetFraction, network.KeepLastEpoch)));
        Assert.All(given.Members.Zip(plain.Members), pair => Assert.Equal(pair.First.ToString(), pair.Second.ToString()));
    }
}
