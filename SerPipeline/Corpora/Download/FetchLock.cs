using System.Security.Cryptography;

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
            FileStream file;
            try
            {
                Directory.CreateDirectory(downloads);
                file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (!Path.Exists(downloads))
            {
                // Another fetch ended and took the folder with it.
                continue;
            }
            catch (DirectoryNotFoundException)
            {
                // The same, and a third one has made it again.
                continue;
            }
            catch (IOException e) when (!File.Exists(downloads))
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
    // A length drawn at random tells the two files apart; opening the path a second time to compare contents would ask for the lock again.
    private static bool IsAt(FileStream locked, string path)
    {
        if (OperatingSystem.IsWindows()) return true;
        int length = RandomNumberGenerator.GetInt32(1, 1 << 20);
        locked.SetLength(length);
        var found = new FileInfo(path);
        return found.Exists && found.Length == length;
    }
}
