namespace SerPipeline.Console.Prediction;

/// <summary>The audio files that a user's paths stand for.</summary>
/// <param name="Paths">The files, in the order of the paths given, each folder's in ordinal order.</param>
/// <param name="Problems">Paths that stand for nothing.</param>
internal sealed record AudioFiles(IReadOnlyList<string> Paths, IReadOnlyList<string> Problems)
{
    private static readonly string[] Extensions = [".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aif", ".aiff"];

    /// <summary>Looks the paths up. A file is taken whatever it is called; a folder gives the files with an audio extension below it.</summary>
    /// <param name="paths">Files and folders.</param>
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
            else if (!Directory.Exists(path))
            {
                problems.Add($"There is no file or folder '{path}'.");
            }
            else
            {
                string[] below = Below(path);
                if (below.Length == 0) problems.Add($"The folder '{path}' holds no audio file: looked for {string.Join(", ", Extensions)} at any depth.");
                found.AddRange(below);
            }
        }
        return new AudioFiles([.. found.Distinct(StringComparer.Ordinal)], problems);
    }

    // Hidden files are passed over, as the resource forks are that macOS leaves in archives.
    private static string[] Below(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            .Where(path => !Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.') || part == "__MACOSX"))
            .Order(StringComparer.Ordinal)];
}
