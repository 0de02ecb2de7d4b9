using System.Runtime.CompilerServices;
using SerPipeline.Old.Torch.Native;

namespace SerPipeline.Old.Torch;

public sealed partial class Tensor
{
    private const int Cpu = 0;

    /// <summary>A tensor with a copy of these numbers.</summary>
    /// <param name="values">The elements, row-major.</param>
    /// <param name="shape">The lengths of the dimensions; none gives a single number.</param>
    /// <exception cref="TorchException">The shape holds another number of elements.</exception>
    public static Tensor From(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) => FromSpan(values, shape, ScalarType.Float32);

    /// <inheritdoc cref="From(ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public static Tensor From(ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) => FromSpan(values, shape, ScalarType.Int64);

    /// <inheritdoc cref="From(ReadOnlySpan{float}, ReadOnlySpan{long})"/>
    public static Tensor From(ReadOnlySpan<bool> values, params ReadOnlySpan<long> shape) => FromSpan(values, shape, ScalarType.Bool);

    /// <summary>A float32 tensor of zeros.</summary>
    /// <param name="shape">The lengths of the dimensions.</param>
    public static Tensor Zeros(params ReadOnlySpan<long> shape) => Zeros(ScalarType.Float32, shape);

    /// <summary>A tensor of zeros.</summary>
    /// <param name="type">The element type.</param>
    /// <param name="shape">The lengths of the dimensions.</param>
    public static Tensor Zeros(ScalarType type, ReadOnlySpan<long> shape)
    {
        Tensor tensor = Empty(type, shape);
        Succeed(NativeMethods.Zero(tensor.Handle), "zeros");
        return tensor;
    }

    /// <summary>A float32 tensor with one value everywhere.</summary>
    /// <param name="value">The value.</param>
    /// <param name="shape">The lengths of the dimensions.</param>
    public static Tensor Full(float value, params ReadOnlySpan<long> shape)
    {
        Tensor tensor = Empty(ScalarType.Float32, shape);
        tensor.Span<float>().Fill(value);
        return tensor;
    }

    /// <summary>A single float32 number, of no dimensions.</summary>
    /// <param name="value">The value.</param>
    public static Tensor Scalar(float value) => Full(value, []);

    /// <summary>The elements as float32, row-major, whatever the tensor's type and layout.</summary>
    public float[] ToFloats()
    {
        float[] values = new float[ElementCount];
        CopyTo(values);
        return values;
    }

    /// <summary>The elements of an int64 tensor, row-major.</summary>
    public long[] ToInt64s()
    {
        TensorCheck.Type("ToInt64s", "tensor", this, ScalarType.Int64);
        using Tensor? copy = ContiguousCopy();
        long[] values = (copy ?? this).Span<long>().ToArray();
        GC.KeepAlive(this);
        return values;
    }

    /// <summary>Copies the elements out as float32, row-major, whatever the tensor's type and layout.</summary>
    /// <param name="destination">Room for exactly the elements.</param>
    public void CopyTo(Span<float> destination)
    {
        if (destination.Length != ElementCount)
            throw TensorCheck.Fail("CopyTo", "destination", $"room for {ElementCount} elements of {this}", $"{destination.Length}");
        using var scope = TensorScope.New();
        using var _ = NoGrad.New();
        Tensor source = Type == ScalarType.Float32 ? this : To(ScalarType.Float32);
        if (!source.IsContiguous) source = source.Contiguous();
        source.Span<float>().CopyTo(destination);
        GC.KeepAlive(source);
    }

    /// <summary>The only element of a tensor that has one.</summary>
    public float ToSingle()
    {
        if (ElementCount != 1) throw TensorCheck.Fail("ToSingle", "tensor", "one element", ToString());
        Span<float> value = stackalloc float[1];
        CopyTo(value);
        return value[0];
    }

    /// <summary>Overwrites the elements with others of the same number; not recorded for gradients.</summary>
    /// <param name="values">The new elements, row-major; this tensor must be float32 and contiguous.</param>
    public void Assign(ReadOnlySpan<float> values)
    {
        TensorCheck.Type("Assign", "tensor", this, ScalarType.Float32);
        if (values.Length != ElementCount) throw TensorCheck.Fail("Assign", "values", $"{ElementCount} elements for {this}", $"{values.Length}");
        if (!IsContiguous) throw TensorCheck.Fail("Assign", "tensor", "a contiguous tensor", "a view with other strides: call Contiguous() first");
        values.CopyTo(Span<float>());
        GC.KeepAlive(this);
    }

    /// <summary>A copy of the content in managed memory.</summary>
    public TensorData ToData()
    {
        using Tensor? copy = ContiguousCopy();
        var data = new TensorData(Type, Shape, (copy ?? this).Span<byte>().ToArray());
        GC.KeepAlive(this);
        return data;
    }

    /// <summary>A tensor with a copy of this content.</summary>
    /// <param name="data">The content.</param>
    public static Tensor From(TensorData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Tensor tensor = Empty(data.Type, data.Shape);
        data.Bytes.Span.CopyTo(tensor.Span<byte>());
        return tensor;
    }

    /// <summary>Overwrites the elements with saved ones of the same type and shape; not recorded for gradients.</summary>
    /// <param name="data">The content; this tensor must be contiguous.</param>
    public void Assign(TensorData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Type != Type || !data.Shape.SequenceEqual(Shape)) throw TensorCheck.Fail("Assign", "data", ToString(), data.ToString());
        if (!IsContiguous) throw TensorCheck.Fail("Assign", "tensor", "a contiguous tensor", "a view with other strides: call Contiguous() first");
        data.Bytes.Span.CopyTo(Span<byte>());
        GC.KeepAlive(this);
    }

    /// <summary>Whether the elements lie row-major without gaps.</summary>
    public bool IsContiguous
    {
        get
        {
            Succeed(NativeMethods.IsContiguous(Handle, out byte contiguous), "is_contiguous");
            return contiguous != 0;
        }
    }

    /// <summary>A tensor with undefined content.</summary>
    internal static unsafe Tensor Empty(ScalarType type, ReadOnlySpan<long> shape)
    {
        Span<long> strides = stackalloc long[shape.Length];
        long stride = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] < 0) throw TensorCheck.Fail("new tensor", "shape", "lengths of at least 0", $"[{string.Join(", ", shape.ToArray())}]");
            strides[i] = stride;
            stride = checked(stride * Math.Max(shape[i], 1));
        }
        fixed (long* sizes = shape)
        fixed (long* steps = strides)
        {
            Succeed(NativeMethods.EmptyStrided(shape.Length, sizes, steps, (int)type, Cpu, 0, out nint handle), "new tensor");
            return Adopt(handle);
        }
    }

    /// <summary>The memory of a contiguous tensor. It does not keep the tensor alive: follow its last use with <see cref="GC.KeepAlive"/>.</summary>
    internal unsafe Span<T> Span<T>() where T : unmanaged
    {
        Succeed(NativeMethods.GetDataPointer(Handle, out nint pointer), "data pointer");
        return new Span<T>((void*)pointer, checked((int)(ElementCount * Type.SizeBytes() / Unsafe.SizeOf<T>())));
    }

    private static Tensor FromSpan<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> shape, ScalarType type) where T : unmanaged
    {
        if (Count(shape) != values.Length) throw TensorCheck.Fail("From", "values", $"{Count(shape)} elements for shape [{string.Join(", ", shape.ToArray())}]", $"{values.Length}");
        Tensor tensor = Empty(type, shape);
        values.CopyTo(tensor.Span<T>());
        return tensor;
    }

    private Tensor? ContiguousCopy()
    {
        if (IsContiguous) return null;
        using var scope = TensorScope.New();
        using var _ = NoGrad.New();
        return scope.Keep(Contiguous());
    }
}
