using CsvHelper;

namespace SerPipeline.Corpora;

/// <summary>The sexes of CREMA-D's actors, which stand in a table beside the clips and not in their names.</summary>
internal static class CremaDSpeakers
{
    public const string FileName = "VideoDemographics.csv";

    /// <summary>Gives each clip its actor's sex where the table lies in the folder, above it, or one folder below.</summary>
    public static (IReadOnlyList<CorpusClip> Clips, IReadOnlyList<CorpusProblem> Problems) AddSexes(
        string root, IReadOnlyList<CorpusClip> clips, IReadOnlyList<CorpusProblem> problems)
    {
        if (Locate(root) is not { } file)
            return (clips, [.. problems, new CorpusProblem(CorpusProblemKind.SexUnknown, FileName, $"not found in {root}, above it or one folder below: the actors' sexes are unknown")]);
        if (Read(file) is not { } sexes)
            return (clips, [.. problems, new CorpusProblem(CorpusProblemKind.SexUnknown, FileName, $"expected columns ActorID and Sex in {file}: the actors' sexes are unknown")]);
        CorpusClip[] known = [.. clips.Select(clip => clip with { Sex = sexes.GetValueOrDefault(clip.Speaker!) })];
        string[] missing = [.. known.Where(clip => clip.Sex is null).Select(clip => clip.Speaker!).Distinct(StringComparer.Ordinal)];
        return missing.Length == 0 ? (known, problems)
            : (known, [.. problems, new CorpusProblem(CorpusProblemKind.SexUnknown, FileName, $"{file} does not tell the sex of: {string.Join(", ", missing)}")]);
    }

    private static string? Locate(string root)
    {
        string[] places = [root, Path.GetDirectoryName(root) ?? root, .. Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal)];
        return places.Select(place => Path.Combine(place, FileName)).FirstOrDefault(File.Exists);
    }

    private static Dictionary<string, string>? Read(string file)
    {
        var sexes = new Dictionary<string, string>(StringComparer.Ordinal);
        using CsvReader csv = CsvReader.FromFile(file, new CsvReaderOptions { TrimWhitespace = true });
        string[] header = [.. csv.Headers.Select(column => column.Trim().ToLowerInvariant())];
        int actor = Array.IndexOf(header, "actorid"), sex = Array.IndexOf(header, "sex");
        if (actor < 0 || sex < 0) return null;
        while (csv.Read())
            if (csv.FieldCount > Math.Max(actor, sex) && csv.GetString(sex).ToLowerInvariant() is "male" or "female")
                sexes[csv.GetString(actor)] = csv.GetString(sex).ToLowerInvariant();
        return sexes;
    }
}
