using System.Text.Json;

namespace SerPipeline.Corpora.Synthesis;

/// <summary>The file that says that the clips around it were made by <see cref="DemoCorpus"/>, so that no score on them passes for one on people.</summary>
internal static class SyntheticMarker
{
    public const string FileName = "demo.json";
    public const string Licence = "MIT (generated)";
    public const string Note = "Synthetic speech-like signals made by a formant synthesiser. Scores on them show that a pipeline works; they say nothing about people.";
    private const int FoldersUp = 3;

    /// <summary>What the marker holds.</summary>
    public sealed record Content(string Generator, int Version, DemoCorpusOptions Options, int Clips);

    /// <summary>Whether any clip lies in or below a synthetic corpus, however it is loaded.</summary>
    public static bool CoversAny(IEnumerable<CorpusClip> clips) =>
        clips.Select(clip => Path.GetDirectoryName(clip.Path)!).Distinct(StringComparer.Ordinal).Any(Covers);

    /// <summary>The marker of a corpus, or null when the folder has none that can be read.</summary>
    public static Content? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            Content? content = JsonSerializer.Deserialize<Content>(File.ReadAllText(path), Json);
            return content?.Generator == DemoCorpus.Generator ? content : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Marks a folder as synthetic.</summary>
    public static void Write(string folder, Content content) =>
        AtomicFile.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(content, Json) + "\n");

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    private static bool Covers(string folder)
    {
        DirectoryInfo? at = new(folder);
        for (int up = 0; up <= FoldersUp && at is not null; up++, at = at.Parent)
            if (Read(at.FullName) is not null) return true;
        return false;
    }
}
