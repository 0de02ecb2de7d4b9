namespace SerPipeline.Corpora;

/// <summary>Which columns of a table tell what: every role by its own name or one of those in common use.</summary>
internal sealed class ManifestColumns
{
    public const string Path = "path", Label = "label", Speaker = "speaker", Sex = "sex", Start = "start", End = "end", Split = "split";

    private static readonly (string Role, string[] Names)[] Aliases =
    [
        (Path, ["path", "file", "filename", "file_name", "filepath", "file_path", "audio", "audio_path", "audio_file", "audio_filepath",
            "wav", "wav_path", "wav_file", "clip"]),
        (Label, ["label", "emotion", "class", "target", "emotion_label", "category"]),
        (Speaker, ["speaker", "speaker_id", "speakerid", "spk", "spk_id", "actor", "actor_id", "subject", "subject_id"]),
        (Sex, ["sex", "gender"]),
        ("language", ["language", "lang"]),
        (Start, ["start", "start_time", "onset", "begin"]),
        (End, ["end", "end_time"]),
        (Split, ["split", "partition", "subset"]),
    ];

    private readonly string[] _header;
    private readonly Dictionary<string, int> _roles = [];

    /// <param name="header">The column names, trimmed.</param>
    /// <param name="errors">Gets what cannot be understood.</param>
    public ManifestColumns(string[] header, List<string> errors)
    {
        _header = [.. header.Select(name => name.ToLowerInvariant())];
        string[] plain = [.. _header.Select(Plain)];
        foreach ((string twice, _) in _header.CountBy(name => name).Where(name => name.Key.Length > 0 && name.Value > 1))
            errors.Add($"row 1: the column {twice} appears more than once");
        foreach ((string role, string[] names) in Aliases)
        {
            // The role's own name counts before all others, and others are not ranked: two of them contradict each other.
            string[] found = _header.Contains(role) ? [role] : [.. names.Where(plain.Contains)];
            if (found.Length == 1) _roles[role] = Array.IndexOf(plain, found[0]);
            else if (found.Length > 1)
                errors.Add($"row 1: the columns {string.Join(" and ", found)} may all be the {role}: call one of them {role}");
        }
        string[] missing = [.. new[] { Path, Label }.Where(role => !_roles.ContainsKey(role)
            && !errors.Any(error => error.EndsWith($"call one of them {role}", StringComparison.Ordinal)))];
        if (missing.Length > 0)
            errors.Add($"row 1: the header lacks {string.Join(", ", missing)}: expected path,label[,speaker,sex,start,end,split,...], or "
                + $"names such as {string.Join(", ", missing.Select(role => string.Join("|", Names(role))))}, found "
                + $"{(_header.Length == 0 ? "nothing" : string.Join(",", _header))}");
    }

    public int Count => _header.Length;

    /// <summary>Columns without a name, as trailing separators make them; but for the first, where pandas writes row numbers.</summary>
    public IEnumerable<int> Unnamed => Enumerable.Range(1, Math.Max(0, _header.Length - 1)).Where(i => _header[i].Length == 0);

    public bool Has(string role) => _roles.ContainsKey(role);

    /// <summary>The number of a role's column; -1 where there is none.</summary>
    public int Of(string role) => _roles.GetValueOrDefault(role, -1);

    /// <summary>The columns that are no role of the loader's own, and what they are called as attributes.</summary>
    public IEnumerable<(int Column, string Name)> Attributes
    {
        get
        {
            int[] own = [.. new[] { Path, Label, Speaker, Sex, Start, End }.Select(Of)];
            for (int i = 0; i < _header.Length; i++)
                if (!own.Contains(i) && _header[i].Length > 0) yield return (i, i == Of("language") ? "language" : _header[i]);
        }
    }

    /// <summary>Which columns were taken for what, where their names are not the roles' own; null for none.</summary>
    public string? Remark
    {
        get
        {
            string[] taken = [.. _roles.Where(role => _header[role.Value] != role.Key)
                .Select(role => $"{_header[role.Value]} as {role.Key}")];
            return taken.Length == 0 ? null : $"Columns taken for others: {string.Join(", ", taken)}.";
        }
    }

    private static IEnumerable<string> Names(string role) => Aliases.First(alias => alias.Role == role).Names.Take(5);

    // speaker_id, speaker-id and "speaker id" are one name.
    private static string Plain(string name) => name.Replace('-', '_').Replace(' ', '_');
}
