namespace SerPipeline.Corpora.Download;

/// <summary>A corpus as it is offered for download: what it is, under which terms, and where it lies.</summary>
public sealed record CorpusDownload
{
    /// <summary>What the command line calls it, such as <c>ravdess</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What is published about it; its name there is the format that <see cref="CorpusLoader.Load"/> reads it by.</summary>
    public required CorpusFacts Facts { get; init; }

    /// <summary>Its licence where it is downloaded from: places differ.</summary>
    public required string Licence { get; init; }

    /// <summary>What the licence asks of those who use it, in short.</summary>
    public required string Terms { get; init; }

    /// <summary>The page it is downloaded from, with the licence in full.</summary>
    public required Uri Page { get; init; }

    /// <summary>The folder it gets below the data folder: one of <see cref="CorpusFacts.FolderNames"/>.</summary>
    public required string Folder { get; init; }

    /// <summary>The clips it has.</summary>
    public required int Clips { get; init; }

    /// <summary>The archive; null where it cannot be downloaded without more ado, see <see cref="Instructions"/>.</summary>
    public CorpusArchive? Archive { get; init; }

    /// <summary>How to get it by hand; null where there is an archive.</summary>
    public string? Instructions { get; init; }
}

/// <summary>A zip archive at its official address.</summary>
public sealed record CorpusArchive
{
    /// <summary>Where it lies.</summary>
    public required Uri Address { get; init; }

    /// <summary>What it is called on disk while it is downloaded.</summary>
    public required string FileName { get; init; }

    /// <summary>Its size as published; null where nothing was published.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Its checksum as published; null where nothing was published.</summary>
    public PublishedChecksum? Checksum { get; init; }

    /// <summary>Where the checksum of every single clip is published, for archives that have none of their own; null for none.</summary>
    public PublishedListing? Listing { get; init; }

    /// <summary>What is cut off as too large, where no size was published.</summary>
    public required long GreatestBytes { get; init; }

    /// <summary>About how much room the clips take once unpacked, for the check of the disk before the download.</summary>
    public required long RoomBytes { get; init; }

    /// <summary>More than this is not unpacked: no clip of the corpus needs it.</summary>
    public required long GreatestUnpackedBytes { get; init; }
}

/// <summary>A checksum as its publisher states it.</summary>
/// <param name="Algorithm"><c>MD5</c> or <c>SHA256</c>.</param>
/// <param name="Value">The digest in hexadecimal.</param>
/// <param name="Publisher">Who published it.</param>
public sealed record PublishedChecksum(string Algorithm, string Value, string Publisher);

/// <summary>A data set's description in a Dataverse repository, with a checksum for each file.</summary>
/// <param name="Address">Where its interface answers with it.</param>
/// <param name="Publisher">Who published it.</param>
public sealed record PublishedListing(Uri Address, string Publisher);
