using Google.Protobuf;

namespace SerPipeline.Onnx;

/// <summary>Reads models in the protobuf layout of onnx.proto; fields that it does not know are skipped, as protobuf has it.</summary>
internal static class OnnxReader
{
    // Graphs within graphs: the bodies of loops. Deeper ones are not valid, and could exhaust the stack.
    private const int MaxGraphDepth = 8;

    public static OnnxModel Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return Model(bytes.ToArray());
        }
        catch (Exception e) when (
            e is InvalidProtocolBufferException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException($"The bytes are no ONNX model that can be read: {e.Message}", e);
        }
    }

    private static OnnxModel Model(byte[] bytes)
    {
        long version = 0;
        string producer = "", producerVersion = "";
        OnnxGraph? graph = null;
        var sets = new Dictionary<string, long>();
        var metadata = new Dictionary<string, string>();
        foreach ((int field, Value value) in Fields(bytes))
        {
            switch (field)
            {
                case 1: version = value.Int64; break;
                case 2: producer = value.Text; break;
                case 3: producerVersion = value.Text; break;
                case 7: graph = Graph(value.Bytes, 0); break;
                case 8:
                    var set = Fields(value.Bytes).ToLookup(pair => pair.Field, pair => pair.Value);
                    sets[set[1].Select(domain => domain.Text).LastOrDefault("")] = set[2].Select(number => number.Int64).LastOrDefault();
                    break;
                case 14:
                    var entry = Fields(value.Bytes).ToLookup(pair => pair.Field, pair => pair.Value);
                    metadata[entry[1].Select(key => key.Text).LastOrDefault("")] = entry[2].Select(text => text.Text).LastOrDefault("");
                    break;
                default: break;
            }
        }
        return new OnnxModel
        {
            IrVersion = version,
            Producer = producer,
            ProducerVersion = producerVersion,
            OperatorSets = sets,
            Metadata = metadata,
            Graph = graph ?? throw new ModelFormatException("The bytes are no ONNX model: there is no graph in them."),
        };
    }

    private static OnnxGraph Graph(byte[] bytes, int depth)
    {
        if (depth > MaxGraphDepth)
            throw new ModelFormatException($"The ONNX graph holds graphs within graphs, more than {MaxGraphDepth} deep.");
        string name = "";
        List<OnnxNode> nodes = [];
        List<OnnxTensor> tensors = [];
        List<OnnxValueInfo> inputs = [], outputs = [];
        foreach ((int field, Value value) in Fields(bytes))
        {
            switch (field)
            {
                case 1: nodes.Add(Node(value.Bytes, depth)); break;
                case 2: name = value.Text; break;
                case 5: tensors.Add(Tensor(value.Bytes)); break;
                case 11: inputs.Add(ValueInfo(value.Bytes)); break;
                case 12: outputs.Add(ValueInfo(value.Bytes)); break;
                default: break;
            }
        }
        return new OnnxGraph(name, inputs, outputs, nodes, tensors);
    }

    private static OnnxNode Node(byte[] bytes, int depth)
    {
        List<string> inputs = [], outputs = [];
        string name = "", type = "", domain = "";
        var attributes = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach ((int field, Value value) in Fields(bytes))
        {
            switch (field)
            {
                case 1: inputs.Add(value.Text); break;
                case 2: outputs.Add(value.Text); break;
                case 3: name = value.Text; break;
                case 4: type = value.Text; break;
                case 5:
                    (string key, object setting) = Attribute(value.Bytes, depth);
                    attributes[key] = setting;
                    break;
                case 7: domain = value.Text; break;
                default: break;
            }
        }
        return new OnnxNode(type, inputs, outputs, attributes, name, domain);
    }

    private static (string Name, object Value) Attribute(byte[] bytes, int depth)
    {
        string name = "", text = "";
        float real = 0;
        long whole = 0, kind = 0;
        OnnxGraph? graph = null;
        List<float> reals = [];
        List<long> wholes = [];
        List<string> texts = [];
        foreach ((int field, Value value) in Fields(bytes))
        {
            switch (field)
            {
                case 1: name = value.Text; break;
                case 2: real = value.Float; break;
                case 3: whole = value.Int64; break;
                case 4: text = value.Text; break;
                case 6: graph = Graph(value.Bytes, depth + 1); break;
                case 7: value.AddTo(reals); break;
                case 8: value.AddTo(wholes); break;
                case 9: texts.Add(value.Text); break;
                case 20: kind = value.Int64; break;
                default: break;
            }
        }
        return (name, kind switch
        {
            OnnxWriter.FloatKind => real,
            OnnxWriter.IntKind => whole,
            OnnxWriter.StringKind => text,
            OnnxWriter.GraphKind => graph
            ?? throw new ModelFormatException($"The ONNX graph has an attribute '{name}' that should be a graph and holds none."),
            OnnxWriter.FloatsKind => reals.ToArray(),
            OnnxWriter.IntsKind => wholes.ToArray(),
            OnnxWriter.StringsKind => texts.ToArray(),
            _ => throw new ModelFormatException($"The ONNX graph has an attribute '{name}' of kind {kind}, which this library does not "
            + "know."),
        });
    }

    private static OnnxTensor Tensor(byte[] bytes)
    {
        string name = "";
        int type = 0;
        List<long> shape = [];
        List<string> texts = [];
        byte[]? raw = null;
        bool isElsewhere = false;
        foreach ((int field, Value value) in Fields(bytes))
        {
            switch (field)
            {
                case 1: value.AddTo(shape); break;
                case 2: type = (int)value.Int64; break;
                case 6: texts.Add(value.Text); break;
                case 8: name = value.Text; break;
                case 9: raw = value.Bytes; break;
                // Elements in typed fields or in another file: allowed by ONNX, never written here.
                case 4 or 5 or 7 or 10 or 13: isElsewhere = true; break;
                default: break;
            }
        }
        if (!Enum.IsDefined((OnnxType)type))
            throw new ModelFormatException($"The ONNX graph has a tensor '{name}' of type {type}, which this library does not know.");
        if (isElsewhere)
            throw new ModelFormatException($"The ONNX graph keeps the elements of tensor '{name}' in a form that this library does not "
                + "read.");
        return (OnnxType)type == OnnxType.String
            ? OnnxTensor.From(name, shape, texts) : OnnxTensor.Raw(name, (OnnxType)type, shape, raw ?? []);
    }

    // ValueInfoProto holds a TypeProto, which holds the type of a tensor.
    private static OnnxValueInfo ValueInfo(byte[] bytes)
    {
        string name = "";
        OnnxType type = 0;
        List<OnnxDimension>? shape = null;
        foreach ((int field, Value value) in Fields(bytes))
        {
            if (field == 1) name = value.Text;
            if (field != 2) continue;
            foreach ((_, Value tensor) in Fields(value.Bytes).Where(kind => kind.Field == 1)) (type, shape) = TensorType(tensor.Bytes);
        }
        return new OnnxValueInfo(name, type, shape);
    }

    private static (OnnxType Type, List<OnnxDimension>? Shape) TensorType(byte[] bytes)
    {
        OnnxType type = 0;
        List<OnnxDimension>? shape = null;
        foreach ((int field, Value value) in Fields(bytes))
        {
            if (field == 1) type = (OnnxType)(int)value.Int64;
            if (field == 2) shape = [.. Fields(value.Bytes).Select(dimension => Dimension(dimension.Value.Bytes))];
        }
        return (type, shape);
    }

    private static OnnxDimension Dimension(byte[] bytes)
    {
        OnnxDimension dimension = "";
        foreach ((int field, Value value) in Fields(bytes))
            dimension = field switch { 1 => value.Int64, 2 => value.Text, _ => dimension };
        return dimension;
    }

    /// <summary>The fields of a protobuf message in its order, without a schema.</summary>
    private static IEnumerable<(int Field, Value Value)> Fields(byte[] message)
    {
        using var source = new CodedInputStream(message);
        for (uint tag; (tag = source.ReadTag()) != 0;)
        {
            WireFormat.WireType wire = WireFormat.GetTagWireType(tag);
            var value = new Value(wire);
            if (wire == WireFormat.WireType.Varint) value = value with { Whole = source.ReadInt64() };
            else if (wire == WireFormat.WireType.Fixed32) value = value with { Real = source.ReadFloat() };
            else if (wire == WireFormat.WireType.LengthDelimited) value = value with { Content = source.ReadBytes() };
            else source.SkipLastField();
            yield return (WireFormat.GetTagFieldNumber(tag), value);
        }
    }

    /// <summary>The value of a field; reading one as what it is not is an error.</summary>
    private readonly record struct Value(WireFormat.WireType Wire, long Whole = 0, float Real = 0, ByteString? Content = null)
    {
        public long Int64 => As(WireFormat.WireType.Varint).Whole;

        public float Float => As(WireFormat.WireType.Fixed32).Real;

        public string Text => As(WireFormat.WireType.LengthDelimited).Content!.ToStringUtf8();

        public byte[] Bytes => As(WireFormat.WireType.LengthDelimited).Content!.ToByteArray();

        /// <summary>Adds a number, or a packed list of numbers: a reader must take both.</summary>
        public void AddTo(List<long> numbers)
        {
            if (Content is null)
            {
                numbers.Add(Int64);
                return;
            }
            using var packed = new CodedInputStream(Content.ToByteArray());
            while (!packed.IsAtEnd) numbers.Add(packed.ReadInt64());
        }

        /// <summary>Adds a number, or a packed list of numbers.</summary>
        public void AddTo(List<float> numbers)
        {
            if (Content is null) numbers.Add(Float);
            else numbers.AddRange(MemoryMarshal.Cast<byte, float>(Content.Span));
        }

        private Value As(WireFormat.WireType expected) => Wire == expected ? this
            : throw new ModelFormatException($"The bytes are no ONNX model: a field is of wire type {Wire} where {expected} is expected.");
    }
}
