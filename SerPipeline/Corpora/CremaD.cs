using CsvHelper;

namespace SerPipeline.Corpora;

/// <summary>
/// CREMA-D, whose files are called <c>1001_DFA_ANG_XX</c>: actor, sentence, emotion, level. One file of the published set ends in
/// <c>_X</c>, which is read as <c>_XX</c>. The actors' sexes stand in a table beside the clips.
/// </summary>
internal static partial class CremaD
{
    private const string SexTable = "VideoDemographics.csv";
    private const int FirstActor = 1001, LastActor = 1091;
    private static readonly string[] LevelCodes = ["LO", "MD", "HI", "XX"];
    private static readonly string[] LevelNames = ["low", "medium", "high", "unspecified"];
    private static readonly string[] Sentences = ["IEO", "TIE", "IOM", "IWW", "TAI", "MTI", "IWL", "ITH", "DFA", "ITS", "TSI", "WSI"];

    public static CorpusFacts Facts { get; } = CorpusFacts.Published("crema-d");

    public static ParsedClip? Read(string path, out string problem)
    {
        string stem = CorpusParsers.StemOf(path);
        Match match = Parts().Match(stem);
        string actor = match.Groups["actor"].Value, sentence = match.Groups["sentence"].Value;
        string emotion = match.Groups["emotion"].Value, level = match.Groups["level"].Value;
        LabelName? label = Facts.LabelOf(emotion);
        int levelIndex = level == "X" ? LevelCodes.Length - 1 : Array.IndexOf(LevelCodes, level);
        problem = !match.Success ? $"expected actor, sentence, emotion and level joined by '_', such as 1001_DFA_ANG_XX, got '{stem}'"
            : int.Parse(actor, CultureInfo.InvariantCulture) is < FirstActor or > LastActor
            ? $"expected an actor between {FirstActor} and {LastActor}, got {actor}"
            : !Sentences.Contains(sentence) ? $"expected one of the sentences {string.Join(", ", Sentences)}, got {sentence}"
            : label is null ? $"expected one of the emotions {Facts.LabelCodes}, got {emotion}"
            : levelIndex < 0 ? $"expected one of the levels {string.Join(", ", LevelCodes)}, got {level}" : "";
        return problem.Length > 0 ? null : new ParsedClip($"{actor}_{sentence}_{emotion}_{LevelCodes[levelIndex]}", label!, actor, null,
            ("statement", sentence), ("intensity", LevelNames[levelIndex]));
    }

    /// <summary>Gives each clip its actor's sex where the table lies in the folder, above it, or one folder below.</summary>
    public static IReadOnlyList<CorpusClip> AddSexes(string root, IReadOnlyList<CorpusClip> clips, ICollection<CorpusProblem> problems)
    {
        void Add(string problem) => problems.Add(new CorpusProblem(CorpusProblemKind.SexUnknown, SexTable, problem));
        string[] places = [root, Path.GetDirectoryName(root) ?? root,
            .. Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal)];
        if (places.Select(place => Path.Combine(place, SexTable)).FirstOrDefault(File.Exists) is not { } file)
        {
            Add($"not found in {root}, above it or one folder below: the actors' sexes are unknown");
            return clips;
        }
        if (ReadSexes(file) is not { } sexes)
        {
            Add($"expected columns ActorID and Sex in {file}: the actors' sexes are unknown");
            return clips;
        }
        CorpusClip[] known = [.. clips.Select(clip => clip with { Sex = sexes.GetValueOrDefault(clip.Speaker!) })];
        string[] missing = [.. known.Where(clip => clip.Sex is null).Select(clip => clip.Speaker!).Distinct()];
        if (missing.Length > 0) Add($"{file} does not tell the sex of: {string.Join(", ", missing)}");
        return known;
    }

    private static Dictionary<string, string>? ReadSexes(string file)
    {
        var sexes = new Dictionary<string, string>();
        using CsvReader csv = CsvReader.FromFile(file, new CsvReaderOptions { TrimWhitespace = true });
        string[] header = [.. csv.Headers.Select(column => column.Trim().ToLowerInvariant())];
        int actor = Array.IndexOf(header, "actorid"), sex = Array.IndexOf(header, "sex");
        if (actor < 0 || sex < 0) return null;
        while (csv.Read())
            if (csv.FieldCount > Math.Max(actor, sex) && csv.GetString(sex).ToLowerInvariant() is "male" or "female")
                sexes[csv.GetString(actor)] = csv.GetString(sex).ToLowerInvariant();
        return sexes;
    }

    [GeneratedRegex("^(?<actor>[0-9]{4})_(?<sentence>[A-Z]{3})_(?<emotion>[A-Z]{3})_(?<level>[A-Z]{1,2})$", RegexOptions.CultureInvariant)]
    private static partial Regex Parts();
}
