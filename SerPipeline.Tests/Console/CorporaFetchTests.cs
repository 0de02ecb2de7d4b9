using SerPipeline.Corpora.Download;
using SerPipeline.Tests.Corpora.Download;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Console;

/// <summary><c>ser corpora fetch</c>, with a server on this machine as its mirror.</summary>
public sealed class CorporaFetchTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Without_consent_the_licence_is_shown_and_nothing_is_asked_for()
    {
        await using var server = new LocalServer(_ => new Answer(200, []));
        ConsoleRun run = await Fetch("ravdess", "--from", $"{server.Address("ravdess.zip")}");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("CC BY-NC-SA 4.0", run.Output, StringComparison.Ordinal);
        Assert.Contains("Livingstone", run.Output, StringComparison.Ordinal);
        Assert.Contains("--accept-licence", run.Error, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
        Assert.Empty(Directory.GetFileSystemEntries(_data.Path));
    }

    [Fact]
    public async Task A_corpus_without_a_published_checksum_is_fetched_and_says_so()
    {
        // Named as the corpus is; what is in them nobody reads here.
        string[] names = [.. from speaker in new[] { "03", "08", "09", "10", "11", "12", "13", "14", "15", "16" }
                             from text in new[] { "a01", "a02", "a04", "a05", "a07", "b01", "b02", "b03" }
                             from emotion in "WLEAFTN"
                             select $"set/wav/{speaker}{text}{emotion}a.wav"];
        byte[] zip = Archives.Zip([.. names.Take(CorpusDownloads.Find("emodb-original").Clips)
            .Select((name, i) => (name, Archives.Noise(50, i)))]);
        int times = 0;
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip) with { CutAfter = times++ == 0 ? 5000 : null });
        string[] args = ["emodb-original", "--accept-licence", "--from", $"{server.Address("e.zip")}"];
        ConsoleRun run = (await Fetch(args)).Succeeds();
        Assert.Contains("Read as emodb: 535 clips of 7 labels.", run.Output, StringComparison.Ordinal);
        Assert.Contains("535 audio files", run.Output, StringComparison.Ordinal);
        Assert.Contains("No checksum is published", run.Output, StringComparison.Ordinal);
        Assert.Contains("SHA-256", run.Output, StringComparison.Ordinal);
        Assert.Contains("downloading emodb-original", run.Error, StringComparison.Ordinal);
        Assert.Equal([0, 5000], server.Requests.Select(r => r.From));
        Assert.True(Directory.Exists(_data.File("EMO-DB", "set", "wav")));
        ConsoleRun again = (await Fetch(args)).Succeeds();
        Assert.Contains("is there already", again.Output, StringComparison.Ordinal);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_mirror_with_another_file_fails_and_leaves_nothing()
    {
        await using var server = new LocalServer(_ => new Answer(200, Archives.Clips(2)));
        ConsoleRun run = await Fetch("ravdess", "--accept-licence", "--from", $"{server.Address("r.zip")}");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("208468073 bytes, as published", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_data.Path, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("savee", "http://kahlan.eps.surrey.ac.uk/savee/", "SAVEE/DC/a01.wav")]
    [InlineData("crema-d", "https://github.com/CheyneyComputerScience/CREMA-D", "lfs pull")]
    public async Task What_cannot_be_downloaded_tells_how_to_get_it(string name, string page, string how)
    {
        ConsoleRun run = await Fetch(name, "--accept-licence");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(page, run.Output, StringComparison.Ordinal);
        Assert.Contains(how, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Did you mean ravdess?", "ravdes")]
    [InlineData("must be an address", "emodb", "--from", "ftp://x/y.zip")]
    [InlineData("There is no option '--acept-licence' of ser corpora fetch", "emodb", "--acept-licence")]
    public async Task Bad_arguments_are_told_with_a_hint(string message, params string[] args)
    {
        ConsoleRun run = await Fetch(args);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Contains("ser corpora fetch --help", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopped_it_says_that_the_part_is_kept()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var part = new FileInfo(_data.File(".downloads", "emodb-original.zip.part"));
        byte[] zip = Archives.Clips(20);
        await using var server = new LocalServer(_ => new Answer(200, zip) { Headers = { ["ETag"] = "\"one\"" }, Stalls = true });
        Task<ConsoleRun> fetching = ConsoleRun.Of(stop.Token, "corpora", "fetch", "emodb-original", "--data", _data.Path,
            "--accept-licence", "--from", $"{server.Address("t.zip")}");
        while (!fetching.IsCompleted && !(part.Exists && part.Length > 50_000))
        {
            await Task.Delay(5, stop.Token);
            part.Refresh();
        }
        await stop.CancelAsync();
        ConsoleRun run = await fetching;
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("run the same command again to resume", run.Error, StringComparison.Ordinal);
        part.Refresh();
        Assert.InRange(part.Length, 50_001, zip.Length - 1);
    }

    private Task<ConsoleRun> Fetch(params string[] args) => ConsoleRun.Of(["corpora", "fetch", .. args, "--data", _data.Path]);
}
