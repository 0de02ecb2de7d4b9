using SerPipeline.Corpora.Download;

namespace SerPipeline.Tests.Corpora.Download;

/// <summary>Downloading from a server on this machine that behaves well, and from ones that do not.</summary>
public sealed class HttpDownloadTests : FetchTests
{
    [Fact]
    public async Task A_connection_that_breaks_is_gone_on_from()
    {
        byte[] zip = Archives.Clips(5);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip) is var whole
            && asked.From < 60_000 ? whole with { CutAfter = 30_000 } : whole);
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, zip))).Clips);
        Assert.Equal([0, 30_000, 60_000], server.Requests.Select(r => r.From));
        Assert.All(server.Requests.Skip(1), r => Assert.Equal("\"one\"", r.IfRange));
    }

    [Fact]
    public async Task What_came_before_giving_up_is_kept_for_the_next_run()
    {
        byte[] zip = Archives.Clips(5);
        bool broken = true;
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip) is var whole
            && broken ? whole with { CutAfter = asked.From == 0 ? 40_000 : 0 } : whole);
        CorpusDownload corpus = Archives.Corpus(server.Address("toy.zip"), 5, zip);
        Assert.Contains("3 attempts", (await Fails(corpus)).Message, StringComparison.Ordinal);
        Assert.Equal(40_000, new FileInfo(Path.Combine(Data, ".downloads", "toy.zip.part")).Length);
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
        await using var server = new LocalServer(_ => new Answer(200, zip)
        {
            Headers = { ["ETag"] = "\"one\"" },
            CutAfter = times++ == 0
            ? 50_000 : null
        });
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
        await using var server = new LocalServer(_ => new Answer(200, zip)
        {
            Headers = tag is null ? []
            : new() { ["ETag"] = tag },
            CutAfter = times++ == 0 ? 50_000 : null
        });
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, zip))).Clips);
        Assert.Equal([0, 0], server.Requests.Select(r => r.From));
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_starts_over()
    {
        byte[] old = Archives.Clips(5, seed: 50), now = Archives.Clips(5);
        int times = 0;
        await using var server = new LocalServer(asked => times++ == 0 ? LocalServer.Serve(asked, old) with { CutAfter = 50_000 }
            : LocalServer.Serve(asked, now, "\"two\""));
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, now))).Clips);
        Assert.Equal((50_000, "\"one\""), (server.Requests[1].From, server.Requests[1].IfRange));
    }

    [Fact]
    public async Task A_part_of_another_address_is_not_gone_on_from()
    {
        byte[] zip = Archives.Clips(5), other = Archives.Clips(5, seed: 50);
        await using var server = new LocalServer(asked => asked.Path == "/other.zip"
            ? LocalServer.Serve(asked, other) with { CutAfter = asked.From == 0 ? 50_000 : 0 } : LocalServer.Serve(asked, zip));
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
        await using var server = new LocalServer(_ => new Answer(200, large)
        {
            Headers = { ["ETag"] = "\"one\"" },
            Announced = silent ? -1
            : null
        });
        DownloadException error = await Fails(Archives.Corpus(server.Address("toy.zip"), 2, published ? zip : null, greatest: 100_000));
        Assert.Contains(published ? $"{zip.Length} bytes, as published" : "at most 100000 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains(silent ? "has more than" : "announced with 8000000", error.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task A_shorter_file_than_published_is_refused()
    {
        byte[] zip = Archives.Clips(5);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip[..^10]));
        Assert.Contains("as published", (await Fails(Archives.Corpus(server.Address("toy.zip"), 5, zip))).Message,
            StringComparison.Ordinal);
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
        await using var server = new LocalServer(_ => new Answer(status, [1, 2, 3])
        {
            Headers = status == 429
            ? new() { ["Retry-After"] = "0" } : []
        });
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
        Assert.Equal([("/toy.zip", 0), ("/elsewhere.zip", 0), ("/toy.zip", 50_000), ("/elsewhere.zip", 50_000)],
            server.Requests.Select(r => (r.Path, r.From)));
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_left_and_gone_on_from()
    {
        byte[] zip = Archives.Clips(5);
        int times = 0;
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip) with { Stalls = times++ == 0 });
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, zip),
            options: Quick with { StallTimeout = TimeSpan.FromSeconds(0.3) })).Clips);
        Assert.Equal([0, zip.Length - 1], server.Requests.Select(r => r.From));
    }
}
