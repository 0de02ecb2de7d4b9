using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch;

public sealed partial class Tensor
{
    /// <summary>The mean of all elements.</summary>
    public Tensor Mean() => Mean(AllDimensions());

    /// <summary>The mean over some dimensions.</summary>
    /// <param name="dimensions">The dimensions averaged over, at least one, each once.</param>
    /// <param name="keepDimensions">Whether they stay, with length 1.</param>
    public Tensor Mean(ReadOnlySpan<long> dimensions, bool keepDimensions = false) =>
        Reduce("aten::mean"u8, "dim"u8, "mean", dimensions, keepDimensions);

    /// <summary>The sum of all elements.</summary>
    public Tensor Sum() => Sum(AllDimensions());

    /// <summary>The sum over some dimensions.</summary>
    /// <param name="dimensions">The dimensions summed over, at least one, each once.</param>
    /// <param name="keepDimensions">Whether they stay, with length 1.</param>
    public Tensor Sum(ReadOnlySpan<long> dimensions, bool keepDimensions = false) =>
        Reduce("aten::sum"u8, "dim_IntList"u8, "sum", dimensions, keepDimensions);

    /// <summary>The variance over some dimensions.</summary>
    /// <param name="dimensions">The dimensions it is taken over, at least one, each once.</param>
    /// <param name="unbiased">Whether to divide by n - 1 instead of n.</param>
    /// <param name="keepDimensions">Whether the dimensions stay, with length 1.</param>
    public Tensor Variance(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepDimensions = false)
    {
        TensorCheck.Floating("var", "tensor", this);
        TensorCheck.Dimensions("var", this, dimensions);
        var call = new OperatorCall("aten::var"u8, "dim"u8);
        call.Push(this);
        call.PushOptional(dimensions);
        call.Push(unbiased);
        call.Push(keepDimensions);
        return call.Run();
    }

    /// <summary>The place of the largest element along a dimension, as int64; the first one where several are equal.</summary>
    /// <param name="dimension">The dimension, which goes away.</param>
    public Tensor ArgMax(int dimension = -1)
    {
        long at = TensorCheck.Dimension("argmax", this, dimension);
        var call = new OperatorCall("aten::argmax"u8, default);
        call.Push(this);
        call.PushOptional(at);
        call.Push(false);
        return call.Run();
    }

    /// <summary>The exponentials along a dimension, scaled to sum to 1.</summary>
    /// <param name="dimension">The dimension.</param>
    public Tensor Softmax(int dimension = -1) => Softmax("aten::softmax"u8, "softmax", dimension);

    /// <summary>The logarithm of <see cref="Softmax(int)"/>, without its rounding to zero.</summary>
    /// <param name="dimension">The dimension.</param>
    public Tensor LogSoftmax(int dimension = -1) => Softmax("aten::log_softmax"u8, "log_softmax", dimension);

    private Tensor Softmax(ReadOnlySpan<byte> operatorName, string operation, int dimension)
    {
        TensorCheck.Floating(operation, "tensor", this);
        long at = TensorCheck.Dimension(operation, this, dimension);
        var call = new OperatorCall(operatorName, "int"u8);
        call.Push(this);
        call.Push(at);
        call.PushNone();
        return call.Run();
    }

    private long[] AllDimensions()
    {
        long[] all = new long[Rank];
        for (int i = 0; i < all.Length; i++) all[i] = i;
        return all;
    }

    private Tensor Reduce(ReadOnlySpan<byte> operatorName, ReadOnlySpan<byte> overload, string operation, ReadOnlySpan<long> dimensions, bool keep)
    {
        TensorCheck.Floating(operation, "tensor", this);
        TensorCheck.Dimensions(operation, this, dimensions);
        var call = new OperatorCall(operatorName, overload);
        call.Push(this);
        call.PushOptional(dimensions);
        call.Push(keep);
        call.PushNone();
        return call.Run();
    }
}
