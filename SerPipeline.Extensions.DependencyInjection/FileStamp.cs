using System.Security.Cryptography;

namespace SerPipeline.Extensions.DependencyInjection;

/// <summary>What tells one version of a zip from another without reading it whole.</summary>
/// <param name="Written">When it was written, UTC.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Directory">SHA-256 of its end: there stands a zip's directory, with the CRC-32 of every entry. A file copied with its time, or written twice within a tick of the
/// clock, may have the time and length of the one before.</param>
internal sealed record FileStamp(DateTime Written, long Length, string Directory)
{
    // Some hundred bytes an entry: a model's directory takes a few kilobytes.
    private const int DirectoryBytes = 1 << 16;

    /// <summary>The stamp of a file, or of the file that a link leads to; null when there is none or it cannot be opened.</summary>
    public static FileStamp? Of(string path)
    {
        try
        {
            // By handle, because volumes of containers swap files by swapping links.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            long length = file.Length;
            var end = new byte[Math.Min(length, DirectoryBytes)];
            file.Position = length - end.Length;
            file.ReadExactly(end);
            return new FileStamp(File.GetLastWriteTimeUtc(file.SafeFileHandle), length, Convert.ToHexStringLower(SHA256.HashData(end)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
