using Microsoft.ML;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Splits;
using SerPipeline.Tests.Console;
using SerPipeline.Tests.Support;
using SerPipeline.Transforms;

namespace SerPipeline.Tests.Experiments;

/// <summary>That the parts of a protocol hold wherever they reach: in resumed runs, in the last training, in what is drawn.</summary>
public sealed class DivisionTests(SpeakerEnrolmentTests.Voices voices, TrainedDemo demo)
    : IClassFixture<SpeakerEnrolmentTests.Voices>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(SplitProtocol.LeaveOneSpeakerOut, 5, "Speaker")]
    [InlineData(SplitProtocol.KFold, 2, null)]
    public void The_last_training_keeps_apart_whom_the_folds_keep_apart(string protocol, int folds, string? key)
    {
        // By it a discriminant is calibrated, and a validation part drawn.
        var keys = new List<string?>();
        Run(voices.Corpus, _folder.File("run"), new()
        {
            FeatureTrainers = [new FeatureTrainer("spy", "Lbfgs", ml => new Spy(ml, keys))],
            Trainers = ["spy"],
            Protocols = [protocol],
            Folds = folds,
        });
        Assert.Equal([.. Enumerable.Repeat(key, folds + 1)], keys);
    }

    [Fact]
    public void A_fold_of_a_trainer_of_ML_NET_is_the_same_whatever_was_trained_before_it()
    {
        string[][] parts = [[.. voices.Corpus.Speakers.Take(2)], [.. voices.Corpus.Speakers.Skip(2)]];
        Dictionary<string, IReadOnlyList<float>> Said(string name, IEnumerable<string[]> order)
        {
            Run(voices.Corpus, _folder.File(name), new()
            {
                Trainers = ["svm"],
                Protocols = [SplitProtocol.SpeakerIndependent],
                FoldFile = Folds(name, order),
                Final = false,
            });
            return PredictionsCsv.Read(Path.Combine(_folder.File(name), PredictionsCsv.FileName)).Rows
                .ToDictionary(row => row.Path, row => (IReadOnlyList<float>)[.. row.Probabilities]);
        }
        Dictionary<string, IReadOnlyList<float>> there = Said("there", parts), back = Said("back", parts.Reverse());
        Assert.Equal(80, there.Count);
        Assert.All(there, row => Assert.Equal(row.Value, back[row.Key]));
    }

    [Fact]
    public void A_run_is_not_gone_on_with_under_another_division()
    {
        string[] all = [.. voices.Corpus.Speakers];
        var settings = new ExperimentSettings
        {
            Trainers = [TrainerChains.Lda, TrainerChains.Mlp],
            Protocols = [SplitProtocol.SpeakerIndependent],
            FoldFile = Folds("before", [[all[0]], all[1..]]),
            Epochs = 1,
            Final = false,
        };
        string run = _folder.File("run");
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Token))
            Assert.ThrowsAny<OperationCanceledException>(() => Run(voices.Corpus, run, settings, _ => stop.Cancel(), stop.Token));
        ResumeException other = Assert.Throws<ResumeException>(() => Run(voices.Corpus, run,
            settings with { FoldFile = Folds("after", [all[..2], all[2..]]) }, resume: true));
        Assert.Contains("on other clips than would be now", other.Message, StringComparison.Ordinal);
        // The same folds from another file are the same.
        IReadOnlyList<FinishedExperiment> done = Run(voices.Corpus, run,
            settings with { FoldFile = Folds("moved", [[all[0]], all[1..]]) }, resume: true);
        Assert.Equal(["lda", "mlp"], done.Select(one => one.Experiment.Trainer));
    }

    [Fact]
    public void A_run_is_not_gone_on_with_under_other_validation_speakers()
    {
        string[] all = [.. voices.Corpus.Speakers];
        string run = _folder.File("run");
        // Whom nobody named is drawn: the file alone tells the two apart.
        var settings = new ExperimentSettings
        {
            Trainers = [TrainerChains.Lda, TrainerChains.Mlp],
            Protocols = [SplitProtocol.SpeakerIndependent],
            FoldFile = Folds("none", [all[..2], all[2..]]),
            ValidationFraction = 0.5,
            Epochs = 1,
            Final = false,
        };
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Token))
            Assert.ThrowsAny<OperationCanceledException>(() => Run(voices.Corpus, run, settings, _ => stop.Cancel(), stop.Token));
        Assert.Contains("trained, validated or tested on other clips", Assert.Throws<ResumeException>(() => Run(voices.Corpus, run,
            settings with { FoldFile = Folds("named", [all[..2], all[2..]], all[2]) }, resume: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_corpus_own_parts_are_part_of_its_data_and_of_no_use_to_a_calibration()
    {
        string[] all = [.. voices.Corpus.Speakers];
        Corpus first = await Manifest("first", (clip, i) => clip.Speaker == all[0] ? "test" : i % 4 == 0 ? "dev" : "train");
        Corpus second = await Manifest("second", (clip, i) => clip.Speaker == all[0] ? "test" : i % 4 == 1 ? "dev" : "train");
        string run = _folder.File("run");
        FinishedExperiment done = Run(first, run, new()
        {
            Trainers = [TrainerChains.Mlp],
            Protocols = [SplitProtocol.Given],
            Adapt = true,
            Epochs = 1,
        }).Single();
        // The clips of every fourth row validate.
        Assert.Equal((48, 16, 16), (done.Whole!.TrainClips, done.Whole.ValidationClips, done.Whole.TestClips));
        RunRecord record = RunRecord.Read(Path.Combine(run, RunRecord.FileName));
        CorpusData other = CorpusData.Of(second, NoProgress.Instance, Token);
        Assert.NotEqual(other.Fingerprint.Sha256, record.Data.Single().Value.Sha256);
    }

    [Fact]
    public async Task A_label_without_a_test_clip_is_named()
    {
        string last = voices.Corpus.Speakers[^1], label = voices.Corpus.Labels[0];
        Corpus corpus = await Manifest("parts", (clip, _) => clip.Speaker == last && clip.Label != label ? "test" : "train");
        var said = new List<string>();
        using var runner = new ExperimentRunner(new()
        {
            Trainers = [TrainerChains.Lda],
            Protocols = [SplitProtocol.Given],
            FeatureCache = demo.Cache,
        }, new Listener(said));
        runner.Plan([new OpenedDataset("demo", corpus)], Token);
        Assert.Single(said, message => message.Contains("no test clip", StringComparison.Ordinal)
            && message.Contains(label, StringComparison.Ordinal));
    }

    [Fact]
    public void Speakers_of_too_few_clips_are_found_before_anything_is_trained()
    {
        using var runner = new ExperimentRunner(new ExperimentSettings
        {
            Trainers = [TrainerChains.Lda],
            Protocols = ["leave-one-speaker-out+20"],
            FeatureCache = demo.Cache,
        });
        Assert.Contains("has 16 test clips, and 20 of them are to be enrolled", Assert.Throws<CorpusException>(() =>
            runner.Plan([new OpenedDataset("demo", voices.Corpus)], Token)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_of_an_enrolled_clip_counts_as_heard_and_every_clip_is_left_out_once()
    {
        // Eleven clips of which ten are heard: by chance some clip is heard in each of fifty draws, for one speaker in eleven.
        for (int seed = 0; seed < 40; seed++)
        {
            HashSet<int>[] draws = new SpeakerEnrolment(10, seed).Draw([.. Enumerable.Range(0, 11).Select(i => ("s", $"{i:00}"))])["s"];
            Assert.All(Enumerable.Range(0, 11), clip => Assert.Contains(draws, draw => !draw.Contains(clip)));
            Assert.All(draws, draw => Assert.Equal(10, draw.Count));
        }
        // The first two are one recording.
        (string, string)[] rows = [.. Enumerable.Range(0, 12).Select(i => ("s", $"{i:00}"))];
        int[] recordings = [.. Enumerable.Range(0, 12).Select(i => i == 1 ? 0 : i)];
        for (int seed = 0; seed < 40; seed++)
        {
            HashSet<int>[] draws = new SpeakerEnrolment(10, seed).Draw(rows, recordings)["s"];
            Assert.All(Enumerable.Range(0, 12), clip => Assert.Contains(draws, draw => draw.All(i => recordings[i] != recordings[clip])));
        }
        Assert.Throws<CorpusException>(() => new SpeakerEnrolment(11, 1).Draw(rows, recordings));
        DuplicateIndex index = LeakCheck.Find([.. new[] { "a", "b", "a", "c", "b", "a" }.Select(hash => new ClipFingerprint(hash, null))]);
        Assert.Equal([0, 1, 0, 3, 1, 0], index.Recordings);
    }

    private async Task<Corpus> Manifest(string name, Func<CorpusClip, int, string> partOf)
    {
        string file = _folder.File(name + ".csv");
        await File.WriteAllLinesAsync(file, ["path,label,speaker,split", .. voices.Corpus.Clips.Select((clip, i) =>
            $"{clip.Path},{clip.Label},{clip.Speaker},{partOf(clip, i)}")], Token);
        return CorpusLoader.Load("manifest", file);
    }

    private string Folds(string name, IEnumerable<string[]> tests, string? validates = null)
    {
        string file = _folder.File(name + ".json");
        File.WriteAllText(file, new FoldFile
        {
            Version = FoldFile.CurrentVersion,
            Dataset = voices.Corpus.Name,
            Protocol = SplitProtocol.SpeakerIndependent,
            Origin = name,
            Folds = [.. tests.Select((test, i) => new FoldSpeakers(i + 1, test, i == 0 && validates is not null ? [validates] : []))],
        }.ToJson());
        return file;
    }

    private IReadOnlyList<FinishedExperiment> Run(Corpus corpus, string folder, ExperimentSettings settings,
        Action<FinishedExperiment>? finished = null, CancellationToken? stop = null, bool resume = false)
    {
        using var runner = new ExperimentRunner(settings with { FeatureCache = demo.Cache });
        return runner.Run(runner.Plan([new OpenedDataset(corpus.Name, corpus)], Token), folder, finished, resume, stop ?? Token);
    }

    /// <summary>A trainer of ML.NET that notes by what its rows were divided.</summary>
    private sealed class Spy(MLContext ml, List<string?> keys) : IEstimator<ITransformer>
    {
        private readonly IEstimator<ITransformer> _trainer = ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy();

        public ITransformer Fit(IDataView input)
        {
            keys.Add(RowSubsetView.SamplingKeyOf(input.Schema));
            return _trainer.Fit(input);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _trainer.GetOutputSchema(inputSchema);
    }

    private sealed class Listener(List<string> said) : IRunProgress
    {
        public void Message(string text) => said.Add(text);

        public T Run<T>(Func<IProgressScope, T> work) => NoProgress.Instance.Run(work);
    }
}
