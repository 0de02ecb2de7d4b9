using System.Text;
using Google.Protobuf;

namespace SerPipeline.Tests.Robustness;

/// <summary>ONNX models that stay protobuf, with fields changed, dropped or doubled anywhere in them.</summary>
internal static class OnnxCases
{
    private static readonly string[] Words =
    [
        "", "MatMul", "Add", "Softmax", "Reshape", "ConstantOfShape", "Expand", "Tile", "Range", "Gather", "Loop", "If", "Scan", "Conv",
        "Pad",
        "Concat", "Identity", "NoSuchOperator", "ai.onnx.ml", "com.microsoft", "Features", "probabilities", "logits", "batch", "axis", "to",
        "../../etc/passwd", "\0", "\ud83d\ude00",
    ];

    // Which fields of which message are messages themselves (onnx.proto).
    private static readonly Dictionary<string, Dictionary<int, string>> Messages = new()
    {
        ["Model"] = new() { [7] = "Graph", [8] = "Leaf", [14] = "Leaf" },
        ["Graph"] = new() { [1] = "Node", [5] = "Tensor", [11] = "Value", [12] = "Value", [13] = "Value" },
        ["Node"] = new() { [5] = "Attribute" },
        ["Attribute"] = new() { [5] = "Tensor", [6] = "Graph" },
        ["Value"] = new() { [2] = "Type" },
        ["Type"] = new() { [1] = "TensorType" },
        ["TensorType"] = new() { [2] = "Shape" },
        ["Shape"] = new() { [1] = "Leaf" },
        ["Tensor"] = [],
        ["Leaf"] = [],
    };

    public static byte[] Of(SeededRandom random, byte[] seed)
    {
        byte[] changed = Message(random, seed, "Model", random.Pick(60, 120, 300));
        return random.Chance(5) ? random.Damage(changed) : changed;
    }

    private static byte[] Message(SeededRandom random, byte[] bytes, string kind, int oneIn)
    {
        using var result = new MemoryStream();
        var output = new CodedOutputStream(result);
        var input = new CodedInputStream(bytes);
        for (uint tag; (tag = input.ReadTag()) != 0;)
        {
            int field = WireFormat.GetTagFieldNumber(tag);
            WireFormat.WireType wire = WireFormat.GetTagWireType(tag);
            byte[]? content = wire == WireFormat.WireType.LengthDelimited ? input.ReadBytes().ToByteArray() : null;
            ulong number = wire switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.Fixed32 => input.ReadFixed32(),
                WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                _ => 0,
            };
            if (content is not null && Messages[kind].TryGetValue(field, out string? below))
                content = Message(random, content, below, oneIn);
            int times = 1;
            if (random.Chance(oneIn))
            {
                switch (random.Next(6))
                {
                    case 0: times = 0; break;
                    case 1: times = 2; break;
                    case 2: field = random.Next(1, 22); break;
                    default:
                        number = (ulong)random.Edge();
                        if (content is not null) content = Content(random, content);
                        break;
                }
            }
            for (; times > 0; times--) Write(output, field, wire, number, content);
        }
        // A field that the message does not have: elements elsewhere, a second graph, a size.
        if (random.Chance(oneIn)) Write(output, random.Next(1, 22), WireFormat.WireType.Varint, (ulong)random.Edge(), null);
        output.Flush();
        return result.ToArray();
    }

    private static byte[] Content(SeededRandom random, byte[] content) => random.Next(4) switch
    {
        0 => Encoding.UTF8.GetBytes(random.Pick(Words)),
        1 => random.Bytes(random.Next(0, 40)),
        2 => Numbers(random),
        _ => content.Length == 0 ? [1] : random.Damage(content, 2),
    };

    private static byte[] Numbers(SeededRandom random)
    {
        using var result = new MemoryStream();
        var output = new CodedOutputStream(result);
        for (int i = random.Next(1, 5); i > 0; i--) output.WriteInt64(random.Edge());
        output.Flush();
        return result.ToArray();
    }

    private static void Write(CodedOutputStream output, int field, WireFormat.WireType wire, ulong number, byte[]? content)
    {
        output.WriteTag(field, content is not null ? WireFormat.WireType.LengthDelimited : wire);
        if (content is not null) output.WriteBytes(ByteString.CopyFrom(content));
        else if (wire == WireFormat.WireType.Varint) output.WriteUInt64(number);
        else if (wire == WireFormat.WireType.Fixed32) output.WriteFixed32((uint)number);
        else if (wire == WireFormat.WireType.Fixed64) output.WriteFixed64(number);
    }
}
