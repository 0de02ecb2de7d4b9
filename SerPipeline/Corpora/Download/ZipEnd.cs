using System.Buffers.Binary;
using System.Globalization;

namespace SerPipeline.Corpora.Download;

/// <summary>
/// The end record of a zip archive (APPNOTE.TXT 4.3.14 to 4.3.16), read before its directory: <see cref="System.IO.Compression.ZipArchive"/> makes an object
/// of every entry before it gives their number.
/// </summary>
/// <param name="Entries">How many entries the record declares.</param>
/// <param name="DirectoryRoom">The bytes from the directory's start to the archive's end: no more can be read as entries, whatever is declared.</param>
internal readonly record struct ZipEnd(ulong Entries, long DirectoryRoom)
{
    private const int RecordBytes = 22, LocatorBytes = 20, Record64Bytes = 56, GreatestComment = ushort.MaxValue;
    // A directory entry has 46 bytes, its name, and few more; this leaves room for long names.
    private const long GreatestBytesPerEntry = 1024;

    /// <summary>Refuses an archive with too many entries.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="greatestFiles">The most entries.</param>
    /// <exception cref="DownloadException">It has more, or has room for far more.</exception>
    public static void RequireAtMost(string archive, int greatestFiles)
    {
        // Without an end record it is no archive, which is said where it is opened.
        if (Read(archive) is not { } end) return;
        if (end.Entries > (ulong)greatestFiles)
            throw new DownloadException(string.Create(CultureInfo.InvariantCulture,
                $"{archive} is not safe to unpack: it has {end.Entries} entries, more than {greatestFiles}. Nothing of it was kept."));
        long greatest = (greatestFiles * GreatestBytesPerEntry) + Record64Bytes + LocatorBytes + RecordBytes + GreatestComment;
        if (end.DirectoryRoom > greatest)
            throw new DownloadException(string.Create(CultureInfo.InvariantCulture,
                $"{archive} is not safe to unpack: its directory has {end.DirectoryRoom} bytes, more than the {greatest} that {greatestFiles} entries need. Nothing of it was kept."));
    }

    private static ZipEnd? Read(string archive)
    {
        using FileStream file = File.OpenRead(archive);
        var tail = new byte[(int)Math.Min(file.Length, LocatorBytes + RecordBytes + GreatestComment)];
        file.Seek(-tail.Length, SeekOrigin.End);
        file.ReadExactly(tail);
        int at = tail.Length < RecordBytes ? -1 : tail.AsSpan(0, tail.Length - RecordBytes + 4).LastIndexOf("PK\u0005\u0006"u8);
        if (at < 0) return null;
        ReadOnlySpan<byte> record = tail.AsSpan(at);
        ushort disk = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]), entries = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        uint start = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        // The greatest values say that the 64-bit record has the true ones.
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
        return new ZipEnd(BinaryPrimitives.ReadUInt64LittleEndian(record.AsSpan(32)), start > (ulong)file.Length ? 0 : file.Length - (long)start);
    }
}
