using System.IO.Enumeration;
using SerPipeline.Console.Hosting;

namespace SerPipeline.Console.Prediction;

/// <summary>
/// Patterns of paths, as shells have them: <c>*</c> stands for any part of a name, <c>?</c> for one letter, <c>**</c> for folders at any depth. Hidden names match only where the
/// pattern has their dot. Below <c>**</c> links to folders are not followed, for they may lead back.
/// </summary>
internal static class FilePattern
{
    private const string AnyDepth = "**";

    /// <summary>Whether a path is a pattern.</summary>
    public static bool Is(string path) => path.AsSpan().ContainsAny('*', '?');

    /// <summary>The files that match, in ordinal order.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="problems">Is told of folders that cannot be read.</param>
    /// <exception cref="UsageException">It goes upwards from what it matches.</exception>
    public static string[] Files(string pattern, List<string> problems)
    {
        string[] parts = pattern.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);
        // The part before the first pattern is a folder; the rest is matched below it.
        int first = Array.FindIndex(parts, Is);
        string[] below = [.. parts[first..].Where(part => part.Length > 0 && part != ".")];
        if (below.Contains("..")) throw new UsageException($"The pattern '{pattern}' has .. behind * or ?: name the folder itself.");
        string folder = string.Join(Path.DirectorySeparatorChar, parts[..first]);
        if (first > 0 && folder.Length == 0) folder = Path.DirectorySeparatorChar.ToString();
        var found = new SortedSet<string>(StringComparer.Ordinal);
        if (Directory.Exists(folder.Length == 0 ? "." : folder)) Match(folder, below, follow: true, found, problems);
        return [.. found];
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
