using Google.Protobuf;
using static SerPipeline.Onnx.ProtobufFields;

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
                case 5: tensors.Add(OnnxTensorReader.Tensor(Nested(input))); break;
                case 11: inputs.Add(OnnxTensorReader.ValueInfo(Nested(input))); break;
                case 12: outputs.Add(OnnxTensorReader.ValueInfo(Nested(input))); break;
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
}
