using System.Globalization;
using SerPipeline.Corpora.Download;

namespace SerPipeline.Tests.Corpora.Download;

/// <summary>Servers that lead elsewhere, change the file, or send it in another form.</summary>
public sealed class UntrustedServerTests : FetchTests
{
    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/toy.zip")]
    [InlineData("http://")]
    [InlineData("http://[::1/toy.zip")]
    [InlineData("data:text/plain,x")]
    public async Task A_redirect_to_no_http_address_is_told(string location)
    {
        await using var server = new LocalServer(_ => new Answer(302, []) { Headers = { ["Location"] = location } });
        DownloadException error = await Fails(Archives.Corpus(server.Address("toy.zip"), 1, Archives.Clips(1)));
        Assert.Contains("toy.zip", error.Message, StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Theory]
    // What was said at the start, and what is said of the rest: another tag, a tag that became weak, another date.
    [InlineData("ETag", "\"one\"", "ETag", "\"two\"")]
    [InlineData("ETag", "\"one\"", "ETag", "W/\"one\"")]
    [InlineData("Last-Modified", "Wed, 01 Jan 2020 00:00:00 GMT", "Last-Modified", "Thu, 02 Jan 2020 00:00:00 GMT")]
    public async Task A_rest_of_another_version_starts_over(string first, string said, string then, string saidThen)
    {
        byte[] old = Archives.Clips(5, seed: 50), now = Archives.Clips(5);
        int times = 0;
        await using var server = new LocalServer(asked => times++ switch
        {
            0 => new Answer(200, old) { Headers = { [first] = said }, CutAfter = 50_000 },
            1 => Rest(asked, now, then, saidThen),
            _ => LocalServer.Serve(asked, now),
        });
        // No checksum is published, so that nothing else would notice before the clips are unpacked.
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, null))).Clips);
        Assert.Equal([0, 50_000, 0], server.Requests.Select(r => r.From));
        Assert.Equal(Archives.Noise(20_000, 1), File.ReadAllBytes(Path.Combine(Data, "TOY", "set", "wav", "00.wav")));
    }

    [Fact]
    public async Task A_rest_of_a_file_of_another_length_starts_over()
    {
        byte[] old = Archives.Clips(4, seed: 50), now = Archives.Clips(5);
        int times = 0;
        await using var server = new LocalServer(asked => times++ switch
        {
            0 => LocalServer.Serve(asked, old) with { CutAfter = 50_000 },
            1 => Rest(asked, now, "ETag", "\"one\""),
            _ => LocalServer.Serve(asked, now, "\"two\""),
        });
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, null))).Clips);
        Assert.Equal([0, 50_000, 0], server.Requests.Select(r => r.From));
    }

    [Fact]
    public async Task A_rest_that_says_nothing_of_its_version_is_taken()
    {
        byte[] zip = Archives.Clips(5);
        int times = 0;
        await using var server = new LocalServer(asked => times++ == 0 ? LocalServer.Serve(asked, zip) with { CutAfter = 50_000 }
            : Rest(asked, zip, "X-Nothing", "1"));
        Assert.Equal(5, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 5, null))).Clips);
        Assert.Equal([0, 50_000], server.Requests.Select(r => r.From));
    }

    [Fact]
    public async Task The_file_is_asked_for_as_it_is_and_an_encoded_answer_refused()
    {
        await using var server = new LocalServer(_ => new Answer(200, [0x1F, 0x8B, 8]) { Headers = { ["Content-Encoding"] = "gzip" } });
        DownloadException error = await Fails(Archives.Corpus(server.Address("toy.zip"), 1, null));
        Assert.Contains("content encoding gzip", error.Message, StringComparison.Ordinal);
        Assert.Equal("identity", Assert.Single(server.Requests).Headers["accept-encoding"]);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task An_answer_that_calls_itself_plain_is_taken()
    {
        byte[] zip = Archives.Clips(1);
        await using var server = new LocalServer(_ => new Answer(200, zip) { Headers = { ["Content-Encoding"] = "identity" } });
        Assert.Equal(1, (await Fetch(Archives.Corpus(server.Address("toy.zip"), 1, zip))).Clips);
    }

    private static Answer Rest(Asked asked, byte[] file, string header, string value) => new(206, file[asked.From..])
    {
        Headers = { ["Content-Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes {asked.From}-{file.Length - 1}/{file.Length}"),
            [header] = value },
    };
}
