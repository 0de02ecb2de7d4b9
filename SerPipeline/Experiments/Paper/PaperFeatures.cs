using SerPipeline.Corpora;
using SerPipeline.Splits;
using SerPipeline.Transforms;

namespace SerPipeline.Experiments.Paper;

/// <summary>
/// One of the three data sets of the paper as it was trained on: 40 means of cepstral coefficients a clip, and who speaks in each row,
/// which the matrices themselves do not say. Immutable.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>original</c>: 1,440 clips of RAVDESS speech; <c>original_rows.csv</c> names the clip of each row, and its name the
/// actor.</item>
/// <item><c>over</c>: the same rows and 96 copies of neutral ones behind them. Each copy is traced to the row that it equals, number for
/// number, and has its speaker.</item>
/// <item><c>new</c>: 1,012 songs of RAVDESS, 44 by each of 23 singers (actor 18 sang none), and 2,800 clips of TESS, 1,400 by each of two
/// women. No file names the clips: the singers follow from the count of labels in each 44 rows, which is checked, and the two women from
/// the distances between rows; see <see cref="SecondTessSpeakerStart"/>. Which of the two is the older one is not known.</item>
/// </list>
/// </remarks>
public sealed class PaperFeatures
{
    /// <summary>RAVDESS speech, 1,440 rows.</summary>
    public const string Original = "original";

    /// <summary>RAVDESS speech and 96 copies of neutral rows, 1,536 rows.</summary>
    public const string Over = "over";

    /// <summary>RAVDESS song and TESS, 3,812 rows.</summary>
    public const string New = "new";

    /// <summary>Features in each row.</summary>
    public const int Columns = 40;

    /// <summary>The first row of <c>new</c> of TESS, before it are songs.</summary>
    public const int TessStart = 1012;

    /// <summary>
    /// The first row of <c>new</c> of the second speaker of TESS. From here on every row's five nearest rows of TESS, by z-scored distance,
    /// are mostly after it, and before it mostly before it, but for <see cref="StrayTessRow"/>.
    /// </summary>
    public const int SecondTessSpeakerStart = 2413;

    /// <summary>
    /// A neutral row of <c>new</c> among those of the first speaker of TESS that has the voice of the second: its nearest rows are hers,
    /// and with it both have 200 clips of each emotion, as TESS was recorded; without it there would be 201 and 199 neutral ones.
    /// </summary>
    public const int StrayTessRow = 1663;

    private PaperFeatures(string set, FeatureMatrix matrix, IReadOnlyList<SplitItem> items)
    {
        Set = set;
        Items = items;
        Data = new MemoryView(items.Count,
        [
            DataCatalogExtensions.Features(matrix),
            MemoryView.Text("Label", [.. items.Select(item => item.Label)], DataCatalogExtensions.Ordered(Labels)),
            MemoryView.Text("Speaker", [.. items.Select(item => item.Speaker)]),
            MemoryView.Text("RelativePath", [.. items.Select(item => item.Key)]),
            DataCatalogExtensions.Rows(),
        ]);
    }

    /// <summary>The names of the three sets.</summary>
    public static IReadOnlyList<string> Sets { get; } = [Original, Over, New];

    /// <summary>What the labels 0 to 7 are called.</summary>
    public static IReadOnlyList<string> Labels => RavdessName.Emotions;

    /// <summary>One of <see cref="Sets"/>.</summary>
    public string Set { get; }

    /// <summary>
    /// One row a clip: Features (40 numbers), Label, Speaker, RelativePath (the name of the clip's file; of a copy, its original's with
    /// <c>#copy-01</c> and so on behind; empty in <c>new</c>, where none is known) and Row (from 0).
    /// </summary>
    public IDataView Data { get; }

    /// <summary>
    /// The same rows for <see cref="PaperSplit"/>, <see cref="SpeakerFolds"/> or <see cref="SpeakerSplit"/>, in the same order. Speakers
    /// are <c>01</c> to <c>24</c>; in <c>new</c>, <c>ravdess/01</c> to <c>ravdess/24</c>, <c>tess/A</c> and <c>tess/B</c>.
    /// </summary>
    public IReadOnlyList<SplitItem> Items { get; }

    /// <summary>
    /// Reads a set from <c>{set}_X.npy</c> and <c>{set}_y.npy</c>, and from <c>original_rows.csv</c> and <c>original_X.npy</c> what says
    /// who speaks.
    /// </summary>
    /// <param name="folder">Where the files lie.</param>
    /// <param name="set">One of <see cref="Sets"/>.</param>
    /// <exception cref="ArgumentException">There is no such set.</exception>
    /// <exception cref="FeatureFileException">A file is absent, malformed, or not the paper's: the message names it, what was expected and
    /// what to do.</exception>
    public static PaperFeatures Load(string folder, string set)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(set);
        int rows = set switch
        {
            Original => PaperRows.Originals.Count,
            Over => PaperRows.Originals.Count + PaperRows.Copies.Count,
            New => PaperSpeakers.NewRows,
            _ => throw new ArgumentException($"Expected one of {string.Join(", ", Sets)}, got '{set}'.", nameof(set)),
        };
        RequireFiles(folder, set);
        FeatureMatrix matrix = Read(folder, set, rows);
        IReadOnlyList<SplitItem> items = set switch
        {
            Original => PaperSpeakers.OfOriginal(matrix, folder),
            Over => PaperSpeakers.OfOver(matrix, Read(folder, Original, PaperRows.Originals.Count), folder),
            _ => PaperSpeakers.OfNew(matrix, PathOf(folder, New, "y")),
        };
        return new PaperFeatures(set, matrix, items);
    }

    internal static string PathOf(string folder, string set, string part) => Path.Combine(folder, $"{set}_{part}.npy");

    private static FeatureMatrix Read(string folder, string set, int rows)
    {
        string path = PathOf(folder, set, "X");
        FeatureMatrix matrix = FeatureMatrix.Read(path, PathOf(folder, set, "y"), Labels, Columns);
        return matrix.Rows == rows ? matrix : throw new FeatureFileException($"'{path}': expected the {rows} rows of the paper's set "
            + $"'{set}', found {matrix.Rows}. Use the paper's own matrix; Data.LoadFeatures reads others.");
    }

    private static void RequireFiles(string folder, string set)
    {
        string[] needed = [$"{set}_X.npy", $"{set}_y.npy", .. set == New ? (string[])[] : [PaperRowsFile.Name], .. set == Over
            ? (string[])["original_X.npy", "original_y.npy"] : []];
        if (!Directory.Exists(folder))
            throw new FeatureFileException($"'{folder}': expected the folder of the paper's feature matrices, with "
                + $"{string.Join(", ", needed)}, but there is no such folder. Name the folder that holds them.");
        string[] absent = [.. needed.Where(name => !File.Exists(Path.Combine(folder, name)))];
        if (absent.Length > 0)
            throw new FeatureFileException($"'{folder}': the paper's set '{set}' needs {string.Join(", ", needed)}, but the folder lacks "
                + $"{string.Join(", ", absent)}. Put them there, or name another folder.");
    }
}
