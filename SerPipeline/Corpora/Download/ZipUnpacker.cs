using System.IO.Compression;
using System.IO.Hashing;

namespace SerPipeline.Corpora.Download;

/// <summary>
/// Unpacks an untrusted zip archive: every entry is checked before the first byte is written, nothing is written outside the folder, links
/// are refused, and unpacking stops when an entry exceeds its declared size or the limit.
/// </summary>
internal static class ZipUnpacker
{
    private const int UnixTypeMask = 0xF000, UnixFile = 0x8000, UnixFolder = 0x4000;
    // Common file systems allow names of 255 bytes. No corpus needs more folders or longer paths than these.
    private const int MaxNameBytes = 255, MaxPathBytes = 1000, MaxDepth = 32;

    /// <summary>Unpacks every file; the resource forks of macOS are left out.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="folder">An empty folder; after an error it holds incomplete files.</param>
    /// <param name="maxFiles">The maximum number of files.</param>
    /// <param name="maxBytes">The maximum size of all files together.</param>
    /// <param name="requireRoom">Receives the size of all files, as the archive's directory declares it, before the first is
    /// written.</param>
    /// <param name="progress">Receives the bytes so far and those of all files.</param>
    /// <param name="cancellation">Stops the unpacking.</param>
    /// <returns>The size of all files.</returns>
    /// <exception cref="DownloadException">It is no zip archive, is damaged, or is not safe to unpack.</exception>
    public static long Unpack(string archive, string folder, int maxFiles, long maxBytes, Action<long> requireRoom,
        Action<long, long> progress, CancellationToken cancellation)
    {
        using ZipArchive zip = Open(archive, maxFiles);
        List<(ZipArchiveEntry Entry, string Path)> files = Check(archive, zip, maxFiles, maxBytes);
        long done = 0, total = files.Sum(file => file.Entry.Length);
        requireRoom(total);
        foreach ((ZipArchiveEntry entry, string path) in files)
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
                throw new DownloadException($"{archive} is damaged: '{entry.FullName}' cannot be unpacked ({e.Message}). Fetch it again.",
                    e);
            }
            done += entry.Length;
            progress(done, total);
        }
        return total;
    }

    private static ZipArchive Open(string archive, int maxFiles)
    {
        ZipEnd.RequireAtMost(archive, maxFiles);
        ZipArchive? zip = null;
        try
        {
            zip = ZipFile.OpenRead(archive);
            // Reads the directory.
            _ = zip.Entries.Count;
            return zip;
        }
        catch (Exception e) when (IsDamage(e))
        {
            zip?.Dispose();
            throw new DownloadException($"{archive} was expected to be a zip archive, but it is none, or its directory is damaged or "
                + $"missing ({e.Message}). It may be a server's error page.", e);
        }
    }

    private static List<(ZipArchiveEntry Entry, string Path)> Check(string archive, ZipArchive zip, int maxFiles, long maxBytes)
    {
        DownloadException Unsafe(string what) => new($"{archive} is not safe to unpack: {what}. Nothing was kept.");
        if (zip.Entries.Count > maxFiles)
            throw Unsafe(string.Create(CultureInfo.InvariantCulture, $"it has {zip.Entries.Count} entries, more than {maxFiles}"));
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
            if (((entry.ExternalAttributes >> 16) & UnixTypeMask) is not (0 or UnixFile or UnixFolder))
                throw Unsafe($"'{entry.FullName}' is a link or a device");
            if (path.StartsWith("__MACOSX/", StringComparison.Ordinal)) continue;
            if (TooLong(path) is { } what) throw Unsafe($"'{path[..Math.Min(path.Length, 60)]}...' has {what}");
            for (int end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1)) folders.Add(path[..end]);
            if (path.EndsWith('/')) continue;
            if (!names.Add(path)) throw Unsafe($"'{entry.FullName}' is listed twice");
            bytes += entry.Length;
            if (entry.Length < 0 || bytes > maxBytes)
                throw Unsafe(string.Create(CultureInfo.InvariantCulture, $"its files have more than {maxBytes} bytes"));
            files.Add((entry, path));
        }
        return names.FirstOrDefault(folders.Contains) is { } both ? throw Unsafe($"'{both}' is both a file and a folder in it") : files;
    }

    // Thrown for damaged archives: EndOfStreamException for positions beyond the end, ArgumentException for positions before the start.
    private static bool IsDamage(Exception e) =>
        e is InvalidDataException or EndOfStreamException or ArgumentException or NotSupportedException;

    private static string? TooLong(string path)
    {
        if (Encoding.UTF8.GetByteCount(path) > MaxPathBytes) return $"a path of more than {MaxPathBytes} bytes";
        string[] parts = path.TrimEnd('/').Split('/');
        if (parts.Length > MaxDepth) return $"more than {MaxDepth} folders";
        return parts.Any(part => Encoding.UTF8.GetByteCount(part) > MaxNameBytes) ? $"a name of more than {MaxNameBytes} bytes" : null;
    }

    private static bool StaysInside(string path) => path.Length > 0 && !path.StartsWith('/') && !path.Any(c => c is ':' or < ' ')
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
            // The directory may lie about the length; the unpacked bytes count.
            if (written > entry.Length)
                throw new DownloadException($"{archive} is not safe to unpack: '{entry.FullName}' unpacks to more than the {entry.Length} "
                    + "bytes it declares. Nothing was kept.");
            crc.Append(buffer.AsSpan(0, read));
            file.Write(buffer, 0, read);
        }
        if (written != entry.Length || crc.GetCurrentHashAsUInt32() != entry.Crc32)
            throw new InvalidDataException($"{written} bytes of {entry.Length}, or a wrong CRC-32");
    }
}

/// <summary>
/// The end record of a zip archive (APPNOTE.TXT 4.3.14 to 4.3.16), read before its directory: <see cref="ZipArchive"/> creates an object
/// for every entry before it tells their number.
/// </summary>
/// <param name="Entries">How many entries the record declares.</param>
/// <param name="DirectoryBytes">The bytes from the directory's start to the archive's end: all that can be read as entries.</param>
internal readonly record struct ZipEnd(ulong Entries, long DirectoryBytes)
{
    private const int RecordBytes = 22, LocatorBytes = 20, Record64Bytes = 56, MaxCommentBytes = ushort.MaxValue;
    // A directory entry has 46 bytes, its name, and few more; this leaves room for long names.
    private const long MaxBytesPerEntry = 1024;

    /// <summary>Refuses an archive with too many entries.</summary>
    /// <exception cref="DownloadException">It has more entries, or a directory large enough for far more.</exception>
    public static void RequireAtMost(string archive, int maxFiles)
    {
        // Without an end record it is no archive, which opening it reports.
        if (Read(archive) is not { } end) return;
        if (end.Entries > (ulong)maxFiles)
            throw new DownloadException($"{archive} is not safe to unpack: it has {end.Entries} entries, more than {maxFiles}. Nothing was "
                + "kept.");
        long maxDirectory = (maxFiles * MaxBytesPerEntry) + Record64Bytes + LocatorBytes + RecordBytes + MaxCommentBytes;
        if (end.DirectoryBytes > maxDirectory)
            throw new DownloadException($"{archive} is not safe to unpack: its directory has {end.DirectoryBytes} bytes, more than the "
                + $"{maxDirectory} that {maxFiles} entries need. Nothing was kept.");
    }

    private static ZipEnd? Read(string archive)
    {
        using FileStream file = File.OpenRead(archive);
        var tail = new byte[(int)Math.Min(file.Length, LocatorBytes + RecordBytes + MaxCommentBytes)];
        file.Seek(-tail.Length, SeekOrigin.End);
        file.ReadExactly(tail);
        int at = tail.Length < RecordBytes ? -1 : tail.AsSpan(0, tail.Length - RecordBytes + 4).LastIndexOf("PK\u0005\u0006"u8);
        if (at < 0) return null;
        ReadOnlySpan<byte> record = tail.AsSpan(at);
        ushort disk = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]), entries = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        uint start = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        // Maximum values mean that the 64-bit record holds the true ones.
        bool isLarge = disk == ushort.MaxValue || entries == ushort.MaxValue || start == uint.MaxValue;
        if (isLarge && at >= LocatorBytes && tail.AsSpan(at - LocatorBytes, 4).SequenceEqual("PK\u0006\u0007"u8))
            return Read64(file, BinaryPrimitives.ReadUInt64LittleEndian(tail.AsSpan(at - LocatorBytes + 8)));
        return new ZipEnd(entries, file.Length - start);
    }

    private static ZipEnd? Read64(FileStream file, ulong position)
    {
        var record = new byte[Record64Bytes];
        if (position > (ulong)(file.Length - record.Length)) return null;
        file.Seek((long)position, SeekOrigin.Begin);
        file.ReadExactly(record);
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(record.AsSpan(48));
        return new ZipEnd(BinaryPrimitives.ReadUInt64LittleEndian(record.AsSpan(32)), start > (ulong)file.Length ? 0
            : file.Length - (long)start);
    }
}
