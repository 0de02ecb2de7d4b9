using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch;

public sealed partial class Tensor
{
    private const long ChannelsLastFormat = 2;

    /// <summary>The same elements in another shape; a view where the layout allows it.</summary>
    /// <param name="shape">The new lengths; one may be -1 and follows from the others.</param>
    public Tensor Reshape(params ReadOnlySpan<long> shape)
    {
        long known = 1;
        int open = 0;
        bool possible = true;
        foreach (long length in shape)
        {
            if (length == -1) open++;
            else if (length < 0 || (length > 0 && known > long.MaxValue / length)) possible = false;
            else known *= length;
        }
        bool fits = open == 0 ? possible && known == ElementCount : possible && open == 1 && known > 0 && ElementCount % known == 0;
        if (!fits) throw TensorCheck.Fail("reshape", "shape", $"of {ElementCount} elements, as {this} has", $"[{string.Join(", ", shape.ToArray())}]");
        return WithLongs("aten::reshape"u8, shape);
    }

    /// <summary>Joins the dimensions from one on into one.</summary>
    /// <param name="startDimension">The first dimension joined.</param>
    public Tensor Flatten(int startDimension = 1)
    {
        int start = TensorCheck.Dimension("flatten", this, startDimension);
        return Reshape([.. Shape[..start], Count(Shape[start..])]);
    }

    /// <summary>A view with its dimensions in another order.</summary>
    /// <param name="dimensions">For each new dimension, which old one it is.</param>
    public Tensor Permute(params ReadOnlySpan<long> dimensions)
    {
        Span<long> sorted = dimensions.ToArray();
        sorted.Sort();
        bool complete = sorted.Length == Rank;
        for (int i = 0; complete && i < sorted.Length; i++) complete = sorted[i] == i;
        if (!complete) throw TensorCheck.Fail("permute", "dimensions", $"every dimension of {this} once", $"[{string.Join(", ", dimensions.ToArray())}]");
        return WithLongs("aten::permute"u8, dimensions);
    }

    /// <summary>A view with two dimensions exchanged.</summary>
    /// <param name="first">One dimension.</param>
    /// <param name="second">The other.</param>
    public Tensor Transpose(int first, int second)
    {
        var call = new OperatorCall("aten::transpose"u8, "int"u8);
        int a = TensorCheck.Dimension("transpose", this, first), b = TensorCheck.Dimension("transpose", this, second);
        call.Push(this);
        call.Push((long)a);
        call.Push((long)b);
        return call.Run();
    }

    /// <summary>A view with a dimension of length 1 put in.</summary>
    /// <param name="dimension">Where it goes; -1 puts it last.</param>
    public Tensor Unsqueeze(int dimension)
    {
        long at = TensorCheck.Dimension("unsqueeze", Rank + 1, dimension, this);
        var call = new OperatorCall("aten::unsqueeze"u8, default);
        call.Push(this);
        call.Push(at);
        return call.Run();
    }

    /// <summary>A view of a run of entries along one dimension.</summary>
    /// <param name="dimension">The dimension.</param>
    /// <param name="start">The first entry.</param>
    /// <param name="length">The number of entries.</param>
    public Tensor Narrow(int dimension, long start, long length)
    {
        long at = TensorCheck.Dimension("narrow", this, dimension), size = Shape[(int)at];
        if (start < 0 || length < 0 || start > size || length > size - start)
            throw TensorCheck.Fail("narrow", "range", $"within [0, {size}] of dimension {at} of {this}", $"[{start}, {(Int128)start + length}]");
        var call = new OperatorCall("aten::narrow"u8, default);
        call.Push(this);
        call.Push(at);
        call.Push(start);
        call.Push(length);
        return call.Run();
    }

    /// <summary>Chosen entries along one dimension, copied.</summary>
    /// <param name="dimension">The dimension.</param>
    /// <param name="indices">The entries wanted, in order; repeats are allowed.</param>
    public Tensor IndexSelect(int dimension, params ReadOnlySpan<long> indices)
    {
        long at = TensorCheck.Dimension("index_select", this, dimension), size = Shape[(int)at];
        foreach (long index in indices)
            if (index < 0 || index >= size) throw TensorCheck.Fail("index_select", "indices", $"in [0, {size - 1}] for dimension {at} of {this}", $"{index}");
        using Tensor list = From(indices, indices.Length);
        var call = new OperatorCall("aten::index_select"u8, default);
        call.Push(this);
        call.Push(at);
        call.Push(list);
        return call.Run();
    }

    /// <summary>Joins tensors along a dimension they have.</summary>
    /// <param name="tensors">At least one; equal in type and in every other dimension.</param>
    /// <param name="dimension">The dimension joined.</param>
    public static Tensor Cat(IReadOnlyList<Tensor> tensors, int dimension)
    {
        RequireNoNull(tensors);
        if (tensors.Count == 0) throw TensorCheck.Fail("cat", "tensors", "at least one", "none");
        Tensor first = tensors[0];
        int at = TensorCheck.Dimension("cat", first, dimension);
        foreach (Tensor tensor in tensors)
        {
            bool fits = tensor.Rank == first.Rank && tensor.Type == first.Type;
            for (int i = 0; fits && i < first.Rank; i++) fits = i == at || tensor.Shape[i] == first.Shape[i];
            if (!fits) throw TensorCheck.Fail("cat", "tensors", $"like the first, {first}, in type and every dimension but {at}", tensor.ToString());
        }
        var call = new OperatorCall("aten::cat"u8, default);
        call.Push(tensors);
        call.Push((long)at);
        return call.Run();
    }

    /// <summary>Joins tensors along a new dimension.</summary>
    /// <param name="tensors">At least one; equal in type and shape.</param>
    /// <param name="dimension">Where the new dimension goes.</param>
    public static Tensor Stack(IReadOnlyList<Tensor> tensors, int dimension = 0)
    {
        RequireNoNull(tensors);
        if (tensors.Count == 0) throw TensorCheck.Fail("stack", "tensors", "at least one", "none");
        foreach (Tensor tensor in tensors)
        {
            TensorCheck.Shape("stack", "tensors", tensor, tensors[0].Shape);
            TensorCheck.SameType("stack", "tensors", tensor, tensors[0]);
        }
        int at = TensorCheck.Dimension("stack", tensors[0].Rank + 1, dimension, tensors[0]);
        var call = new OperatorCall("aten::stack"u8, default);
        call.Push(tensors);
        call.Push((long)at);
        return call.Run();
    }

    /// <summary>The elements row-major without gaps; a second reference when they lie so already.</summary>
    public Tensor Contiguous() => WithFormat(0);

    /// <summary>The elements of an [N, C, H, W] tensor laid out with channels innermost; the shape stays.</summary>
    public Tensor ChannelsLast()
    {
        TensorCheck.Rank("channels_last", "tensor", this, 4, "[N, C, H, W]");
        return WithFormat(ChannelsLastFormat);
    }

    /// <summary>The elements as another type; a second reference when they are of it already.</summary>
    /// <param name="type">The type wanted.</param>
    public Tensor To(ScalarType type)
    {
        if (!Enum.IsDefined(type)) throw TensorCheck.Fail("to", "type", "int64, float32, bool or bfloat16", $"{(int)type}");
        var call = new OperatorCall("aten::to"u8, "dtype"u8);
        call.Push(this);
        call.Push((long)type);
        call.Push(false);
        call.Push(false);
        call.PushNone();
        return call.Run();
    }

    /// <summary>The same memory, cut off from the operations that made it: no gradient passes.</summary>
    public Tensor Detach()
    {
        var call = new OperatorCall("aten::detach"u8, default);
        call.Push(this);
        return call.Run();
    }

    /// <summary>A second reference to the same tensor, disposed on its own.</summary>
    public Tensor Alias()
    {
        Succeed(NativeMethods.NewHandle(Handle, out nint handle), "alias");
        return Adopt(handle);
    }

    private static void RequireNoNull(IReadOnlyList<Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        foreach (Tensor tensor in tensors) ArgumentNullException.ThrowIfNull(tensor, nameof(tensors));
    }

    private Tensor WithFormat(long format)
    {
        var call = new OperatorCall("aten::contiguous"u8, default);
        call.Push(this);
        call.Push(format);
        return call.Run();
    }

    private Tensor WithLongs(ReadOnlySpan<byte> operatorName, ReadOnlySpan<long> values)
    {
        var call = new OperatorCall(operatorName, default);
        call.Push(this);
        call.Push(values);
        return call.Run();
    }
}
