namespace SerPipeline.Corpora.Download;

/// <summary>Keeps a second fetch out of a data folder while one works there; the system releases it even when the program is killed.</summary>
internal sealed class FetchLock : IDisposable
{
    private const string FileName = "fetch.lock";
    private const int Tries = 20;

    private readonly FileStream _file;
    private readonly string _downloads;

    private FetchLock(FileStream file, string downloads) => (_file, _downloads) = (file, downloads);

    /// <summary>Takes it.</summary>
    /// <param name="downloads">The folder of downloads; made when absent, and removed at the end if nothing is left in it.</param>
    /// <exception cref="DownloadException">Another fetch has it.</exception>
    public static FetchLock Take(string downloads)
    {
        string path = Path.Combine(downloads, FileName);
        for (int i = 0; i < Tries; i++)
        {
            Directory.CreateDirectory(downloads);
            FileStream file;
            try
            {
                file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (DirectoryNotFoundException)
            {
                // Another fetch ended and took the folder with it.
                continue;
            }
            catch (IOException e)
            {
                throw new DownloadException($"Another fetch is at work in {downloads} ({e.Message}). Wait for its end, or name another data folder.", e);
            }
            if (IsAt(file, path)) return new FetchLock(file, downloads);
            file.SafeFileHandle.Close();
        }
        throw new DownloadException($"Other fetches come and go in {downloads}, and {path} could not be locked in {Tries} attempts. Try again.");
    }

    /// <summary>Gives it back.</summary>
    public void Dispose()
    {
        _file.Dispose();
        try
        {
            Directory.Delete(_downloads);
        }
        // Parts of a download are in it, or the next fetch is.
        catch (IOException) { }
    }

    // On Unix the one who had it may have deleted the file between its opening and its locking here: then the lock is on a file that nobody else will find.
    private static bool IsAt(FileStream locked, string path)
    {
        if (OperatingSystem.IsWindows()) return true;
        byte[] token = Guid.NewGuid().ToByteArray();
        locked.SetLength(0);
        locked.Write(token);
        locked.Flush();
        try
        {
            return File.Exists(path) && Read(path).AsSpan().SequenceEqual(token);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static byte[] Read(string path)
    {
        // Shared in every way, which on Unix asks for no lock.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[16];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }
}
