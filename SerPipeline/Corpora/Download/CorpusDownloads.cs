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
        Ravdess("ravdess", "RAVDESS", "speech", 1440, "Audio_Speech_Actors_01-24.zip", 208_468_073, "bc696df654c87fed845eb13823edef8a", 600 * MegaByte),
        Ravdess("ravdess-song", "RAVDESS-SONG", "song", 1012, "Audio_Song_Actors_01-24.zip", 225_505_317, "5411230427d67a21e18aa4d466e6d1b9", 550 * MegaByte),
        new CorpusDownload
        {
            Name = "tess",
            Title = "Toronto Emotional Speech Set (TESS)",
            Format = "tess",
            Folder = "TESS",
            Licence = "CC BY-NC-ND 4.0",
            Terms = "Not for commercial use; name its authors; do not pass on changed recordings.",
            Citation = "Pichora-Fuller MK, Dupuis K (2020). Toronto emotional speech set (TESS). Borealis. doi:10.5683/SP2/E8H2MF",
            Page = new Uri("https://doi.org/10.5683/SP2/E8H2MF"),
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
        Emodb("emodb", "Zenodo", "CC BY 4.0", "Name its authors.", "https://zenodo.org/records/7447302", new CorpusArchive
        {
            Address = new Uri("https://zenodo.org/records/7447302/files/emodb.zip?download=1"),
            FileName = "emodb.zip",
            SizeBytes = 39_981_818,
            Checksum = new PublishedChecksum("MD5", "9d21362dbc5676ef3ab4745d83ced0db", "Zenodo"),
            GreatestBytes = 39_981_818,
            RoomBytes = 60 * MegaByte,
            GreatestUnpackedBytes = 500 * MegaByte,
        }),
        Emodb("emodb-original", "the original page", "free to use, as its page states", "Name its authors.", "http://emodb.bilderbar.info/docu/", new CorpusArchive
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
            Title = "Crowd-sourced Emotional Multimodal Actors Dataset (CREMA-D)",
            Format = "crema-d",
            Folder = "CREMA-D",
            Licence = "Open Database License 1.0 (ODbL), contents under the Database Contents License",
            Terms = "Name its authors; a database made from it keeps the same licence.",
            Citation = "Cao H, Cooper DG, Keutmann MK, Gur RC, Nenkova A, Verma R (2014). CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset. "
                + "IEEE Transactions on Affective Computing 5(4), 377-390. doi:10.1109/TAFFC.2014.2336244",
            Page = new Uri("https://github.com/CheyneyComputerScience/CREMA-D"),
            Clips = 7442,
            Instructions = "Its clips lie in Git LFS, which no archive on its page contains. With git and git-lfs, in the data folder:\n"
                + "  GIT_LFS_SKIP_SMUDGE=1 git clone --depth 1 https://github.com/CheyneyComputerScience/CREMA-D.git CREMA-D\n"
                + "  git -C CREMA-D lfs pull --include \"AudioWAV/*\"\n"
                + "Git LFS checks each clip's SHA-256. Expected then: CREMA-D/AudioWAV/1001_DFA_ANG_XX.wav and 7441 more.",
        },
        new CorpusDownload
        {
            Name = "savee",
            Title = "Surrey Audio-Visual Expressed Emotion (SAVEE)",
            Format = "savee",
            Folder = "SAVEE",
            Licence = "free for research after registration",
            Terms = "For research alone; not to be passed on; name its authors.",
            Citation = "Haq S, Jackson PJB (2010). Multimodal emotion recognition. In: Wang W (ed.), Machine Audition: Principles, Algorithms and Systems. IGI Global, 398-423.",
            Page = new Uri("http://kahlan.eps.surrey.ac.uk/savee/"),
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

    private static CorpusDownload Ravdess(string name, string folder, string part, int clips, string file, long size, string md5, long room) => new()
    {
        Name = name,
        Title = $"Ryerson Audio-Visual Database of Emotional Speech and Song (RAVDESS), audio of {part}",
        Format = "ravdess",
        Folder = folder,
        Licence = "CC BY-NC-SA 4.0",
        Terms = NonCommercial,
        Citation = "Livingstone SR, Russo FA (2018). The Ryerson Audio-Visual Database of Emotional Speech and Song (RAVDESS). PLoS ONE 13(5): e0196391. doi:10.1371/journal.pone.0196391",
        Page = new Uri("https://zenodo.org/records/1188976"),
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

    private static CorpusDownload Emodb(string name, string from, string licence, string terms, string page, CorpusArchive archive) => new()
    {
        Name = name,
        Title = $"Berlin Database of Emotional Speech (EMO-DB), from {from}",
        Format = "emodb",
        Folder = "EMO-DB",
        Licence = licence,
        Terms = terms,
        Citation = "Burkhardt F, Paeschke A, Rolfes M, Sendlmeier WF, Weiss B (2005). A database of German emotional speech. Interspeech 2005, 1517-1520.",
        Page = new Uri(page),
        Clips = 535,
        Archive = archive,
    };
}
