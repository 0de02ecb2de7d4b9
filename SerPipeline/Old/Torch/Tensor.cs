using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch;

/// <summary>
/// An n-dimensional array in libtorch's memory. Operations give new tensors (or views) and record themselves for <see cref="Autograd.Backward"/>
/// unless a <see cref="NoGrad"/> scope is open. Every argument is checked here first, since libtorch's own messages reach only the error stream.
/// </summary>
/// <remarks>Dispose tensors, or make them inside a <see cref="TensorScope"/>. Reading one tensor from several threads is safe, writing is not.</remarks>
public sealed partial class Tensor : IDisposable
{
    private readonly TensorHandle _handle;
    private long[]? _shape;
    private int _type; // 0 (uint8, never used here) until read: an int is written whole, so threads may share a tensor

    private Tensor(nint handle)
    {
        _handle = new TensorHandle(handle);
        TensorScope.Register(this);
    }

    /// <summary>Tensors alive in the whole process: made and neither disposed nor collected.</summary>
    public static long LiveCount => TensorHandle.Live;

    /// <summary>Whether the tensor has been disposed.</summary>
    public bool IsDisposed => _handle.IsClosed;

    /// <summary>The lengths of the dimensions, outermost first; empty for a single number.</summary>
    /// <exception cref="ObjectDisposedException">The tensor has been disposed.</exception>
    public ReadOnlySpan<long> Shape
    {
        get
        {
            // Checks of shapes come before native calls, so a disposed argument is found before anything was handed over that nobody would free.
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return _shape ??= ReadShape();
        }
    }

    /// <summary>The number of dimensions.</summary>
    public int Rank => Shape.Length;

    /// <summary>The element type.</summary>
    /// <exception cref="ObjectDisposedException">The tensor has been disposed.</exception>
    public ScalarType Type
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return (ScalarType)(_type == 0 ? _type = ReadType() : _type);
        }
    }

    /// <summary>The number of elements.</summary>
    public long ElementCount => Count(Shape);

    internal TensorHandle Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return _handle;
        }
    }

    internal TensorScope? Scope { get; set; }

    /// <summary>The length of one dimension.</summary>
    /// <param name="dimension">From 0, or from -1 backwards for the last.</param>
    public long Size(int dimension) => Shape[TensorCheck.Dimension("Size", this, dimension)];

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>The element type and shape, such as <c>float32[32, 1, 64, 300]</c>.</summary>
    public override string ToString() => IsDisposed ? "disposed tensor" : Describe(Type, Shape);

    internal static Tensor Adopt(nint handle) => new(handle);

    internal static string Describe(ScalarType type, ReadOnlySpan<long> shape) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{type.ToString().ToLowerInvariant()}[{string.Join(", ", shape.ToArray())}]");

    internal static long Count(ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long length in shape) count = checked(count * length);
        return count;
    }

    internal static void Succeed(int status, string what)
    {
        if (status != 0) throw new TorchException($"{what}: libtorch refused the call; its own message is on the standard error stream.");
    }

    private unsafe long[] ReadShape()
    {
        Succeed(NativeMethods.GetRank(Handle, out long rank), "rank");
        Succeed(NativeMethods.GetSizes(Handle, out long* sizes), "shape");
        long[] shape = rank == 0 ? [] : new ReadOnlySpan<long>(sizes, checked((int)rank)).ToArray();
        GC.KeepAlive(this);
        return shape;
    }

    private int ReadType()
    {
        Succeed(NativeMethods.GetScalarType(Handle, out int type), "element type");
        return type;
    }
}
