namespace SerPipeline.Corpora.Download;

/// <summary>
/// The files of a data set as a Dataverse repository describes them (GET api/datasets/:persistentId), each with its checksum. The archive
/// that such a repository offers is built anew for each download, leaves out files beyond a limit, and so has no checksum of its own.
/// </summary>
internal sealed class DataverseListing
{
    private readonly string _publisher;
    private readonly ILookup<string, Checksum> _files;

    private DataverseListing(string publisher, IEnumerable<Entry> entries)
    {
        _publisher = publisher;
        _files = entries.ToLookup(entry => entry.Label!, entry => entry.DataFile!.Checksum!);
    }

    /// <summary>Reads a description that was saved to a file.</summary>
    /// <exception cref="DownloadException">It is not such a description, or a file in it has no checksum.</exception>
    public static DataverseListing Read(string path, string publisher)
    {
        try
        {
            Description? description = JsonSerializer.Deserialize<Description>(File.ReadAllBytes(path), JsonSerializerOptions.Web);
            if (description?.Data?.LatestVersion?.Files is { Count: > 0 } files && files.All(IsUsable))
                return new DataverseListing(publisher, files);
        }
        catch (JsonException) { }
        throw new DownloadException($"{publisher} was expected to list the data set's files, each with its checksum, but the answer is "
            + "another one. Nothing was downloaded. Its interface may have changed; the corpus can be downloaded by hand from its page.");
    }

    /// <summary>Compares every clip with its checksum, and looks for missing clips.</summary>
    /// <param name="folder">The folder that was unpacked.</param>
    /// <param name="clips">The clips in it, as relative paths.</param>
    /// <param name="progress">Receives the number of clips done.</param>
    /// <param name="cancellation">Stops the check.</param>
    /// <exception cref="DownloadException">A clip is missing, unknown, or not the published one.</exception>
    public void Verify(string folder, IReadOnlyList<string> clips, Action<int> progress, CancellationToken cancellation)
    {
        foreach ((int i, string clip) in clips.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            // By the name alone: archives differ in their folders.
            string name = clip[(clip.LastIndexOf('/') + 1)..];
            if (!_files.Contains(name))
                throw new DownloadException($"The archive has a clip '{clip}' that {_publisher} does not list. It is another corpus, or a "
                    + "changed one; nothing was kept.");
            if (!_files[name].Any(expected => expected.Value!.Equals(HashOf(CorpusFiles.Full(folder, clip), expected.Type!),
                StringComparison.OrdinalIgnoreCase)))
                throw new DownloadException($"The clip '{clip}' was expected to have the {_files[name].First().Type} "
                    + $"{_files[name].First().Value} that {_publisher} publishes, but has another. It is damaged or changed; nothing was "
                    + "kept.");
            progress(i + 1);
        }
        var there = clips.Select(clip => clip[(clip.LastIndexOf('/') + 1)..]).ToHashSet();
        var audio = there.Select(name => Path.GetExtension(name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        string[] missing = [.. _files.Select(file => file.Key)
            .Where(name => audio.Contains(Path.GetExtension(name)) && !there.Contains(name)).Order(StringComparer.Ordinal)];
        if (missing.Length > 0)
            throw new DownloadException($"The archive lacks {Format.Count(missing.Length, "clip")} that {_publisher} lists, such as "
                + $"{string.Join(", ", missing.Take(3))}; nothing was kept. Such a repository leaves out files when an archive becomes too "
                + "large: fetch again later, or from a mirror.");
    }

    private static bool IsUsable(Entry entry) => !string.IsNullOrEmpty(entry.Label)
            && entry.DataFile?.Checksum is { Value.Length: > 0, Type: "MD5" or "SHA-1" or "SHA-256" or "SHA-512" };

    private static string HashOf(string path, string type)
    {
        using var hash = IncrementalHash.CreateHash(new HashAlgorithmName(type.Replace("-", "", StringComparison.Ordinal)));
        hash.AppendData(File.ReadAllBytes(path));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed record Description(Content? Data);

    private sealed record Content(Version? LatestVersion);

    private sealed record Version(IReadOnlyList<Entry>? Files);

    private sealed record Entry(string? Label, DataFile? DataFile);

    private sealed record DataFile(Checksum? Checksum);

    private sealed record Checksum(string? Type, string? Value);
}
