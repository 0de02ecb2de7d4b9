namespace SerPipeline.Corpora;

/// <summary>Finds the audio files below a folder, in one order on every system.</summary>
internal static class CorpusFiles
{
    /// <summary>The audio files below <paramref name="folder"/> at any depth.</summary>
    /// <param name="folder">The corpus root.</param>
    /// <param name="extensions">The extensions wanted, lower case with a dot; null takes every audio extension known.</param>
    /// <returns>Relative paths with <c>/</c>, in ordinal order; hidden files and the resource forks of macOS are left out.</returns>
    public static IReadOnlyList<string> Find(string folder, IReadOnlyCollection<string>? extensions = null)
    {
        IReadOnlyCollection<string> wanted = extensions ?? Audio.AudioFiles.Extensions;
        return [.. FilesBelow(folder).Where(path => wanted.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            .Select(path => Relative(folder, path)).Where(path => !path.Split('/').Any(IsHidden)).Order(StringComparer.Ordinal)];
    }

    private static IReadOnlyList<string> FilesBelow(string folder)
    {
        try
        {
            return Audio.FolderEntries.FilesBelow(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"The folder {folder} cannot be searched: {e.Message} Its clips would be missing without a word: "
                + "allow reading it, or move it out of the corpus.", e);
        }
    }

    /// <summary>What lies among the clips without being audio, as one problem; null for nothing. Hidden files do not count.</summary>
    public static CorpusProblem? OddFiles(string folder)
    {
        string[] odd = [.. FilesBelow(folder).Select(path => Relative(folder, path))
            .Where(path => !Audio.AudioFiles.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)
            && !path.Split('/').Any(IsHidden) && Path.GetFileName(path) != Synthesis.SyntheticMarker.FileName)
            .Order(StringComparer.Ordinal)];
        if (odd.Length == 0) return null;
        string shown = string.Join(", ", odd.Take(3)) + (odd.Length > 3 ? FormattableString.Invariant($" and {odd.Length - 3} more") : "");
        return new CorpusProblem(CorpusProblemKind.OddFile, odd[0],
            odd.Length == 1 ? "this is no audio file and was not read"
                : $"{odd.Length} files are no audio files ({shown}) and were not read");
    }

    /// <summary>A path below a root, with <c>/</c> between folders on every system.</summary>
    public static string Relative(string root, string path) => Path.GetRelativePath(root, path).Replace('\\', '/');

    private static bool IsHidden(string part) => part.StartsWith('.') || part == "__MACOSX";

    /// <summary>The full path of a relative one.</summary>
    /// <remarks>A NUL, which no path may hold, is replaced, so that such a file is not found instead of being an error.</remarks>
    public static string Full(string root, string relative) =>
        Path.GetFullPath(Path.Combine(root, relative.Replace('\0', '\uFFFD')));

    /// <summary>Requires the folder to exist.</summary>
    /// <param name="format">The corpus format, for the message.</param>
    /// <param name="folder">The folder asked for.</param>
    /// <param name="expected">What the format looks for.</param>
    /// <exception cref="CorpusException">There is no such folder.</exception>
    public static string RequireFolder(string format, string folder, string expected)
    {
        string full = Path.GetFullPath(folder);
        if (Directory.Exists(full)) return full;
        string found = File.Exists(full) ? "found a file there" : "found nothing there";
        throw new CorpusException($"The corpus '{format}' needs a folder with {expected} at {full}, but {found}. Check the path; "
            + "data/README.md says how each corpus is laid out.");
    }

    /// <summary>The error for a folder without a single usable clip: what was looked for, and what lies there instead.</summary>
    public static CorpusException NothingUsable(string format, string folder, string expected, CorpusProblem? first = null)
    {
        string[] files = [.. FilesBelow(folder).Take(10_000)];
        if (files.Length == 0)
            return new CorpusException($"The corpus '{format}' looked for {expected} below {folder}, but the folder holds no "
                + "files.")
            { HasNoClips = true };
        IEnumerable<string> kinds = files.GroupBy(path => Path.GetExtension(path).ToLowerInvariant())
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Take(4)
            .Select(group => $"{group.Count()} {(group.Key.Length == 0 ? "without extension" : group.Key)}");
        string name = files.Select(path => Relative(folder, path)).Order(StringComparer.Ordinal).First();
        return new CorpusException($"The corpus '{format}' looked for {expected} below {folder}, but found none among {files.Length} files "
            + $"({string.Join(", ", kinds)}; the first is {name}).{(first is null ? "" : $" Of {first.RelativePath}: {first.Message}.")}")
        { HasNoClips = true };
    }
}
