namespace SerPipeline.Old.Torch.Native;

/// <summary>Checks arguments before a native call: operation, argument, what was expected, what was found.</summary>
internal static class TensorCheck
{
    public static TorchException Fail(string operation, string argument, string expected, string found) =>
        new($"{operation}: {argument} must be {expected}, got {found}.");

    public static void Type(string operation, string argument, Tensor tensor, ScalarType type)
    {
        ArgumentNullException.ThrowIfNull(tensor, argument);
        if (tensor.Type != type) throw Fail(operation, argument, $"{type.ToString().ToLowerInvariant()}", tensor.ToString());
    }

    public static void Floating(string operation, string argument, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor, argument);
        if (!tensor.Type.IsFloatingPoint()) throw Fail(operation, argument, "float32 or bfloat16", tensor.ToString());
    }

    /// <summary>Both floating, and of one type: libtorch mixes types in few operations only.</summary>
    public static void SameType(string operation, string argument, Tensor tensor, Tensor reference)
    {
        ArgumentNullException.ThrowIfNull(tensor, argument);
        if (tensor.Type != reference.Type) throw Fail(operation, argument, $"{reference.Type.ToString().ToLowerInvariant()} like the input", tensor.ToString());
    }

    public static void Rank(string operation, string argument, Tensor tensor, int rank, string layout)
    {
        ArgumentNullException.ThrowIfNull(tensor, argument);
        if (tensor.Rank != rank) throw Fail(operation, argument, $"{rank}-dimensional {layout}", tensor.ToString());
    }

    public static void Rank(string operation, string argument, Tensor tensor, int least, int most, string layout)
    {
        ArgumentNullException.ThrowIfNull(tensor, argument);
        if (tensor.Rank < least || tensor.Rank > most) throw Fail(operation, argument, $"{least}- to {most}-dimensional {layout}", tensor.ToString());
    }

    public static void Shape(string operation, string argument, Tensor tensor, params ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(tensor, argument);
        if (!tensor.Shape.SequenceEqual(shape)) throw Fail(operation, argument, $"of shape [{string.Join(", ", shape.ToArray())}]", tensor.ToString());
    }

    /// <summary>The dimension counted from the front; negative ones count from the back.</summary>
    public static int Dimension(string operation, Tensor tensor, int dimension) => Dimension(operation, tensor.Rank, dimension, tensor);

    public static int Dimension(string operation, int rank, int dimension, Tensor tensor)
    {
        int index = dimension < 0 ? dimension + rank : dimension;
        if (index < 0 || index >= rank) throw Fail(operation, "dimension", $"in [{-rank}, {rank - 1}] for {tensor}", $"{dimension}");
        return index;
    }

    /// <summary>Some of a tensor's dimensions, each at most once.</summary>
    public static void Dimensions(string operation, Tensor tensor, ReadOnlySpan<long> dimensions)
    {
        // No dimension at all would mean all of them to libtorch, which the overloads without dimensions say plainly.
        if (dimensions.IsEmpty && tensor.Rank > 0) throw Fail(operation, "dimensions", $"at least one of {tensor}", "none");
        var seen = new HashSet<long>();
        foreach (long dimension in dimensions)
        {
            int index = Dimension(operation, tensor, (int)Math.Clamp(dimension, int.MinValue, int.MaxValue));
            if (!seen.Add(index)) throw Fail(operation, "dimensions", $"different dimensions of {tensor}", $"[{string.Join(", ", dimensions.ToArray())}]");
        }
    }

    /// <summary>What libtorch can add and subtract through its C interface: no truth values, and a floating tensor on at least one side.</summary>
    public static void Summable(string operation, Tensor left, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(right);
        if (left.Type == ScalarType.Bool || right.Type == ScalarType.Bool || !(left.Type.IsFloatingPoint() || right.Type.IsFloatingPoint()))
            throw Fail(operation, "operands", "float32 or bfloat16, one of them at least, and never bool", $"{left} and {right}: convert one with To(ScalarType.Float32)");
    }

    public static void Broadcastable(string operation, Tensor left, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(right);
        ReadOnlySpan<long> a = left.Shape, b = right.Shape;
        for (int i = 1; i <= Math.Min(a.Length, b.Length); i++)
        {
            if (a[^i] != b[^i] && a[^i] != 1 && b[^i] != 1)
                throw Fail(operation, "right", $"of a shape that broadcasts with {left} (equal lengths from the last dimension, or 1)", right.ToString());
        }
    }

    public static void Positive(string operation, string argument, long value)
    {
        if (value < 1) throw Fail(operation, argument, "at least 1", $"{value}");
    }

    public static void NotNegative(string operation, string argument, long value)
    {
        if (value < 0) throw Fail(operation, argument, "at least 0", $"{value}");
    }
}
