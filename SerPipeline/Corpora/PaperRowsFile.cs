using System.Globalization;

namespace SerPipeline.Corpora;

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
        if (lines.Length == 0 || lines[0] != Header) throw Fault(path, 1, $"the header '{Header}'", lines.Length == 0 ? "an empty file" : $"'{Shorten(lines[0])}'");
        if (lines.Length != rows + 1)
            throw new FeatureFileException(string.Create(CultureInfo.InvariantCulture, $"'{path}': expected {rows + 1} lines, a header and one for each of the {rows} rows, found {lines.Length}. Use the paper's own file."));
        var clips = new List<(string, RavdessName)>(rows);
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 1; i < lines.Length; i++)
        {
            (string File, RavdessName Name) clip = Parse(lines[i], i + 1, path);
            if (!seen.TryAdd(clip.Name.ToString(), i + 1))
                throw Fault(path, i + 1, "every clip once", $"'{clip.File}' again, which is on line {seen[clip.Name.ToString()].ToString(CultureInfo.InvariantCulture)} too");
            clips.Add(clip);
        }
        return clips;
    }

    private static (string File, RavdessName Name) Parse(string line, int number, string path)
    {
        string[] fields = line.Split(',');
        if (fields.Length != 4) throw Fault(path, number, $"the four fields {Header}", $"'{Shorten(line)}'");
        if (!RavdessName.TryParse(fields[0], out RavdessName? name, out string problem)) throw Fault(path, number, "the name of a clip of RAVDESS", $"'{Shorten(fields[0])}' ({problem})");
        if (name.Channel != "speech") throw Fault(path, number, "a clip of RAVDESS speech", $"the song '{fields[0]}'");
        // The file alone says "disgusted".
        string[] told = [name.Sex, name.Emotion == "disgust" ? "disgusted" : name.Emotion, name.Intensity];
        return fields.Skip(1).SequenceEqual(told, StringComparer.Ordinal)
            ? (fields[0], name)
            : throw Fault(path, number, $"'{string.Join(',', told)}' behind '{fields[0]}', as its name tells", $"'{Shorten(string.Join(',', fields.Skip(1)))}'");
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
        new(string.Create(CultureInfo.InvariantCulture, $"'{path}', line {line}: expected {expected}, found {found}. Use the paper's own file."));

    private static string Shorten(string text) => text.Length <= 80 ? text : $"{text[..80]}...";
}
