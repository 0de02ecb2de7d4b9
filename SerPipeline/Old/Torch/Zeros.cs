namespace SerPipeline.Old.Torch;

/// <summary>Makes tensors longer by zeros.</summary>
internal static class Zeros
{
    /// <summary>The tensor with this many zeros behind it along a dimension; gradients pass through.</summary>
    public static Tensor Append(Tensor tensor, int dimension, long count)
    {
        long[] shape = [.. tensor.Shape];
        shape[dimension] = count;
        using Tensor zeros = Tensor.Zeros(tensor.Type, shape);
        return Tensor.Cat([tensor, zeros], dimension);
    }
}
