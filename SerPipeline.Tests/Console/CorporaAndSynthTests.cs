using System.Text.Json;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

public sealed class CorporaAndSynthTests(TrainedDemo demo)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scan_counts_clips_by_label_and_speaker()
    {
        ConsoleRun run = (await ConsoleRun.Of("corpora", "--corpus", "demo", "--data", await demo.Corpus)).Succeeds();
        Assert.Contains("demo (synthetic)", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^happy +8 +\d\.\d\d\r?$", run.Output);
        Assert.Matches(@"(?m)^02 +female( +2){8} +16\r?$", run.Output);
        Assert.Matches(@"(?m)^16000 +64 ", run.Output);
    }

    [Fact]
    public async Task A_scan_names_every_problem_and_goes_on()
    {
        using var folder = new TemporaryFolder();
        string corpus = await CorpusFolders.WithoutSpeakers(await demo.Corpus, folder);
        await File.WriteAllTextAsync(Path.Combine(corpus, "sad", "broken.wav"), "RIFF", Cancellation);
        File.Copy(Directory.GetFiles(Path.Combine(corpus, "calm")).Order(StringComparer.Ordinal).First(),
            Path.Combine(corpus, "calm", "copy.wav"));
        ConsoleRun run = (await ConsoleRun.Of("corpora", "--corpus", "folder", "--data", corpus)).Succeeds();
        Assert.Matches(@"(?m)^  unreadable +sad/broken\.wav: ", run.Output);
        Assert.Matches(@"(?m)^  duplicate +calm/copy\.wav: ", run.Output);

        ConsoleRun json = (await ConsoleRun.Of("corpora", "--corpus", "folder", "--data", corpus, "--json")).Succeeds();
        using JsonDocument document = JsonDocument.Parse(json.Output);
        JsonElement scan = Assert.Single(document.RootElement.EnumerateArray());
        Assert.Equal(66, scan.GetProperty("clips").GetArrayLength());
        Assert.True(scan.GetProperty("seconds").GetProperty("shortest").GetDouble() > 0);
        Assert.DoesNotContain("item1", json.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("unreadable",
            scan.GetProperty("problems").EnumerateArray().Select(problem => problem.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Synthesis_gives_the_clips_asked_for_and_refuses_a_foreign_folder()
    {
        using var folder = new TemporaryFolder();
        ConsoleRun run = (await ConsoleRun.Of("synth", "--out", folder.File("demo"), "--speakers", "2", "--clips", "1", "--rate", "8000"))
            .Succeeds();
        Assert.Contains("Wrote 16 synthetic clips of 2 voices", run.Output, StringComparison.Ordinal);
        Assert.Equal(16, Directory.GetFiles(folder.File("demo"), "*.wav", SearchOption.AllDirectories).Length);

        string mine = folder.File("mine");
        Directory.CreateDirectory(mine);
        await File.WriteAllTextAsync(Path.Combine(mine, "letter.txt"), "dear", Cancellation);
        ConsoleRun refused = await ConsoleRun.Of("synth", "--out", mine);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Choose another folder.", refused.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(mine, "letter.txt")));
    }

    [Fact]
    public async Task Ravdess_shows_its_licence()
    {
        string corpus = Companions.Require("corpora", "RAVDESS");
        using var folder = new TemporaryFolder();
        // Two actors are enough to see the table.
        string[] actors = [.. Directory.EnumerateDirectories(corpus, "Actor_*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Take(2)];
        Assert.SkipWhen(actors.Length < 2, "the copy of RAVDESS has no Actor folders");
        foreach (string actor in actors)
            Directory.CreateSymbolicLink(folder.File(Path.GetFileName(actor)), actor);
        ConsoleRun run = (await ConsoleRun.Of("corpora", "--corpus", "ravdess", "--data", folder.Path)).Succeeds();
        Assert.Contains("CC BY-NC-SA 4.0", run.Output, StringComparison.Ordinal);
        Assert.Contains("48000", run.Output, StringComparison.Ordinal);
    }
}
