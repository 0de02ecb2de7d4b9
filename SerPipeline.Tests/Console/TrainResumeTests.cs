using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Experiments;
using SerPipeline.Splits;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>What <c>--resume</c> takes, refuses and says; that it gives the same bits is <see cref="TrainKillTests"/>'s.</summary>
public sealed class TrainResumeTests(TrainedDemo demo) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Run => _folder.File("run");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_option_that_contradicts_the_run_is_refused_and_the_same_once_more_trains_what_is_left()
    {
        string[] args = await Interrupted();
        ConsoleRun other = await ConsoleRun.Of("train", "--resume", Run, "--epochs", "9", "--prosody", "--out", "elsewhere");
        Assert.Equal(2, other.ExitCode);
        Assert.Contains($"--epochs 9 contradicts the run in {Run}, which has --epochs 40", other.Error, StringComparison.Ordinal);
        Assert.Contains("which was begun without --prosody", other.Error, StringComparison.Ordinal);
        Assert.Contains("leave --out out", other.Error, StringComparison.Ordinal);
        // As somebody types who takes the last command line and adds to it.
        string finished = Path.Combine(Run, "fold-01", "model.zip");
        DateTime written = File.GetLastWriteTimeUtc(finished);
        ConsoleRun resumed = (await ConsoleRun.Of([.. args, "--resume", Run])).Succeeds();
        Assert.Equal(written, File.GetLastWriteTimeUtc(finished));
        Assert.DoesNotContain("fold 1 of 4: training", resumed.Error, StringComparison.Ordinal);
        Assert.Contains("fold 4 of 4: training", resumed.Error, StringComparison.Ordinal);
        Assert.Contains("Run folder: ", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(4, MetricsFile.Read(Path.Combine(Run, MetricsFile.FileName)).Runs.Count);
        Assert.Equal(["ser", .. args], RunRecord.Read(Path.Combine(Run, RunRecord.FileName)).CommandLine);
        Assert.DoesNotContain(Directory.EnumerateFiles(Run).Select(Path.GetFileName), name => name is "resume.json" or ".lock");

        ConsoleRun again = (await ConsoleRun.Of("train", "--resume", Run)).Succeeds();
        Assert.Contains("is complete", again.Output, StringComparison.Ordinal);
        foreach (string[] epochs in new string[][] { ["--epochs", "9"], ["--epochs=9"], ["--epochs:9"] })
        {
            again = (await ConsoleRun.Of(["train", "--resume", Run, "--json", .. epochs])).Succeeds();
            Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Run, MetricsFile.FileName), TestContext.Current.CancellationToken),
                again.Output);
            Assert.Contains("is complete", again.Error, StringComparison.Ordinal);
            Assert.Contains("warning: nothing is left for --epochs to change.", again.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Changed_data_are_refused_in_words()
    {
        string corpus = await CorpusFolders.WithoutSpeakers(await demo.Corpus, _folder);
        await Interrupted("folder", corpus, "kfold");
        string clip = Directory.EnumerateFiles(corpus, "*.wav", SearchOption.AllDirectories).First();
        byte[] before = await File.ReadAllBytesAsync(clip, TestContext.Current.CancellationToken);
        File.Delete(clip);
        ConsoleRun fewer = await ConsoleRun.Of("train", "--resume", Run);
        Assert.Equal(1, fewer.ExitCode);
        Assert.Contains("was begun on 64 clips of", fewer.Error, StringComparison.Ordinal);
        Assert.Contains("but it has 63 clips now", fewer.Error, StringComparison.Ordinal);
        Assert.Contains($"ser train --resume {Run}", fewer.Error, StringComparison.Ordinal);
        byte[] changed = [.. before];
        changed[^1] ^= 1;
        await File.WriteAllBytesAsync(clip, changed, TestContext.Current.CancellationToken);
        Assert.Contains("files, labels, speakers or the corpus's own parts have changed",
            (await ConsoleRun.Of("train", "--resume", Run)).Error,
            StringComparison.Ordinal);
        await File.WriteAllBytesAsync(clip, before, TestContext.Current.CancellationToken);
        (await ConsoleRun.Of("train", "--resume", Run)).Succeeds();
    }

    [Fact]
    public async Task What_ends_before_audio_is_read_does_not_say_that_nothing_is_wrong_with_it()
    {
        ConsoleRun run = await ConsoleRun.Of("train", "--corpus", "demo", "--data", await demo.Corpus, "--test-speakers", "77", "--out",
            Run);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("77", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("No problems found", run.Error + run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_unfinished_run_is_told()
    {
        ConsoleRun nothing = await ConsoleRun.Of("train", "--resume", _folder.File("nowhere"));
        Assert.Equal(2, nothing.ExitCode);
        Assert.Contains("has no resume.json", nothing.Error, StringComparison.Ordinal);
        Directory.CreateDirectory(Run);
        await File.WriteAllTextAsync(Path.Combine(Run, "resume.json"), "{ \"version\": 1", TestContext.Current.CancellationToken);
        ConsoleRun damaged = await ConsoleRun.Of("train", "--resume", Run);
        Assert.Equal(1, damaged.ExitCode);
        Assert.Contains("resume.json", damaged.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("mistake in the program", damaged.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clips_that_vanish_during_a_run_stop_it_and_nothing_is_scored_without_them()
    {
        string data = _folder.File("data");
        Folders.Copy(await demo.Corpus, data);
        Corpus corpus = CorpusLoader.Load("demo", data);
        var settings = new ExperimentSettings
        {
            Trainers = [TrainerChains.Mlp],
            Protocols = [SplitProtocol.Random],
            Epochs = 1,
            FeatureCache = _folder.File("cache"),
        };
        using var runner = new ExperimentRunner(settings);
        IReadOnlyList<Experiment> experiments = runner.Plan([new OpenedDataset("demo", corpus)], TestContext.Current.CancellationToken);
        string[] gone = [corpus.Clips[3].Path, corpus.Clips[40].Path];
        foreach (string clip in gone) File.Move(clip, clip + ".away");
        string message = Assert.Throws<CorpusException>(() => runner.Run(experiments, Run,
            cancellation: TestContext.Current.CancellationToken)).Message;
        Assert.Contains("2 clips of 'demo' are gone", message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Run, MetricsFile.FileName)));
        // All of them: as when a disk is pulled out.
        Directory.Move(data, data + "-away");
        Assert.Throws<CorpusException>(() => runner.Run(experiments, Run, cancellation: TestContext.Current.CancellationToken));
        Directory.Move(data + "-away", data);
        foreach (string clip in gone) File.Move(clip + ".away", clip);
        FinishedExperiment done = Assert.Single(runner.Run(experiments, Run, resume: true,
            cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(64, done.Whole!.TrainClips + done.Whole.ValidationClips + done.Whole.TestClips);
    }

    // Stopped, as by Ctrl-C, when the first of four folds is done.
    private async Task<string[]> Interrupted(string corpus = "demo", string? data = null, string protocol = "loso")
    {
        await demo.Runs;
        string[] args = ["train", "--corpus", corpus, "--data", data ?? await demo.Corpus, "--trainer", "mlp", "--protocol", protocol,
            "--epochs", "40", "--no-final", "--cache", demo.Cache, "--out", Run];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<ConsoleRun> run = ConsoleRun.Of(stop.Token, args);
        while (!File.Exists(Path.Combine(Run, "fold-01", "run.json")) && !run.IsCompleted)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        ConsoleRun stopped = await run;
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains($"Next: ser train --resume {Run}", stopped.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Run, MetricsFile.FileName)), "the run was over before it was stopped");
        return args;
    }
}
