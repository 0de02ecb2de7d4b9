using System.Security.Cryptography;

namespace SerPipeline.Corpora.Download;

/// <summary>Allows one fetch at a time in a data folder; the system releases the lock even when the program is killed.</summary>
internal sealed class FetchLock : IDisposable
{
    private const string FileName = "fetch.lock";
    private const int Tries = 20;

    private readonly FileStream _file;
    private readonly string _downloads;

    private FetchLock(FileStream file, string downloads) => (_file, _downloads) = (file, downloads);

    /// <summary>Takes the lock.</summary>
    /// <param name="downloads">The folder of downloads; created when absent, and removed at the end if it is empty.</param>
    /// <exception cref="DownloadException">Another fetch holds it.</exception>
    public static FetchLock Take(string downloads)
    {
        string path = Path.Combine(downloads, FileName);
        for (int i = 0; i < Tries; i++)
        {
            FileStream file;
            try
            {
                Directory.CreateDirectory(downloads);
                file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException e) when (e is DirectoryNotFoundException || !Path.Exists(downloads))
            {
                // Another fetch ended and removed the folder; a third may have created it again.
                continue;
            }
            catch (IOException e) when (!File.Exists(downloads))
            {
                throw new DownloadException($"Another fetch is running in {downloads} ({e.Message}). Wait for its end, or name another "
                    + "data folder.", e);
            }
            if (IsAt(file, path)) return new FetchLock(file, downloads);
            file.SafeFileHandle.Close();
        }
        throw new DownloadException($"Other fetches keep running in {downloads}, and {path} could not be locked in {Tries} attempts. Try "
            + "again.");
    }

    public void Dispose()
    {
        _file.Dispose();
        try
        {
            Directory.Delete(_downloads);
        }
        // A partial download is in it, or the next fetch.
        catch (IOException) { }
    }

    // On Unix the former holder may have deleted the file between its opening and its locking here: the lock would then be on a file that
    // no other fetch finds. A random length tells the two files apart; opening the path a second time would need the lock again.
    private static bool IsAt(FileStream locked, string path)
    {
        if (OperatingSystem.IsWindows()) return true;
        int length = RandomNumberGenerator.GetInt32(1, 1 << 20);
        locked.SetLength(length);
        var found = new FileInfo(path);
        return found.Exists && found.Length == length;
    }
}
