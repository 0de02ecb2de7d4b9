namespace SerPipeline.Corpora.Download;

/// <summary>A corpus that can be downloaded: its facts, its terms and its address.</summary>
public sealed record CorpusDownload
{
    /// <summary>Its name on the command line, such as <c>ravdess</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What is published about it; its name there is the format that <see cref="CorpusLoader.Load"/> reads it by.</summary>
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

/// <summary>The corpora whose official addresses are known.</summary>
/// <remarks>
/// Sizes and MD5 sums of the Zenodo records are those that Zenodo states for their files. Borealis builds TESS's archive anew for each
/// download, but states the checksum of each file in it. EMO-DB's original page states none, so none is given here.
/// </remarks>
public static class CorpusDownloads
{
    private const string NonCommercial = "Not for commercial use, and neither are models trained on it; name its authors; what you make of "
        + "the recordings keeps the same licence.";

    /// <summary>Every corpus, in the order lists show.</summary>
    public static IReadOnlyList<CorpusDownload> All { get; } =
    [
        Of(Ravdess.Speech, "RAVDESS", 1440, NonCommercial, Zenodo(1188976, "Audio_Speech_Actors_01-24.zip", 208_468_073,
            "bc696df654c87fed845eb13823edef8a", unpackedMB: 600, maxUnpackedMB: 2000)) with { Name = "ravdess" },
        Of(Ravdess.Song, "RAVDESS-song", 1012, NonCommercial, Zenodo(1188976, "Audio_Song_Actors_01-24.zip", 225_505_317,
        "5411230427d67a21e18aa4d466e6d1b9", unpackedMB: 550, maxUnpackedMB: 2000)),
        Of(Tess.Facts, "TESS", 2800, "Not for commercial use; name its authors; do not pass on changed recordings.", Archive(
            "https://borealisdata.ca/api/access/dataset/:persistentId/?persistentId=doi:10.5683/SP2/E8H2MF", "TESS.zip",
            maxMB: 1000, unpackedMB: 320, maxUnpackedMB: 1000) with
        {
            Listing = new PublishedListing(
                new Uri("https://borealisdata.ca/api/datasets/:persistentId/?persistentId=doi:10.5683/SP2/E8H2MF"), "Borealis"),
        }),
        Of(EmoDb.Facts, "EMO-DB", 535, "Name its authors.", Zenodo(7447302, "emodb.zip", 39_981_818,
        "9d21362dbc5676ef3ab4745d83ced0db", unpackedMB: 60, maxUnpackedMB: 500)) with
        {
            Licence = "CC BY 4.0",
            Page = new Uri("https://zenodo.org/records/7447302"),
        },
        Of(EmoDb.Facts, "EMO-DB", 535, "Name its authors.", Archive(
            "http://emodb.bilderbar.info/download/download.zip", "emodb-original.zip", 200, 80, 500)) with { Name = "emodb-original" },
        Of(CremaD.Facts, "CREMA-D", 7442, "Name its authors; a database made from it keeps the same licence.", null) with
        {
            Instructions = "Its clips lie in Git LFS, which no archive on its page contains. With git and git-lfs, in the data folder:\n"
                + "  GIT_LFS_SKIP_SMUDGE=1 git clone --depth 1 https://github.com/CheyneyComputerScience/CREMA-D.git CREMA-D\n"
                + "  git -C CREMA-D lfs pull --include \"AudioWAV/*\"\n"
                + "Git LFS checks each clip's SHA-256. Expected then: CREMA-D/AudioWAV/1001_DFA_ANG_XX.wav and 7441 more.",
        },
        Of(Savee.Facts, "SAVEE", 480, "For research alone; not to be passed on; name its authors.", null) with
        {
            Instructions = "Its authors give it to those who register on their page. Unpack the audio into SAVEE below the data folder. "
                + "Expected then: four folders of speakers, SAVEE/DC/a01.wav and so on for DC, JE, JK and KL with 120 clips each.",
        },
    ];

    /// <summary>The names of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(corpus => corpus.Name)];

    /// <summary>The corpus of a name, in any case.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="CorpusException">There is none.</exception>
    public static CorpusDownload Find(string name) =>
        All.FirstOrDefault(corpus => corpus.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new CorpusException($"There is no corpus '{name}' to fetch: expected one of {string.Join(", ", Names)}.");

    private static CorpusDownload Of(CorpusFacts facts, string folder, int clips, string terms, CorpusArchive? archive) => new()
    {
        Name = facts.Name,
        Facts = facts,
        Folder = folder,
        Licence = facts.Licence,
        Terms = terms,
        Page = new Uri(facts.Page),
        Clips = clips,
        Archive = archive,
    };

    private static CorpusArchive Zenodo(int record, string file, long size, string md5, long unpackedMB, long maxUnpackedMB) =>
        Archive($"https://zenodo.org/records/{record}/files/{file}?download=1", file, 0, unpackedMB, maxUnpackedMB) with
        {
            SizeBytes = size,
            MaxBytes = size,
            Checksum = new PublishedChecksum("MD5", md5, "Zenodo"),
        };

    private static CorpusArchive Archive(string address, string file, long maxMB, long unpackedMB, long maxUnpackedMB) => new()
    {
        Address = new Uri(address),
        FileName = file,
        MaxBytes = maxMB * 1_000_000,
        UnpackedBytes = unpackedMB * 1_000_000,
        MaxUnpackedBytes = maxUnpackedMB * 1_000_000,
    };
}
