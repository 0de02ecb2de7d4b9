using System.IO.Enumeration;

namespace SerPipeline.Audio;

/// <summary>The audio files that a user's paths stand for.</summary>
/// <param name="Paths">The files, in the order of the paths given, each folder's and pattern's in ordinal order.</param>
/// <param name="Problems">Paths that stand for nothing, and folders that cannot be searched.</param>
public sealed record AudioFiles(IReadOnlyList<string> Paths, IReadOnlyList<string> Problems)
{
    // Of every kind of file that is read.
    internal static readonly string[] Extensions = [".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aif", ".aiff", ".aifc"];

    /// <summary>
    /// Looks the paths up. A file is taken whatever it is called; a folder gives the files with an audio extension below it; a pattern with
    /// <c>*</c>, <c>?</c> or <c>**</c> gives the files that match. A file found twice is taken once, however it is spelt, and called as it
    /// was first.
    /// </summary>
    /// <param name="paths">Files, folders and patterns.</param>
    /// <exception cref="OptionsException">A pattern has <c>..</c> after its first wildcard.</exception>
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
                if (below.Length == 0 && problems.Count == before)
                    problems.Add($"The folder '{path}' holds no audio file: looked for {string.Join(", ", Extensions)} at any depth.");
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

    private static string Brackets(string path) => path.Contains('[', StringComparison.Ordinal)
        ? " Brackets stand for themselves: patterns know *, ? and **." : "";

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
        return [.. found.Where(path => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)];
    }
}

/// <summary>
/// Patterns of paths, as shells have them: <c>*</c> stands for any part of a name, <c>?</c> for one letter, <c>**</c> for folders at any
/// depth. Hidden names match only where the pattern has their dot. Below <c>**</c> links to folders are not followed, for they may lead
/// back.
/// </summary>
internal static class FilePattern
{
    private const string AnyDepth = "**";

    /// <summary>Whether a path is a pattern.</summary>
    public static bool Is(string path) => path.AsSpan().ContainsAny('*', '?');

    /// <summary>The files that match, in ordinal order.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="problems">Gets folders that cannot be read.</param>
    /// <exception cref="OptionsException">The pattern has <c>..</c> after its first wildcard.</exception>
    public static string[] Files(string pattern, List<string> problems)
    {
        string[] parts = pattern.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);
        // The part before the first pattern is a folder; the rest is matched below it.
        int first = Array.FindIndex(parts, Is);
        string[] below = [.. parts[first..].Where(part => part.Length > 0 && part != ".")];
        if (below.Contains("..")) throw new OptionsException([$"The pattern '{pattern}' has .. behind * or ?: name the folder itself."]);
        string folder = FolderOf(parts[..first]);
        var found = new SortedSet<string>(StringComparer.Ordinal);
        if (Directory.Exists(folder.Length == 0 ? "." : folder)) Match(folder, below, follow: true, found, problems);
        return [.. found];
    }

    /// <summary>The folder that the parts of a path name; empty where there are none.</summary>
    internal static string FolderOf(string[] parts)
    {
        string folder = string.Join(Path.DirectorySeparatorChar, parts);
        // Nothing, or a drive on Windows, whose name alone is its current folder: with a separator they are roots.
        return parts.Length > 0 && (folder.Length == 0 || folder.EndsWith(':')) ? folder + Path.DirectorySeparatorChar : folder;
    }

    private static void Match(string folder, ReadOnlySpan<string> parts, bool follow, SortedSet<string> found, List<string> problems)
    {
        string part = parts[0];
        bool last = parts.Length == 1, deep = part == AnyDepth;
        // ** stands for no folder, too; at the end for every file.
        if (deep && !last) Match(folder, parts[1..], follow: false, found, problems);
        foreach (FileSystemInfo entry in FolderEntries.Shown(folder.Length == 0 ? "." : folder, problems, hidden: part.StartsWith('.')))
        {
            if (!deep && !FileSystemName.MatchesSimpleExpression(part, entry.Name, ignoreCase: false)) continue;
            string path = Path.Combine(folder, entry.Name);
            if (!FolderEntries.IsFolder(entry))
            {
                if (last) found.Add(path);
            }
            else if (entry.LinkTarget is null || (follow && !deep))
            {
                if (deep) Match(path, parts, follow: false, found, problems);
                else if (!last) Match(path, parts[1..], follow, found, problems);
            }
        }
    }
}

/// <summary>What lies in a folder, for searches that go on where one folder cannot be read.</summary>
internal static class FolderEntries
{
    /// <summary>Its files and folders, except the hidden ones, as the resource forks are that macOS leaves in archives.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="problems">Gets a message when the folder cannot be read, which then counts as empty.</param>
    /// <param name="hidden">Whether those that begin with a dot are given too.</param>
    public static FileSystemInfo[] Shown(string folder, List<string> problems, bool hidden = false)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => (hidden || !entry.Name.StartsWith('.'))
                && entry.Name != "__MACOSX")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"The folder '{folder}' cannot be searched: {e.Message}");
            return [];
        }
    }

    /// <summary>
    /// The files below a folder at any depth, hidden ones too, in no order. Links to folders are followed, each folder once: links that
    /// lead back or beside show no file twice.
    /// </summary>
    /// <exception cref="IOException">A folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder cannot be read.</exception>
    public static IReadOnlyList<string> FilesBelow(string folder)
    {
        var found = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var left = new Stack<string>([folder]);
        var links = new Queue<string>();
        // Folders themselves come before links to them, so that a file has the shorter of its names.
        while (left.TryPop(out string? next) || links.TryDequeue(out next))
        {
            if (!seen.Add(RealPath(next))) continue;
            foreach (FileSystemInfo entry in new DirectoryInfo(next).EnumerateFileSystemInfos())
            {
                string path = Path.Combine(next, entry.Name);
                if (!IsFolder(entry)) found.Add(path);
                else if (entry.LinkTarget is null) left.Push(path);
                else links.Enqueue(path);
            }
        }
        return found;
    }

    /// <summary>Where a path leads: every part of it may be a link.</summary>
    public static string RealPath(string path)
    {
        string full = Path.GetFullPath(path), real = Path.GetPathRoot(full)!;
        foreach (string part in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = new DirectoryInfo(Path.Combine(real, part));
            real = next.LinkTarget is not null && next.ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealPath(target.FullName)
                : next.FullName;
        }
        return real;
    }

    /// <summary>Whether an entry is a folder, or a link to one.</summary>
    public static bool IsFolder(FileSystemInfo entry) => entry.Attributes.HasFlag(FileAttributes.Directory);
}
