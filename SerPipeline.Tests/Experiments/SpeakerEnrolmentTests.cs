using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Synthesis;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Prediction;
using SerPipeline.Splits;
using SerPipeline.Tests.Console;
using SerPipeline.Tests.Onnx;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Experiments;

/// <summary>Protocols under which the model has heard clips of the test speakers, and that nothing else of the test part gets into a
/// training.</summary>
public sealed class SpeakerEnrolmentTests(SpeakerEnrolmentTests.Voices voices, TrainedDemo demo)
    : IClassFixture<SpeakerEnrolmentTests.Voices>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Draws_depend_on_the_clips_alone_and_differ()
    {
        (string, string)[] rows = [.. Enumerable.Range(0, 40).Select(i => ($"s{i % 2}", $"clip{i:00}"))];
        Dictionary<string, HashSet<int>[]> drawn = new SpeakerEnrolment(10, 42).Draw(rows);
        Assert.All(drawn.Values.SelectMany(draws => draws), draw => Assert.Equal(10, draw.Count));
        Assert.All(drawn, speaker => Assert.All(speaker.Value.SelectMany(draw => draw), i => Assert.Equal(speaker.Key, rows[i].Item1)));
        Assert.Equal(SpeakerEnrolment.Draws, drawn["s0"].Take(SpeakerEnrolment.Draws)
            .Select(draw => string.Join(' ', draw.Order())).Distinct().Count());
        // Twelve of fourteen: many a clip is in all five draws, and none in the spare ones too.
        (string, string)[] few = [.. Enumerable.Range(0, 14).Select(i => ("s", $"clip{i:00}"))];
        HashSet<int>[] all = new SpeakerEnrolment(12, 1).Draw(few)["s"];
        Assert.Contains(Enumerable.Range(0, 14), i => all.Take(SpeakerEnrolment.Draws).All(draw => draw.Contains(i)));
        Assert.All(Enumerable.Range(0, 14), i => Assert.Contains(all, draw => !draw.Contains(i)));
        (string, string)[] turned = [.. rows.Reverse()];
        Dictionary<string, HashSet<int>[]> again = new SpeakerEnrolment(10, 42).Draw(turned);
        Assert.Equal(drawn["s1"].Select(draw => draw.Select(i => rows[i].Item2).Order()),
            again["s1"].Select(draw => draw.Select(i => turned[i].Item2).Order()));
        var error = Assert.Throws<CorpusException>(() => new SpeakerEnrolment(20, 1).Draw(rows));
        Assert.Contains("s0 has 20 test clips", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scores_carry_their_protocol_and_a_saved_model_gives_them_again()
    {
        Corpus corpus = voices.Corpus;
        string runs = _folder.File("runs"), folds = _folder.File("folds.json");
        // Three folds, each of which is trained once for both protocols.
        await File.WriteAllTextAsync(folds, """
            { "version": 1, "dataset": "demo", "protocol": "speaker-independent", "origin": "by hand", "folds": [
              { "fold": 1, "test": ["04"], "validation": [] }, { "fold": 2, "test": ["01", "02"], "validation": [] },
              { "fold": 3, "test": ["03", "05"], "validation": [] } ] }
            """, TestContext.Current.CancellationToken);
        IReadOnlyList<FinishedExperiment> finished = Run(corpus, runs, new ExperimentSettings
        {
            Trainers = [TrainerChains.Lda],
            Protocols = [SplitProtocol.SpeakerIndependent, "speaker-independent+10"],
            FoldFile = folds,
            Final = false,
        });
        Assert.Equal(["lda-speaker", "lda-speaker+10"], finished.Select(one => one.Experiment.Name));
        RunMetrics plain = finished[0].Whole!, adapted = finished[1].Whole!;
        Assert.Equal(("speaker-independent", "speaker-independent+10"), (plain.Protocol, adapted.Protocol));
        Assert.Null(plain.Adaptation);
        Assert.Equal((10, SpeakerEnrolment.Draws), (adapted.Adaptation!.Clips, adapted.Adaptation.Uars.Count));
        Assert.True(SplitProtocol.KeepsSpeakersApart(adapted.Protocol));
        // Both score every clip once, so that they can be compared in pairs.
        Assert.Equal((80, 80), (plain.TestClips, adapted.TestClips));
        string fold = Path.Combine(runs, "lda-speaker+10", "fold-01");
        PredictionSet said = PredictionsCsv.Read(Path.Combine(fold, PredictionsCsv.FileName));
        Assert.All(MetricsFile.Read(Path.Combine(fold, MetricsFile.FileName)).Runs, run => Assert.Equal(adapted.Protocol, run.Protocol));
        string report = await File.ReadAllTextAsync(Path.Combine(runs, "lda-speaker+10", "report.html"),
            TestContext.Current.CancellationToken);
        Assert.Contains("Do not compare the scores with those of voices of whom nothing was heard", report, StringComparison.Ordinal);

        // The saved model, given the clips of the first draw, says of the others what the run said.
        string speaker = said.Rows[0].Speaker!;
        HashSet<int> heard = new SpeakerEnrolment(10, 42).Draw([.. said.Rows.Select(row => (row.Speaker!, row.Path))])[speaker][0];
        using SerModel model = SerModel.Load(Path.Combine(fold, "model.zip"));
        using SerModel own = model.ForSpeaker(heard.Select(i => Path.Combine(corpus.Root, said.Rows[i].Path)));
        Assert.Equal((true, 0, 10), (model.CanAdapt, model.SpeakerClips, own.SpeakerClips));
        Assert.Equal((0, corpus.Speakers.Count - 1), (model.AdaptationSpeakers, own.AdaptationSpeakers));
        bool moved = false;
        foreach ((int i, ClipPrediction row) in said.Rows.Index().Where(row => row.Item.Speaker == speaker && !heard.Contains(row.Index)))
        {
            string path = Path.Combine(corpus.Root, row.Path);
            Assert.Equal(row.Probabilities, own.Predict(path).Scores, (a, b) => Math.Abs(a - b) < 1e-4);
            moved |= model.Predict(path).Scores.Zip(row.Probabilities, (a, b) => Math.Abs(a - b)).Max() > 1e-3;
        }
        Assert.True(moved);
        Assert.Throws<ArgumentException>(() => model.ForSpeaker(heard.Take(9).Select(i => Path.Combine(corpus.Root, said.Rows[i].Path))));
    }

    [Theory]
    [InlineData("mlp")]
    [InlineData("recipe-small")]
    public void No_test_clip_reaches_a_training_or_a_choice(string trainer)
    {
        Corpus corpus = voices.Copy(_folder.File("demo"));
        var settings = new ExperimentSettings
        {
            Trainers = [trainer],
            Protocols = [SplitProtocol.SpeakerIndependent],
            ProtocolsAreNamed = true,
            TestSpeakers = [corpus.Speakers[0]],
            Adapt = true,
            Copies = [TrainingCopy.Telephone],
            Epochs = 2,
            // With a part that chooses the epoch, where the trainer has one.
            ValidationFraction = 0.25,
        };
        ModelRecord Train(string name)
        {
            Run(corpus, _folder.File(name), settings);
            return ModelRecord.Read(Path.Combine(_folder.File(name), "model.zip"));
        }
        ModelRecord before = Train("before");
        CorpusClip[] test = [.. corpus.Clips.Where(clip => clip.Speaker == corpus.Speakers[0])];
        CorpusClip[] train = [.. corpus.Clips.Where(clip => clip.Speaker == corpus.Speakers[1])];
        // Other sounds under every test clip's name.
        Swap(test);
        ModelRecord after = Train("after");
        Assert.Equal(before.Scoring!.Value.ToArray(), after.Scoring!.Value.ToArray());
        Assert.Equal(before.Attachments["adaptation.onnx"].ToArray(), after.Attachments["adaptation.onnx"].ToArray());
        Assert.Equal(before.Attachments["adaptation.json"].ToArray(), after.Attachments["adaptation.json"].ToArray());
        // The same done to training clips shows.
        Swap(train);
        Assert.NotEqual(before.Scoring!.Value.ToArray(), Train("trained").Scoring!.Value.ToArray());
    }

    [Fact]
    public void What_cannot_adapt_is_refused_before_audio_is_read()
    {
        Corpus corpus = voices.Corpus;
        OptionsException Refused(string trainer, string protocol)
        {
            using var runner = new ExperimentRunner(new ExperimentSettings { Trainers = [trainer], Protocols = [protocol] });
            return Assert.Throws<OptionsException>(() => runner.Plan([new OpenedDataset(corpus.Name, corpus)]));
        }
        Assert.Contains("cnn", Refused("cnn", "speaker-5fold+10").Message, StringComparison.Ordinal);
        Assert.Contains("enrol 5 to 1000 clips", Refused("lda", "speaker-5fold+4").Message, StringComparison.Ordinal);
        Assert.Contains("keep speakers apart", Refused("lda", "random+10").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_adapts_to_a_folder_of_a_voice()
    {
        string run = _folder.File("run");
        Corpus corpus = voices.Corpus;
        ConsoleRun trained = (await ConsoleRun.Of("train", "--corpus", "demo", "--data", corpus.Root, "--trainer", "recipe-small",
            "--epochs", "2", "--protocol", "speaker+5", "--test-speakers", corpus.Speakers[0], "--out", run, "--cache", demo.Cache,
            "--no-final")).Succeeds();
        Assert.Contains($"Speaker-independent+5: the test speakers {corpus.Speakers[0]} were heard neither in training nor in validation. "
            + "5 clips of each were heard before the test", trained.Output, StringComparison.Ordinal);
        string model = Path.Combine(run, "model.zip"), voice = _folder.File("voice");
        Directory.CreateDirectory(voice);
        CorpusClip[] clips = [.. corpus.Clips.Where(clip => clip.Speaker == corpus.Speakers[0])];
        foreach (CorpusClip clip in clips.Take(11)) File.Copy(clip.Path, Path.Combine(voice, Path.GetFileName(clip.Path)));
        ConsoleRun unknown = (await ConsoleRun.Of("predict", "--model", model, clips[^1].Path, "--json")).Succeeds();
        ConsoleRun known = (await ConsoleRun.Of("predict", "--model", model, "--enroll", voice, clips[^1].Path, "--json")).Succeeds();
        Assert.Contains("Adapted to the voice in 11 recordings", known.Error, StringComparison.Ordinal);
        Assert.Contains("from 4 speakers: with fewer than 5 it was not shown to help", known.Error, StringComparison.Ordinal);
        Assert.NotEqual(unknown.Output, known.Output);
        ConsoleRun few = await ConsoleRun.Of(["predict", "--model", model, "--same-speaker",
            .. clips.Take(9).Select(clip => clip.Path)]);
        Assert.Equal(2, few.ExitCode);
        Assert.Contains("at least 10 recordings", few.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_recipe_is_one_graph_that_says_what_the_model_says()
    {
        Corpus corpus = voices.Corpus;
        string run = _folder.File("recipe");
        Run(corpus, run, new ExperimentSettings
        {
            Trainers = [TrainerChains.Recipe],
            Protocols = [SplitProtocol.SpeakerIndependent],
            ProtocolsAreNamed = true,
            Epochs = 1,
        });
        string path = Path.Combine(run, "model.zip");
        // Of unknown voices and of a known one.
        SpeakerExportTests.AdaptsAlike(ModelRecord.Read(path), [.. corpus.Clips.Where(clip => clip.Speaker == corpus.Speakers[0])
            .Select(clip => AudioFile.Read(clip.Path).ToMono().Resample(16000))]);
    }

    private static void Swap(CorpusClip[] clips)
    {
        byte[][] sounds = [.. clips.Select(clip => File.ReadAllBytes(clip.Path))];
        for (int i = 0; i < clips.Length; i++) File.WriteAllBytes(clips[i].Path, sounds[(i + 3) % clips.Length]);
    }

    private IReadOnlyList<FinishedExperiment> Run(Corpus corpus, string folder, ExperimentSettings settings)
    {
        using var runner = new ExperimentRunner(settings with { FeatureCache = demo.Cache });
        return runner.Run(runner.Plan([new OpenedDataset(corpus.Name, corpus)], TestContext.Current.CancellationToken), folder,
            cancellation: TestContext.Current.CancellationToken);
    }

    /// <summary>Five voices of the demo corpus and features of them, for all tests.</summary>
    public sealed class Voices : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Lazy<Corpus> _corpus;

        public Voices() => _corpus = new(() =>
        {
            DemoCorpus.Write(_folder.File("demo"), new DemoCorpusOptions { Speakers = 5, ClipsPerEmotion = 2 });
            return CorpusLoader.Load("demo", _folder.File("demo"));
        });

        internal Corpus Corpus => _corpus.Value;

        /// <summary>The same files, to be changed.</summary>
        internal Corpus Copy(string folder)
        {
            Folders.Copy(Corpus.Root, folder);
            return CorpusLoader.Load("demo", folder);
        }

        public void Dispose() => _folder.Dispose();
    }
}
