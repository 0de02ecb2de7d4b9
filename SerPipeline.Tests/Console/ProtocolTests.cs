using System.Text;
using System.Text.RegularExpressions;
using SerPipeline.Evaluation;
using SerPipeline.Prediction;
using SerPipeline.Splits;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>What ser train leaves under protocols with folds, several seeds, and folds that the user gives.</summary>
public sealed class ProtocolTests(TrainedDemo demo)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leave_one_speaker_out_tests_every_clip_once_and_pools_the_folds()
    {
        using var folder = new TemporaryFolder();
        ConsoleRun run = (await Train(folder.File("run"), "--protocol", "loso")).Succeeds();
        MetricsFile metrics = MetricsFile.Read(folder.File("run", "metrics.json"));
        Assert.Equal([1, 2, 3, 4], metrics.Runs.Select(fold => fold.Fold));
        Assert.Equal(["01", "02", "03", "04"], metrics.Runs.Select(fold => Assert.Single(fold.HeldOutSpeakers)));
        RunMetrics pooled = Assert.Single(metrics.Pooled);
        Assert.Equal((null, 64, SplitProtocol.LeaveOneSpeakerOut), (pooled.Fold, pooled.TestClips, pooled.Protocol));
        // The pooled scores are those of the pooled predictions, and each fold's those of its own.
        PredictionSet all = PredictionsCsv.Read(folder.File("run", "predictions.csv"));
        Assert.Equal(64, all.Rows.Select(row => row.Path).Distinct().Count());
        Assert.Equal(all.ToReport().Uar, pooled.Uar, 12);
        foreach (int fold in new[] { 1, 2, 3, 4 })
        {
            string own = folder.File("run", $"fold-{fold:00}");
            PredictionSet part = PredictionsCsv.Read(Path.Combine(own, "predictions.csv"));
            Assert.Equal($"{fold:00}", Assert.Single(part.Rows.Select(row => row.Speaker).Distinct()));
            Assert.Equal(metrics.Runs[fold - 1].Uar, part.ToReport().Uar, 12);
            Assert.True(File.Exists(Path.Combine(own, "model.zip")));
        }
        Assert.Equal(["01", "02", "03", "04"], pooled.BySpeaker.Select(speaker => speaker.Name));
        Assert.Contains("4 speakers", pooled.Intervals!.Caution, StringComparison.Ordinal);
        RunSummary summary = Assert.Single(metrics.Summary);
        Assert.Equal((4, 4, 1), (summary.Runs, summary.Folds, summary.Seeds));
        Assert.Contains("UAR over 4 folds", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validation_parts_of_folds_share_no_speaker_with_anything_else()
    {
        using var folder = new TemporaryFolder();
        (await Train(folder.File("run"), "--protocol", "loso", "--validation-fraction", "0.34")).Succeeds();
        string page = await File.ReadAllTextAsync(folder.File("run", "report.html"), Cancellation);
        foreach (int fold in new[] { 1, 2, 3, 4 })
        {
            // Of three training speakers one validates: a whole speaker, and another one than is tested.
            Match note = Regex.Match(page, $@"fold {fold} of 4: trained on 32 clips; the weights are those of epoch \d of 2, "
                + @"chosen on 16 validation clips of the speaker (\d\d)\.");
            Assert.True(note.Success, page);
            Assert.NotEqual($"{fold:00}", note.Groups[1].Value);
            RunMetrics metrics = MetricsFile.Read(folder.File("run", $"fold-{fold:00}", "metrics.json")).Runs[0];
            Assert.Equal((32, 16, 16), (metrics.TrainClips, metrics.ValidationClips, metrics.TestClips));
            Assert.NotNull(metrics.Calibration!.Temperature);
        }
    }

    [Fact]
    public async Task Folds_at_random_cover_every_clip_and_say_that_voices_are_known()
    {
        using var folder = new TemporaryFolder();
        ConsoleRun run = (await Train(folder.File("run"), "--protocol", "kfold", "--folds", "2")).Succeeds();
        RunMetrics pooled = Assert.Single(MetricsFile.Read(folder.File("run", "metrics.json")).Pooled);
        Assert.Equal((64, 64), (pooled.TestClips, pooled.LeakCheck!.OfTrainingSpeakers));
        Assert.Contains("64 of its 64 test clips are spoken by voices that it heard in training", run.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("run", "folds.json")));
    }

    [Fact]
    public async Task The_folds_of_a_run_can_be_given_to_another_and_are_kept_with_its_models()
    {
        using var folder = new TemporaryFolder();
        string folds = folder.File("folds.json");
        await File.WriteAllTextAsync(folds, """
            { "version": 1, "dataset": "demo", "protocol": "speaker-independent", "origin": "by hand", "folds": [
              { "fold": 1, "test": ["01", "03"], "validation": ["02"] }, { "fold": 2, "test": ["02", "04"], "validation": ["03"] } ] }
            """, Cancellation);
        (await Train(folder.File("run"), "--protocol", "speaker", "--fold-file", folds)).Succeeds();
        MetricsFile metrics = MetricsFile.Read(folder.File("run", "metrics.json"));
        Assert.Equal([["01", "03"], ["02", "04"]], metrics.Runs.Select(fold => fold.HeldOutSpeakers));
        Assert.All(metrics.Runs, fold => Assert.Equal((16, 16, 32), (fold.TrainClips, fold.ValidationClips, fold.TestClips)));
        var model = ModelRecord.Read(folder.File("run", "fold-02", "model.zip"));
        Assert.Equal("2", model.Notes["fold"]);
        Assert.Contains("This is the model of fold 2 of 2", Encoding.UTF8.GetString(model.Attachments["README.md"].Span),
            StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllBytesAsync(folder.File("run", "fold-02", "metrics.json"), Cancellation),
            model.Attachments["metrics.json"].ToArray());
        await File.WriteAllBytesAsync(folder.File("kept.json"), model.Attachments["folds.json"].ToArray(), Cancellation);
        Assert.Equal(FoldFile.Read(folder.File("run", "folds.json")).ToJson(), FoldFile.Read(folder.File("kept.json")).ToJson());

        // The same folds again give the same predictions.
        (await Train(folder.File("again"), "--protocol", "speaker", "--fold-file", folder.File("run", "folds.json"))).Succeeds();
        PredictionFiles.AreAlike(folder.File("run", "predictions.csv"), folder.File("again", "predictions.csv"));
    }

    [Fact]
    public async Task Several_seeds_get_a_folder_each_and_are_summarised()
    {
        using var folder = new TemporaryFolder();
        (await Train(folder.File("run"), "--protocol", "speaker", "--test-speakers", "1", "--seed", "1,2")).Succeeds();
        MetricsFile metrics = MetricsFile.Read(folder.File("run", "metrics.json"));
        Assert.Equal([1L, 2], metrics.Runs.Select(run => run.Seed));
        Assert.Equal((2, 1, 2), (metrics.Summary[0].Runs, metrics.Summary[0].Folds, metrics.Summary[0].Seeds));
        foreach (int seed in new[] { 1, 2 }) Assert.True(File.Exists(folder.File("run", $"mlp-speaker-seed{seed}", "model.zip")));
    }

    [Theory]
    [InlineData("speaker-5fold", "it has 1 fold, but speaker-5fold has 5", """[ { "fold": 1, "test": ["01"], "validation": [] } ]""")]
    [InlineData("leave-one-speaker-out", "speakers in no fold: 02, 03, 04", """[ { "fold": 1, "test": ["01"], "validation": [] } ]""")]
    [InlineData("speaker-independent", "folds 1 and 2 overlap: both test 01",
        """[ { "fold": 1, "test": ["01"], "validation": [] }, { "fold": 2, "test": ["01", "02", "03"], "validation": [] } ]""")]
    [InlineData("speaker-independent", "fold 1 lists twice: 02", """[ { "fold": 1, "test": ["01"], "validation": ["02", "02"] } ]""")]
    [InlineData("speaker-independent", "unknown speakers: 77", """[ { "fold": 1, "test": ["77"], "validation": [] } ]""")]
    public async Task A_fold_file_that_is_not_what_its_protocol_says_is_refused_before_any_clip_is_read(string protocol, string message,
        string list)
    {
        using var folder = new TemporaryFolder();
        string folds = folder.File("folds.json");
        await File.WriteAllTextAsync(folds,
            $$"""{ "version": 1, "dataset": "demo", "protocol": "{{protocol}}", "origin": "by hand", "folds": {{list}} }""", Cancellation);
        ConsoleRun run = await Train(folder.File("run"), "--protocol",
            protocol switch { "speaker-independent" => "speaker", "leave-one-speaker-out" => "loso", _ => protocol }, "--fold-file", folds);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("reading clips", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_label_that_one_speaker_alone_has_besides_the_test_is_not_given_to_validation()
    {
        using var folder = new TemporaryFolder();
        string root = await CorpusFolders.AsRecorded(await demo.Corpus, folder, clip => clip.Label != "happy"
            || clip.Speaker is "01" or "02");
        string[] args = ["train", "--corpus", "ravdess", "--data", root, "--trainer", "mlp", "--epochs", "1", "--cache", demo.Cache,
            "--protocol", "speaker"];
        // Whatever the seed draws, happy keeps a training clip.
        ConsoleRun run = (await ConsoleRun.Of([.. args, "--test-speakers", "1", "--validation-fraction", "0.34", "--seed", "1,2,3,4",
            "--out", folder.File("run")])).Succeeds();
        foreach (int seed in new[] { 1, 2, 3, 4 })
            Assert.DoesNotContain("of the speaker 02",
                await File.ReadAllTextAsync(folder.File("run", $"mlp-speaker-seed{seed}", "report.html"), Cancellation),
                StringComparison.Ordinal);

        string folds = folder.File("folds.json");
        await File.WriteAllTextAsync(folds, """
            { "version": 1, "dataset": "x", "protocol": "speaker-independent", "origin": "by hand",
              "folds": [ { "fold": 1, "test": ["01"], "validation": ["02"] } ] }
            """, Cancellation);
        ConsoleRun named = await ConsoleRun.Of([.. args, "--fold-file", folds, "--out", folder.File("named")]);
        Assert.Equal(1, named.ExitCode);
        // No other fraction would help.
        Assert.Contains("take every training clip of these labels, so that they could not be learned: happy. The fold file", named.Error,
            StringComparison.Ordinal);
        Assert.DoesNotContain("--validation-fraction", named.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_corpus_in_turn_trains_and_the_others_are_scored_apart()
    {
        using var folder = new TemporaryFolder();
        string other = await CorpusFolders.ByLabel(await demo.Corpus, folder, clip => clip.Speaker is "03" or "04");
        string first = await CorpusFolders.AsRecorded(await demo.Corpus, folder, clip => clip.Speaker is "01" or "02");
        ConsoleRun run = (await ConsoleRun.Of(
            "train", "--corpus", "ravdess+folder", "--data", $"ravdess={first},folder={other}", "--speaker-pattern",
                CorpusFolders.SpeakerPattern, "--combine", "common", "--protocol", "cross",
            "--trainer", "mlp", "--epochs", "1", "--validation-fraction", "0", "--cache", demo.Cache, "--out", folder.File("run")))
                .Succeeds();
        MetricsFile metrics = MetricsFile.Read(folder.File("run", "metrics.json"));
        Assert.Equal(2, metrics.Runs.Count);
        Assert.All(metrics.Runs, one => Assert.Equal((SplitProtocol.CrossCorpus, 32L, 32L), (one.Protocol, one.TrainClips, one.TestClips)));
        Assert.All(metrics.Runs, one => Assert.NotEqual(one.Dataset, one.TrainDataset));
        Assert.Empty(metrics.Pooled);
        string model = folder.File("run", "from-ravdess", "model.zip");
        Assert.Equal("ravdess", ModelRecord.Read(model).Notes["dataset"]);
        Assert.Contains("trained on the corpus of the row", run.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("run", "figures", "cross-corpus.png")));
    }

    [Fact]
    public async Task Named_data_sets_are_oversampled_where_they_say_and_reported_apart()
    {
        using var folder = new TemporaryFolder();
        string clips = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder);
        foreach (string path in Directory.GetFiles(Path.Combine(clips, "calm")).Order(StringComparer.Ordinal).Take(4)) File.Delete(path);
        string mine = $$"""
            { "name": "mine", "format": "folder", "path": "{{Path.GetFileName(clips)}}",
              "speakerPattern": "{{CorpusFolders.SpeakerPattern}}" }
            """;
        await File.WriteAllTextAsync(folder.File("sets.json"), $$"""
            { "version": 1, "datasets": {
                "plain": { "description": "as it is", "corpora": [ {{mine}} ] },
                "copied": { "description": "copies", "corpora": [ {{mine}} ], "oversample": "before-split" },
                "inside": { "description": "inside", "corpora": [ {{mine}} ], "oversample": "training" } } }
            """, Cancellation);
        string[] args = ["train", "--datasets", folder.File("sets.json"), "--trainer", "mlp", "--epochs", "1", "--no-final", "--cache",
            demo.Cache];
        ConsoleRun run = (await ConsoleRun.Of([.. args, "--dataset", "plain,copied,inside", "--protocol", "random,speaker", "--out",
            folder.File("run")])).Succeeds();
        MetricsFile metrics = MetricsFile.Read(folder.File("run", "metrics.json"));
        Assert.Equal(["plain", "plain", "copied", "copied", "inside", "inside"], metrics.Runs.Select(one => one.Dataset));
        // 60 clips; four copies make 64.
        Assert.Equal([60L, 60, 64, 64, 60, 60], metrics.Runs.Select(one => one.TrainClips + one.ValidationClips + one.TestClips));
        RunRecord inside = RunRecord.Read(folder.File("run", "inside-mlp-random", "run.json"));
        Assert.Equal("minority", inside.Options["trainer"].GetProperty("oversampling").GetString(), ignoreCase: true);
        Assert.Contains("copies stay on one side", await File.ReadAllTextAsync(folder.File("run", "copied-mlp-speaker", "report.html"),
            Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain("copies stay on one side",
            await File.ReadAllTextAsync(folder.File("run", "plain-mlp-speaker", "report.html"), Cancellation), StringComparison.Ordinal);

        ConsoleRun contradiction = await ConsoleRun.Of([.. args, "--dataset", "inside", "--oversample", "none", "--out",
            folder.File("no")]);
        Assert.Equal(2, contradiction.ExitCode);
        Assert.Contains("contradicts the data set 'inside'", contradiction.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("folds need at least 5 speakers", "--protocol", "speaker-5fold")]
    [InlineData("--test-fraction needs --protocol random or speaker", "--protocol", "loso", "--test-fraction", "0.9")]
    [InlineData("needs at least two labels", "--protocol", "loso", "--labels", "sad")]
    [InlineData("--train-on and --test-on both name demo", "--protocol", "cross", "--train-on", "demo", "--test-on", "demo")]
    [InlineData("--folds needs --protocol kfold", "--protocol", "loso", "--folds", "3")]
    [InlineData("--fold-file needs --protocol speaker", "--protocol", "random", "--fold-file", "none.json")]
    [InlineData("--train-on and --test-on need --protocol cross", "--protocol", "loso", "--train-on", "a")]
    [InlineData("--seed must be a whole number from -2147483648 to 2147483647, got 'x'", "--seed", "1,x")]
    public async Task What_cannot_be_done_is_said_before_any_clip_is_read(string message, params string[] args)
    {
        using var folder = new TemporaryFolder();
        ConsoleRun run = await Train(folder.File("run"), args);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("reading clips", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("run")));
    }

    private async Task<ConsoleRun> Train(string outFolder, params string[] args) => await ConsoleRun.Of(
        ["train", "--corpus", "demo", "--data", await demo.Corpus, "--trainer", "mlp", "--epochs", "2", "--no-final", "--cache", demo.Cache,
            "--out", outFolder, .. args]);
}
