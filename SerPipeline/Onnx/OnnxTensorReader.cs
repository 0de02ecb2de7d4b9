using static SerPipeline.Onnx.ProtobufFields;

namespace SerPipeline.Onnx;

/// <summary>Reads tensors, and what a graph declares of its inputs and outputs, in the protobuf layout of onnx.proto.</summary>
internal static class OnnxTensorReader
{
    public static OnnxTensor Tensor(byte[] bytes)
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

    public static OnnxValueInfo ValueInfo(byte[] bytes)
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
}
