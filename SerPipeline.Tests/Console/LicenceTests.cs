using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary>What the licence of the training clips demands of what is made of them.</summary>
public sealed class LicenceTests(TrainedDemo demo)
{
    [Fact]
    public async Task Clips_of_TESS_are_in_no_report_and_every_command_says_that_their_model_is_not_for_commerce()
    {
        using var folder = new TemporaryFolder();
        string tess = folder.File("TESS");
        Directory.CreateDirectory(tess);
        // Synthetic clips under names as TESS has them: the licence is that of the corpus that is asked for.
        string[] emotions = ["angry", "sad", "happy"];
        string[] clips = [.. Directory.GetFiles(await demo.Corpus, "*.wav", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        foreach ((int i, string clip) in clips.Take(36).Index())
            File.Copy(clip, Path.Combine(tess, $"{(i % 2 == 0 ? "OAF" : "YAF")}_{"abcdef"[i / 6]}ook_{emotions[i / 2 % 3]}.wav"));
        string run = folder.File("run"), model = Path.Combine(run, "model.zip");
        (await ConsoleRun.Of("train", "--corpus", "tess", "--data", tess, "--trainer", "lda", "--protocol", "random", "--cache", demo.Cache,
            "--out", run)).Succeeds();
        string report = await File.ReadAllTextAsync(Path.Combine(run, "report.html"), TestContext.Current.CancellationToken);
        Assert.Contains("CC BY-NC-ND 4.0", report, StringComparison.Ordinal);
        Assert.DoesNotContain("audio/wav", report, StringComparison.Ordinal);
        string free = await File.ReadAllTextAsync(Path.Combine(await demo.Runs, "mlp-random", "report.html"),
            TestContext.Current.CancellationToken);
        Assert.Contains("audio/wav", free, StringComparison.Ordinal);

        const string Caution = "the model is not free for commercial use";
        string one = Directory.GetFiles(tess)[0];
        ConsoleRun predicted = (await ConsoleRun.Of("predict", "--model", model, "--answer-anyway", one)).Succeeds();
        Assert.Contains(Caution, predicted.Error, StringComparison.Ordinal);
        ConsoleRun shown = (await ConsoleRun.Of("model", "show", model)).Succeeds();
        Assert.Contains(Caution, shown.Output, StringComparison.Ordinal);
        ConsoleRun scored = (await ConsoleRun.Of("evaluate", "--model", model, "--corpus", "tess", "--data", tess, "--only-test", "--cache",
            demo.Cache)).Succeeds();
        Assert.Contains(Caution, scored.Error, StringComparison.Ordinal);
    }
}
