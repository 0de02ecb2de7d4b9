using SerPipeline.Corpora.Splits;
using SerPipeline.Evaluation;
using SerPipeline.Pipeline;
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
        foreach (int fold in new[] { 1, 2, 3, 4 })
        {
            string page = await File.ReadAllTextAsync(folder.File("run", "report.html"), Cancellation);
            Assert.Contains($"fold {fold} of 4: trained on 32 clips", page, StringComparison.Ordinal);
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
            { "version": 1, "dataset": "demo", "protocol": "speaker-5fold", "origin": "by hand", "folds": [ { "fold": 1, "test": ["01", "03"], "validation": ["02"] }, { "fold": 2, "test": ["02", "04"], "validation": ["03"] } ] }
            """, Cancellation);
        (await Train(folder.File("run"), "--protocol", "speaker-5fold", "--fold-file", folds)).Succeeds();
        MetricsFile metrics = MetricsFile.Read(folder.File("run", "metrics.json"));
        Assert.Equal([["01", "03"], ["02", "04"]], metrics.Runs.Select(fold => fold.HeldOutSpeakers));
        Assert.All(metrics.Runs, fold => Assert.Equal((16, 16, 32), (fold.TrainClips, fold.ValidationClips, fold.TestClips)));
        IReadOnlyDictionary<string, string> notes = new SerContext().Model.ReadDocument(folder.File("run", "fold-02", "model.zip")).Notes;
        Assert.Equal("2", notes["fold"]);
        await File.WriteAllTextAsync(folder.File("kept.json"), notes["folds"], Cancellation);
        Assert.Equal(FoldFile.Read(folder.File("run", "folds.json")).ToJson(), FoldFile.Read(folder.File("kept.json")).ToJson());

        // The same folds again give the same predictions.
        (await Train(folder.File("again"), "--protocol", "speaker-5fold", "--fold-file", folder.File("run", "folds.json"))).Succeeds();
        Assert.Equal(await File.ReadAllBytesAsync(folder.File("run", "predictions.csv"), Cancellation), await File.ReadAllBytesAsync(folder.File("again", "predictions.csv"), Cancellation));
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
    [InlineData("folds need at least 5 speakers", "--protocol", "speaker-5fold")]
    [InlineData("--folds needs --protocol kfold", "--protocol", "loso", "--folds", "3")]
    [InlineData("--fold-file needs --protocol speaker", "--protocol", "random", "--fold-file", "none.json")]
    [InlineData("--train-on and --test-on need --protocol cross", "--protocol", "loso", "--train-on", "a")]
    [InlineData("--seed must be whole numbers, got 'x'", "--seed", "1,x")]
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
        ["train", "--corpus", "demo", "--data", await demo.Corpus, "--trainer", "mlp", "--epochs", "2", "--cache", demo.Cache, "--out", outFolder, .. args]);
}
