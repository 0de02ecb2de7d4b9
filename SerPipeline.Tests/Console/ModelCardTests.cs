using System.Text;
using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Prediction;
using SerPipeline.Reports;
using SerPipeline.Tests.Prediction;
using SerPipeline.Tests.Reports;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>What a saved model tells of itself: its scores, its folds and its card, as its run has them.</summary>
public sealed class ModelCardTests(TrainedDemo demo)
{
    private static readonly PredictionSet Clips = ReportSamples.Predictions(12, 240);

    [Fact]
    public async Task A_model_keeps_the_scores_and_the_folds_that_its_run_folder_has()
    {
        foreach ((string run, bool folds) in new[] { ("mlp-random", false), ("mlp-speaker", true) })
        {
            string folder = Path.Combine(await demo.Runs, run);
            ModelRecord document = Document(folder);
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(folder, "metrics.json"), TestContext.Current.CancellationToken),
                document.Attachments["metrics.json"].ToArray());
            Assert.Equal(folds, document.Attachments.ContainsKey("folds.json"));
            if (folds) Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(folder, "folds.json"),
                TestContext.Current.CancellationToken), document.Attachments["folds.json"].ToArray());
        }
    }

    [Fact]
    public async Task The_card_of_a_random_split_says_first_that_the_voices_are_known()
    {
        string folder = Path.Combine(await demo.Runs, "mlp-random"), card = Card(folder);
        Assert.StartsWith("---\npipeline_tag: audio-classification\n", card, StringComparison.Ordinal);
        int title = card.IndexOf("\n# Speech emotion recognition: mlp trained on demo (synthetic)\n\n", StringComparison.Ordinal);
        Assert.InRange(title, 1, 200);
        Assert.StartsWith("> **Training and test share speakers.** 4 speakers of the test clips also spoke in training or validation: "
            + "01, 02, 03, 04.", card[title..].Split("\n\n")[1], StringComparison.Ordinal);
        Assert.Contains("> **Synthetic corpus.**", card, StringComparison.Ordinal);
        Assert.Contains("What this does not show: how the model does on voices that it has not heard", card, StringComparison.Ordinal);
        Assert.Contains("- Any conclusion about human speech", card, StringComparison.Ordinal);
        Assert.DoesNotContain("No speaker of the test clips was heard", card, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_card_of_a_speaker_split_names_who_was_held_out_and_does_not_warn_of_known_voices()
    {
        string folder = Path.Combine(await demo.Runs, "mlp-speaker"), card = Card(folder);
        RunMetrics run = MetricsFile.Read(Path.Combine(folder, "metrics.json")).Runs[0];
        Assert.Contains($"No speaker of the test clips was heard in training or validation. Held out: 1 speaker "
            + $"({run.HeldOutSpeakers.Single()}).", card, StringComparison.Ordinal);
        Assert.Contains("how the model does on recordings of another origin", card, StringComparison.Ordinal);
        Assert.DoesNotContain("share speakers", card, StringComparison.Ordinal);
        Assert.DoesNotContain("measured on speakers of the training part", card, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_figure_of_the_card_is_the_runs()
    {
        string folder = Path.Combine(await demo.Runs, "mlp-random"), card = Card(folder);
        RunMetrics run = MetricsFile.Read(Path.Combine(folder, "metrics.json")).Runs[0];
        RunRecord record = RunRecord.Read(Path.Combine(folder, "run.json"));
        foreach ((string name, double score, IReadOnlyList<double> interval) in new[] { ("UAR, the mean recall of the labels", run.Uar,
            run.Intervals!.Uar), ("accuracy", run.Accuracy, run.Intervals.Accuracy) })
            Assert.Contains($"| {name} | {Format.Percent(score)} | {Format.Percent(interval[0])} to {Format.Percent(interval[1])} |", card,
                StringComparison.Ordinal);
        Assert.Contains($"{Format.Percent(run.ChanceBaseline)}, guessing", card, StringComparison.Ordinal);
        foreach (ClassMetrics label in run.Classes)
            Assert.Contains($"| {label.Label} | {label.Support} | {Format.Percent(label.Recall)} | {Format.Percent(label.Precision)} | "
                + $"{Format.Percent(label.F1)} |", card, StringComparison.Ordinal);
        RunGroup worst = run.BySpeaker.WorstGroup()!;
        Assert.Contains($"Worst of 4 test speakers: {worst.Name}, with a UAR of {Format.Percent(worst.Uar)} on {worst.Clips} clips.", card,
            StringComparison.Ordinal);
        Assert.Contains($"| demo | training and validation | {run.TrainClips + run.ValidationClips} | 4 | MIT (generated) |\n| demo | "
            + $"test | {run.TestClips} | 4 | MIT (generated) |", card, StringComparison.Ordinal);
        Assert.Contains($"| seed | {record.Seed} |", card, StringComparison.Ordinal);
        Assert.Contains(record.Data["demo"].Sha256, card, StringComparison.Ordinal);
        Assert.Contains($"libtorch {record.Environment.LibTorch}", card, StringComparison.Ordinal);
        Assert.Contains("resampled to 16000 Hz. Stages: LoadAudio → UtteranceFeatures.", card, StringComparison.Ordinal);
        Assert.Contains("ml.Model.Load(", card, StringComparison.Ordinal);
        // A card is published: no path of the machine that trained.
        Assert.DoesNotContain(Path.GetTempPath(), card, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_a_fold_says_so_and_one_that_ml_net_opens_says_how()
    {
        CardContent content = Content("leave-one-speaker-out") with { FoldNote = "This is the model of fold 2 of 24." };
        string card = CardPage.Render(content);
        Assert.Contains("This is the model of fold 2 of 24.", card, StringComparison.Ordinal);
        Assert.Contains("ml.Model.Load(\"model.zip\", out DataViewSchema schema)", card, StringComparison.Ordinal);
        Assert.Contains("// mono, 16000 Hz, from -1 to 1", card, StringComparison.Ordinal);
        Assert.Equal(card, CardPage.Render(content));
        Assert.Contains("with the packages Microsoft.ML, Microsoft.ML.OnnxRuntime, Microsoft.ML.OnnxTransformer:", card,
            StringComparison.Ordinal);
        string trees = CardPage.Render(content with
        {
            Packages = ["Microsoft.ML", "Microsoft.ML.LightGbm"],
            Model = Model() with { ScoringProblem = "trees" },
        });
        Assert.Contains("with the packages Microsoft.ML, Microsoft.ML.LightGbm:", trees, StringComparison.Ordinal);
        Assert.DoesNotContain("ser model export", trees, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_corpus_tested_has_its_own_scores()
    {
        RunMetrics first = ReportSamples.Metrics(Clips, "cross-corpus", null) with { TrainDataset = "tess" },
            second = first with { Dataset = "emodb" };
        string card = CardPage.Render(Content("cross-corpus") with { Runs = [first, second], Cards = [CardOf(first), CardOf(second)] });
        Assert.Contains("## Scores on ravdess\n", card, StringComparison.Ordinal);
        Assert.Contains("## Scores on emodb\n", card, StringComparison.Ordinal);
        Assert.Single(card.Split('\n'), line => line.StartsWith("- Research and teaching", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ravdess-speech", "**Licence.** ravdess-speech is CC BY-NC-SA 4.0. It and models trained on it are not free for "
        + "commercial use")]
    [InlineData("tess", "**Licence.** tess is CC BY-NC-ND 4.0. It and models trained on it are not free for commercial use")]
    [InlineData("savee", "models trained on it are not free for commercial use")]
    [InlineData("emodb", "Its terms do not say whether a model trained on it may be used commercially: ask its authors first")]
    [InlineData("crema-d", "**Licence.** crema-d is ODbL 1.0 (contents: DbCL 1.0): name its authors and keep to its conditions.")]
    public void The_terms_of_a_published_corpus_stand_at_the_top_and_its_authors_below(string corpus, string words)
    {
        CorpusFacts facts = CorpusFacts.Find(corpus)!;
        string card = CardPage.Render(Content("speaker-independent") with
        {
            Sources = [Source(corpus, facts.Licence, facts,
            trains: true)]
        });
        Assert.Contains(words, card[..card.IndexOf("## Scores", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.Contains($"Language: {facts.Language}. To cite: {facts.Citation}", card, StringComparison.Ordinal);
    }

    [Fact]
    public void Terms_bind_where_a_corpus_trains_and_unknown_ones_are_called_so()
    {
        CorpusFacts ravdess = CorpusFacts.Find("ravdess")!;
        string card = CardPage.Render(Content("cross-corpus") with
        {
            Sources = [Source("mine", null, null, trains: true),
            Source("ravdess", ravdess.Licence, ravdess, trains: false)]
        });
        Assert.Contains("The terms of mine are not known.", card, StringComparison.Ordinal);
        Assert.DoesNotContain("not free for commercial use", card[..card.IndexOf("## Scores", StringComparison.Ordinal)],
            StringComparison.Ordinal);
        string own = CardPage.Render(Content("random") with { Sources = [Source("mine", "CC BY-NC 4.0", null, trains: true)] });
        Assert.Contains("mine is CC BY-NC 4.0. It and models trained on it are not free for commercial use", own, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_trained_on_one_corpus_of_two_states_the_terms_of_that_one()
    {
        using var folder = new TemporaryFolder();
        string other = await CorpusFolders.ByLabel(await demo.Corpus, folder, clip => clip.Speaker is "03" or "04");
        string first = await CorpusFolders.AsRecorded(await demo.Corpus, folder, clip => clip.Speaker is "01" or "02");
        (await ConsoleRun.Of(
            "train", "--corpus", "ravdess+folder", "--data", $"ravdess={first},folder={other}", "--speaker-pattern",
                CorpusFolders.SpeakerPattern, "--combine", "common", "--protocol", "cross",
            "--trainer", "mlp", "--epochs", "1", "--validation-fraction", "0", "--cache", demo.Cache, "--out", folder.File("run")))
                .Succeeds();
        string ravdess = Card(folder.File("run", "from-ravdess")), mine = Card(folder.File("run", "from-labels"));
        Assert.Contains("# Speech emotion recognition: mlp trained on ravdess\n", ravdess, StringComparison.Ordinal);
        Assert.Contains("**Licence.** ravdess is CC BY-NC-SA 4.0.", ravdess, StringComparison.Ordinal);
        Assert.Contains("- Speech in another language than English (North America): the model heard no other.", ravdess,
            StringComparison.Ordinal);
        Assert.Contains("| ravdess | training and validation | 32 | 2 | CC BY-NC-SA 4.0 |\n", ravdess, StringComparison.Ordinal);
        Assert.Contains("| labels | test | 32 | 2 | unknown |\n", ravdess, StringComparison.Ordinal);
        Assert.Contains("This is one of 2 models, each trained on other corpora: this one on ravdess.", ravdess, StringComparison.Ordinal);
        Assert.Contains("**Licence.** The terms of labels are not known.", mine, StringComparison.Ordinal);
        Assert.DoesNotContain("**Licence.** ravdess", mine, StringComparison.Ordinal);
        Assert.False(Document(folder.File("run", "from-ravdess")).Attachments.ContainsKey("folds.json"));
    }

    [Fact]
    public void Names_of_others_cannot_change_the_page()
    {
        RunMetrics run = ReportSamples.Metrics(Clips, "random", null) with { Dataset = "a|b\n# <script> [x](y)" };
        string card = CardPage.Render(Content("random") with
        {
            Runs = [run],
            Cards = [CardOf(run)],
            Sources = [Source("p|q\n*r*", "x|y", null, trains: true)]
        });
        Assert.DoesNotContain("\n# <script>", card, StringComparison.Ordinal);
        Assert.Contains("a|b # \\<script> \\[x\\](y)", card, StringComparison.Ordinal);
        Assert.Contains("| p\\|q \\*r\\* | training | 10 | unknown | x\\|y |", card, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_record_reads_the_folds_of_new_models_and_of_those_that_have_them_as_a_note()
    {
        string folder = Path.Combine(await demo.Runs, "mlp-speaker");
        ModelRecord document = Document(folder);
        string folds = await File.ReadAllTextAsync(Path.Combine(folder, "folds.json"), TestContext.Current.CancellationToken);
        Assert.False(document.Notes.ContainsKey("folds"));
        Assert.Equal(folds, TrainingRecord.From(document, "new")!.FoldFile);
        var older = document with
        {
            Notes = new Dictionary<string, string>(document.Notes, StringComparer.Ordinal) { ["folds"] = folds },
            Attachments = new Dictionary<string, ReadOnlyMemory<byte>>(),
        };
        Assert.Equal(folds, TrainingRecord.From(older, "older")!.FoldFile);
        var damaged = document with
        {
            Attachments = new Dictionary<string,
            ReadOnlyMemory<byte>>
            { ["folds.json"] = new byte[] { 0xff, 0xfe } }
        };
        Assert.Contains("'damaged'", Assert.Throws<ModelFormatException>(() => TrainingRecord.From(damaged, "damaged")).Message,
            StringComparison.Ordinal);
        Assert.Null(TrainingRecord.From(Document(Path.Combine(await demo.Runs, "mlp-random")), "random")!.FoldFile);
    }

    [Fact]
    public async Task Real_clips_beside_synthetic_ones_are_not_called_synthetic()
    {
        using var folder = new TemporaryFolder();
        foreach (string label in new[] { "happy", "sad" })
            for (int i = 0; i < 6; i++)
            {
                Directory.CreateDirectory(folder.File(Path.Combine("own", label)));
                WavWriter.Write(folder.File(Path.Combine("own", label, $"s{i % 3}_{i}.wav")),
                    ToneModel.Tone(label == "sad" ? 0 : 2, i % 3, i, 0.7));
            }
        (await ConsoleRun.Of(
            "train", "--corpus", "demo+folder", "--data", $"demo={await demo.Corpus},folder={folder.File("own")}", "--labels", "happy,sad",
                "--trainer", "mlp", "--protocol", "random", "--epochs", "1",
            "--out", folder.File("run"), "--cache", demo.Cache)).Succeeds();
        string card = Card(folder.File("run"));
        Assert.Contains("demo: synthetic, made by a program", card, StringComparison.Ordinal);
        Assert.Contains("own: recordings that nothing is published about", card, StringComparison.Ordinal);
        Assert.Contains("MIT (generated)", card, StringComparison.Ordinal);
    }

    private static ModelRecord Document(string folder) => ModelRecord.Read(Path.Combine(folder, "model.zip"));

    private static string Card(string folder) => Encoding.UTF8.GetString(Document(folder).Attachments["README.md"].Span);

    private static ModelRecord Model() => new() { LibraryVersion = "1.2.3" };

    private static ModelCard CardOf(RunMetrics run) => ModelCard.From(run,
        new ModelCardFacts { Model = "A network", Data = [], Training = [new("seed", "1")] });

    private static TrainingSource Source(string name, string? licence, CorpusFacts? facts, bool trains) =>
        new(name, licence, facts, [new ModelCardData(name, licence, trains ? "training" : "test", 10)], trains, Synthetic: name == "demo");

    private static CardContent Content(string protocol)
    {
        RunMetrics run = ReportSamples.Metrics(Clips, protocol, null);
        return new CardContent
        {
            Title = "Speech emotion recognition: mlp trained on ravdess",
            Runs = [run],
            Cards = [CardOf(run)],
            Sources = [Source("ravdess", "CC BY-NC-SA 4.0", CorpusFacts.Find("ravdess"), trains: true)],
            TrainingNote = "Trained on 1000 clips.",
            SampleRateHz = 16000,
            Model = Model(),
            Packages = ["Microsoft.ML", "Microsoft.ML.OnnxRuntime", "Microsoft.ML.OnnxTransformer"],
        };
    }
}
