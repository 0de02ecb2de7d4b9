using SerPipeline.Corpora.Download;

namespace SerPipeline.Tests.Corpora.Download;

/// <summary>One fetch at a time in a data folder, and what a fetch writes beside the corpus.</summary>
public sealed class FetchLockTests : FetchTests
{
    [Fact]
    public async Task A_second_fetch_is_refused_and_the_first_unharmed()
    {
        byte[] zip = Archives.Clips(5);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip));
        CorpusDownload corpus = Archives.Corpus(server.Address("toy.zip"), 5, zip);
        DownloadException? refused = null;
        var listener = new Listener(p =>
        {
            if (p is { Step: CorpusFetchStep.Downloading, Bytes: > 0 })
                refused ??= Assert.ThrowsAsync<DownloadException>(() => Fetch(corpus)).GetAwaiter().GetResult();
        });
        Assert.Equal(5, (await Fetch(corpus, progress: listener)).Clips);
        Assert.Contains("Another fetch is running", refused!.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
        Assert.Equal(["TOY", "TOY.sha256"], Entries());
    }

    [Fact]
    public async Task Many_at_once_never_have_it_together()
    {
        string downloads = Path.Combine(Data, ".downloads");
        int inside = 0, taken = 0, together = 0;
        await Parallel.ForAsync(0, 8,
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, (_, _) =>
        {
            for (int i = 0; i < 100; i++)
            {
                try
                {
                    using FolderLock only = CorpusFetcher.LockOf(downloads);
                    if (Interlocked.Increment(ref inside) > 1) Interlocked.Increment(ref together);
                    Interlocked.Increment(ref taken);
                    Interlocked.Decrement(ref inside);
                }
                catch (DownloadException) { }
            }
            return ValueTask.CompletedTask;
        });
        Assert.Equal(0, together);
        Assert.True(taken > 0);
        Assert.Empty(Entries());
    }

    [Fact]
    public async Task It_is_given_back_after_a_failure()
    {
        byte[] zip = Archives.Clips(1);
        bool broken = true;
        await using var server = new LocalServer(asked => broken ? new Answer(404, []) : LocalServer.Serve(asked, zip));
        CorpusDownload corpus = Archives.Corpus(server.Address("toy.zip"), 1, zip);
        await Fails(corpus);
        Assert.Empty(Entries());
        broken = false;
        Assert.Equal(1, (await Fetch(corpus)).Clips);
    }

    [Fact]
    public async Task Another_archive_of_the_same_folder_is_no_change_of_this_one()
    {
        byte[] zip = Archives.Clips(1), other = Archives.Clips(1, seed: 9);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, asked.Path == "/toy.zip" ? zip : other));
        CorpusDownload corpus = Archives.Corpus(server.Address("toy.zip"), 1, null),
            second = Archives.Corpus(server.Address("other.zip"), 1, null);
        second = second with { Archive = second.Archive! with { FileName = "toy-original.zip" } };
        await Fetch(corpus);
        CorpusFetchResult result = await Fetch(second, force: true);
        Assert.Null(result.EarlierSha256);
        Assert.Equal($"{result.Sha256}  toy-original.zip\n", File.ReadAllText(Path.Combine(Data, "TOY.sha256")));
    }

    [Fact]
    public async Task A_disk_that_fails_while_unpacking_is_told_and_the_archive_kept()
    {
        byte[] zip = Archives.Clips(3);
        await using var server = new LocalServer(asked => LocalServer.Serve(asked, zip));
        CorpusDownload corpus = Archives.Corpus(server.Address("toy.zip"), 3, zip);
        // The second clip's place is taken once the first is unpacked.
        var listener = new Listener(p =>
        {
            if (p.Step != CorpusFetchStep.Unpacking) return;
            string taken = Path.Combine(Directory.GetDirectories(Data, "*.tmp").Single(), "set", "wav", "01.wav");
            if (!File.Exists(taken)) File.WriteAllText(taken, "");
        });
        var error = await Assert.ThrowsAsync<DownloadException>(() => Fetch(corpus, progress: listener));
        Assert.Contains("The archive is kept", error.Message, StringComparison.Ordinal);
        Assert.Equal([Path.Combine(Data, ".downloads", "toy.zip")], Files());
        Assert.Equal(3, (await Fetch(corpus)).Clips);
        Assert.Single(server.Requests);
    }
}
