using System.Runtime.InteropServices;
using Google.Protobuf;

namespace SerPipeline.Onnx;

/// <summary>Reads models in the protobuf layout of onnx.proto; fields that it does not know are passed over, as protobuf has it.</summary>
internal static class OnnxReader
{
    // Graphs within graphs: the bodies of loops. Deeper ones would be no sound model, and could exhaust the stack.
    private const int DeepestGraph = 8;

    public static OnnxModel Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return Model(bytes.ToArray());
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException($"The bytes are no ONNX model that can be read: {e.Message}", e);
        }
    }

    private static OnnxModel Model(byte[] bytes)
    {
        long version = 0;
        string producer = "", producerVersion = "";
        OnnxGraph? graph = null;
        var sets = new Dictionary<string, long>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        Fields(bytes, (field, input) =>
        {
            switch (field)
            {
                case 1: version = input.ReadInt64(); break;
                case 2: producer = input.ReadString(); break;
                case 3: producerVersion = input.ReadString(); break;
                case 7: graph = Graph(Nested(input), 0); break;
                case 8:
                    (string domain, long number) = TextAndNumber(Nested(input));
                    sets[domain] = number;
                    break;
                case 14:
                    (string key, string value) = TwoTexts(Nested(input));
                    metadata[key] = value;
                    break;
                default: return false;
            }
            return true;
        });
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
        if (depth > DeepestGraph) throw new ModelFormatException($"The ONNX graph holds graphs within graphs, more than {DeepestGraph} deep.");
        string name = "";
        var nodes = new List<OnnxNode>();
        var tensors = new List<OnnxTensor>();
        List<OnnxValueInfo> inputs = [], outputs = [];
        Fields(bytes, (field, input) =>
        {
            switch (field)
            {
                case 1: nodes.Add(Node(Nested(input), depth)); break;
                case 2: name = input.ReadString(); break;
                case 5: tensors.Add(Tensor(Nested(input))); break;
                case 11: inputs.Add(ValueInfo(Nested(input))); break;
                case 12: outputs.Add(ValueInfo(Nested(input))); break;
                default: return false;
            }
            return true;
        });
        return new OnnxGraph(name, inputs, outputs, nodes, tensors);
    }

    private static OnnxNode Node(byte[] bytes, int depth)
    {
        List<string> inputs = [], outputs = [];
        string name = "", type = "", domain = "";
        var attributes = new Dictionary<string, object>(StringComparer.Ordinal);
        Fields(bytes, (field, input) =>
        {
            switch (field)
            {
                case 1: inputs.Add(input.ReadString()); break;
                case 2: outputs.Add(input.ReadString()); break;
                case 3: name = input.ReadString(); break;
                case 4: type = input.ReadString(); break;
                case 5:
                    (string key, object value) = Attribute(Nested(input), depth);
                    attributes[key] = value;
                    break;
                case 7: domain = input.ReadString(); break;
                default: return false;
            }
            return true;
        });
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
        Fields(bytes, (field, input) =>
        {
            switch (field)
            {
                case 1: name = input.ReadString(); break;
                case 2: real = input.ReadFloat(); break;
                case 3: whole = input.ReadInt64(); break;
                case 4: text = input.ReadString(); break;
                case 6: graph = Graph(Nested(input), depth + 1); break;
                case 7: Reals(input, reals); break;
                case 8: Wholes(input, wholes); break;
                case 9: texts.Add(input.ReadString()); break;
                case 20: kind = input.ReadInt64(); break;
                default: return false;
            }
            return true;
        });
        return (name, kind switch
        {
            OnnxWriter.FloatKind => real,
            OnnxWriter.IntKind => whole,
            OnnxWriter.StringKind => text,
            OnnxWriter.GraphKind => graph ?? throw new ModelFormatException($"The ONNX graph has an attribute '{name}' that should be a graph and holds none."),
            OnnxWriter.FloatsKind => reals.ToArray(),
            OnnxWriter.IntsKind => wholes.ToArray(),
            OnnxWriter.StringsKind => texts.ToArray(),
            _ => throw new ModelFormatException($"The ONNX graph has an attribute '{name}' of kind {kind}, which this library does not know."),
        });
    }

    private static OnnxTensor Tensor(byte[] bytes)
    {
        string name = "";
        int type = 0;
        var shape = new List<long>();
        var texts = new List<string>();
        byte[]? raw = null;
        bool isElsewhere = false;
        Fields(bytes, (field, input) =>
        {
            switch (field)
            {
                case 1: Wholes(input, shape); break;
                case 2: type = input.ReadInt32(); break;
                case 6: texts.Add(input.ReadBytes().ToStringUtf8()); break;
                case 8: name = input.ReadString(); break;
                case 9: raw = Nested(input); break;
                // Elements in typed fields or in another file: allowed by ONNX, never written here.
                case 4 or 5 or 7 or 10 or 13: isElsewhere = true; return false;
                default: return false;
            }
            return true;
        });
        if (!Enum.IsDefined((OnnxType)type)) throw new ModelFormatException($"The ONNX graph has a tensor '{name}' of type {type}, which this library does not know.");
        if (isElsewhere) throw new ModelFormatException($"The ONNX graph keeps the elements of tensor '{name}' in a form that this library does not read.");
        return (OnnxType)type == OnnxType.String ? OnnxTensor.From(name, shape, texts) : OnnxTensor.Raw(name, (OnnxType)type, shape, raw ?? []);
    }

    private static OnnxValueInfo ValueInfo(byte[] bytes)
    {
        string name = "";
        OnnxType type = 0;
        List<OnnxDimension>? shape = null;
        Fields(bytes, (field, input) =>
        {
            switch (field)
            {
                case 1: name = input.ReadString(); break;
                case 2:
                    Fields(Nested(input), (kind, tensor) =>
                    {
                        if (kind != 1) return false;
                        (type, shape) = TensorType(Nested(tensor));
                        return true;
                    });
                    break;
                default: return false;
            }
            return true;
        });
        return new OnnxValueInfo(name, type, shape);
    }

    private static (OnnxType Type, List<OnnxDimension>? Shape) TensorType(byte[] bytes)
    {
        OnnxType type = 0;
        List<OnnxDimension>? shape = null;
        Fields(bytes, (field, input) =>
        {
            switch (field)
            {
                case 1: type = (OnnxType)input.ReadInt32(); break;
                case 2:
                    shape = [];
                    Fields(Nested(input), (_, dimensions) =>
                    {
                        shape.Add(Dimension(Nested(dimensions)));
                        return true;
                    });
                    break;
                default: return false;
            }
            return true;
        });
        return (type, shape);
    }

    private static OnnxDimension Dimension(byte[] bytes)
    {
        OnnxDimension dimension = "";
        Fields(bytes, (field, input) =>
        {
            switch (field)
            {
                case 1: dimension = input.ReadInt64(); break;
                case 2: dimension = input.ReadString(); break;
                default: return false;
            }
            return true;
        });
        return dimension;
    }

    private static (string Text, long Number) TextAndNumber(byte[] bytes)
    {
        string text = "";
        long number = 0;
        Fields(bytes, (field, input) =>
        {
            if (field == 1) text = input.ReadString();
            else if (field == 2) number = input.ReadInt64();
            return field is 1 or 2;
        });
        return (text, number);
    }

    private static (string First, string Second) TwoTexts(byte[] bytes)
    {
        string first = "", second = "";
        Fields(bytes, (field, input) =>
        {
            if (field == 1) first = input.ReadString();
            else if (field == 2) second = input.ReadString();
            return field is 1 or 2;
        });
        return (first, second);
    }

    // Numbers of a list stand one by one, or packed: a reader must take both.
    private static void Wholes(FieldInput input, List<long> values)
    {
        if (!input.IsBytes)
        {
            values.Add(input.ReadInt64());
            return;
        }
        using var packed = new CodedInputStream(Nested(input));
        while (!packed.IsAtEnd) values.Add(packed.ReadInt64());
    }

    private static void Reals(FieldInput input, List<float> values)
    {
        if (!input.IsBytes) values.Add(input.ReadFloat());
        else values.AddRange(MemoryMarshal.Cast<byte, float>(Nested(input)));
    }

    private static byte[] Nested(FieldInput input) => input.ReadBytes().ToByteArray();

    private static void Fields(byte[] bytes, Func<int, FieldInput, bool> read)
    {
        using var source = new CodedInputStream(bytes);
        for (uint tag; (tag = source.ReadTag()) != 0;)
        {
            var input = new FieldInput(source, WireFormat.GetTagWireType(tag));
            if (!read(WireFormat.GetTagFieldNumber(tag), input)) source.SkipLastField();
        }
    }

    /// <summary>A message at one of its fields; reading one as what it is not is an error.</summary>
    private readonly struct FieldInput(CodedInputStream source, WireFormat.WireType wire)
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
