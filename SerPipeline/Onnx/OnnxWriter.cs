using Google.Protobuf;

namespace SerPipeline.Onnx;

/// <summary>Writes models in the protobuf layout of onnx.proto (ONNX 1.12); the numbers are its field numbers.</summary>
internal static class OnnxWriter
{
    // Attribute kinds of AttributeProto.AttributeType.
    internal const int FloatKind = 1, IntKind = 2, StringKind = 3, GraphKind = 5, FloatsKind = 6, IntsKind = 7, StringsKind = 8;

    public static byte[] Write(OnnxModel model) => Message(m =>
    {
        Number(m, 1, model.IrVersion);
        Text(m, 2, model.Producer);
        Text(m, 3, model.ProducerVersion);
        Nested(m, 7, g => Graph(g, model.Graph));
        foreach ((string domain, long version) in model.OperatorSets.OrderBy(p => p.Key, StringComparer.Ordinal))
            Nested(m, 8, o =>
            {
                Text(o, 1, domain);
                Number(o, 2, version);
            });
        foreach ((string key, string value) in model.Metadata.OrderBy(p => p.Key, StringComparer.Ordinal))
            Nested(m, 14, e =>
            {
                Text(e, 1, key);
                Text(e, 2, value);
            });
    });

    private static void Graph(CodedOutputStream output, OnnxGraph graph)
    {
        foreach (OnnxNode node in graph.Nodes) Nested(output, 1, n => Node(n, node));
        Text(output, 2, graph.Name);
        foreach (OnnxTensor tensor in graph.Initializers) Nested(output, 5, t => Tensor(t, tensor));
        foreach (OnnxValueInfo input in graph.Inputs) Nested(output, 11, v => ValueInfo(v, input));
        foreach (OnnxValueInfo result in graph.Outputs) Nested(output, 12, v => ValueInfo(v, result));
    }

    private static void Node(CodedOutputStream output, OnnxNode node)
    {
        foreach (string input in node.Inputs) Text(output, 1, input);
        foreach (string result in node.Outputs) Text(output, 2, result);
        Text(output, 3, node.Name);
        Text(output, 4, node.Operator);
        foreach ((string name, object value) in node.Attributes.OrderBy(p => p.Key, StringComparer.Ordinal))
            Nested(output, 5, a => Attribute(a, name, value));
        if (node.Domain.Length > 0) Text(output, 7, node.Domain);
    }

    private static void Attribute(CodedOutputStream output, string name, object value)
    {
        Text(output, 1, name);
        switch (value)
        {
            case float number:
                output.WriteTag(2, WireFormat.WireType.Fixed32);
                output.WriteFloat(number);
                Number(output, 20, FloatKind);
                break;
            case long number:
                Number(output, 3, number);
                Number(output, 20, IntKind);
                break;
            case string text:
                Text(output, 4, text);
                Number(output, 20, StringKind);
                break;
            case OnnxGraph graph:
                Nested(output, 6, g => Graph(g, graph));
                Number(output, 20, GraphKind);
                break;
            case float[] numbers:
                foreach (float number in numbers)
                {
                    output.WriteTag(7, WireFormat.WireType.Fixed32);
                    output.WriteFloat(number);
                }
                Number(output, 20, FloatsKind);
                break;
            case long[] numbers:
                foreach (long number in numbers) Number(output, 8, number);
                Number(output, 20, IntsKind);
                break;
            case string[] texts:
                foreach (string text in texts) Text(output, 9, text);
                Number(output, 20, StringsKind);
                break;
            default:
                throw new ArgumentException($"Attribute '{name}' is a {value.GetType().Name}; expected long, float, string, an array of "
                    + "them or OnnxGraph.", nameof(value));
        }
    }

    private static void Tensor(CodedOutputStream output, OnnxTensor tensor)
    {
        foreach (long length in tensor.Shape) Number(output, 1, length);
        Number(output, 2, (int)tensor.Type);
        foreach (string text in tensor.Texts) Bytes(output, 6, OnnxTensor.Utf8(text));
        Text(output, 8, tensor.Name);
        if (tensor.Type != OnnxType.String) Bytes(output, 9, tensor.Bytes.Span);
    }

    private static void ValueInfo(CodedOutputStream output, OnnxValueInfo info)
    {
        Text(output, 1, info.Name);
        Nested(output, 2, type => Nested(type, 1, tensor =>
        {
            Number(tensor, 1, (int)info.Type);
            if (info.Shape is { } shape) Nested(tensor, 2, s => Shape(s, shape));
        }));
    }

    private static void Shape(CodedOutputStream output, IReadOnlyList<OnnxDimension> shape)
    {
        foreach (OnnxDimension dimension in shape)
            Nested(output, 1, d =>
            {
                if (dimension.Length is { } length) Number(d, 1, length);
                else Text(d, 2, dimension.Name ?? "");
            });
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true)) write(output);
        return stream.ToArray();
    }

    private static void Nested(CodedOutputStream output, int field, Action<CodedOutputStream> write) =>
        Bytes(output, field, Message(write));

    private static void Bytes(CodedOutputStream output, int field, ReadOnlySpan<byte> bytes)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes));
    }

    private static void Text(CodedOutputStream output, int field, string text)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }

    private static void Number(CodedOutputStream output, int field, long number)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(number);
    }
}
