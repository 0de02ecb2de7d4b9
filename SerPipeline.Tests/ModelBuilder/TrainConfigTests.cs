using System.Text.Json.Nodes;
using SerPipeline.Console.ModelBuilder;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Prediction;
using SerPipeline.Tests.Console;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.ModelBuilder;

/// <summary><c>ser train --config</c>.</summary>
public sealed class TrainConfigTests(TrainedDemo demo) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_model_builder_wrote_is_trained_and_its_trial_appended_to_what_was_there()
    {
        string config = await OfModelBuilder(root => root["RunHistory"]!["Trials"]![0]!["Parameter"]!["e1"]!["Epoch"] = 1);
        ConsoleRun run = (await Train(config, "run")).Succeeds();
        Assert.Contains("ResnetV2101", run.Error, StringComparison.Ordinal);
        Assert.Contains("Appended 1 trial", run.Error, StringComparison.Ordinal);

        JsonObject root = MbConfigs.Read(config);
        Assert.True(root["OfTheirOwn"]!["Kept"]!.GetValue<bool>());
        IReadOnlyList<JsonObject> trials = MbConfigs.Trials(config);
        Assert.Equal(2, trials.Count);
        Assert.Equal("ImageClassificationMulti", trials[0]["TrainerName"]!.GetValue<string>());
        JsonNode metrics = JsonNode.Parse(await File.ReadAllTextAsync(_folder.File(Path.Combine("run", "metrics.json")),
            TestContext.Current.CancellationToken))!["runs"]![0]!;
        // The history goes by accuracy, so that old and new trials compare.
        Assert.Equal(metrics["accuracy"]!.GetValue<double>(), trials[1]["Score"]!.GetValue<double>());
        Assert.Equal(metrics["uar"]!.GetValue<double>(), trials[1]["SerPipeline"]!["Uar"]!.GetValue<double>());
        Assert.Equal(("cnn", "random"),
            (trials[1]["SerPipeline"]!["Trainer"]!.GetValue<string>(), trials[1]["SerPipeline"]!["Protocol"]!.GetValue<string>()));
        Assert.Equal("run/model.zip", root["RunHistory"]!["ModelFilePath"]!.GetValue<string>());
        // The folder a label names no speakers, so nobody can say whether they are shared.
        Assert.Null(trials[1]["SerPipeline"]!["SpeakersShared"]);
    }

    [Fact]
    public async Task The_second_training_of_a_configuration_is_the_first_again()
    {
        string config = await OfModelBuilder(root => root["RunHistory"]!["Trials"]![0]!["Parameter"]!["e1"]!["Epoch"] = 1);
        foreach (string output in new[] { "one", "two" }) (await Train(config, output, "--trainer", "mlp")).Succeeds();
        IReadOnlyList<JsonObject> trials = MbConfigs.Trials(config);
        Assert.Equal(3, trials.Count);
        Assert.True(JsonNode.DeepEquals(trials[1]["SerPipeline"]!["Train"], trials[2]["SerPipeline"]!["Train"]));
        Assert.Equal("1", trials[2]["SerPipeline"]!["Train"]!["Epochs"]!.GetValue<string>());
        Assert.Equal(trials[1]["Score"]!.GetValue<double>(), trials[2]["Score"]!.GetValue<double>());
    }

    [Fact]
    public async Task Trainings_at_once_lose_no_trial()
    {
        string config = await OfModelBuilder(root => root["RunHistory"]!["Trials"]![0]!["Parameter"]!["e1"]!["Epoch"] = 1);
        ConsoleRun[] runs = await Task.WhenAll(Enumerable.Range(0, 2).Select(i => Train(config, $"run{i}", "--trainer", "mlp")));
        Assert.All(runs, run => run.Succeeds());
        Assert.Equal(3, MbConfigs.Trials(config).Count);
    }

    [Fact]
    public async Task A_configuration_that_is_gone_when_the_training_ends_costs_no_scores()
    {
        string config = await OfModelBuilder(root => root["RunHistory"]!["Trials"]![0]!["Parameter"]!["e1"]!["Epoch"] = 1);
        ConsoleRun run = await ConsoleRun.Watched("mlp, random: training", () => File.Delete(config),
            TestContext.Current.CancellationToken, Args(config, "run", "--trainer", "mlp"));
        Assert.False(File.Exists(config));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no trial was appended", run.Error, StringComparison.Ordinal);
        Assert.Contains("Scores on the test clips", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_stays_a_link_and_paths_start_from_what_it_leads_to()
    {
        string config = await OfModelBuilder(root => root["RunHistory"]!["Trials"]![0]!["Parameter"]!["e1"]!["Epoch"] = 1),
            link = _folder.File(Path.Combine("links", "Emotion.mbconfig"));
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, config);
        (await Train(link, "run", "--trainer", "mlp")).Succeeds();
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.Equal("run/model.zip", MbConfigs.Trials(config)[1]["SerPipeline"]!["Model"]!.GetValue<string>());
    }

    // Trains each of them once more: slow.
    [Fact(Explicit = true), Trait("Speed", "slow")]
    public async Task Every_model_of_a_run_of_several_gives_a_configuration_that_trains()
    {
        string run = _folder.File("several");
        (await ConsoleRun.Of(
            "train", "--corpus", "demo", "--data", await demo.Corpus, "--trainer", "cnn,mlp", "--protocol", "random,kfold,speaker",
                "--folds", "2", "--no-final", "--test-speakers", "01", "--augment", "none",
            "--epochs", "1", "--out", run, "--cache", demo.Cache)).Succeeds();
        foreach (string model in Directory.EnumerateFiles(run, "model.zip", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(run, Path.GetDirectoryName(model)!).Replace(Path.DirectorySeparatorChar, '-'),
                project = _folder.File(name);
            (await ConsoleRun.Of("generate", "--model", model, "--name", "Emotion", "--out", project, "--data", await demo.Corpus))
                .Succeeds();
            (await Train(Path.Combine(project, "Emotion.mbconfig"), name + "-again")).Succeeds();
            IReadOnlyList<JsonObject> trials = MbConfigs.Trials(Path.Combine(project, "Emotion.mbconfig"));
            JsonNode first = trials[0]["SerPipeline"]!["Train"]!, second = trials[1]["SerPipeline"]!["Train"]!;
            foreach ((string key, JsonNode? value) in first.AsObject())
                Assert.Equal((name, key, value!.ToString()), (name, key, second[key]?.ToString()));
            // A fold's model has its own scores, and the training of all folds theirs together.
            if (!name.Contains("fold", StringComparison.Ordinal))
                Assert.Equal(trials[0]["Score"]!.GetValue<double>(), trials[1]["Score"]!.GetValue<double>());
        }
    }

    [Fact]
    public async Task Stages_share_the_estimators_that_are_there_and_add_those_that_are_not()
    {
        string config = await OfModelBuilder(root => root["RunHistory"]!["Trials"]![0]!["Parameter"]!["e1"]!["Epoch"] = 1);
        (await Train(config, "run", "--trainer", "mlp")).Succeeds();
        JsonObject history = MbConfigs.Read(config)["RunHistory"]!.AsObject(), estimators = history["Estimators"]!.AsObject();
        JsonObject parameter = MbConfigs.Trials(config)[1]["Parameter"]!.AsObject();
        string schema = parameter["_SCHEMA_"]!.GetValue<string>();
        Assert.Equal(schema, history["Schema"]!.GetValue<string>());
        Assert.Equal(["LoadAudio", "UtteranceFeatures", "Mlp"], schema.Split(" * ").Select(key => estimators[key]!.GetValue<string>()));
        Assert.Equal(schema.Split(" * ").Append("_SCHEMA_").Order(StringComparer.Ordinal),
            parameter.Select(pair => pair.Key).Order(StringComparer.Ordinal));
        // Those of Model Builder's own trial stay.
        Assert.Equal(["e0", "e1", "e2", "e3", "e4", "e5"], estimators.Select(pair => pair.Key));
        Assert.Equal(64, parameter[schema.Split(" * ")[1]]!["melBands"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_generated_configuration_trains_the_same_model_again()
    {
        using var models = new GeneratedModels();
        string model = await models.TrainedAsync(demo), folder = await models.GenerateAsync(model, "--data", await demo.Corpus),
            config = Path.Combine(folder, "Emotion.mbconfig");
        (await Train(config, "again")).Succeeds();
        IReadOnlyList<JsonObject> trials = MbConfigs.Trials(config);
        Assert.Equal(2, trials.Count);
        Assert.Equal(trials[0]["Score"]!.GetValue<double>(), trials[1]["Score"]!.GetValue<double>());
        Assert.True(JsonNode.DeepEquals(trials[0]["SerPipeline"]!["Train"], trials[1]["SerPipeline"]!["Train"]));
        Assert.Equal(Weights(model), Weights(_folder.File(Path.Combine("again", "model.zip"))));

        static byte[] Weights(string path) => ModelRecord.Read(path).Scoring!.Value.ToArray();
    }

    [Fact]
    public async Task Each_of_several_trainings_is_a_trial()
    {
        string config = await OfModelBuilder(root => root.Remove("RunHistory"));
        (await Train(config, "run", "--trainer", "mlp", "--epochs", "1", "--protocol", "random,kfold", "--folds", "2")).Succeeds();
        IReadOnlyList<JsonObject> trials = MbConfigs.Trials(config);
        Assert.Equal(["random", "kfold"], trials.Select(trial => trial["SerPipeline"]!["Protocol"]!.GetValue<string>()));
        Assert.All(trials, trial => Assert.True(File.Exists(Path.Combine(_folder.Path,
            trial["SerPipeline"]!["Model"]!.GetValue<string>()))));
        Assert.Equal("MacroAccuracy", MbConfigs.Read(config)["RunHistory"]!["MetricName"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_trial_is_known_by_its_model_and_by_how_that_was_scored()
    {
        string run = Path.Combine(await demo.Runs, "mlp-random"), model = Path.Combine(run, "model.zip");
        var document = ModelRecord.Read(model);
        TrainingRecord record = TrainingRecord.From(document, model)!;
        var trial = new MbConfigTrial
        {
            Stages = MbConfigTrial.StagesOf(document, record),
            Metrics = MetricsFile.Read(Path.Combine(run, MetricsFile.FileName)).Runs[0],
            Record = record,
            Model = model,
        };
        var file = MbConfigFile.Read(await OfModelBuilder(_ => { }));
        Assert.False(trial.IsIn(file));
        trial.AppendTo(file);
        Assert.True(trial.IsIn(file));
        Assert.False((trial with { Metrics = trial.Metrics with { Protocol = "random@room" } }).IsIn(file));
    }

    [Fact]
    public async Task Trouble_is_found_before_the_training()
    {
        string unknown = await OfModelBuilder(root => root["RunHistory"]!["MetricName"] = "RSquared"), output = _folder.File("run");
        ConsoleRun run = await Train(unknown, "run");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("RSquared", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await Train(_folder.File("absent.mbconfig"), "run")).ExitCode);
        string misspelt = await OfModelBuilder(root => root["SerPipeline"] = JsonNode.Parse("""{ "Train": { "Epoch": 1 } }"""));
        Assert.Contains("Did you mean Epochs?", (await Train(misspelt, "run", "--trainer", "nothing")).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(output));
    }

    private Task<ConsoleRun> Train(string config, string output, params string[] options) =>
        ConsoleRun.Of(Args(config, output, options));

    private string[] Args(string config, string output, params string[] options) =>
        ["train", "--config", config, "--out", _folder.File(output), "--cache", demo.Cache, .. options];

    // The demo's clips in a folder a label, as Model Builder wants images.
    private async Task<string> OfModelBuilder(Action<JsonObject> change)
    {
        foreach (string path in Directory.EnumerateFiles(await demo.Corpus, "*.wav", SearchOption.AllDirectories))
        {
            // The third number of a name is the emotion.
            string label = Directory.CreateDirectory(_folder.File(Path.Combine("clips", "emotion" + Path.GetFileName(path).Split('-')[2])))
                .FullName;
            File.Copy(path, Path.Combine(label, Path.GetFileName(path)), overwrite: true);
        }
        string config = _folder.File("Emotion.mbconfig");
        await File.WriteAllTextAsync(config, MbConfigs.With(change), TestContext.Current.CancellationToken);
        return config;
    }
}
