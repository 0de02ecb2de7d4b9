namespace SerPipeline;

/// <summary>Writes files atomically: to a temporary file in the same folder, flushed to disk and renamed.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file through a stream.</summary>
    /// <param name="path">The file to create or replace; missing folders are created.</param>
    /// <param name="write">Writes the content. If it throws, an existing file stays unchanged.</param>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        string temporary = Beside(full);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, full, overwrite: true);
        }
        // What .NET makes of EFBIG, such as under ulimit -f.
        catch (ArgumentOutOfRangeException e) when (e.ParamName == "value")
        {
            File.Delete(temporary);
            throw new IOException($"'{full}' cannot be written: it would be larger than files may be here.", e);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    // Not the file's name with more behind it, which may be longer than names can be.
    internal static string Beside(string path) => Path.Combine(Path.GetDirectoryName(path)!, $".{Guid.NewGuid():N}.tmp");

    /// <summary>Writes a text file in UTF-8 without byte order mark.</summary>
    /// <param name="path">The file to create or replace; missing folders are created.</param>
    /// <param name="text">Text, written as it is.</param>
    public static void WriteAllText(string path, string text)
    {
        byte[] bytes = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetBytes(text);
        WriteAllBytes(path, bytes);
    }

    /// <summary>Writes a binary file.</summary>
    /// <param name="path">The file to create or replace; missing folders are created.</param>
    /// <param name="bytes">The complete content.</param>
    public static void WriteAllBytes(string path, ReadOnlyMemory<byte> bytes) => Write(path, stream => stream.Write(bytes.Span));
}
