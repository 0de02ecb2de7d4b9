using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Synthesis;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Prediction;
using SerPipeline.Splits;
using SerPipeline.Tests.Console;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Experiments;

public sealed class ExperimentRunnerTests(TrainedDemo demo) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_example_of_its_remarks_trains_folds_and_scores_a_saved_model()
    {
        string data = _folder.File("demo"), runs = _folder.File("runs");
        DemoCorpus.Write(data, new DemoCorpusOptions { Speakers = 5, ClipsPerEmotion = 1 },
            cancellation: TestContext.Current.CancellationToken);

        Corpus corpus = CorpusLoader.Load("demo", data);
        var settings = new ExperimentSettings
        {
            Trainers = [TrainerChains.Mlp],
            Protocols = [SplitProtocol.SpeakerFolds],
            Seeds = [1, 2],
            // What the example leaves to the trainer: here it must be quick.
            Epochs = 1,
            Final = false,
            ValidationFraction = 0,
            FeatureCache = demo.Cache,
        };
        using var runner = new ExperimentRunner(settings);
        IReadOnlyList<Experiment> experiments = runner.Plan([new OpenedDataset(corpus.Name, corpus)],
            TestContext.Current.CancellationToken);
        var uars = new Dictionary<string, double>();
        foreach (FinishedExperiment done in runner.Run(experiments, runs, cancellation: TestContext.Current.CancellationToken))
            uars.Add(done.Experiment.Name, done.Whole!.Uar);

        Assert.Equal(["mlp-speaker-5fold-seed1", "mlp-speaker-5fold-seed2"], uars.Keys);
        MetricsFile file = MetricsFile.Read(Path.Combine(runs, MetricsFile.FileName));
        Assert.Equal(uars.Values, file.Pooled.Select(run => run.Uar));
        Assert.Equal(10, file.Runs.Count);
        using ModelFile model = ModelFile.Load(Path.Combine(runs, "mlp-speaker-5fold-seed1", "fold-01", "model.zip"));
        PredictionSet again = await model.ScoreAsync(corpus, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(corpus.Clips.Count, again.Rows.Count);
        // The fold's own clips are scored as the run scored them.
        PredictionSet tested = PredictionsCsv.Read(Path.Combine(runs, "mlp-speaker-5fold-seed1", "fold-01", PredictionsCsv.FileName));
        Dictionary<string, ClipPrediction> found = again.Rows.ToDictionary(row => row.Path);
        Assert.All(tested.Rows, row => Assert.Equal(row.Probabilities, found[row.Path].Probabilities, (a, b) => Math.Abs(a - b) < 1e-4));
    }

    [Theory]
    [InlineData(FeatureSet.Utterance, "UtteranceFeatures", 743)]
    [InlineData(FeatureSet.Gemaps, "GemapsFeatures", 88)]
    [InlineData(FeatureSet.Both, "UtteranceFeatures", 831)]
    public void The_set_of_features_is_read_by_training_and_by_the_model(FeatureSet set, string stage, int slots)
    {
        string data = _folder.File("demo"), runs = _folder.File("runs");
        Corpus corpus = Demo(data);
        using var runner = new ExperimentRunner(new ExperimentSettings
        {
            Trainers = [TrainerChains.Lda],
            Protocols = [SplitProtocol.SpeakerIndependent],
            Features = set,
            Copies = [TrainingCopy.Speed],
        });
        IReadOnlyList<Experiment> experiments = runner.Plan([new OpenedDataset(corpus.Name, corpus)],
            TestContext.Current.CancellationToken);
        FinishedExperiment done = runner.Run(experiments, runs, cancellation: TestContext.Current.CancellationToken).Single();
        ModelRecord record = ModelRecord.Read(Path.Combine(runs, done.Experiment.Name, "model.zip"));
        Assert.Equal(stage, record.Stages[^1].Name);
        Assert.Equal(slots, ClipStage.Create(stage, record.Stages[^1].Options).SlotNames!.Count);
        string run = File.ReadAllText(Directory.GetFiles(runs, "run.json", SearchOption.AllDirectories).First());
        Assert.Contains($"\"features\": \"{set}\"", run, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_condition_is_scored_with_the_same_model_under_a_name_of_its_own()
    {
        string data = _folder.File("demo"), runs = _folder.File("runs");
        Corpus corpus = Demo(data);
        // One clip of each speaker is none, and is left out however it would sound.
        string[] broken = [.. corpus.Clips.GroupBy(clip => clip.Speaker).Select((clips, i) => clips.ElementAt(i).RelativePath)];
        foreach (string clip in broken)
            await File.WriteAllTextAsync(Path.Combine(data, clip), "none", TestContext.Current.CancellationToken);
        const string Plain = SplitProtocol.SpeakerIndependent;
        string telephone = SplitProtocol.NameOf(Plain, 0, RecordingCondition.Telephone),
            heard = SplitProtocol.NameOf(Plain, 5, RecordingCondition.Telephone);
        using var runner = new ExperimentRunner(new ExperimentSettings
        {
            Trainers = ["recipe-medium"],
            Protocols = [Plain, telephone, heard],
            Epochs = 1,
            Copies = [TrainingCopy.Telephone, TrainingCopy.Speed],
        });
        IReadOnlyList<Experiment> experiments = runner.Plan([new OpenedDataset(corpus.Name, corpus)],
            TestContext.Current.CancellationToken);
        FinishedExperiment[] done = [.. runner.Run(experiments, runs, cancellation: TestContext.Current.CancellationToken)];
        Assert.Equal([Plain, telephone, heard], done.Select(one => one.Whole!.Protocol));
        string[] folders = [.. done.Select(one => Path.Combine(runs, one.Experiment.Name))];
        PredictionSet[] said = [.. folders.Select(folder => PredictionsCsv.Read(Path.Combine(folder, PredictionsCsv.FileName)))];
        Assert.All(said, set => Assert.Equal(said[0].Rows.Select(row => row.Path), set.Rows.Select(row => row.Path)));
        Assert.Empty(said[0].Rows.Select(row => row.Path).Intersect(broken));
        for (int i = 0; i < 2; i++)
            for (int j = i + 1; j < 3; j++)
                Assert.NotEqual(said[i].Rows.Select(row => row.Probabilities), said[j].Rows.Select(row => row.Probabilities));
        string report = await File.ReadAllTextAsync(Path.Combine(folders[1], "report.html"), TestContext.Current.CancellationToken);
        Assert.Contains("as over a telephone line", report, StringComparison.Ordinal);

        // Of the saved model nothing but its scores is under that name, and it makes the same of clips that are put through the line.
        using ModelFile model = ModelFile.Load(Path.Combine(folders[1], "model.zip"));
        Assert.Equal(Plain, model.Record!.Protocol);
        foreach ((int i, RecordingCondition condition) in ((RecordingCondition[])[default, RecordingCondition.Telephone]).Index())
        {
            PredictionSet again = await model.ScoreAsync(corpus, bad: (_, _) => { }, condition: condition,
                cancellation: TestContext.Current.CancellationToken);
            Dictionary<string, ClipPrediction> found = again.Rows.ToDictionary(row => row.Path);
            Assert.All(said[i].Rows, row => Assert.Equal(row.Probabilities, found[row.Path].Probabilities, (a, b) => Math.Abs(a - b)
                < 1e-4));
        }
    }

    [Theory]
    [InlineData("lda", 1)]
    [InlineData("cnn", 2)]
    public void Copies_change_what_is_learned_and_nothing_that_a_model_reads(string trainer, int ensemble)
    {
        string data = _folder.File("demo");
        Corpus corpus = Demo(data);
        PredictionSet[] said = [.. ((TrainingCopy[][])[[], [TrainingCopy.Telephone, TrainingCopy.Noise]])
            .Select(copies =>
            {
                string run = _folder.File($"run{copies.Length}");
                using var runner = new ExperimentRunner(new ExperimentSettings
                {
                    Trainers = [trainer],
                    Ensemble = ensemble,
                    Epochs = trainer == "cnn" ? 2 : null,
                    Protocols = [SplitProtocol.SpeakerIndependent],
                    Copies = copies,
                    FeatureCache = demo.Cache,
                });
                runner.Run(runner.Plan([new OpenedDataset(corpus.Name, corpus)], TestContext.Current.CancellationToken), run,
                    cancellation: TestContext.Current.CancellationToken);
                PredictionSet tested = PredictionsCsv.Read(Path.Combine(run, PredictionsCsv.FileName));
                using SerModel model = SerModel.Load(Path.Combine(run, "model.zip"));
                Assert.Equal(tested.Rows[0].Probabilities, model.Predict(Path.Combine(data, tested.Rows[0].Path)).Scores,
                    (a, b) => Math.Abs(a - b) < 1e-4);
                return tested;
            })];
        Assert.NotEqual(said[0].Rows.Select(row => row.Probabilities), said[1].Rows.Select(row => row.Probabilities));
    }

    [Fact]
    public void Copies_that_a_trainer_cannot_learn_from_are_refused()
    {
        foreach ((string trainer, TrainingCopy copy) in (IEnumerable<(string, TrainingCopy)>)[("cnn", TrainingCopy.Speed),
            ("lbfgs", TrainingCopy.Room)])
            Assert.Contains($"be copies that {trainer} can learn from", Assert.Throws<OptionsException>(() =>
                TrainerChains.OptionsOf(trainer, new ExperimentSettings { Copies = [copy] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_whose_folder_was_removed_ends_and_gives_it_free()
    {
        string runs = _folder.File("runs");
        using (UnfinishedRun.Open(runs, resume: false, [])) Directory.Delete(runs, recursive: true);
        using UnfinishedRun again = UnfinishedRun.Open(runs, resume: false, ["ser", "train"]);
        Assert.Equal(["ser", "train"], again.CommandLine);
    }

    [Fact]
    public void Defaults_train_a_linear_trainer_and_two_networks_under_both_kinds_of_split()
    {
        var settings = new ExperimentSettings();
        Assert.Equal([TrainerChains.Lda, TrainerChains.Cnn, TrainerChains.Mlp], settings.Trainers);
        Assert.Equal([SplitProtocol.Random, SplitProtocol.SpeakerIndependent], settings.Protocols);
        Assert.Equal([42], settings.Seeds);
    }

    // Three voices, eight emotions, a clip each.
    private static Corpus Demo(string folder)
    {
        DemoCorpus.Write(folder, new DemoCorpusOptions { Speakers = 3, ClipsPerEmotion = 1 },
            cancellation: TestContext.Current.CancellationToken);
        return CorpusLoader.Load("demo", folder);
    }
}
