using Microsoft.Extensions.FileSystemGlobbing;

namespace SerPipeline.Console.Prediction;

/// <summary>The audio files that a user's paths stand for.</summary>
/// <param name="Paths">The files, in the order of the paths given, each folder's and pattern's in ordinal order.</param>
/// <param name="Problems">Paths that stand for nothing.</param>
internal sealed record AudioFiles(IReadOnlyList<string> Paths, IReadOnlyList<string> Problems)
{
    private static readonly string[] Extensions = [".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aif", ".aiff"];

    /// <summary>
    /// Looks the paths up. A file is taken whatever it is called; a folder gives the files with an audio extension below it; a pattern with <c>*</c> or <c>**</c> gives the files
    /// that match. A file found twice is taken once.
    /// </summary>
    /// <param name="paths">Files, folders and patterns.</param>
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
                string[] below = Below(path);
                if (below.Length == 0) problems.Add($"The folder '{path}' holds no audio file: looked for {string.Join(", ", Extensions)} at any depth.");
                found.AddRange(below);
            }
            else if (path.Contains('*', StringComparison.Ordinal))
            {
                string[] matches = Matching(path);
                if (matches.Length == 0) problems.Add($"No file matches the pattern '{path}'.");
                found.AddRange(matches);
            }
            else
            {
                problems.Add($"There is no file or folder '{path}'.");
            }
        }
        return new AudioFiles([.. found.Distinct(StringComparer.Ordinal)], problems);
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

    // Hidden files are passed over, as the resource forks are that macOS leaves in archives.
    private static string[] Below(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            .Where(path => !Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.') || part == "__MACOSX"))
            .Order(StringComparer.Ordinal)];

    // The part before the first pattern is a folder; the rest is matched below it.
    private static string[] Matching(string pattern)
    {
        string[] parts = pattern.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);
        int first = Array.FindIndex(parts, part => part.Contains('*', StringComparison.Ordinal));
        string folder = string.Join(Path.DirectorySeparatorChar, parts[..first]);
        if (first > 0 && folder.Length == 0) folder = Path.DirectorySeparatorChar.ToString();
        string searched = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(searched)) return [];
        var matcher = new Matcher(StringComparison.Ordinal).AddInclude(string.Join('/', parts[first..]));
        return [.. matcher.GetResultsInFullPath(searched)
            .Select(path => Path.Combine(folder, Path.GetRelativePath(searched, path)))
            .Order(StringComparer.Ordinal)];
    }
}
