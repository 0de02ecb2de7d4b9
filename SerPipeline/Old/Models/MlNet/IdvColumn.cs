using System.Text;

namespace SerPipeline.Old.Models.MlNet;

/// <summary>A column of an ML.NET data view stream, with its type as the stream's codec.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Codec">The type's codec: a name and parameters.</param>
/// <param name="KeyValues">What the keys of a key column stand for, or null.</param>
internal sealed record IdvColumn(string Name, byte[] Codec, IReadOnlyList<string>? KeyValues = null)
{
    public static IdvColumn Text(string name) => new(name, CodecOf("TextSpan"));

    /// <param name="name">Its name.</param>
    /// <param name="dimensions">Its dimensions; a single 0 for vectors of any length.</param>
    public static IdvColumn Vector(string name, params int[] dimensions) => new(name, VectorOf("Single", dimensions));

    public static IdvColumn Key(string name, IReadOnlyList<string> values) =>
        new(name, CodecOf("Key2", [.. CodecOf("UInt32"), .. BitConverter.GetBytes((ulong)values.Count)]), values);

    internal static byte[] VectorOf(string element, params int[] dimensions) =>
        CodecOf("VBuffer", [.. CodecOf(element), .. BitConverter.GetBytes(dimensions.Length), .. dimensions.SelectMany(BitConverter.GetBytes)]);

    internal static byte[] Name8(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return [.. Leb128(bytes.Length), .. bytes];
    }

    internal static byte[] Leb128(int value)
    {
        var bytes = new List<byte>();
        uint rest = (uint)value;
        for (; rest >= 0x80; rest >>= 7) bytes.Add((byte)(rest | 0x80));
        bytes.Add((byte)rest);
        return [.. bytes];
    }

    private static byte[] CodecOf(string name, params byte[] parameters) => [.. Name8(name), .. Leb128(parameters.Length), .. parameters];
}

/// <summary>Writes an ML.NET data view stream of no row: a schema.</summary>
internal static class IdvWriter
{
    internal const int HeaderBytes = 256;
    internal const ulong Magic = 0x00425644004C4D43, TailMagic = 0x434D4C0044564200, Version = 0x0001000100010006;

    public static byte[] Schema(params IdvColumn[] columns)
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(new byte[HeaderBytes]);
        // 1. What keys stand for, then where that lies.
        long[] metadata = [.. columns.Select(c => c.KeyValues is null ? 0 : WriteKeyValues(writer, c.KeyValues))];
        // 2. The columns.
        long contents = stream.Position;
        for (int i = 0; i < columns.Length; i++)
        {
            writer.Write(IdvColumn.Name8(columns[i].Name));
            writer.Write(columns[i].Codec);
            // Deflated blocks of one row: what ML.NET writes for a view without rows.
            writer.Write((byte)1);
            writer.Write((byte)1);
            writer.Write((long)HeaderBytes);
            writer.Write(metadata[i]);
        }
        long tail = stream.Position;
        writer.Write(TailMagic);
        // 3. The header.
        stream.Position = 0;
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(Version);
        writer.Write(contents);
        writer.Write(tail);
        writer.Write(0L);
        writer.Write(columns.Length);
        writer.Flush();
        return stream.ToArray();
    }

    // One value, a vector of texts, uncompressed; then the table that names it.
    private static long WriteKeyValues(BinaryWriter writer, IReadOnlyList<string> values)
    {
        long block = writer.BaseStream.Position;
        foreach (int header in (int[])[1, values.Count, -1, 0, values.Count]) writer.Write(header);
        int end = 0;
        foreach (string value in values) writer.Write(end += value.Length);
        writer.Write(IdvColumn.Name8(string.Concat(values)));
        long table = writer.BaseStream.Position;
        writer.Write((byte)1);
        writer.Write(IdvColumn.Name8("KeyValues"));
        writer.Write(IdvColumn.VectorOf("TextSpan", values.Count));
        writer.Write((byte)0);
        writer.Write(block);
        writer.Write(IdvColumn.Leb128((int)(table - block)));
        return table;
    }
}
