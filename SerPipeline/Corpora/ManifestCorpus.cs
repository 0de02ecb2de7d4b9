using System.Globalization;
using CsvHelper;

namespace SerPipeline.Corpora;

/// <summary>Reads a CSV with the columns path, label, speaker and, if wanted, sex and any others; paths are relative to the file.</summary>
internal static class ManifestCorpus
{
    private const string FileName = "manifest.csv";
    private const int ErrorsShown = 50;
    private static readonly string[] RequiredColumns = ["path", "label", "speaker"];

    public static Corpus Load(string path, CorpusLoadOptions options)
    {
        string file = Resolve(path);
        string name = options.Name ?? Path.GetFileNameWithoutExtension(file);
        string root = Path.GetDirectoryName(file)!;
        var errors = new List<string>();
        List<CorpusClip> clips = ReadRows(file, root, name, errors);
        if (errors.Count == 0 && clips.Count == 0) errors.Add("expected at least one row below the header, found none");
        if (errors.Count > 0) throw Failure(file, errors);
        CorpusProblem[] problems = [.. clips.Where(clip => clip.Speaker is null)
            .Select(clip => new CorpusProblem(CorpusProblemKind.SpeakerUnknown, clip.RelativePath, "the manifest names no speaker"))];
        return Synthesis.SyntheticMarker.CreateCorpus(name, root, clips, FolderCorpus.LabelsOf(clips, null), problems);
    }

    private static string Resolve(string path)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full)) return full;
        string inside = Path.Combine(full, FileName);
        if (File.Exists(inside)) return inside;
        string found = Directory.Exists(full) ? $"the folder holds no {FileName}" : "found nothing there";
        throw new CorpusException($"The corpus 'manifest' needs a CSV file, or a folder with a {FileName}, at {full}, but {found}.");
    }

    private static List<CorpusClip> ReadRows(string file, string root, string name, List<string> errors)
    {
        var clips = new List<CorpusClip>();
        var rows = new Dictionary<string, long>();
        var csvOptions = new CsvReaderOptions
        {
            TrimWhitespace = true,
            TrackLineNumbers = true,
            // A quote left open then costs one row, not the rest of the file.
            AllowLineBreaksInQuotes = false,
            OnMalformedRecord = bad => errors.Add(string.Create(CultureInfo.InvariantCulture,
                $"row {bad.LineNumber}: {QuoteProblem(bad.Reason)}: {bad.RawRecord}")),
        };
        using CsvReader csv = CsvReader.FromFile(file, csvOptions);
        string[] header = [.. csv.Headers.Select(column => column.Trim().ToLowerInvariant())];
        if (!HeaderFits(header, errors)) return clips;
        while (csv.Read())
            if (ReadRow(csv, header, root, name, rows, errors) is { } clip) clips.Add(clip);
        return clips;
    }

    private static string QuoteProblem(CsvMalformedReason reason) => reason switch
    {
        CsvMalformedReason.StrayQuote => "a quote stands in the middle of a field",
        CsvMalformedReason.TextAfterClosingQuote => "text follows a closing quote",
        _ => "a quote is never closed",
    };

    private static bool HeaderFits(string[] header, List<string> errors)
    {
        string[] missing = [.. RequiredColumns.Except(header)];
        if (missing.Length > 0)
            errors.Add($"row 1: the header lacks {string.Join(", ", missing)}: expected path,label,speaker[,sex,...], found "
                + $"{(header.Length == 0 ? "nothing" : string.Join(",", header))}");
        foreach (string twice in header.GroupBy(column => column).Where(group => group.Count() > 1).Select(group => group.Key))
            errors.Add($"row 1: the column {twice} appears more than once");
        return errors.Count == 0;
    }

    private static CorpusClip? ReadRow(CsvReader csv, string[] header, string root, string name, Dictionary<string, long> rows,
        List<string> errors)
    {
        long row = csv.LineNumber;
        int before = errors.Count;
        void Fail(string problem) => errors.Add(string.Create(CultureInfo.InvariantCulture, $"row {row}: {problem}"));
        if (csv.FieldCount != header.Length)
        {
            Fail($"expected {header.Length} fields, found {csv.FieldCount}");
            return null;
        }
        string Field(string column) => csv.GetString(Array.IndexOf(header, column));
        string path = Field("path"), label = Field("label"), speaker = Field("speaker");
        string full = path.Length == 0 ? "" : CorpusFiles.Full(root, path.Replace('\\', '/'));
        if (path.Length == 0) Fail("the path is empty");
        else if (!File.Exists(full)) Fail($"no file at {path} (looked for {full})");
        else if (!rows.TryAdd(full, row)) Fail($"{path} is already listed in row {rows[full].ToString(CultureInfo.InvariantCulture)}");
        if (label.Length == 0) Fail("the label is empty");
        if (errors.Count > before) return null;
        return new CorpusClip
        {
            Path = full,
            RelativePath = CorpusFiles.Relative(root, full),
            Label = label,
            Speaker = speaker.Length == 0 ? null : speaker,
            Sex = header.Contains("sex") ? SexOf(Field("sex")) : null,
            Corpus = name,
            Attributes = AttributesOf(header, Field),
        };
    }

    private static string? SexOf(string text) => text.ToLowerInvariant() switch
    {
        "" => null,
        "m" or "male" => "male",
        "f" or "female" => "female",
        string other => other,
    };

    private static SortedDictionary<string, string> AttributesOf(string[] header, Func<string, string> field)
    {
        var attributes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string column in header.Where(column => column is not ("path" or "label" or "speaker" or "sex")))
            if (field(column) is { Length: > 0 } value) attributes[column] = value;
        return attributes;
    }

    private static CorpusException Failure(string file, List<string> errors)
    {
        IEnumerable<string> shown = errors.Take(ErrorsShown);
        string more = errors.Count > ErrorsShown ? $"{Environment.NewLine}and {errors.Count - ErrorsShown} more" : "";
        return new CorpusException($"The manifest {file} has {errors.Count} "
            + $"error(s):{Environment.NewLine}{string.Join(Environment.NewLine, shown)}{more}");
    }
}
