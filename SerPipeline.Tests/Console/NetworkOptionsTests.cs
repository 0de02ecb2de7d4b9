using System.Text.Json;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Networks;
using SerPipeline.Onnx;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Console;

/// <summary>The options of <c>ser train</c> that change the networks: what they do, what run.json keeps of them, and what is
/// refused.</summary>
public sealed class NetworkOptionsTests(TrainedDemo demo)
{
    [Fact]
    public async Task Every_option_reaches_the_network_and_run_json()
    {
        using var folder = new TemporaryFolder();
        ConsoleRun run = (await ConsoleRun.Of(
            "train", "--corpus", "demo", "--data", await demo.Corpus, "--trainer", "cnn", "--protocol", "random", "--epochs", "1",
                "--test-fraction", "0.25", "--seed", "7", "--cache", demo.Cache,
            "--self-attention", "4", "--dropout", "0.21", "--channel-dropout", "0.05", "--early-stopping", "3", "--augment", "full",
                "--ensemble", "2", "--prosody", "--out", folder.File("run"))).Succeeds();
        Assert.Contains("cnn, random: training network 2 of 2: 1 epoch in ", run.Error, StringComparison.Ordinal);
        RunRecord record = RunRecord.Read(folder.File("run", RunRecord.FileName));
        JsonElement command = record.Options["command"], trainer = record.Options["trainer"];
        Assert.Equal((4, 2, 3), (command.GetProperty("selfAttentionHeads").GetInt32(), command.GetProperty("ensemble").GetInt32(),
            command.GetProperty("earlyStoppingPatience").GetInt32()));
        Assert.True(command.GetProperty("prosody").GetBoolean());
        Assert.Equal((0.21, 0.05), (trainer.GetProperty("architecture").GetProperty("dropout").GetDouble(),
            trainer.GetProperty("architecture").GetProperty("channelDropout").GetDouble()));
        Assert.True(trainer.GetProperty("augmentation").GetProperty("speedPerturbation").GetDouble() > 0);
        Assert.Equal("Features", trainer.GetProperty("prosodyColumnName").GetString());
        ModelRecord model = ModelRecord.Read(folder.File("run", "model.zip"));
        Assert.Equal(["Features", "Image"], model.ScoringInputs.Order(StringComparer.Ordinal));
        string[] weights = [.. OnnxModel.Read(model.Scoring!.Value).Graph.Initializers.Select(weight => weight.Name)];
        foreach (string part in new[] { "image.selfattention", "prosody", "classifier" })
            foreach (int member in new[] { 1, 2 })
                Assert.Contains(weights, name => name.Contains($"member{member}.{part}", StringComparison.Ordinal));
        Assert.DoesNotContain(weights, name => name.Contains("member3", StringComparison.Ordinal));
        ConsoleRun prediction = (await ConsoleRun.Of("predict", "--model", folder.File("run", "model.zip"),
            Directory.EnumerateFiles(await demo.Corpus, "*.wav", SearchOption.AllDirectories).First())).Succeeds();
        Assert.NotEmpty(prediction.Output);
    }

    [Fact]
    public async Task A_residual_network_trains_records_its_options_and_predicts()
    {
        using var folder = new TemporaryFolder();
        (await ConsoleRun.Of("train", "--corpus", "demo", "--data", await demo.Corpus, "--trainer", "resnet18", "--protocol", "random",
            "--epochs", "1", "--random-weights", "--stages", "1", "--dropout", "0.3", "--augment", "none", "--test-fraction", "0.25",
            "--cache", demo.Cache, "--out", folder.File("run"))).Succeeds();
        JsonElement trainer = RunRecord.Read(folder.File("run", RunRecord.FileName)).Options["trainer"];
        Assert.Equal((false, 1, 0.3), (trainer.GetProperty("pretrained").GetBoolean(), trainer.GetProperty("stages").GetInt32(),
            trainer.GetProperty("dropout").GetDouble()));
        Assert.Equal(0, trainer.GetProperty("augmentation").GetProperty("timeMasks").GetInt32());
        using (ModelFile model = ModelFile.Load(folder.File("run", "model.zip")))
            Assert.Equal("true", model.Record!.Settings!["RandomWeights"], ignoreCase: true);
        ConsoleRun prediction = (await ConsoleRun.Of("predict", "--model", folder.File("run", "model.zip"),
            Directory.EnumerateFiles(await demo.Corpus, "*.wav", SearchOption.AllDirectories).First())).Succeeds();
        Assert.NotEmpty(prediction.Output);
    }

    [Fact]
    public async Task Without_early_stopping_the_last_epoch_is_kept()
    {
        using var folder = new TemporaryFolder();
        (await ConsoleRun.Of(
            "train", "--corpus", "demo", "--data", await demo.Corpus, "--trainer", "mlp", "--protocol", "random", "--epochs", "9",
                "--learning-rate", "0.5", "--early-stopping", "none", "--validation-fraction", "0.1", "--out", folder.File("run"),
            "--cache", demo.Cache)).Succeeds();
        using ModelFile model = ModelFile.Load(folder.File("run", "model.zip"));
        TrainingHistory history = model.History!;
        Assert.Equal((9, 9), (history.ChosenEpoch, history.Epochs.Count));
        Assert.True(history.ValidationExamples > 0);
    }

    [Theory]
    [InlineData("cnn")]
    [InlineData("resnet18")]
    [InlineData("mlp")]
    [InlineData("lstm")]
    [InlineData("conv1d")]
    [InlineData("recipe")]
    public void Settings_of_every_network_reach_its_trainer(string trainer)
    {
        foreach (NeuralTrainerOptions plain in Networks(new ExperimentSettings()))
            Assert.Equal((false, Oversampling.None, 0.0, TorchDevice.Auto),
                (plain.BalancedClassWeights, plain.Oversampling, plain.FocalGamma, plain.Device));
        NeuralTrainerOptions[] changed = Networks(new ExperimentSettings
        {
            BalancedClassWeights = true,
            Oversampling = Oversampling.All,
            FocalGamma = 1.5,
            Precision = ComputePrecision.BFloat16,
            Device = TorchDevice.Cuda,
            BatchSize = 17,
            LearningRate = 0.03,
            Epochs = 6,
        });
        Assert.Equal(trainer == "recipe" ? 3 : 1, changed.Length);
        foreach (NeuralTrainerOptions network in changed)
        {
            Assert.Equal((true, Oversampling.All, 1.5), (network.BalancedClassWeights, network.Oversampling, network.FocalGamma));
            Assert.Equal((ComputePrecision.BFloat16, TorchDevice.Cuda), (network.Precision, network.Device));
            Assert.Equal((17, 0.03, 6), (network.BatchSize, network.LearningRate, network.Epoch));
        }

        NeuralTrainerOptions[] Networks(ExperimentSettings settings) => TrainerChains.OptionsOf(trainer, settings) switch
        {
            VoiceEnsembleOptions voices => [.. voices.Members.Select(member => member.Network).OfType<NeuralTrainerOptions>()],
            object one => [(NeuralTrainerOptions)one],
        };
    }

    [Fact]
    public void Settings_of_a_residual_network_reach_its_trainer()
    {
        var changed = (ResNet18Options)TrainerChains.OptionsOf("resnet18", new ExperimentSettings { Stages = 3, FrozenStages = 1 });
        Assert.Equal((3, 1), (changed.Stages, changed.FrozenStages));
        var plain = (ResNet18Options)TrainerChains.OptionsOf("resnet18", new ExperimentSettings());
        Assert.Equal((new ResNet18Options().Stages, new ResNet18Options().FrozenStages), (plain.Stages, plain.FrozenStages));
    }

    [Theory]
    [InlineData("lstm")]
    [InlineData("conv1d")]
    [InlineData("mlp")]
    public void Early_stopping_holds_a_tenth_out_and_may_choose_an_epoch(string trainer)
    {
        var plain = (NeuralTrainerOptions)TrainerChains.OptionsOf(trainer, new ExperimentSettings());
        var stopping = (NeuralTrainerOptions)TrainerChains.OptionsOf(trainer, new ExperimentSettings { EarlyStoppingPatience = 4 });
        Assert.Equal(0, plain.ValidationSetFraction);
        Assert.Equal((0.1, 4, false), (stopping.ValidationSetFraction, stopping.EarlyStoppingCriteria.Patience, stopping.KeepLastEpoch));
        Assert.True(((NeuralTrainerOptions)TrainerChains.OptionsOf(trainer, new ExperimentSettings { KeepLastEpoch = true }))
            .KeepLastEpoch);
    }

    [Theory]
    [InlineData("add --trainer cnn", "--trainer", "mlp", "--self-attention", "4")]
    [InlineData("add --trainer cnn", "--trainer", "mlp", "--augment", "full")]
    [InlineData("add --trainer cnn", "--trainer", "mlp", "--prosody")]
    [InlineData("add --trainer resnet18", "--trainer", "cnn", "--stages", "3")]
    [InlineData("add --trainer resnet18", "--trainer", "mlp", "--random-weights")]
    [InlineData("Stages must be between 1 and 4", "--trainer", "resnet18", "--random-weights", "--stages", "5")]
    [InlineData("add --trainer cnn or resnet18 or mlp or lstm or conv1d", "--trainer", "recipe,lda", "--early-stopping", "5")]
    [InlineData("add --trainer cnn or resnet18 or mlp or lstm or conv1d", "--trainer", "recipe", "--validation-fraction", "0.1")]
    [InlineData("add --trainer cnn or resnet18 or mlp or lstm or conv1d", "--trainer", "lda", "--ensemble", "3")]
    [InlineData("or recipe or recipe-medium or recipe-small", "--trainer", "lda,svm", "--epochs", "5")]
    [InlineData("--oversample is nothing that lightgbm can use", "--trainer", "lightgbm", "--oversample", "minority")]
    [InlineData("--dropout is nothing that lstm or conv1d can use", "--trainer", "lstm,conv1d", "--dropout", "0.2")]
    [InlineData("--features is nothing that cnn or resnet18 can use", "--trainer", "cnn,resnet18", "--features", "gemaps")]
    [InlineData("--device is nothing that lda or svm can use", "--trainer", "lda,svm", "--device", "cpu")]
    [InlineData("--validation-fraction is 0", "--early-stopping", "5", "--validation-fraction", "0")]
    [InlineData("--early-stopping", "--early-stopping", "soon")]
    [InlineData("--ensemble", "--ensemble", "0")]
    [InlineData("--dropout", "--dropout", "1")]
    [InlineData("--augment", "--augment", "more")]
    public async Task What_cannot_be_meant_is_refused(string expected, params string[] args)
    {
        ConsoleRun run = await ConsoleRun.Of(["train", .. args]);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }
}
