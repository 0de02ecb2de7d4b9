namespace SerPipeline.Onnx;

/// <summary>
/// Looks through a graph that somebody else may have written, before a runtime takes memory for it or reads files that it names: weights
/// must lie within, and be as large as their shapes say. Nothing is copied.
/// </summary>
internal static class OnnxGuard
{
    private const int MaxDepth = 16, ExternalData = 13, DataLocation = 14;

    /// <summary>What is wrong; null for nothing.</summary>
    /// <param name="model">The bytes of a model.</param>
    public static string? Problem(ReadOnlySpan<byte> model)
    {
        try
        {
            return Search(model, Part.Model, 0);
        }
        catch (ArgumentOutOfRangeException)
        {
            return "its fields end outside of it";
        }
    }

    private static string? Search(ReadOnlySpan<byte> bytes, Part part, int depth)
    {
        if (depth > MaxDepth) return "it holds graphs within graphs without end";
        if (part == Part.Tensor) return Tensor(bytes);
        while (!bytes.IsEmpty)
        {
            Field field = Next(ref bytes, out ReadOnlySpan<byte> content);
            if (field.Wire == 2 && Below(part, field.Number) is { } below && Search(content, below, depth + 1) is { } problem)
                return problem;
        }
        return null;
    }

    private static Part? Below(Part part, int field) => (part, field) switch
    {
        (Part.Model, 7) => Part.Graph,
        (Part.Model, 25) => Part.Function,
        (Part.Graph, 1) or (Part.Function, 7) => Part.Node,
        (Part.Graph, 5) => Part.Tensor,
        (Part.Graph, 15) => Part.Sparse,
        (Part.Node, 5) or (Part.Function, 11) => Part.Attribute,
        (Part.Attribute, 5 or 10) => Part.Tensor,
        (Part.Attribute, 6 or 11) => Part.Graph,
        (Part.Attribute, 22 or 23) => Part.Sparse,
        (Part.Sparse, 1 or 2) => Part.Tensor,
        _ => null,
    };

    private static string? Tensor(ReadOnlySpan<byte> bytes)
    {
        double count = 1;
        long held = 0;
        string name = "";
        while (!bytes.IsEmpty)
        {
            Field field = Next(ref bytes, out ReadOnlySpan<byte> content);
            switch (field.Number)
            {
                case 1 when field.Wire == 2:
                    while (!content.IsEmpty) count *= Length(Varint(ref content));
                    break;
                case 1: count *= Length(field.Value); break;
                case 8: name = System.Text.Encoding.UTF8.GetString(content); break;
                // Elements: raw, or in fields of their own.
                case 4 or 5 or 6 or 7 or 9 or 10 or 11: held += field.Wire == 2 ? Math.Max(1, content.Length) : 8; break;
                case ExternalData: return $"its tensor '{name}' lies in another file";
                case DataLocation when field.Value != 0: return $"its tensor '{name}' lies in another file";
                default: break;
            }
        }
        if (double.IsNaN(count)) return $"its tensor '{name}' has a negative length";
        // Every element takes a byte at least; a runtime compares the rest.
        return count > held ? FormattableString.Invariant($"its tensor '{name}' claims {count:0} elements and holds {held} bytes")
            : null;
    }

    private static double Length(ulong dimension) => (long)dimension < 0 ? double.NaN : dimension;

    // A field's number and wire type; the value of a varint, or the content of a field with a length.
    private static Field Next(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> content)
    {
        ulong tag = Varint(ref bytes);
        (int number, int wire) = ((int)(tag >> 3), (int)(tag & 7));
        content = default;
        ulong value = 0;
        switch (wire)
        {
            case 0: value = Varint(ref bytes); break;
            case 1: bytes = bytes[8..]; break;
            case 5: bytes = bytes[4..]; break;
            case 2:
                ulong length = Varint(ref bytes);
                if (length > (ulong)bytes.Length) throw new ArgumentOutOfRangeException(nameof(bytes));
                content = bytes[..(int)length];
                bytes = bytes[(int)length..];
                break;
            default: throw new ArgumentOutOfRangeException(nameof(bytes));
        }
        return new Field(number, wire, value);
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < 10; i++)
        {
            if (i >= bytes.Length) break;
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] >= 0x80) continue;
            bytes = bytes[(i + 1)..];
            return value;
        }
        throw new ArgumentOutOfRangeException(nameof(bytes));
    }

    private readonly record struct Field(int Number, int Wire, ulong Value);

    private enum Part
    {
        Model,
        Graph,
        Function,
        Node,
        Attribute,
        Tensor,
        Sparse,
    }
}
