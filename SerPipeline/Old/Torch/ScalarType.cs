using System.Diagnostics.CodeAnalysis;

namespace SerPipeline.Old.Torch;

/// <summary>The element types a <see cref="Tensor"/> can have here; the numbers are libtorch's.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The element types are named after what they hold, as in PyTorch.")]
public enum ScalarType
{
    /// <summary>64-bit whole numbers: class indices.</summary>
    Int64 = 4,

    /// <summary>32-bit floating point: the default.</summary>
    Float32 = 6,

    /// <summary>Truth values, one byte each.</summary>
    Bool = 11,

    /// <summary>The upper 16 bits of a 32-bit float: the range of float32 with 8 bits of precision.</summary>
    BFloat16 = 15,
}

internal static class ScalarTypes
{
    public static int SizeBytes(this ScalarType type) => type switch
    {
        ScalarType.Int64 => 8,
        ScalarType.Float32 => 4,
        ScalarType.BFloat16 => 2,
        ScalarType.Bool => 1,
        _ => throw new TorchException($"element type {(int)type} is none of float32, int64, bfloat16 and bool."),
    };

    public static bool IsFloatingPoint(this ScalarType type) => type is ScalarType.Float32 or ScalarType.BFloat16;
}
