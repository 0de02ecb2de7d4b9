namespace SerPipeline.Console.Prediction;

/// <summary>What lies in a folder, for searches that go on where one folder cannot be read.</summary>
internal static class FolderEntries
{
    /// <summary>Its files and folders, except the hidden ones, as the resource forks are that macOS leaves in archives.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="problems">Is told where it cannot be read; it is then empty.</param>
    /// <param name="hidden">Whether those that begin with a dot are given too.</param>
    public static FileSystemInfo[] Shown(string folder, List<string> problems, bool hidden = false)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => (hidden || !entry.Name.StartsWith('.')) && entry.Name != "__MACOSX")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"The folder '{folder}' cannot be searched: {e.Message}");
            return [];
        }
    }

    /// <summary>Whether an entry is a folder, or a link to one.</summary>
    public static bool IsFolder(FileSystemInfo entry) => entry.Attributes.HasFlag(FileAttributes.Directory);
}
