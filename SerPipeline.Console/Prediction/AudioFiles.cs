using SerPipeline.Console.Hosting;

namespace SerPipeline.Console.Prediction;

/// <summary>The audio files that a user's paths stand for.</summary>
/// <param name="Paths">The files, in the order of the paths given, each folder's and pattern's in ordinal order.</param>
/// <param name="Problems">Paths that stand for nothing, and folders that cannot be searched.</param>
internal sealed record AudioFiles(IReadOnlyList<string> Paths, IReadOnlyList<string> Problems)
{
    private static readonly string[] Extensions = [".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aif", ".aiff", ".aifc"];

    /// <summary>
    /// Looks the paths up. A file is taken whatever it is called; a folder gives the files with an audio extension below it; a pattern with <c>*</c>, <c>?</c> or <c>**</c> gives
    /// the files that match. A file found twice is taken once, however it is spelt, and called as it was first.
    /// </summary>
    /// <param name="paths">Files, folders and patterns.</param>
    /// <exception cref="UsageException">A pattern goes upwards.</exception>
    public static AudioFiles Find(IReadOnlyList<string> paths)
    {
        var found = new List<string>();
        var problems = new List<string>();
        foreach (string path in paths)
        {
            if (File.Exists(path))
            {
                found.Add(path);
            }
            else if (Directory.Exists(path))
            {
                int before = problems.Count;
                string[] below = Below(path, problems);
                if (below.Length == 0 && problems.Count == before) problems.Add($"The folder '{path}' holds no audio file: looked for {string.Join(", ", Extensions)} at any depth.");
                found.AddRange(below);
            }
            else if (FilePattern.Is(path))
            {
                string[] matches = FilePattern.Files(path, problems);
                if (matches.Length == 0) problems.Add($"No file matches the pattern '{path}'.{Brackets(path)}");
                found.AddRange(matches);
            }
            else
            {
                problems.Add($"There is no file or folder '{path}'.{Brackets(path)}");
            }
        }
        return new AudioFiles([.. found.DistinctBy(Path.GetFullPath, StringComparer.Ordinal)], problems);
    }

    /// <summary>The paths of a list, one a line; empty lines stand for nothing.</summary>
    /// <param name="list">The list.</param>
    public static IReadOnlyList<string> ReadList(TextReader list)
    {
        var paths = new List<string>();
        while (list.ReadLine() is { } line)
            if (!string.IsNullOrWhiteSpace(line)) paths.Add(line);
        return paths;
    }

    private static string Brackets(string path) => path.Contains('[', StringComparison.Ordinal) ? " Brackets stand for themselves: patterns know *, ? and **." : "";

    private static string[] Below(string folder, List<string> problems)
    {
        var found = new List<string>();
        var left = new Stack<string>([folder]);
        while (left.TryPop(out string? next))
        {
            foreach (FileSystemInfo entry in FolderEntries.Shown(next, problems))
            {
                string path = Path.Combine(next, entry.Name);
                if (!FolderEntries.IsFolder(entry)) found.Add(path);
                else if (entry.LinkTarget is null) left.Push(path);
            }
        }
        return [.. found.Where(path => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];
    }
}
