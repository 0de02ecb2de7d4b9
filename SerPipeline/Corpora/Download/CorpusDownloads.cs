namespace SerPipeline.Corpora.Download;

/// <summary>The corpora whose official addresses are known.</summary>
/// <remarks>
/// Sizes and MD5 sums of the Zenodo records are those that Zenodo states for their files. Borealis builds TESS's archive anew for each download, but states
/// the checksum of each file in it. EMO-DB's original page states none, so none is given here.
/// </remarks>
public static class CorpusDownloads
{
    private const long MegaByte = 1_000_000;

    private const string NonCommercial = "Not for commercial use, and neither are models trained on it; name its authors; what you make of the recordings keeps the same licence.";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<CorpusDownload> All { get; } =
    [
        Ravdess("ravdess", KnownCorpora.RavdessSpeech, "RAVDESS", 1440, "Audio_Speech_Actors_01-24.zip", 208_468_073, "bc696df654c87fed845eb13823edef8a", 600 * MegaByte),
        Ravdess("ravdess-song", KnownCorpora.RavdessSong, "RAVDESS-song", 1012, "Audio_Song_Actors_01-24.zip", 225_505_317, "5411230427d67a21e18aa4d466e6d1b9", 550 * MegaByte),
        new CorpusDownload
        {
            Name = "tess",
            Facts = KnownCorpora.Tess,
            Folder = "TESS",
            Licence = KnownCorpora.Tess.Licence,
            Terms = "Not for commercial use; name its authors; do not pass on changed recordings.",
            Page = new Uri(KnownCorpora.Tess.Page),
            Clips = 2800,
            Archive = new CorpusArchive
            {
                Address = new Uri("https://borealisdata.ca/api/access/dataset/:persistentId/?persistentId=doi:10.5683/SP2/E8H2MF"),
                FileName = "TESS.zip",
                Listing = new PublishedListing(new Uri("https://borealisdata.ca/api/datasets/:persistentId/?persistentId=doi:10.5683/SP2/E8H2MF"), "Borealis"),
                GreatestBytes = 1000 * MegaByte,
                RoomBytes = 320 * MegaByte,
                GreatestUnpackedBytes = 1000 * MegaByte,
            },
        },
        Emodb("emodb", "CC BY 4.0", "Name its authors.", "https://zenodo.org/records/7447302", new CorpusArchive
        {
            Address = new Uri("https://zenodo.org/records/7447302/files/emodb.zip?download=1"),
            FileName = "emodb.zip",
            SizeBytes = 39_981_818,
            Checksum = new PublishedChecksum("MD5", "9d21362dbc5676ef3ab4745d83ced0db", "Zenodo"),
            GreatestBytes = 39_981_818,
            RoomBytes = 60 * MegaByte,
            GreatestUnpackedBytes = 500 * MegaByte,
        }),
        Emodb("emodb-original", KnownCorpora.EmoDb.Licence, "Name its authors.", KnownCorpora.EmoDb.Page, new CorpusArchive
        {
            Address = new Uri("http://emodb.bilderbar.info/download/download.zip"),
            FileName = "emodb-original.zip",
            GreatestBytes = 200 * MegaByte,
            RoomBytes = 80 * MegaByte,
            GreatestUnpackedBytes = 500 * MegaByte,
        }),
        new CorpusDownload
        {
            Name = "crema-d",
            Facts = KnownCorpora.CremaD,
            Folder = "CREMA-D",
            Licence = KnownCorpora.CremaD.Licence,
            Terms = "Name its authors; a database made from it keeps the same licence.",
            Page = new Uri(KnownCorpora.CremaD.Page),
            Clips = 7442,
            Instructions = "Its clips lie in Git LFS, which no archive on its page contains. With git and git-lfs, in the data folder:\n"
                + "  GIT_LFS_SKIP_SMUDGE=1 git clone --depth 1 https://github.com/CheyneyComputerScience/CREMA-D.git CREMA-D\n"
                + "  git -C CREMA-D lfs pull --include \"AudioWAV/*\"\n"
                + "Git LFS checks each clip's SHA-256. Expected then: CREMA-D/AudioWAV/1001_DFA_ANG_XX.wav and 7441 more.",
        },
        new CorpusDownload
        {
            Name = "savee",
            Facts = KnownCorpora.Savee,
            Folder = "SAVEE",
            Licence = KnownCorpora.Savee.Licence,
            Terms = "For research alone; not to be passed on; name its authors.",
            Page = new Uri(KnownCorpora.Savee.Page),
            Clips = 480,
            Instructions = "Its authors give it to those who register on their page. Unpack the audio into SAVEE below the data folder. Expected then: four folders of speakers, "
                + "SAVEE/DC/a01.wav and so on for DC, JE, JK and KL with 120 clips each.",
        },
    ];

    /// <summary>The names of all.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(corpus => corpus.Name)];

    /// <summary>The one of that name, in any case.</summary>
    /// <exception cref="CorpusException">There is none.</exception>
    public static CorpusDownload Find(string name) =>
        All.FirstOrDefault(corpus => corpus.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new CorpusException($"There is no corpus '{name}' to fetch: expected one of {string.Join(", ", Names)}.");

    private static CorpusDownload Ravdess(string name, CorpusFacts facts, string folder, int clips, string file, long size, string md5, long room) => new()
    {
        Name = name,
        Facts = facts,
        Folder = folder,
        Licence = facts.Licence,
        Terms = NonCommercial,
        Page = new Uri(facts.Page),
        Clips = clips,
        Archive = new CorpusArchive
        {
            Address = new Uri($"https://zenodo.org/records/1188976/files/{file}?download=1"),
            FileName = file,
            SizeBytes = size,
            Checksum = new PublishedChecksum("MD5", md5, "Zenodo"),
            GreatestBytes = size,
            RoomBytes = room,
            GreatestUnpackedBytes = 2000 * MegaByte,
        },
    };

    private static CorpusDownload Emodb(string name, string licence, string terms, string page, CorpusArchive archive) => new()
    {
        Name = name,
        Facts = KnownCorpora.EmoDb,
        Folder = "EMO-DB",
        Licence = licence,
        Terms = terms,
        Page = new Uri(page),
        Clips = 535,
        Archive = archive,
    };
}
