using SerPipeline.Corpora.Download;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Corpora.Download;

/// <summary>Fetches into a folder of its own, without pauses between attempts.</summary>
public abstract class FetchTests : IDisposable
{
    private protected static readonly CorpusFetchOptions Quick = new()
    {
        Attempts = 3,
        InitialDelay = TimeSpan.Zero,
        StallTimeout = TimeSpan.FromSeconds(5),
        ResponseTimeout = TimeSpan.FromSeconds(5)
    };

    private readonly TemporaryFolder _folder = new();

    private protected HttpClient Client { get; } = CorpusFetcher.CreateClient();

    private protected string Data => _folder.Path;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        Client.Dispose();
        _folder.Dispose();
    }

    private protected Task<CorpusFetchResult> Fetch(
        CorpusDownload corpus, Uri? from = null, bool force = false, IProgress<CorpusFetchProgress>? progress = null,
        CorpusFetchOptions? options = null, CancellationToken? cancellation = null) =>
        new CorpusFetcher(Client, options ?? Quick)
            .FetchAsync(corpus, Data, from, force, progress, cancellation ?? TestContext.Current.CancellationToken);

    private protected async Task<DownloadException> Fails(CorpusDownload corpus)
    {
        var error = await Assert.ThrowsAsync<DownloadException>(() => Fetch(corpus));
        Assert.False(Directory.Exists(Path.Combine(Data, "TOY")));
        Assert.Empty(Directory.GetDirectories(Data, "*.tmp"));
        return error;
    }

    private protected string[] Files() => Directory.GetFiles(Data, "*", SearchOption.AllDirectories);

    private protected IEnumerable<string?> Entries() =>
        Directory.GetFileSystemEntries(Data).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    private protected sealed class Listener(Action<CorpusFetchProgress> heard) : IProgress<CorpusFetchProgress>
    {
        public void Report(CorpusFetchProgress value) => heard(value);
    }
}
