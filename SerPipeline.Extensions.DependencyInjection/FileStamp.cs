namespace SerPipeline.Extensions.DependencyInjection;

/// <summary>What tells one version of a file from another without reading it.</summary>
/// <param name="Written">When it was written, UTC.</param>
/// <param name="Length">Its bytes.</param>
internal sealed record FileStamp(DateTime Written, long Length)
{
    /// <summary>The stamp of a file, or of the file that a link leads to; null when there is none or it cannot be opened.</summary>
    public static FileStamp? Of(string path)
    {
        try
        {
            // By handle, because volumes of containers swap files by swapping links.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return new FileStamp(File.GetLastWriteTimeUtc(file.SafeFileHandle), file.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
