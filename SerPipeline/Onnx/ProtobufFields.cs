using System.Runtime.InteropServices;
using Google.Protobuf;

namespace SerPipeline.Onnx;

/// <summary>The fields of a protobuf message, one after another, without a schema.</summary>
internal static class ProtobufFields
{
    /// <summary>Adds a number, or a packed list of numbers, of a field: a reader must take both.</summary>
    public static void Wholes(FieldInput input, List<long> values)
    {
        if (!input.IsBytes)
        {
            values.Add(input.ReadInt64());
            return;
        }
        using var packed = new CodedInputStream(Nested(input));
        while (!packed.IsAtEnd) values.Add(packed.ReadInt64());
    }

    /// <summary>Adds a number, or a packed list of numbers, of a field.</summary>
    public static void Reals(FieldInput input, List<float> values)
    {
        if (!input.IsBytes) values.Add(input.ReadFloat());
        else values.AddRange(MemoryMarshal.Cast<byte, float>(Nested(input)));
    }

    /// <summary>The bytes of a message within a message.</summary>
    public static byte[] Nested(FieldInput input) => input.ReadBytes().ToByteArray();

    /// <summary>Goes over the fields of a message.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="read">Takes a field's number and its value; false passes the field over.</param>
    public static void Fields(byte[] bytes, Func<int, FieldInput, bool> read)
    {
        using var source = new CodedInputStream(bytes);
        for (uint tag; (tag = source.ReadTag()) != 0;)
        {
            var input = new FieldInput(source, WireFormat.GetTagWireType(tag));
            if (!read(WireFormat.GetTagFieldNumber(tag), input)) source.SkipLastField();
        }
    }

    /// <summary>A message at one of its fields; reading one as what it is not is an error.</summary>
    public readonly struct FieldInput(CodedInputStream source, WireFormat.WireType wire)
    {
        public bool IsBytes => wire == WireFormat.WireType.LengthDelimited;

        public string ReadString() => As(WireFormat.WireType.LengthDelimited).ReadString();

        public ByteString ReadBytes() => As(WireFormat.WireType.LengthDelimited).ReadBytes();

        public long ReadInt64() => As(WireFormat.WireType.Varint).ReadInt64();

        public int ReadInt32() => As(WireFormat.WireType.Varint).ReadInt32();

        public float ReadFloat() => As(WireFormat.WireType.Fixed32).ReadFloat();

        private CodedInputStream As(WireFormat.WireType expected) =>
            wire == expected ? source : throw new ModelFormatException($"The bytes are no ONNX model: a field is of wire type {wire} where {expected} is expected.");
    }
}
