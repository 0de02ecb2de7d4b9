using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace SerPipeline.Old.Models.MlNet;

/// <summary>Reads the columns of an ML.NET data view stream.</summary>
internal static class IdvReader
{
    public static IReadOnlyList<MlNetColumn> Columns(byte[] stream)
    {
        if (stream.Length < IdvWriter.HeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(stream) != IdvWriter.Magic) throw new InvalidDataException("a schema has no header of one.");
        long contents = BinaryPrimitives.ReadInt64LittleEndian(stream.AsSpan(24)), tail = BinaryPrimitives.ReadInt64LittleEndian(stream.AsSpan(32));
        int count = BinaryPrimitives.ReadInt32LittleEndian(stream.AsSpan(48));
        if (contents < IdvWriter.HeaderBytes || tail != stream.Length - sizeof(ulong) || count < 0) throw new InvalidDataException("a schema is cut short.");
        using var reader = new BinaryReader(new MemoryStream(stream));
        reader.BaseStream.Position = contents;
        var columns = new List<MlNetColumn>();
        for (int i = 0; i < count; i++)
        {
            columns.Add(new MlNetColumn(reader.ReadString(), Type(reader)));
            // Compression, rows a block, block table, metadata.
            reader.ReadByte();
            reader.Read7BitEncodedInt();
            reader.ReadInt64();
            reader.ReadInt64();
        }
        return columns;
    }

    private static string Type(BinaryReader reader)
    {
        string name = reader.ReadString();
        byte[] parameters = reader.ReadBytes(reader.Read7BitEncodedInt());
        using var inner = new BinaryReader(new MemoryStream(parameters), Encoding.UTF8);
        switch (name)
        {
            case "TextSpan": return "Text";
            case "Key2": return string.Create(CultureInfo.InvariantCulture, $"Key<{Type(inner)}, {inner.ReadUInt64()}>");
            case "VBuffer":
                string element = Type(inner);
                int[] dimensions = [.. Enumerable.Range(0, inner.ReadInt32()).Select(_ => inner.ReadInt32())];
                return dimensions is [0] ? $"Vector<{element}>" : $"Vector<{element}, {string.Join(", ", dimensions)}>";
            default: return name;
        }
    }
}
