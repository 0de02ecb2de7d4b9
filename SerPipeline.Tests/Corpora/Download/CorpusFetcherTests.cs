using System.Security.Cryptography;
using SerPipeline.Corpora.Download;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Corpora.Download;

/// <summary>Fetching from a server on this machine that behaves well, and from ones that do not.</summary>
public sealed class CorpusFetcherTests : IDisposable
{
    private static readonly CorpusFetchOptions Quick = new() { Attempts = 3, FirstPause = TimeSpan.Zero, StallTimeout = TimeSpan.FromSeconds(0.3), AnswerTimeout = TimeSpan.FromSeconds(5) };

    private readonly TemporaryFolder _data = new();
    private readonly HttpClient _client = CorpusFetcher.CreateClient();

    public void Dispose()
    {
        _client.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task A_whole_archive_is_verified_unpacked_and_cleared_away()
    {
        byte[] zip = Archives.Clips(5);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip));
        var seen = new List<CorpusFetchProgress>();
        CorpusFetchResult result = await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, zip), progress: new Listener(seen.Add));
        Assert.Equal((false, 5, true), (result.WasThere, result.Clips, result.IsVerified));
        Assert.Equal(Archives.Noise(20_000, 1), File.ReadAllBytes(Path.Combine(_data.Path, "TOY", "set", "wav", "00.wav")));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(zip)), result.Sha256);
        Assert.Equal($"{result.Sha256}  toy.zip\n", File.ReadAllText(Path.Combine(_data.Path, "TOY.sha256")));
        Assert.Equal(["TOY", "TOY.sha256"], Entries());
        Assert.Equal([CorpusFetchStep.Downloading, CorpusFetchStep.Checking, CorpusFetchStep.Unpacking], seen.Select(p => p.Step).Distinct());
        Assert.All(seen.GroupBy(p => p.Step), step => Assert.Equal(step.Last().TotalBytes, step.Last().Bytes));
        // There already: nobody is asked again.
        Assert.True((await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, zip))).WasThere);
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
        Assert.Equal(Archives.Noise(20_000, 9), File.ReadAllBytes(Path.Combine(_data.Path, "TOY", "set", "wav", "00.wav")));
        Assert.Equal(["TOY", "TOY.sha256"], Entries());
    }

    [Fact]
    public async Task An_archive_with_too_few_clips_is_not_the_corpus()
    {
        byte[] zip = Archives.Clips(4);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip));
        Assert.Contains("has 5 clips, but toy.zip has 4", (await Fails(Archives.Corpus(server.Address("toy.zip"), 5, null))).Message, StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task A_connection_that_breaks_is_gone_on_from()
    {
        byte[] zip = Archives.Clips(5);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip) is var whole && asked.From < 60_000 ? whole with { CutAfter = 30_000 } : whole);
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, zip))).Clips);
        Assert.Equal([0, 30_000, 60_000], server.Requests.Select(r => r.From));
        Assert.All(server.Requests.Skip(1), r => Assert.Equal("\"one\"", r.IfRange));
    }

    [Fact]
    public async Task What_came_before_giving_up_is_kept_for_the_next_run()
    {
        byte[] zip = Archives.Clips(5);
        bool broken = true;
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip) is var whole && broken ? whole with { CutAfter = asked.From == 0 ? 40_000 : 0 } : whole);
        CorpusDownload corpus = Archives.Corpus(server.Address("toy.zip"), 5, zip);
        Assert.Contains("3 attempts", (await Fails(corpus)).Message, StringComparison.Ordinal);
        Assert.Equal(40_000, new FileInfo(Path.Combine(_data.Path, ".downloads", "toy.zip.part")).Length);
        broken = false;
        Assert.Equal(5, (await Fetch(corpus)).Clips);
        Assert.Equal(40_000, server.Requests[^1].From);
        Assert.Equal(["TOY", "TOY.sha256"], Entries());
    }

    [Fact]
    public async Task A_server_that_knows_no_ranges_is_asked_for_everything()
    {
        byte[] zip = Archives.Clips(5);
        int times = 0;
        await using var server = new LocalServer(_ => new Answer(200, zip) { Headers = { ["ETag"] = "\"one\"" }, CutAfter = times++ == 0 ? 50_000 : null });
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, zip))).Clips);
        Assert.Equal([0, 50_000], server.Requests.Select(r => r.From));
    }

    [Theory]
    [InlineData("W/\"weak\"")]
    [InlineData(null)]
    public async Task A_server_that_names_no_version_is_not_asked_for_the_rest(string? tag)
    {
        byte[] zip = Archives.Clips(5);
        int times = 0;
        await using var server = new LocalServer(_ => new Answer(200, zip) { Headers = tag is null ? [] : new() { ["ETag"] = tag }, CutAfter = times++ == 0 ? 50_000 : null });
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, zip))).Clips);
        Assert.Equal([0, 0], server.Requests.Select(r => r.From));
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_starts_over()
    {
        byte[] old = Archives.Clips(5, seed: 50), now = Archives.Clips(5);
        int times = 0;
        await using var server = new LocalServer(asked => times++ == 0 ? LocalServer.Serve(asked, old) with { CutAfter = 50_000 } : LocalServer.Serve(asked, now, "\"two\""));
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, now))).Clips);
        Assert.Equal((50_000, "\"one\""), (server.Requests[1].From, server.Requests[1].IfRange));
    }

    [Fact]
    public async Task A_part_of_another_address_is_not_gone_on_from()
    {
        byte[] zip = Archives.Clips(5), other = Archives.Clips(5, seed: 50);
        await using var server = new LocalServer(asked => asked.Path == "/other.zip" ? LocalServer.Serve(asked, other) with { CutAfter = asked.From == 0 ? 50_000 : 0 } : LocalServer.Serve(asked, zip));
        CorpusDownload corpus = Archives.Corpus(server.Address("toy.zip"), 5, zip);
        await Assert.ThrowsAsync<DownloadException>(() => Fetch(corpus, from: server.Address("other.zip")));
        Assert.Equal(5, (await Fetch(corpus)).Clips);
        Assert.Equal(("/toy.zip", 0), (server.Requests[^1].Path, server.Requests[^1].From));
    }

    [Fact]
    public async Task Wrong_ranges_and_ranges_beyond_the_end_start_over()
    {
        byte[] zip = Archives.Clips(5);
        int times = 0;
        await using var server = new LocalServer(asked => times++ switch
        {
            0 => LocalServer.Serve(asked, zip) with { CutAfter = 50_000 },
            1 => new Answer(206, zip[..10]) { Headers = { ["Content-Range"] = $"bytes 0-9/{zip.Length}" } },
            2 => LocalServer.Serve(asked, zip) with { CutAfter = 50_000 },
            3 => new Answer(416, []),
            _ => LocalServer.Serve(asked, zip),
        });
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, zip), options: Quick with { Attempts = 5 })).Clips);
        Assert.Equal([0, 50_000, 0, 50_000, 0], server.Requests.Select(r => r.From));
    }

    [Theory]
    // Announced as larger than published; larger than it may be without a published size; larger than announced nothing.
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task An_oversized_answer_is_cut_off(bool published, bool silent)
    {
        byte[] zip = Archives.Clips(2), large = new byte[8_000_000];
        await using var server = new LocalServer(_ => new Answer(200, large) { Headers = { ["ETag"] = "\"one\"" }, Announced = silent ? -1 : null });
        DownloadException error = await Fails(Archives.Corpus(server.Address("toy.zip"), 2, published ? zip : null, greatest: 100_000));
        Assert.Contains(published ? $"{zip.Length} bytes, as published" : "at most 100000 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains(silent ? "cut off" : "announced with 8000000", error.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task A_shorter_file_than_published_is_refused()
    {
        byte[] zip = Archives.Clips(5);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip[..^10]));
        Assert.Contains("as published", (await Fails(Archives.Corpus(server.Address("toy.zip"), 5, zip))).Message, StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Theory]
    [InlineData(404, 1)]
    [InlineData(403, 1)]
    [InlineData(503, 3)]
    [InlineData(429, 3)]
    public async Task Refusals_are_told_at_once_and_failures_that_may_pass_are_tried_again(int status, int requests)
    {
        byte[] zip = Archives.Clips(1);
        await using var server = new LocalServer(_ => new Answer(status, [1, 2, 3]) { Headers = status == 429 ? new() { ["Retry-After"] = "0" } : [] });
        Assert.Contains($"{status}", (await Fails(Archives.Corpus(server.Address("toy.zip"), 1, zip))).Message, StringComparison.Ordinal);
        Assert.Equal(requests, server.Requests.Count);
    }

    [Fact]
    public async Task A_failure_that_passes_does_no_harm()
    {
        byte[] zip = Archives.Clips(1);
        int times = 0;
        await using var server = new LocalServer(asked => times++ < 2 ? new Answer(503, []) : LocalServer.Serve(asked, zip));
        Assert.Equal(1, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 1, zip))).Clips);
    }

    [Fact]
    public async Task Nobody_there_is_told()
    {
        Uri gone;
        await using (var server = new LocalServer(_ => new Answer(200, []))) gone = server.Address("toy.zip");
        Assert.Contains("3 attempts", (await Fails(Archives.Corpus(gone, 1, Archives.Clips(1)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_followed_and_the_range_with_it()
    {
        byte[] zip = Archives.Clips(5);
        int times = 0;
        await using var server = new LocalServer(asked => asked.Path == "/toy.zip"
            ? new Answer(302, []) { Headers = { ["Location"] = "/elsewhere.zip" } }
            : LocalServer.Serve(asked, zip) with { CutAfter = times++ == 0 ? 50_000 : null });
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, zip))).Clips);
        Assert.Equal([("/toy.zip", 0), ("/elsewhere.zip", 0), ("/toy.zip", 50_000), ("/elsewhere.zip", 50_000)], server.Requests.Select(r => (r.Path, r.From)));
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_left_and_gone_on_from()
    {
        byte[] zip = Archives.Clips(5);
        int times = 0;
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip) with { Stalls = times++ == 0 });
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, zip))).Clips);
        Assert.Equal([0, zip.Length - 1], server.Requests.Select(r => r.From));
    }

    [Fact]
    public async Task Stopped_by_its_caller_it_keeps_the_part_and_goes_on_later()
    {
        byte[] zip = Archives.Clips(5);
        int times = 0;
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip) with { Stalls = times++ == 0 });
        CorpusDownload corpus = Archives.Corpus(server.Address("toy.zip"), 5, zip);
        using var stop = new CancellationTokenSource();
        // All but the last byte has come when it is stopped.
        var listener = new Listener(p => { if (p.Bytes == zip.Length - 1) stop.Cancel(); });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Fetch(corpus, progress: listener, options: Quick with { StallTimeout = TimeSpan.FromSeconds(20) }, cancellation: stop.Token));
        Assert.Equal(zip.Length - 1, new FileInfo(Path.Combine(_data.Path, ".downloads", "toy.zip.part")).Length);
        Assert.False(Directory.Exists(Path.Combine(_data.Path, "TOY")));
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
        Assert.Contains("MD5", (await Assert.ThrowsAsync<DownloadException>(() => Fetch(corpus, from: server.Address("forged.zip")))).Message, StringComparison.Ordinal);
        Assert.Equal(5, (await Fetch(corpus, from: server.Address("toy.zip"))).Clips);
    }

    [Fact]
    public async Task A_full_disk_is_noticed_before_anything_is_asked_for()
    {
        byte[] zip = Archives.Clips(1);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip));
        var fetcher = new CorpusFetcher(_client, Quick) { FreeBytes = _ => 1_000_000 };
        var error = await Assert.ThrowsAsync<DownloadException>(() => fetcher.FetchAsync(Archives.Corpus(server.Address("toy.zip"), 1, zip), _data.Path, cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("1 MB are free", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_failed_fetch_again_leaves_the_old_folder_as_it_was()
    {
        byte[] zip = Archives.Clips(2);
        Directory.CreateDirectory(Path.Combine(_data.Path, "TOY"));
        File.WriteAllText(Path.Combine(_data.Path, "TOY", "mine.txt"), "mine");
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip));
        await Assert.ThrowsAsync<DownloadException>(() => Fetch(Archives.Corpus(server.Address("toy.zip"), 3, null), force: true));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_data.Path, "TOY", "mine.txt")));
        Assert.Equal(2, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 2, null), force: true)).Clips);
        Assert.False(File.Exists(Path.Combine(_data.Path, "TOY", "mine.txt")));
    }

    [Fact]
    public void Options_that_cannot_be_used_are_all_listed()
    {
        OptionsException error = Assert.Throws<OptionsException>(() => new CorpusFetcher(_client, new() { Attempts = 0, GreatestFiles = 0, StallTimeout = TimeSpan.Zero }));
        Assert.All(new[] { "Attempts", "GreatestFiles", "StallTimeout" }, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    private Task<CorpusFetchResult> Fetch(
        CorpusDownload corpus, Uri? from = null, bool force = false, IProgress<CorpusFetchProgress>? progress = null, CorpusFetchOptions? options = null, CancellationToken? cancellation = null) =>
        new CorpusFetcher(_client, options ?? Quick).FetchAsync(corpus, _data.Path, from, force, progress, cancellation ?? TestContext.Current.CancellationToken);

    private async Task<DownloadException> Fails(CorpusDownload corpus)
    {
        var error = await Assert.ThrowsAsync<DownloadException>(() => Fetch(corpus));
        Assert.False(Directory.Exists(Path.Combine(_data.Path, "TOY")));
        Assert.Empty(Directory.GetDirectories(_data.Path, "*.tmp"));
        return error;
    }

    private string[] Files() => Directory.GetFiles(_data.Path, "*", SearchOption.AllDirectories);

    private IEnumerable<string?> Entries() => Directory.GetFileSystemEntries(_data.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    private sealed class Listener(Action<CorpusFetchProgress> heard) : IProgress<CorpusFetchProgress>
    {
        public void Report(CorpusFetchProgress value) => heard(value);
    }
}
