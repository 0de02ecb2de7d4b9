using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace SerPipeline.Corpora.Download;

/// <summary>
/// Unpacks a zip archive that nobody has to trust: every entry is looked at before the first byte is written, nothing goes outside the folder, links are
/// refused, and what unfolds to more than was declared or allowed is stopped.
/// </summary>
internal static class ZipUnpacker
{
    private const int UnixTypeMask = 0xF000, UnixFile = 0x8000, UnixFolder = 0x4000;
    // What common file systems take: 255 bytes a name. No corpus needs more folders or longer paths than these.
    private const int GreatestNameBytes = 255, GreatestPathBytes = 1000, GreatestDepth = 32;

    /// <summary>What the archive's directory declares: bytes of all files.</summary>
    public static long DeclaredBytes(string archive, int greatestFiles, long greatestBytes)
    {
        using ZipArchive zip = Open(archive, greatestFiles);
        return Check(archive, zip, greatestFiles, greatestBytes).Sum(file => file.Entry.Length);
    }

    /// <summary>Unpacks every file; the resource forks of macOS are left out.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="folder">An empty folder of one's own: after an error it holds files of no use.</param>
    /// <param name="greatestFiles">The most files.</param>
    /// <param name="greatestBytes">The most bytes of all files together.</param>
    /// <param name="progress">Told the bytes so far.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DownloadException">It is no zip archive, is damaged, or is not safe to unpack.</exception>
    public static void Unpack(string archive, string folder, int greatestFiles, long greatestBytes, Action<long> progress, CancellationToken cancellation)
    {
        using ZipArchive zip = Open(archive, greatestFiles);
        long done = 0;
        foreach ((ZipArchiveEntry entry, string path) in Check(archive, zip, greatestFiles, greatestBytes))
        {
            cancellation.ThrowIfCancellationRequested();
            string target = Path.Combine(folder, path.Replace('/', Path.DirectorySeparatorChar));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            try
            {
                Write(archive, entry, target, cancellation);
            }
            catch (Exception e) when (IsDamage(e))
            {
                throw new DownloadException($"{archive} is damaged: '{entry.FullName}' cannot be unpacked ({e.Message}). Fetch it again.", e);
            }
            done += entry.Length;
            progress(done);
        }
    }

    private static ZipArchive Open(string archive, int greatestFiles)
    {
        ZipEnd.RequireAtMost(archive, greatestFiles);
        ZipArchive? zip = null;
        try
        {
            zip = ZipFile.OpenRead(archive);
            // The directory is read only now.
            _ = zip.Entries.Count;
            return zip;
        }
        catch (Exception e) when (IsDamage(e))
        {
            zip?.Dispose();
            throw new DownloadException($"{archive} was expected to be a zip archive, but it is none, or its directory is damaged or missing ({e.Message}). A server's error page comes so too.", e);
        }
    }

    private static List<(ZipArchiveEntry Entry, string Path)> Check(string archive, ZipArchive zip, int greatestFiles, long greatestBytes)
    {
        DownloadException Unsafe(string what) => new($"{archive} is not safe to unpack: {what}. Nothing of it was kept.");
        if (zip.Entries.Count > greatestFiles) throw Unsafe(string.Create(CultureInfo.InvariantCulture, $"it has {zip.Entries.Count} entries, more than {greatestFiles}"));
        var files = new List<(ZipArchiveEntry, string)>();
        // Two names that differ only in case are one file on many systems.
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var folders = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        long bytes = 0;
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            string path = entry.FullName.Replace('\\', '/');
            if (path.StartsWith("./", StringComparison.Ordinal)) path = path[2..];
            if (path.Length == 0) continue;
            if (!StaysInside(path)) throw Unsafe($"'{entry.FullName}' leads outside of its folder");
            if (((entry.ExternalAttributes >> 16) & UnixTypeMask) is not (0 or UnixFile or UnixFolder)) throw Unsafe($"'{entry.FullName}' is a link or a device");
            if (path.StartsWith("__MACOSX/", StringComparison.Ordinal)) continue;
            if (TooLong(path) is { } what) throw Unsafe($"'{path[..Math.Min(path.Length, 60)]}...' has {what}");
            for (int end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1)) folders.Add(path[..end]);
            if (path.EndsWith('/')) continue;
            if (!names.Add(path)) throw Unsafe($"'{entry.FullName}' is there twice");
            bytes += entry.Length;
            if (entry.Length < 0 || bytes > greatestBytes) throw Unsafe(string.Create(CultureInfo.InvariantCulture, $"its files have more than {greatestBytes} bytes"));
            files.Add((entry, path));
        }
        return names.FirstOrDefault(folders.Contains) is { } both ? throw Unsafe($"'{both}' is both a file and a folder in it") : files;
    }

    // What reading a damaged archive ends with: EndOfStreamException where it points beyond its end, ArgumentException where it points before its start.
    private static bool IsDamage(Exception e) => e is InvalidDataException or EndOfStreamException or ArgumentException or NotSupportedException;

    private static string? TooLong(string path)
    {
        if (Encoding.UTF8.GetByteCount(path) > GreatestPathBytes) return $"a path of more than {GreatestPathBytes} bytes";
        string[] parts = path.TrimEnd('/').Split('/');
        if (parts.Length > GreatestDepth) return $"more than {GreatestDepth} folders";
        return parts.Any(part => Encoding.UTF8.GetByteCount(part) > GreatestNameBytes) ? $"a name of more than {GreatestNameBytes} bytes" : null;
    }

    private static bool StaysInside(string path) =>
        path.Length > 0 && !path.StartsWith('/') && !path.Any(c => c is ':' or < ' ')
        && path.TrimEnd('/').Split('/').All(part => part.Length > 0 && part.TrimEnd(' ', '.').Length > 0);

    private static void Write(string archive, ZipArchiveEntry entry, string target, CancellationToken cancellation)
    {
        using Stream source = entry.Open();
        using var file = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var crc = new Crc32();
        var buffer = new byte[1 << 16];
        long written = 0;
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            written += read;
            // The directory may lie about the length; what counts is what unfolds.
            if (written > entry.Length) throw new DownloadException($"{archive} is not safe to unpack: '{entry.FullName}' unfolds to more than the {entry.Length} bytes it declares. Nothing of it was kept.");
            crc.Append(buffer.AsSpan(0, read));
            file.Write(buffer, 0, read);
        }
        if (written != entry.Length || crc.GetCurrentHashAsUInt32() != entry.Crc32)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{written} bytes of {entry.Length}, or a wrong CRC-32"));
    }
}
