namespace SerPipeline;

/// <summary>Lets one program at a time work in a folder; the system releases the lock even when the program is killed.</summary>
internal sealed class FolderLock : IDisposable
{
    private const int Tries = 20;

    // EWOULDBLOCK of the two systems, and ERROR_SHARING_VIOLATION: what .NET gives for a file that another holds.
    private const int LinuxInUse = 11, MacInUse = 35, WindowsInUse = unchecked((int)0x80070020);

    // EEXIST, and ERROR_ALREADY_EXISTS.
    private const int UnixExists = 17, WindowsExists = unchecked((int)0x800700B7);

    private readonly FileStream _file;
    private readonly string _folder;

    private FolderLock(FileStream file, string folder) => (_file, _folder) = (file, folder);

    /// <summary>Takes the lock.</summary>
    /// <param name="folder">The folder; created when absent, and removed at the end if it is empty.</param>
    /// <param name="fileName">The file that is locked; gone afterwards.</param>
    /// <param name="refusal">Makes the error for a lock that somebody else holds, told why.</param>
    public static FolderLock Take(string folder, string fileName, Func<string, Exception?, Exception> refusal)
    {
        string path = Path.Combine(folder, fileName);
        for (int i = 0; i < Tries; i++)
        {
            FileStream file;
            try
            {
                Directory.CreateDirectory(folder);
                file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException e) when (e is DirectoryNotFoundException or FileNotFoundException || !Path.Exists(folder)
                || (e.HResult is UnixExists or WindowsExists && !File.Exists(folder)))
            {
                // The last holder ended and removed the folder; another may have created it again. .NET finds that it is there, then that
                // it is not, and takes it for a file.
                continue;
            }
            catch (IOException e) when (e.HResult is LinuxInUse or MacInUse or WindowsInUse)
            {
                throw refusal(e.Message, e);
            }
            if (IsAt(file, path)) return new FolderLock(file, folder);
            file.SafeFileHandle.Close();
        }
        throw refusal(FormattableString.Invariant($"{path} could not be locked in {Tries} attempts"), null);
    }

    public void Dispose()
    {
        _file.Dispose();
        try
        {
            Directory.Delete(_folder);
        }
        // Something is in it, or the next holder.
        catch (IOException) { }
    }

    // On Unix the former holder may have deleted the file between its opening and its locking here: the lock would then be on a file that
    // nobody else finds. A random length tells the two files apart; opening the path a second time would need the lock again.
    private static bool IsAt(FileStream locked, string path)
    {
        if (OperatingSystem.IsWindows()) return true;
        int length = RandomNumberGenerator.GetInt32(1, 1 << 16);
        locked.SetLength(length);
        var found = new FileInfo(path);
        return found.Exists && found.Length == length;
    }
}
