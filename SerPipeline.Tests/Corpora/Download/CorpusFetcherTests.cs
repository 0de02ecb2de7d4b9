using System.Security.Cryptography;
using SerPipeline.Corpora.Download;

namespace SerPipeline.Tests.Corpora.Download;

/// <summary>What a fetch leaves behind, in good and in bad cases.</summary>
public sealed class CorpusFetcherTests : FetchTests
{
    [Fact]
    public async Task A_whole_archive_is_verified_unpacked_and_cleared_away()
    {
        byte[] zip = Archives.Clips(5);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip));
        var seen = new List<CorpusFetchProgress>();
        CorpusFetchResult result = await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, zip), progress: new Listener(seen.Add));
        Assert.Equal((false, 5, true), (result.AlreadyPresent, result.Clips, result.IsVerified));
        Assert.Equal(Archives.Noise(20_000, 1), File.ReadAllBytes(Path.Combine(Data, "TOY", "set", "wav", "00.wav")));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(zip)), result.Sha256);
        Assert.Equal($"{result.Sha256}  toy.zip\n", File.ReadAllText(Path.Combine(Data, "TOY.sha256")));
        Assert.Equal(["TOY", "TOY.sha256"], Entries());
        Assert.Equal([CorpusFetchStep.Downloading, CorpusFetchStep.Checking, CorpusFetchStep.Unpacking],
            seen.Select(p => p.Step).Distinct());
        Assert.All(seen.GroupBy(p => p.Step), step => Assert.Equal(step.Last().TotalBytes, step.Last().Bytes));
        // There already: nobody is asked again.
        Assert.True((await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, zip))).AlreadyPresent);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_corrupt_archive_is_deleted_and_said()
    {
        byte[] zip = Archives.Clips(3), corrupt = [.. zip];
        corrupt[zip.Length / 2] ^= 1;
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, corrupt));
        DownloadException error = await Fails(Archives.Corpus(server.Address("toy.zip"), 3, zip));
        Assert.Contains(Archives.Md5(zip), error.Message, StringComparison.Ordinal);
        Assert.Contains(Archives.Md5(corrupt), error.Message, StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Without_a_published_checksum_the_archives_own_are_checked()
    {
        // The last clip's content, past its name: stored as it is, so that only the CRC can tell.
        byte[] zip = Archives.Clips(3), corrupt = [.. zip];
        corrupt[zip.Length - 5000] ^= 1;
        byte[] served = corrupt;
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, served));
        CorpusDownload corpus = Archives.Corpus(server.Address("toy.zip"), 3, null);
        Assert.Contains("damaged", (await Fails(corpus)).Message, StringComparison.Ordinal);
        Assert.Empty(Files());
        served = zip;
        CorpusFetchResult result = await Fetch(corpus);
        Assert.Equal((3, false, null), (result.Clips, result.IsVerified, result.EarlierSha256));
        // Another archive later on is noticed by what was written down.
        served = Archives.Clips(3, seed: 9);
        CorpusFetchResult later = await Fetch(corpus, force: true);
        Assert.Equal(result.Sha256, later.EarlierSha256);
        Assert.Equal(Archives.Noise(20_000, 9), File.ReadAllBytes(Path.Combine(Data, "TOY", "set", "wav", "00.wav")));
        Assert.Equal(["TOY", "TOY.sha256"], Entries());
    }

    [Fact]
    public async Task Clips_are_held_against_the_publishers_list()
    {
        byte[] zip = Archives.Clips(3), changed = Archives.Clips(3, seed: 2), fewer = Archives.Clips(2), more = Archives.Clips(4),
            served = zip;
        string list = Archives.Listing(3);
        await using var server = new LocalServer(asked => asked.Path == "/list" ? new Answer(200, System.Text.Encoding.UTF8.GetBytes(list))
            : LocalServer.Serve(asked, served));
        CorpusDownload corpus = Archives.Corpus(server.Address("toy.zip"), 3, null);
        corpus = corpus with { Archive = corpus.Archive! with { Listing = new PublishedListing(server.Address("list"), "the test") } };
        foreach ((byte[] bad, string message) in new[] { (changed, "'set/wav/00.wav'"),
            (fewer, "lacks 1 clip that"), (more, "does not list") })
        {
            served = bad;
            Assert.Contains(message, (await Fails(corpus)).Message, StringComparison.Ordinal);
            Assert.Empty(Files());
        }
        served = zip;
        Assert.True((await Fetch(corpus)).IsVerified);
        Assert.Equal(["TOY", "TOY.sha256"], Entries());
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("{}")]
    [InlineData("""{"data":{"latestVersion":{"files":[{"label":"00.wav","dataFile":{"checksum":{"type":"CRC","value":"1"}}}]}}}""")]
    public async Task A_list_without_checksums_stops_the_fetch_before_the_archive(string list)
    {
        await using var server = new LocalServer(_ => new Answer(200, System.Text.Encoding.UTF8.GetBytes(list)));
        CorpusDownload corpus = Archives.Corpus(server.Address("toy.zip"), 3, null);
        corpus = corpus with { Archive = corpus.Archive! with { Listing = new PublishedListing(server.Address("list"), "the test") } };
        Assert.Contains("list the data set's files", (await Fails(corpus)).Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task An_archive_with_too_few_clips_is_not_the_corpus()
    {
        byte[] zip = Archives.Clips(4);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip));
        Assert.Contains("has 5 clips, but toy.zip has 4", (await Fails(Archives.Corpus(server.Address("toy.zip"), 5, null))).Message,
            StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Stopped_by_its_caller_it_keeps_the_part_and_goes_on_later()
    {
        byte[] zip = Archives.Clips(5);
        int times = 0;
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip) with { Stalls = times++ == 0 });
        CorpusDownload corpus = Archives.Corpus(server.Address("toy.zip"), 5, zip);
        using var stop = new CancellationTokenSource();
        // All but the last byte partial download when it is stopped.
        var listener = new Listener(p => { if (p.Bytes == zip.Length - 1) stop.Cancel(); });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Fetch(corpus, progress: listener,
            options: Quick with { StallTimeout = TimeSpan.FromSeconds(20) }, cancellation: stop.Token));
        Assert.Equal(zip.Length - 1, new FileInfo(Path.Combine(Data, ".downloads", "toy.zip.part")).Length);
        Assert.False(Directory.Exists(Path.Combine(Data, "TOY")));
        Assert.Equal(5, (await Fetch(corpus)).Clips);
        Assert.Equal(zip.Length - 1, server.Requests[^1].From);
    }

    [Fact]
    public async Task Stopped_while_unpacking_it_leaves_no_folder()
    {
        byte[] zip = Archives.Clips(5);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip));
        CorpusDownload corpus = Archives.Corpus(server.Address("toy.zip"), 5, zip);
        using var stop = new CancellationTokenSource();
        var listener = new Listener(p => { if (p.Step == CorpusFetchStep.Unpacking) stop.Cancel(); });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Fetch(corpus, progress: listener, cancellation: stop.Token));
        Assert.Equal([".downloads"], Entries());
        // The archive was whole: it is not downloaded again.
        Assert.Equal(5, (await Fetch(corpus)).Clips);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_mirror_is_verified_like_the_official_address()
    {
        byte[] zip = Archives.Clips(5), forged = Archives.Clips(5, seed: 50);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, asked.Path == "/forged.zip" ? forged : zip));
        CorpusDownload corpus = Archives.Corpus(new Uri("http://127.0.0.1:1/never"), 5, zip);
        Assert.Equal(zip.Length, forged.Length);
        Assert.Contains("MD5", (await Assert.ThrowsAsync<DownloadException>(() => Fetch(corpus,
            from: server.Address("forged.zip")))).Message, StringComparison.Ordinal);
        Assert.Equal(5, (await Fetch(corpus, from: server.Address("toy.zip"))).Clips);
    }

    [Fact]
    public async Task A_full_disk_is_noticed_before_anything_is_asked_for()
    {
        byte[] zip = Archives.Clips(1);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip));
        var fetcher = new CorpusFetcher(Client, Quick) { FreeBytes = _ => 1_000_000 };
        var error = await Assert.ThrowsAsync<DownloadException>(() => fetcher.FetchAsync(Archives.Corpus(server.Address("toy.zip"), 1, zip),
            Data, cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("1 MB are free", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_failed_fetch_again_leaves_the_old_folder_as_it_was()
    {
        byte[] zip = Archives.Clips(2);
        Directory.CreateDirectory(Path.Combine(Data, "TOY"));
        File.WriteAllText(Path.Combine(Data, "TOY", "mine.txt"), "mine");
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip));
        await Assert.ThrowsAsync<DownloadException>(() => Fetch(Archives.Corpus(server.Address("toy.zip"), 3, null), force: true));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Data, "TOY", "mine.txt")));
        Assert.Equal(2, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 2, null), force: true)).Clips);
        Assert.False(File.Exists(Path.Combine(Data, "TOY", "mine.txt")));
    }

    [Fact]
    public void Options_that_cannot_be_used_are_all_listed()
    {
        OptionsException error = Assert.Throws<OptionsException>(() => new CorpusFetcher(Client,
            new() { Attempts = 0, MaxFiles = 0, StallTimeout = TimeSpan.Zero }));
        Assert.All(new[] { "Attempts", "MaxFiles", "StallTimeout" },
            name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }
}
