using SerPipeline.Audio;

namespace SerPipeline.Console.Output;

/// <summary>The file that a command writes.</summary>
internal static class OutFile
{
    // Of a file that two names lead to.
    private static readonly StringComparer Names = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
        ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>Requires that nothing is written over what is read.</summary>
    /// <param name="option">The option that names the file.</param>
    /// <param name="path">The file, or null.</param>
    /// <param name="read">What the command reads.</param>
    /// <exception cref="UsageException">The file is one of those.</exception>
    public static void RequireUnread(string option, string? path, IEnumerable<string> read)
    {
        if (path is not null && read.Select(FolderEntries.RealPath).Contains(FolderEntries.RealPath(path), Names))
            throw new UsageException($"{option} '{path}' is read by this command too, and would be lost: name another file.");
    }

    /// <summary>Whether two paths lead to one file, through whatever links.</summary>
    public static bool AreSame(string path, string other) => Names.Equals(FolderEntries.RealPath(path), FolderEntries.RealPath(other));
}

/// <summary>The folder that a command writes its run into.</summary>
internal static class OutFolder
{
    /// <summary>The folder asked for, or a new one below <c>runs</c> named by time and corpus.</summary>
    /// <param name="asked">The folder the user named, or null.</param>
    /// <param name="name">What the run is about.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="IOException">The folder named already holds something.</exception>
    public static string Choose(string? asked, string name, TimeProvider time)
    {
        if (asked is not null)
        {
            string full = Path.GetFullPath(asked);
            if (File.Exists(Path.Combine(full, UnfinishedRun.FileName)))
                throw new IOException($"--out must name a new or empty folder, but {full} holds an unfinished run. Go on with it by "
                    + $"ser train --resume {Spelling.Argument(full)}, or name another folder.");
            if (File.Exists(full) || (Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any()))
                throw new IOException($"--out must name a new or empty folder, but {full} already holds something. Name another, or "
                    + "remove it first.");
            RequireWritable(full);
            return full;
        }
        string stamp = time.GetLocalNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string safe = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-'));
        string folder = Path.GetFullPath(Path.Combine("runs", $"{stamp}-{safe}"));
        // Two runs within a second.
        for (int i = 2; Directory.Exists(folder); i++)
            folder = Path.GetFullPath(Path.Combine("runs", string.Create(CultureInfo.InvariantCulture, $"{stamp}-{safe}-{i}")));
        RequireWritable(folder);
        return folder;
    }

    // A folder that cannot be made is found now and not after the first training.
    private static void RequireWritable(string folder)
    {
        try
        {
            Probe(folder);
        }
        catch (IOException e)
        {
            throw new IOException($"--out must name a folder that can be made, but {e.Message}", e);
        }
    }

    /// <summary>Tries to write where a folder is, or would be made; nothing is left behind, for the command may yet be refused.</summary>
    /// <param name="folder">The folder's full path.</param>
    /// <returns>The folder, or the nearest above it that exists.</returns>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    public static string Probe(string folder)
    {
        string existing = folder;
        while (!Directory.Exists(existing))
            existing = File.Exists(existing) ? throw new IOException($"{existing} is a file.")
                : Path.GetDirectoryName(existing) ?? throw new IOException($"no folder above {folder} exists.");
        string probe = Path.Combine(existing, $".ser-{Guid.NewGuid():N}");
        try
        {
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
            // Not even one goes onto a full disk.
            file.WriteByte(0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The probe's name is another one each time, and nobody's concern.
            string why = e.Message.Replace(probe, existing, StringComparison.Ordinal);
            throw new IOException($"nothing can be written in {existing}: {why}", e);
        }
        return existing;
    }
}
