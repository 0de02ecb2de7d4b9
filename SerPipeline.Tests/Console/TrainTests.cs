using System.Xml.Linq;
using SerPipeline.Evaluation;
using SerPipeline.Prediction;
using SerPipeline.Reports;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

public sealed class TrainTests(TrainedDemo demo)
{
    [Theory]
    [InlineData("mlp-random", "random")]
    [InlineData("mlp-speaker", "speaker-independent")]
    public async Task Each_run_leaves_a_complete_folder(string name, string protocol)
    {
        string folder = Path.Combine(await demo.Runs, name);
        Assert.Equal(
            [
                "figures", .. protocol == "random" ? Array.Empty<string>() : ["folds.json"], "metrics.json", "model.zip",
                    "predictions.csv", "report.html", "run.json",
            ],
            Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        RunMetrics metrics = Assert.Single(MetricsFile.Read(Path.Combine(folder, MetricsFile.FileName)).Runs);
        Assert.Equal(("demo", "mlp", protocol, 7, true),
            (metrics.Dataset, metrics.Trainer, metrics.Protocol, metrics.Seed, metrics.Synthetic));
        // 64 clips: a quarter for the test, of clips (4 of each 8 labels' 8 make 2) or of speakers (1 of 4).
        Assert.Equal(16, metrics.TestClips);
        Assert.Equal(48, metrics.TrainClips + metrics.ValidationClips);

        PredictionSet predictions = PredictionsCsv.Read(Path.Combine(folder, PredictionsCsv.FileName));
        ClassificationReport again = predictions.ToReport();
        Assert.Equal(metrics.Uar, again.Uar, 12);
        Assert.Equal(metrics.LogLoss!.Value, again.LogLoss, 12);

        RunRecord record = RunRecord.Read(Path.Combine(folder, RunRecord.FileName));
        Assert.Equal(["ser", "train"], record.CommandLine.Take(2));
        Assert.Equal(64, record.Data["demo"].Clips);
        Assert.Equal(2, record.Options["trainer"].GetProperty("epoch").GetInt32());
        Assert.Contains(record.Options["trainer"].GetProperty("resolvedPrecision").GetString()!.ToUpperInvariant(),
            new[] { "FLOAT32", "BFLOAT16" });
        Assert.Equal(0, record.Options["split"].GetProperty("leakCheck").GetProperty("touched").GetInt32());
        Assert.Contains("stage 1: LoadAudio", record.Options.Keys);

        string[] figures = [.. Directory.EnumerateFiles(Path.Combine(folder, "figures")).Select(Path.GetFileName).OfType<string>()
            .Order(StringComparer.Ordinal)];
        foreach (string figure in new[] { "confusion-counts", "reliability", "training-curves" })
        {
            Assert.Contains($"{figure}.png", figures);
            Assert.Equal("svg", XDocument.Load(Path.Combine(folder, "figures", $"{figure}.svg")).Root!.Name.LocalName);
        }
        string report = await File.ReadAllTextAsync(Path.Combine(folder, HtmlReport.FileName), TestContext.Current.CancellationToken);
        Assert.Contains("Synthetic corpus", report, StringComparison.Ordinal);
        Assert.Contains("<audio", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_folder_above_puts_all_runs_together()
    {
        MetricsFile all = MetricsFile.Read(Path.Combine(await demo.Runs, MetricsFile.FileName));
        Assert.Equal(["random", "speaker-independent"], all.Runs.Select(run => run.Protocol));
        Assert.True(File.Exists(Path.Combine(await demo.Runs, HtmlReport.FileName)));
    }

    [Fact]
    public async Task The_table_names_the_protocol_and_what_it_hides()
    {
        await demo.Runs;
        string output = demo.Training!.Output;
        const string interval = @"0\.\d{3} +0\.\d{3}-0\.\d{3}\*";
        Assert.Matches($@"mlp +random +7 +1 +{interval} +0\.\d{{3}} +0\.\d{{3}} +0\.\d{{3}} +16 +16 +0 ", output);
        Assert.Matches(@"mlp +speaker-independent +7 +1 .* 16 +0 +0 ", output);
        Assert.Contains("16 of its 16 test clips are spoken by voices that it heard in training", output, StringComparison.Ordinal);
        Assert.Contains("demo (synthetic) was made by a program", output, StringComparison.Ordinal);
        Assert.Contains("UAR of 0.125", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Piped_output_is_plain_and_a_few_lines()
    {
        await demo.Runs;
        foreach (string text in new[] { demo.Training!.Output, demo.Training.Error })
        {
            Assert.DoesNotContain('\u001b', text);
            Assert.DoesNotContain('\r', text.Replace(Environment.NewLine, "\n", StringComparison.Ordinal));
            Assert.DoesNotContain('│', text);
        }
        Assert.Matches(@"mlp, random: reading clips: 48 clips in [\d.]+ s \(\d+(\.\d)? clips/s\)", demo.Training.Error);
        Assert.Contains("mlp, speaker: training: 2 epochs in ", demo.Training.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_single_run_as_json_is_its_metrics_file_and_repeats_itself()
    {
        using var folder = new TemporaryFolder();
        string[] args = ["train", "--corpus", "demo", "--data", await demo.Corpus, .. TrainedDemo.Settings, "--protocol", "random",
            "--json", "--cache", demo.Cache];
        ConsoleRun run = (await ConsoleRun.Of([.. args, "--out", folder.File("one")])).Succeeds();
        Assert.Equal(await File.ReadAllTextAsync(folder.File("one", "metrics.json"), TestContext.Current.CancellationToken), run.Output);
        Assert.True(File.Exists(folder.File("one", "model.zip")));
        // Same seed, same machine: the same bits as the fixture's run.
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(await demo.Runs, "mlp-random", "predictions.csv"),
                TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(folder.File("one", "predictions.csv"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_folder_that_holds_something_is_not_written_into()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("mine.txt"), "keep", TestContext.Current.CancellationToken);
        ConsoleRun run = await ConsoleRun.Of("train", "--out", folder.Path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("already holds something", run.Error, StringComparison.Ordinal);
        Assert.Equal(["mine.txt"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Test_speakers_are_held_out_as_named()
    {
        using var folder = new TemporaryFolder();
        (await ConsoleRun.Of(
            "train", "--corpus", "demo", "--data", await demo.Corpus, "--trainer", "mlp", "--protocol", "speaker", "--test-speakers",
                "2,3", "--epochs", "1",
            "--validation-fraction", "0", "--out", folder.File("run"), "--cache", demo.Cache)).Succeeds();
        RunMetrics metrics = MetricsFile.Read(folder.File("run", "metrics.json")).Runs[0];
        Assert.Equal(["02", "03"], metrics.HeldOutSpeakers);
        Assert.Empty(metrics.SharedSpeakers!);
        Assert.Equal((32, 0, 32), (metrics.TrainClips, metrics.ValidationClips, metrics.TestClips));
    }

    [Fact]
    public async Task Without_speakers_only_the_random_protocol_runs_unless_the_other_is_named()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder);
        string[] args = ["train", "--corpus", "folder", "--data", corpus, "--trainer", "mlp", "--epochs", "1", "--cache", demo.Cache];
        ConsoleRun run = (await ConsoleRun.Of([.. args, "--out", folder.File("run")])).Succeeds();
        Assert.Contains("only the random protocol is run", run.Error, StringComparison.Ordinal);
        Assert.Contains("nobody can tell", run.Output, StringComparison.Ordinal);
        Assert.Null(MetricsFile.Read(folder.File("run", "metrics.json")).Runs[0].SharedSpeakers);

        ConsoleRun named = await ConsoleRun.Of([.. args, "--out", folder.File("other"), "--protocol", "speaker"]);
        Assert.Equal(1, named.ExitCode);
        Assert.Contains("have none", named.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_clip_is_named_and_left_out_or_stops_a_strict_run()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder);
        string bad = Path.Combine(corpus, "happy", "broken.wav");
        await File.WriteAllTextAsync(bad, "RIFF but nothing else", TestContext.Current.CancellationToken);
        string[] args = ["train", "--corpus", "folder", "--data", corpus, "--trainer", "mlp", "--epochs", "1", "--cache", demo.Cache];
        ConsoleRun run = (await ConsoleRun.Of([.. args, "--out", folder.File("run")])).Succeeds();
        Assert.Single(run.Error.Split('\n'), line => line.StartsWith("left out: ", StringComparison.Ordinal));
        Assert.Contains("warning: 1 clip could not be read and was left out.", run.Error, StringComparison.Ordinal);
        Assert.Contains("broken.wav", run.Error, StringComparison.Ordinal);
        RunMetrics metrics = MetricsFile.Read(folder.File("run", "metrics.json")).Runs[0];
        Assert.Equal(64, metrics.TrainClips + metrics.ValidationClips + metrics.TestClips);

        ConsoleRun strict = await ConsoleRun.Of([.. args, "--out", folder.File("strict"), "--strict"]);
        Assert.Equal(1, strict.ExitCode);
        Assert.Contains("broken.wav", strict.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("strict")));
    }

    [Fact]
    public async Task The_model_keeps_what_it_was_trained_on()
    {
        IReadOnlyDictionary<string, string> notes = ModelRecord.Read(Path.Combine(await demo.Runs, "mlp-speaker", "model.zip")).Notes;
        Assert.Equal(("demo", "true", "mlp", "speaker-independent", "7"),
            (notes["dataset"], notes["synthetic"], notes["trainer"], notes["protocol"], notes["seed"]));
        Assert.Equal(48 * 16, notes["training.audio"].Length);
        Assert.Equal(16 * 16, notes["test.audio"].Length);
    }

    [Fact(Explicit = true)]
    [Trait("Speed", "slow")]
    public async Task The_cnn_runs_from_end_to_end()
    {
        using var folder = new TemporaryFolder();
        (await ConsoleRun.Of(
            "train", "--corpus", "demo", "--data", await demo.Corpus, "--trainer", "cnn", "--protocol", "random", "--epochs", "1", "--out",
                folder.File("run"), "--cache", demo.Cache)).Succeeds();
        ConsoleRun again = (await ConsoleRun.Of(
            "evaluate", "--model", folder.File("run", "model.zip"), "--corpus", "demo", "--data", await demo.Corpus, "--only-test",
                "--out", folder.File("again"))).Succeeds();
        PredictionFiles.AreAlike(folder.File("run", "predictions.csv"), folder.File("again", "predictions.csv"));
        Assert.Contains("cnn", again.Output, StringComparison.Ordinal);
    }
}
