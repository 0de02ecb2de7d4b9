using SerPipeline.Corpora;
using SerPipeline.Splits;

namespace SerPipeline.Experiments.Paper;

/// <summary>Tells who speaks in each row of the paper's matrices.</summary>
internal static class PaperSpeakers
{
    public const int NewRows = 3812;

    private const int SongsPerSinger = 44, ActorWithoutSongs = 18;

    // What each singer sang: neutral once a statement and repetition, the five others at two intensities; no song is disgusted or
    // surprised.
    private static readonly int[] SongsByClass = [4, 8, 8, 8, 8, 8, 0, 0];

    /// <summary>Rows of <c>original</c>: the file of names says which clip each is.</summary>
    public static IReadOnlyList<SplitItem> OfOriginal(FeatureMatrix matrix, string folder)
    {
        string path = Path.Combine(folder, PaperRowsFile.Name);
        IReadOnlyList<(string File, RavdessName Name)> clips = PaperRowsFile.Read(path, PaperRows.Originals.Count);
        for (int row = 0; row < clips.Count; row++)
        {
            string label = PaperFeatures.Labels[matrix.Class(row)], told = clips[row].Name.Emotion;
            if (label != told)
                throw new FeatureFileException($"'{path}', line {row + 2}: expected the label of row {row}, counted from 0, which is "
                    + $"{label}, found {told} ('{clips[row].File}'). The files do not belong together; use the paper's own.");
        }
        return [.. clips.Select(clip => new SplitItem(clip.Name.Emotion, clip.Name.Speaker, clip.Name.Sex, clip.File))];
    }

    /// <summary>Rows of <c>over</c>: those of <c>original</c>, then copies, each of which equals a row before.</summary>
    public static IReadOnlyList<SplitItem> OfOver(FeatureMatrix over, FeatureMatrix original, string folder)
    {
        string path = PaperFeatures.PathOf(folder, PaperFeatures.Over, "X");
        for (int row = 0; row < original.Rows; row++)
            if (!over.Row(row).SequenceEqual(original.Row(row)) || over.Class(row) != original.Class(row))
                throw new FeatureFileException($"'{path}': expected row {row}, counted from 0, and its label to be those of original_X.npy "
                    + "and original_y.npy, found others. Use the paper's own matrices.");
        var items = new List<SplitItem>(OfOriginal(original, folder));
        for (int row = original.Rows; row < over.Rows; row++)
        {
            int source = Source(over, row, original.Rows);
            if (source < 0)
                throw new FeatureFileException($"'{path}': expected row {row}, counted from 0, to be a copy of one of the {original.Rows} "
                    + "first rows, number for number and with its label, found none. Use the paper's own matrix.");
            int copy = row - original.Rows + 1;
            items.Add(items[source] with { Key = string.Create(CultureInfo.InvariantCulture, $"{items[source].Key}#copy-{copy:00}") });
        }
        return items;
    }

    /// <summary>Rows of <c>new</c>: 44 songs of each singer, then the two speakers of TESS.</summary>
    public static IReadOnlyList<SplitItem> OfNew(FeatureMatrix matrix, string yPath)
    {
        int[] singers = [.. Enumerable.Range(1, RavdessName.Actors).Where(actor => actor != ActorWithoutSongs)];
        for (int s = 0; s < singers.Length; s++)
        {
            int first = s * SongsPerSinger;
            int[] found = [.. PaperFeatures.Labels.Select((_, label) => Enumerable.Range(first, SongsPerSinger)
                .Count(row => matrix.Class(row) == label))];
            if (!found.SequenceEqual(SongsByClass))
                throw new FeatureFileException(string.Create(CultureInfo.InvariantCulture,
                    $"'{yPath}': expected rows {first} to {first + SongsPerSinger - 1}, counted from 0, to be the songs of actor "
                        + $"{singers[s]:00} of RAVDESS: {string.Join(", ", SongsByClass)} of the classes "
                        + $"{string.Join(", ", PaperFeatures.Labels)}; found {string.Join(", ", found)}. Use the paper's own labels."));
        }
        return [.. Enumerable.Range(0, matrix.Rows)
            .Select(row => new SplitItem(PaperFeatures.Labels[matrix.Class(row)], row < PaperFeatures.TessStart
            ? string.Create(CultureInfo.InvariantCulture, $"ravdess/{singers[row / SongsPerSinger]:00}")
            : row >= PaperFeatures.SecondTessSpeakerStart || row == PaperFeatures.StrayTessRow ? "tess/B" : "tess/A"))];
    }

    private static int Source(FeatureMatrix matrix, int copy, int originals)
    {
        for (int row = 0; row < originals; row++)
            if (matrix.Class(row) == matrix.Class(copy) && matrix.Row(row).SequenceEqual(matrix.Row(copy))) return row;
        return -1;
    }
}

/// <summary>Reads <c>original_rows.csv</c>, which names the clip of each row of the paper's first matrix.</summary>
internal static class PaperRowsFile
{
    public const string Name = "original_rows.csv";

    private const string Header = "file,gender,emotion,intensity";

    /// <summary>The names of the clips, with extension, in the order of the rows.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">How many rows there must be.</param>
    /// <exception cref="FeatureFileException">The file cannot be read, or a line is not as expected.</exception>
    public static IReadOnlyList<(string File, RavdessName Name)> Read(string path, int rows)
    {
        string[] lines = ReadLines(path);
        if (lines.Length == 0 || lines[0] != Header)
            throw Fault(path, 1, $"the header '{Header}'", lines.Length == 0 ? "an empty file" : $"'{Shorten(lines[0])}'");
        if (lines.Length != rows + 1)
            throw new FeatureFileException($"'{path}': expected {rows + 1} lines, a header and one for each of the {rows} rows, found "
                + $"{lines.Length}. Use the paper's own file.");
        var clips = new List<(string, RavdessName)>(rows);
        var seen = new Dictionary<string, int>();
        for (int i = 1; i < lines.Length; i++)
        {
            (string File, RavdessName Name) clip = Parse(lines[i], i + 1, path);
            if (!seen.TryAdd(clip.Name.ToString(), i + 1))
                throw Fault(path, i + 1, "every clip once",
                    $"'{clip.File}' again, which is on line {seen[clip.Name.ToString()].ToString(CultureInfo.InvariantCulture)} too");
            clips.Add(clip);
        }
        return clips;
    }

    private static (string File, RavdessName Name) Parse(string line, int number, string path)
    {
        string[] fields = line.Split(',');
        if (fields.Length != 4) throw Fault(path, number, $"the four fields {Header}", $"'{Shorten(line)}'");
        if (!RavdessName.TryParse(fields[0], out RavdessName? name, out string problem))
            throw Fault(path, number, "the name of a clip of RAVDESS", $"'{Shorten(fields[0])}' ({problem})");
        if (name.Channel != "speech") throw Fault(path, number, "a clip of RAVDESS speech", $"the song '{fields[0]}'");
        // The file alone says "disgusted".
        string[] told = [name.Sex, name.Emotion == "disgust" ? "disgusted" : name.Emotion, name.Intensity];
        return fields.Skip(1).SequenceEqual(told) ? (fields[0], name)
            : throw Fault(path, number, $"'{string.Join(',', told)}' behind '{fields[0]}', as its name tells",
            $"'{Shorten(string.Join(',', fields.Skip(1)))}'");
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FeatureFileException($"'{path}': expected a file with the header '{Header}', but it cannot be read: {e.Message}", e);
        }
    }

    private static FeatureFileException Fault(string path, int line, string expected, string found) =>
        new(string.Create(CultureInfo.InvariantCulture,
            $"'{path}', line {line}: expected {expected}, found {found}. Use the paper's own file."));

    private static string Shorten(string text) => text.Length <= 80 ? text : $"{text[..80]}...";
}
