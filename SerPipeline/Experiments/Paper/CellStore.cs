using System.Text.Json;

namespace SerPipeline.Experiments.Paper;

/// <summary>The folder where outcomes are kept, a file each, written whole or not at all: what was finished before an interruption is not done again.</summary>
/// <param name="folder">The folder.</param>
internal sealed class CellStore(string folder)
{
    // Raise it when a cell's training or its file comes to mean something else.
    private const int Version = 1;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, RespectNullableAnnotations = true };

    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>A cell's kept outcome; null when there is none, or one of another key or version, or a damaged file: it is then trained anew.</summary>
    public CellOutcome? Read(Cell cell)
    {
        string path = PathOf(cell);
        if (!File.Exists(path)) return null;
        try
        {
            KeptCell? kept = JsonSerializer.Deserialize<KeptCell>(File.ReadAllBytes(path), Json);
            return kept is { } found && found.Version == Version && found.Key == cell.Key ? found.Outcome : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Makes the folder: better to fail before the first training than behind it.</summary>
    public void Open() => Directory.CreateDirectory(folder);

    /// <summary>Keeps an outcome.</summary>
    public void Write(Cell cell, CellOutcome outcome)
    {
        Open();
        AtomicFile.WriteAllBytes(PathOf(cell), JsonSerializer.SerializeToUtf8Bytes(new KeptCell(Version, cell.Key, outcome), Json));
    }

    private string PathOf(Cell cell) => Path.Combine(folder, cell.Id + ".json");

    private sealed record KeptCell(int Version, string Key, CellOutcome Outcome);
}
