using System.Runtime.InteropServices;

namespace SerPipeline.Old.Torch;

/// <summary>The content of a tensor in managed memory: what state dictionaries and model files hold.</summary>
public sealed class TensorData
{
    private readonly long[] _shape;

    /// <summary>Creates it from raw little-endian elements.</summary>
    /// <param name="type">The element type.</param>
    /// <param name="shape">The lengths of the dimensions.</param>
    /// <param name="bytes">The elements, row-major, little-endian; not copied.</param>
    /// <exception cref="TorchException">The bytes are not as many as type and shape ask for.</exception>
    public TensorData(ScalarType type, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> bytes)
    {
        _shape = shape.ToArray();
        long expected = Tensor.Count(shape) * type.SizeBytes();
        if (bytes.Length != expected) throw new TorchException($"TensorData: {Tensor.Describe(type, shape)} must have {expected} bytes, got {bytes.Length}.");
        Type = type;
        Bytes = bytes;
    }

    /// <summary>The element type.</summary>
    public ScalarType Type { get; }

    /// <summary>The lengths of the dimensions.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>The elements, row-major, little-endian.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The number of elements.</summary>
    public long ElementCount => Tensor.Count(_shape);

    /// <summary>Copies float32 elements.</summary>
    /// <param name="values">The elements, row-major.</param>
    /// <param name="shape">The lengths of the dimensions.</param>
    public static TensorData From(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        new(ScalarType.Float32, shape, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>Copies int64 elements.</summary>
    /// <param name="values">The elements, row-major.</param>
    /// <param name="shape">The lengths of the dimensions.</param>
    public static TensorData From(ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        new(ScalarType.Int64, shape, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>The elements of float32 data.</summary>
    /// <exception cref="TorchException">The elements are of another type.</exception>
    public float[] ToFloats()
    {
        if (Type != ScalarType.Float32) throw new TorchException($"TensorData: expected float32, got {this}.");
        return MemoryMarshal.Cast<byte, float>(Bytes.Span).ToArray();
    }

    /// <summary>The elements of int64 data.</summary>
    /// <exception cref="TorchException">The elements are of another type.</exception>
    public long[] ToInt64s()
    {
        if (Type != ScalarType.Int64) throw new TorchException($"TensorData: expected int64, got {this}.");
        return MemoryMarshal.Cast<byte, long>(Bytes.Span).ToArray();
    }

    /// <summary>The element type and shape.</summary>
    public override string ToString() => Tensor.Describe(Type, _shape);
}
