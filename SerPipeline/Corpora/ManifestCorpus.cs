using CsvHelper;
using SerPipeline.Audio;

namespace SerPipeline.Corpora;

/// <summary>
/// Reads a table of clips: a path and a label, and if wanted speaker, sex, part, start and end in the file, and any other columns. Paths
/// are
/// relative to the table or to the folder of <see cref="CorpusLoadOptions.AudioRoot"/>.
/// </summary>
internal sealed partial class ManifestCorpus
{
    private const string FileName = "manifest.csv";
    private const int SeparatorAt = 4; // behind "sep="
    private const int ErrorsShown = 50, MissingShown = 5;
    private static readonly string[] NoValue = ["", "null", "<na>", "n/a"];
    private readonly string _file;
    private readonly CorpusLoadOptions _options;
    private readonly string _root, _name;
    private readonly List<string> _errors = [], _remarks = [];
    private readonly List<CorpusProblem> _problems = [];
    private readonly List<(CorpusClip Clip, long Row)> _rows = [];

    private ManifestCorpus(string file, CorpusLoadOptions options)
    {
        (_file, _options) = (file, options);
        _name = options.Name ?? Path.GetFileNameWithoutExtension(file);
        _root = options.AudioRoot is { } root ? CorpusFiles.RequireFolder("manifest", root, "the manifest's audio files")
            : Path.GetDirectoryName(file)!;
    }

    public static Corpus Load(string path, CorpusLoadOptions options) => new ManifestCorpus(Resolve(path), options).Load();

    private static string Resolve(string path)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full)) return full;
        string inside = Path.Combine(full, FileName);
        if (File.Exists(inside)) return inside;
        string found = Directory.Exists(full) ? $"the folder holds no {FileName}" : "found nothing there";
        throw new CorpusException($"The corpus 'manifest' needs a CSV file, or a folder with a {FileName}, at {full}, but {found}.");
    }

    private Corpus Load()
    {
        ReadRows();
        // Rows that cannot be understood may hide others: then nothing is used, and everything found is listed.
        bool missing = _problems.Any(problem => problem.Kind == CorpusProblemKind.FileMissing);
        if (_errors.Count == 0 && _rows.Count == 0 && _problems.Count == 0)
            _errors.Add("expected at least one row below the header, found none");
        CorpusClip[] clips = [.. Distinct(LabelNames.Unify([.. _rows.Select(row => row.Clip)], _problems))];
        if (_errors.Count > 0 || _rows.Count == 0) throw Failure(missing && _rows.Count == 0);
        if (_options.Strict && _problems.Where(problem => problem.LeftOut).ToArray() is { Length: > 0 } leftOut)
            throw new CorpusException($"The manifest {_file} has {leftOut.Length} row(s) that would be left out, which --strict (Strict) "
                + $"does not allow:{Environment.NewLine}"
                + string.Join(Environment.NewLine, leftOut.Take(ErrorsShown).Select(p => p.Message)));
        if (clips.Length == 0) throw Failure(false);
        AddSpeakers(clips);
        if (GivenSplits.Describe(clips, "The rows of the column split") is { } parts) _remarks.Add(parts);
        return Synthesis.SyntheticMarker.CreateCorpus(_name, _root, clips, FolderCorpus.LabelsOf(clips), _problems, _remarks);
    }

    private void LeaveOut(CorpusProblemKind kind, string path, string message) =>
        _problems.Add(new CorpusProblem(kind, path, message) { LeftOut = true });

    private void ReadRows()
    {
        var csvOptions = new CsvReaderOptions
        {
            TrimWhitespace = true,
            TrackLineNumbers = true,
            // A quote left open then costs one row, not the rest of the file.
            AllowLineBreaksInQuotes = false,
            OnMalformedRecord = bad => _errors.Add(string.Create(CultureInfo.InvariantCulture,
                $"row {bad.LineNumber}: {QuoteProblem(bad.Reason)}: {bad.RawRecord}")),
        };
        string text = ManifestText.Read(_file);
        // Spreadsheets may name the separator in a line of its own.
        Match separator = SeparatorLine().Match(text);
        bool named = separator.Success;
        if (named)
        {
            char sign = text[SeparatorAt];
            if (sign != '\t' && (sign == '"' || !char.IsAscii(sign) || !(char.IsPunctuation(sign) || char.IsSymbol(sign))))
            {
                _errors.Add($"row 1: expected a separator after sep=, such as a comma, semicolon or tab, got '{sign}'");
                return;
            }
            (csvOptions, text) = (csvOptions with { Separator = sign }, text[separator.Length..]);
        }
        using CsvReader csv = CsvReader.FromText(text, csvOptions);
        var columns = new ManifestColumns([.. csv.Headers.Select(column => column.Trim())], _errors);
        if (_errors.Count > 0) return;
        if (columns.Remark is { } remark) _remarks.Add(remark);
        var fields = new List<(string[] Fields, long Row)>();
        while (csv.Read())
        {
            long row = csv.LineNumber + (named ? 1 : 0);
            string[] values = [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)];
            if (values.Length != columns.Count)
                _errors.Add(FormattableString.Invariant($"row {row}: expected {columns.Count} fields, found {values.Length}"));
            else if (columns.Unnamed.FirstOrDefault(column => values[column].Length > 0, -1) is >= 0 and var odd)
                _errors.Add(FormattableString.Invariant($"row {row}: column {odd + 1} has no name, but holds '{values[odd]}'"));
            else fields.Add((values, row));
        }
        Dictionary<string, string>? parts = Parts(columns, [.. fields.Select(row => row.Fields)]);
        foreach ((string[] values, long row) in fields)
            if (ReadRow(values, row, columns, parts) is { } clip) _rows.Add((clip, row));
    }

    private static string QuoteProblem(CsvMalformedReason reason) => reason switch
    {
        CsvMalformedReason.StrayQuote => "a quote stands in the middle of a field",
        CsvMalformedReason.TextAfterClosingQuote => "text follows a closing quote",
        _ => "a quote is never closed",
    };

    private Dictionary<string, string>? Parts(ManifestColumns columns, string[][] rows)
    {
        if (!columns.Has(ManifestColumns.Split)) return null;
        string[] words = [.. rows.Select(row => row[columns.Of(ManifestColumns.Split)]).Where(word => !IsNothing(word)).Distinct()];
        Dictionary<string, string>? parts = GivenSplits.Of(words);
        if (parts is null)
            _problems.Add(new CorpusProblem(CorpusProblemKind.ColumnNotUsed, Path.GetFileName(_file),
                $"the column split holds {string.Join(", ", words.Order(StringComparer.Ordinal).Take(5).DefaultIfEmpty("nothing"))}, where"
                + " train, dev and test were expected, train among them: it gives no parts"));
        return parts;
    }

    private CorpusClip? ReadRow(string[] values, long row, ManifestColumns columns, Dictionary<string, string>? parts)
    {
        string? Field(string role) => columns.Of(role) is >= 0 and var i && !IsNothing(values[i]) ? values[i] : null;
        int before = _errors.Count;
        string at = string.Create(CultureInfo.InvariantCulture, $"row {row}");
        string? written = Field(ManifestColumns.Path)?.Replace('\\', '/'), label = Field(ManifestColumns.Label);
        if (written is null) _errors.Add($"{at}: the path is empty");
        TimeSpan? start = Time(Field(ManifestColumns.Start), "start", at), end = Time(Field(ManifestColumns.End), "end", at);
        if ((start ?? TimeSpan.Zero) >= end)
            _errors.Add($"{at}: expected an end behind the start, found {AudioSegment.Seconds(start ?? TimeSpan.Zero)} s to "
                + $"{AudioSegment.Seconds(end.Value)} s");
        if (written is null || _errors.Count > before) return null;
        string full = Find(written);
        if (!File.Exists(full))
        {
            LeaveOut(CorpusProblemKind.FileMissing, written, $"{at}: no file at {written} (looked for {full}); left out");
            return null;
        }
        if (label is null)
        {
            LeaveOut(CorpusProblemKind.LabelUnknown, written, $"{at}: the label is empty; left out");
            return null;
        }
        var segment = new AudioSegment(start ?? TimeSpan.Zero, end);
        string? part = Field(ManifestColumns.Split);
        return new CorpusClip
        {
            Path = full + segment.Suffix,
            RelativePath = CorpusFiles.Relative(_root, full) + segment.Suffix,
            Label = label,
            Speaker = Field(ManifestColumns.Speaker),
            Sex = SexOf(Field(ManifestColumns.Sex)),
            Split = part is null ? null : parts?.GetValueOrDefault(part),
            Corpus = _name,
            Attributes = AttributesOf(columns, values),
        };
    }

    // Nan is also somebody's name.
    private static bool IsNothing(string text) =>
        text is "nan" or "NaN" or "NAN" || NoValue.Contains(text, StringComparer.OrdinalIgnoreCase);

    // Where the folder given does not hold the whole path, as with absolute paths of another machine, it may hold its end.
    private string Find(string written)
    {
        string full = CorpusFiles.Full(_root, written);
        if (File.Exists(full)) return full;
        if (Alike(full) is { } alike) return alike;
        if (_options.AudioRoot is null) return full;
        string[] parts = written.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return Enumerable.Range(1, Math.Max(0, parts.Length - 1)).Select(skip => CorpusFiles.Full(_root, string.Join('/', parts[skip..])))
            .FirstOrDefault(File.Exists) ?? full;
    }

    // A name in another Unicode form: some systems decompose the letters of file names.
    private static string? Alike(string full)
    {
        if (full.All(char.IsAscii) || Path.GetDirectoryName(full) is not { } folder || !Directory.Exists(folder)) return null;
        string name = ComposedLetters.Decompose(Path.GetFileName(full));
        string[] alike = [.. Directory.EnumerateFiles(folder).Where(path => ComposedLetters.Decompose(Path.GetFileName(path)) == name)];
        return alike.Length == 1 ? alike[0] : null;
    }

    private TimeSpan? Time(string? text, string column, string at)
    {
        if (text is null || text.Equals("NaT", StringComparison.OrdinalIgnoreCase)) return null;
        if (Times().Match(text) is { Success: true } match)
        {
            double Part(string name) => match.Groups[name] is { Success: true, Length: > 0 } group
                ? double.Parse(group.Value.Replace(',', '.'), CultureInfo.InvariantCulture) : 0;
            double seconds = ((((Part("days") * 24) + Part("hours")) * 60) + Part("minutes")) * 60 + Part("seconds");
            if (seconds < TimeSpan.MaxValue.TotalSeconds / 2) return TimeSpan.FromSeconds(seconds);
        }
        _errors.Add($"{at}: expected the {column} in seconds (1.5) or as a time span (1:05, 00:00:01.5, 0 days 00:00:01.5), found "
            + $"'{text}'");
        return null;
    }

    // One row for each piece of audio: of rows that agree the first, of rows that contradict each other none.
    private IEnumerable<CorpusClip> Distinct(IReadOnlyList<CorpusClip> clips)
    {
        foreach (var same in clips.Zip(_rows, (clip, row) => (Clip: clip, row.Row)).GroupBy(row => row.Clip.Path))
        {
            (CorpusClip first, long firstRow) = same.First();
            string[] labels = [.. same.Select(row => row.Clip.Label).Distinct()];
            if (labels.Length > 1)
            {
                LeaveOut(CorpusProblemKind.ConflictingLabels, first.RelativePath,
                    $"{string.Join(" and ", same.Select(row => FormattableString.Invariant($"row {row.Row}")))} give it the labels "
                    + $"{string.Join(" and ", labels)}; {(_options.KeepDoubtful ? "only the first row counts" : "left out")}");
                if (!_options.KeepDoubtful) continue;
            }
            foreach ((CorpusClip clip, long row) in same.Skip(labels.Length > 1 ? same.Count() : 1))
                LeaveOut(CorpusProblemKind.Duplicate, clip.RelativePath,
                    FormattableString.Invariant($"row {row}: {clip.RelativePath} is already listed in row {firstRow}; left out"));
            yield return first;
        }
    }

    private void AddSpeakers(CorpusClip[] clips)
    {
        CorpusClip[] nameless = [.. clips.Where(clip => clip.Speaker is null)];
        if (nameless.Length == clips.Length)
            _problems.Add(new CorpusProblem(CorpusProblemKind.SpeakerUnknown, Path.GetFileName(_file),
                "no row names its speaker (a column speaker, speaker_id, actor or subject): speaker-independent protocols need it"));
        else
            _problems.AddRange(nameless.Select(clip => new CorpusProblem(CorpusProblemKind.SpeakerUnknown, clip.RelativePath,
                "the manifest names no speaker")));
    }

    private static string? SexOf(string? text) => text?.ToLowerInvariant() switch
    {
        "m" or "male" or "man" => "male",
        "f" or "female" or "woman" or "w" => "female",
        { } other => other,
        null => null,
    };

    private static SortedDictionary<string, string> AttributesOf(ManifestColumns columns, string[] values)
    {
        var attributes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((int column, string name) in columns.Attributes)
            if (values[column].Length > 0) attributes[name] = values[column];
        return attributes;
    }

    private CorpusException Failure(bool allMissing)
    {
        string[] all = [.. _errors, .. _problems.Where(problem => problem.LeftOut).Select(problem => problem.Message)];
        int shown = allMissing ? MissingShown : ErrorsShown;
        string more = all.Length > shown ? $"{Environment.NewLine}and {all.Length - shown} more" : "";
        string advice = !allMissing ? "" : _options.AudioRoot is null
            ? $"{Environment.NewLine}Where the files lie elsewhere, name their folder (AudioRoot, --audio-root)."
            : $"{Environment.NewLine}None of them is below {_root}: check the folder (AudioRoot, --audio-root).";
        return new CorpusException($"The manifest {_file} has {all.Length} "
            + $"error(s):{Environment.NewLine}{string.Join(Environment.NewLine, all.Take(shown))}{more}{advice}");
    }

    [GeneratedRegex("^sep=[^\r\n](\r\n|\n|\r)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SeparatorLine();

    // Not \d, which matches the digits of every script: numbers are read of these alone.
    [GeneratedRegex("^((?<days>[0-9]+) days? )?(((?<hours>[0-9]+):)?(?<minutes>[0-9]+):)?(?<seconds>[0-9]+([.,][0-9]+)?)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Times();
}
