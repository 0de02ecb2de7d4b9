using Google.Protobuf;
using OnnxProto;
using Kind = OnnxProto.AttributeProto.Types.AttributeType;

namespace SerPipeline.Onnx;

/// <summary>Models from and to the messages of <c>onnx.proto</c>.</summary>
internal static class OnnxFile
{
    // Graphs within graphs: the bodies of loops. Deeper ones are not valid, and could exhaust the stack.
    private const int MaxGraphDepth = 8;

    public static byte[] Write(OnnxModel model)
    {
        var proto = new ModelProto
        {
            IrVersion = model.IrVersion,
            ProducerName = model.Producer,
            ProducerVersion = model.ProducerVersion,
            Graph = Write(model.Graph),
        };
        proto.OpsetImport.Add(model.OperatorSets.OrderBy(set => set.Key, StringComparer.Ordinal)
            .Select(set => new OperatorSetIdProto { Domain = set.Key, Version = set.Value }));
        proto.MetadataProps.Add(model.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
        return proto.ToByteArray();
    }

    public static OnnxModel Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            ModelProto proto = ModelProto.Parser.ParseFrom(bytes.Span);
            var sets = new Dictionary<string, long>();
            foreach (OperatorSetIdProto set in proto.OpsetImport) sets[set.Domain] = set.Version;
            var metadata = new Dictionary<string, string>();
            foreach (StringStringEntryProto entry in proto.MetadataProps) metadata[entry.Key] = entry.Value;
            return new OnnxModel
            {
                IrVersion = proto.IrVersion,
                Producer = proto.ProducerName,
                ProducerVersion = proto.ProducerVersion,
                OperatorSets = sets,
                Metadata = metadata,
                Graph = proto.Graph is { } graph ? Read(graph, 0)
                    : throw new ModelFormatException("The bytes are no ONNX model: there is no graph in them."),
            };
        }
        catch (Exception e) when (
            e is InvalidProtocolBufferException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException($"The bytes are no ONNX model that can be read: {e.Message}", e);
        }
    }

    private static GraphProto Write(OnnxGraph graph)
    {
        var proto = new GraphProto { Name = graph.Name };
        proto.Node.Add(graph.Nodes.Select(Write));
        proto.Initializer.Add(graph.Initializers.Select(Write));
        proto.Input.Add(graph.Inputs.Select(Write));
        proto.Output.Add(graph.Outputs.Select(Write));
        return proto;
    }

    private static OnnxGraph Read(GraphProto graph, int depth) => depth > MaxGraphDepth
        ? throw new ModelFormatException($"The ONNX graph holds graphs within graphs, more than {MaxGraphDepth} deep.")
        : new(graph.Name, [.. graph.Input.Select(Read)], [.. graph.Output.Select(Read)],
            [.. graph.Node.Select(node => Read(node, depth))], [.. graph.Initializer.Select(Read)]);

    private static NodeProto Write(OnnxNode node)
    {
        var proto = new NodeProto { Name = node.Name, OpType = node.Operator };
        if (node.Domain.Length > 0) proto.Domain = node.Domain;
        proto.Input.Add(node.Inputs);
        proto.Output.Add(node.Outputs);
        proto.Attribute.Add(node.Attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal)
            .Select(attribute => Write(attribute.Key, attribute.Value)));
        return proto;
    }

    private static OnnxNode Read(NodeProto node, int depth)
    {
        var attributes = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (AttributeProto attribute in node.Attribute) attributes[attribute.Name] = Read(attribute, depth);
        return new OnnxNode(node.OpType, [.. node.Input], [.. node.Output], attributes, node.Name, node.Domain);
    }

    private static AttributeProto Write(string name, object value) => value switch
    {
        float number => new() { Name = name, Type = Kind.Float, F = number },
        long number => new() { Name = name, Type = Kind.Int, I = number },
        string text => new() { Name = name, Type = Kind.String, S = ByteString.CopyFromUtf8(text) },
        OnnxGraph graph => new() { Name = name, Type = Kind.Graph, G = Write(graph) },
        float[] numbers => new() { Name = name, Type = Kind.Floats, Floats = { numbers } },
        long[] numbers => new() { Name = name, Type = Kind.Ints, Ints = { numbers } },
        string[] texts => new() { Name = name, Type = Kind.Strings, Strings = { texts.Select(ByteString.CopyFromUtf8) } },
        _ => throw new ArgumentException($"Attribute '{name}' is a {value.GetType().Name}; expected long, float, string, an array of "
            + "them or OnnxGraph.", nameof(value)),
    };

    private static object Read(AttributeProto attribute, int depth) => attribute.Type switch
    {
        Kind.Float => attribute.F,
        Kind.Int => attribute.I,
        Kind.String => attribute.S.ToStringUtf8(),
        Kind.Graph when attribute.G is null => throw new ModelFormatException(
            $"The ONNX graph has an attribute '{attribute.Name}' that should be a graph and holds none."),
        Kind.Graph => Read(attribute.G, depth + 1),
        Kind.Floats => attribute.Floats.ToArray(),
        Kind.Ints => attribute.Ints.ToArray(),
        Kind.Strings => attribute.Strings.Select(text => text.ToStringUtf8()).ToArray(),
        var kind => throw new ModelFormatException(
            $"The ONNX graph has an attribute '{attribute.Name}' of kind {kind}, which this library does not know."),
    };

    private static TensorProto Write(OnnxTensor tensor)
    {
        var proto = new TensorProto { Name = tensor.Name, DataType = (int)tensor.Type };
        proto.Dims.Add(tensor.Shape);
        if (tensor.Type == OnnxType.String) proto.StringData.Add(tensor.Texts.Select(ByteString.CopyFromUtf8));
        else proto.RawData = UnsafeByteOperations.UnsafeWrap(tensor.Bytes);
        return proto;
    }

    private static OnnxTensor Read(TensorProto tensor)
    {
        var type = (OnnxType)tensor.DataType;
        if (!Enum.IsDefined(type))
            throw new ModelFormatException(
                $"The ONNX graph has a tensor '{tensor.Name}' of type {tensor.DataType}, which this library does not know.");
        // Elements in other typed fields or in another file: allowed by ONNX, never written here.
        if (tensor.Int32Data.Count + tensor.Int64Data.Count + tensor.DoubleData.Count > 0 || tensor.ExternalData.Count > 0)
            throw new ModelFormatException(
                $"The ONNX graph keeps the elements of tensor '{tensor.Name}' in a form that this library does not read.");
        return type == OnnxType.String
            ? OnnxTensor.From(tensor.Name, tensor.Dims, tensor.StringData.Select(text => text.ToStringUtf8()))
            : tensor.FloatData.Count > 0 ? OnnxTensor.From<float>(tensor.Name, tensor.Dims, tensor.FloatData.ToArray())
            : OnnxTensor.Raw(tensor.Name, type, tensor.Dims, tensor.RawData.Memory);
    }

    private static ValueInfoProto Write(OnnxValueInfo info)
    {
        var type = new TypeProto.Types.Tensor { ElemType = (int)info.Type };
        if (info.Shape is { } shape) type.Shape = new TensorShapeProto { Dim = { shape.Select(Write) } };
        return new ValueInfoProto { Name = info.Name, Type = new TypeProto { TensorType = type } };
    }

    private static OnnxValueInfo Read(ValueInfoProto info) =>
        new(info.Name, (OnnxType)(info.Type?.TensorType?.ElemType ?? 0), info.Type?.TensorType?.Shape?.Dim.Select(Read).ToArray());

    private static TensorShapeProto.Types.Dimension Write(OnnxDimension dimension) =>
        dimension.Length is { } length ? new() { DimValue = length } : new() { DimParam = dimension.Name ?? "" };

    private static OnnxDimension Read(TensorShapeProto.Types.Dimension dimension) =>
        dimension.HasDimValue ? dimension.DimValue : dimension.DimParam;
}
