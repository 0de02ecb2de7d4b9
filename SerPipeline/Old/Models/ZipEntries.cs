using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;

namespace SerPipeline.Old.Models;

/// <summary>Reads entries of zips that nobody vouches for.</summary>
internal static class ZipEntries
{
    /// <summary>An entry's bytes.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="limit">The most bytes that it may have.</param>
    /// <param name="name">The zip, for messages.</param>
    /// <exception cref="ModelFormatException">The entry is larger, or not what the zip says it is.</exception>
    public static byte[] Content(ZipArchiveEntry entry, long limit, string name)
    {
        if (entry.Length > limit)
            throw new ModelFormatException(string.Create(CultureInfo.InvariantCulture, $"'{name}' claims {entry.Length} bytes for '{entry.FullName}', more than the {limit} a model may have there."));
        // 1. Read in pieces, and no further than the entry claims: its claim may be a lie, and memory is taken only for what is there.
        using var content = new MemoryStream();
        using Stream stream = entry.Open();
        var piece = new byte[81_920];
        for (int read; (read = stream.Read(piece)) > 0;)
        {
            content.Write(piece.AsSpan(0, read));
            if (content.Length > entry.Length) break;
        }
        // 2. ZipArchive compares no checksum when it reads, and the manifest has no other.
        byte[] bytes = content.ToArray();
        if (bytes.Length != entry.Length || Crc32.HashToUInt32(bytes) != entry.Crc32)
            throw new ModelFormatException($"'{name}' is damaged: '{entry.FullName}' is not what the zip says it is (length or checksum differ). Save or download it again.");
        return bytes;
    }
}
