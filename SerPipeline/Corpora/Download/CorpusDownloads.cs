using System.Text.Json.Serialization;

namespace SerPipeline.Corpora.Download;

/// <summary>A corpus that can be downloaded: its facts, its terms and its address.</summary>
public sealed record CorpusDownload
{
    /// <summary>Its name on the command line, such as <c>ravdess</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What is published about it; its name there is the format that <see cref="CorpusLoader.Load"/> reads it by.</summary>
    [JsonConverter(typeof(CorpusFacts.ByName))]
    public required CorpusFacts Facts { get; init; }

    /// <summary>The licence at the place of download, which may differ from that of the original.</summary>
    public required string Licence { get; init; }

    /// <summary>What the licence requires, in short.</summary>
    public required string Terms { get; init; }

    /// <summary>The page it is downloaded from, with the licence in full.</summary>
    public required Uri Page { get; init; }

    /// <summary>Its folder below the data folder: one of <see cref="CorpusFacts.FolderNames"/>.</summary>
    public required string Folder { get; init; }

    /// <summary>The number of clips of the whole corpus.</summary>
    public required int Clips { get; init; }

    /// <summary>The archive; null where it cannot be downloaded directly, see <see cref="Instructions"/>.</summary>
    public CorpusArchive? Archive { get; init; }

    /// <summary>How to get it by hand; null where there is an archive.</summary>
    public string? Instructions { get; init; }
}

/// <summary>A zip archive at its official address.</summary>
public sealed record CorpusArchive
{
    /// <summary>The address of the archive.</summary>
    public required Uri Address { get; init; }

    /// <summary>The name of the file on disk during the download.</summary>
    public required string FileName { get; init; }

    /// <summary>The published size; null where none is published.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>The published checksum; null where none is published.</summary>
    public PublishedChecksum? Checksum { get; init; }

    /// <summary>Where a checksum for each clip is published, for archives without one of their own; else null.</summary>
    public PublishedListing? Listing { get; init; }

    /// <summary>The limit of the download where no size is published, in bytes.</summary>
    public required long MaxBytes { get; init; }

    /// <summary>The approximate size of the unpacked clips, for the check of free disk space before the download.</summary>
    public required long UnpackedBytes { get; init; }

    /// <summary>The limit of unpacking, in bytes: an archive that unpacks to more is refused.</summary>
    public required long MaxUnpackedBytes { get; init; }
}

/// <summary>A checksum as its publisher states it.</summary>
/// <param name="Algorithm"><c>MD5</c> or <c>SHA256</c>.</param>
/// <param name="Value">The digest in hexadecimal.</param>
/// <param name="Publisher">Who published it.</param>
public sealed record PublishedChecksum(string Algorithm, string Value, string Publisher);

/// <summary>A data set's description in a Dataverse repository, with a checksum for each file.</summary>
/// <param name="Address">The address of the description in the repository's API.</param>
/// <param name="Publisher">Who published it.</param>
public sealed record PublishedListing(Uri Address, string Publisher);

/// <summary>The corpora whose official addresses are known: those of <c>downloads.json</c>.</summary>
/// <remarks>
/// Sizes and MD5 sums of the Zenodo records are those that Zenodo states for their files. Borealis builds TESS's archive anew for each
/// download, but states the checksum of each file in it. EMO-DB's original page states none, so none is given here.
/// </remarks>
public static class CorpusDownloads
{
    /// <summary>Every corpus, in the order lists show.</summary>
    public static IReadOnlyList<CorpusDownload> All { get; } =
        CorpusFacts.ReadPublished<CorpusDownload>(typeof(CorpusDownloads), "downloads.json");

    /// <summary>The names of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(corpus => corpus.Name)];

    /// <summary>The corpus of a name, in any case.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="CorpusException">There is none.</exception>
    public static CorpusDownload Find(string name) =>
        All.FirstOrDefault(corpus => corpus.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new CorpusException($"There is no corpus '{name}' to fetch: expected one of {string.Join(", ", Names)}.");
}
