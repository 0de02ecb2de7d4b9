namespace SerPipeline.Corpora.Download;

/// <summary>Downloads a corpus, verifies it, and puts it below a data folder, whole or not at all.</summary>
public sealed class CorpusFetcher
{
    // Beyond what the clips need, so that the disk is not filled up.
    private const long SpareBytes = 64L << 20;
    // A data set of 2,800 files is described in about 3 MB.
    private const long MaxListingBytes = 50_000_000;
    private const string Downloads = ".downloads";

    private readonly HttpClient _client;
    private readonly CorpusFetchOptions _options;

    /// <summary>Creates a fetcher.</summary>
    /// <param name="client">A client without a timeout of its own: the options' timeouts apply. See <see cref="CreateClient"/>.</param>
    /// <param name="options">Retries, timeouts and limits; the defaults when null.</param>
    /// <exception cref="OptionsException">Options that cannot be used.</exception>
    public CorpusFetcher(HttpClient client, CorpusFetchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _options = options ?? new CorpusFetchOptions();
        _options.Validate();
    }

    /// <summary>Free bytes on the disk of a folder; null where the system does not say. Tests replace it.</summary>
    internal Func<string, long?> FreeBytes { get; init; } = FreeBytesOf;

    /// <summary>A client that follows redirects and has no timeout of its own.</summary>
    public static HttpClient CreateClient() =>
        new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(30), MaxAutomaticRedirections = 10 })
        { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The full path of a corpus's folder.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="dataFolder">The data folder.</param>
    public static string FolderOf(CorpusDownload corpus, string dataFolder)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        return Path.GetFullPath(Path.Combine(dataFolder, corpus.Folder));
    }

    /// <summary>Whether the corpus's folder is there and not empty.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="dataFolder">The data folder.</param>
    public static bool IsPresent(CorpusDownload corpus, string dataFolder) =>
        FolderOf(corpus, dataFolder) is var folder && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any();

    /// <summary>Fetches a corpus. An interrupted download is resumed.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="dataFolder">The data folder; created when absent.</param>
    /// <param name="from">A mirror's address of the archive, which is verified too; null for the official one.</param>
    /// <param name="force">Whether to fetch a corpus again that is there; the old one is replaced once the new one is complete.</param>
    /// <param name="progress">Receives the progress of each step.</param>
    /// <param name="cancellation">Stops the fetch; the partial download is kept.</param>
    /// <exception cref="DownloadException">It is not available without registration, could not be downloaded, verified or unpacked, or
    /// another fetch is running in the data folder.</exception>
    public async Task<CorpusFetchResult> FetchAsync(
        CorpusDownload corpus, string dataFolder, Uri? from = null, bool force = false, IProgress<CorpusFetchProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentException.ThrowIfNullOrEmpty(dataFolder);
        string folder = FolderOf(corpus, dataFolder);
        if (File.Exists(folder)) throw new DownloadException($"{folder} is to be {corpus.Name}'s folder, but a file has that name. Move it "
            + "away.");
        if (IsPresent(corpus, dataFolder) && !force) return AlreadyPresent(folder);
        CorpusArchive archive = corpus.Archive
            ?? throw new DownloadException($"{corpus.Facts.Title} cannot be downloaded from here. {corpus.Instructions} See "
                + $"{corpus.Page}.");

        string downloads = Path.GetFullPath(Path.Combine(dataFolder, Downloads));
        using FolderLock only = LockOf(downloads);
        // Another fetch may have finished meanwhile.
        if (IsPresent(corpus, dataFolder) && !force) return AlreadyPresent(folder);
        string file = Path.Combine(downloads, archive.FileName);
        RequireRoom(dataFolder, (archive.SizeBytes ?? archive.UnpackedBytes) + archive.UnpackedBytes, corpus.Name);
        // An archive from an earlier fetch is used only when its checksum can be compared.
        if (force || archive.Checksum is null) File.Delete(file);
        DataverseListing? listing = archive.Listing is { } published
            ? await ListAsync(published, file + ".files.json", cancellation).ConfigureAwait(false) : null;
        if (!File.Exists(file))
            await new HttpFileDownload(_client, _options).RunAsync(from ?? archive.Address, file, archive.SizeBytes, archive.MaxBytes,
                (done, total) => progress?.Report(new(CorpusFetchStep.Downloading, done, total)), cancellation).ConfigureAwait(false);
        string sha256 = Verify(archive, file, progress, cancellation);
        int clips = UnpackWhole(corpus, archive, listing, file, folder, dataFolder, progress, cancellation);
        File.Delete(file);
        return new CorpusFetchResult
        {
            Folder = folder,
            AlreadyPresent = false,
            Clips = clips,
            Sha256 = sha256,
            EarlierSha256 = WriteSha256(folder + ".sha256", archive.FileName, sha256),
            IsVerified = archive.Checksum is not null || listing is not null,
        };
    }

    internal static FolderLock LockOf(string downloads) => FolderLock.Take(downloads, "fetch.lock", (why, cause) => new DownloadException(
        $"Another fetch is running in {downloads} ({why}). Wait for its end, or name another data folder.", cause));

    private static CorpusFetchResult AlreadyPresent(string folder) =>
        new() { Folder = folder, AlreadyPresent = true, Clips = CorpusFiles.Find(folder).Count };

    // Before the archive, so that nothing large is downloaded in vain when the publisher does not answer.
    private async Task<DataverseListing> ListAsync(PublishedListing listing, string path, CancellationToken cancellation)
    {
        File.Delete(path);
        await new HttpFileDownload(_client, _options)
            .RunAsync(listing.Address, path, size: null, MaxListingBytes, (_, _) => { }, cancellation).ConfigureAwait(false);
        try
        {
            return DataverseListing.Read(path, listing.Publisher);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Verify(CorpusArchive archive, string file, IProgress<CorpusFetchProgress>? progress,
        CancellationToken cancellation)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using IncrementalHash? published = archive.Checksum is { } expected
            ? IncrementalHash.CreateHash(new HashAlgorithmName(expected.Algorithm)) : null;
        using (FileStream stream = File.OpenRead(file))
        {
            var buffer = new byte[1 << 17];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                sha256.AppendData(buffer, 0, read);
                published?.AppendData(buffer, 0, read);
                progress?.Report(new(CorpusFetchStep.Checking, stream.Position, stream.Length));
            }
        }
        if (archive.Checksum is { } checksum && Convert.ToHexStringLower(published!.GetHashAndReset()) is var found
            && !found.Equals(checksum.Value, StringComparison.OrdinalIgnoreCase))
        {
            File.Delete(file);
            throw new DownloadException($"{archive.FileName} was expected to have the {checksum.Algorithm} {checksum.Value} that "
                + $"{checksum.Publisher} publishes, but has {found}. It was damaged on the way or is another file, and has been deleted. "
                + "Fetch it again, or from another address.");
        }
        return Convert.ToHexStringLower(sha256.GetHashAndReset());
    }

    private int UnpackWhole(
        CorpusDownload corpus, CorpusArchive archive, DataverseListing? listing, string file, string folder, string dataFolder,
        IProgress<CorpusFetchProgress>? progress,
        CancellationToken cancellation)
    {
        string temporary = $"{folder}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(temporary);
            long total = ZipUnpacker.Unpack(file, temporary, _options.MaxFiles, archive.MaxUnpackedBytes,
                bytes => RequireRoom(dataFolder, bytes, corpus.Name),
                (done, bytes) => progress?.Report(new(CorpusFetchStep.Unpacking, done, bytes)), cancellation);
            IReadOnlyList<string> clips = CorpusFiles.Find(temporary);
            listing?.Verify(temporary, clips, done => progress?.Report(new(CorpusFetchStep.Checking, total * done / clips.Count, total)),
                cancellation);
            if (clips.Count != corpus.Clips)
                throw new DownloadException($"{corpus.Facts.Title} has {corpus.Clips} clips, but {archive.FileName} has {clips.Count} "
                    + "audio files. It is incomplete or another file; nothing was kept.");
            Replace(temporary, folder);
            return clips.Count;
        }
        catch (DownloadException)
        {
            File.Delete(file);
            throw;
        }
        // The archive is fine, so it is kept.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DownloadException($"{file} could not be unpacked into {folder} ({e.Message}). The archive is kept: fix the cause and "
                + "fetch again.", e);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    // The old folder is deleted only once the new one is in its place.
    private static void Replace(string temporary, string folder)
    {
        string? old = Directory.Exists(folder) ? $"{folder}.{Guid.NewGuid():N}.old" : null;
        if (old is not null) Directory.Move(folder, old);
        try
        {
            Directory.Move(temporary, folder);
        }
        catch when (old is not null)
        {
            Directory.Move(old, folder);
            throw;
        }
        if (old is not null) Directory.Delete(old, recursive: true);
    }

    // In the format of sha256sum. Returns the earlier hash of the same archive if it differs: corpora may share a folder, and so this file.
    private static string? WriteSha256(string path, string archive, string sha256)
    {
        string? earlier = File.Exists(path) && File.ReadAllText(path).TrimEnd().Split("  ", 2) is [{ Length: 64 } first, var name]
            && name == archive && first != sha256 ? first : null;
        AtomicFile.WriteAllText(path, $"{sha256}  {archive}\n");
        return earlier;
    }

    private void RequireRoom(string dataFolder, long bytes, string name)
    {
        if (FreeBytes(Path.GetFullPath(dataFolder)) is { } free && free < bytes + SpareBytes)
            throw new DownloadException($"{name} needs about {(bytes + SpareBytes) / 1_000_000} MB of room at "
                + $"{Path.GetFullPath(dataFolder)}, but {free / 1_000_000} MB are free. Make room, or name another data folder.");
    }

    private static long? FreeBytesOf(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
