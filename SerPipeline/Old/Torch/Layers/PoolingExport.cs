using SerPipeline.Onnx;

namespace SerPipeline.Old.Torch.Layers;

/// <summary>Pooling as ONNX nodes, over one or two dimensions of space behind [N, C].</summary>
internal static class PoolingExport
{
    public static OnnxValue Windows(OnnxValue input, string operation, long[] kernel, long[] strides, long[] padding)
    {
        ArgumentNullException.ThrowIfNull(input);
        List<(string, object)> attributes = [("kernel_shape", kernel), ("strides", strides), ("pads", (long[])[.. padding, .. padding])];
        if (operation == "AveragePool") attributes.Add(("count_include_pad", 1L));
        return input.Graph.Node(operation, [input], [.. attributes]);
    }

    /// <summary>Means over windows from floor(i L / n) to ceil((i + 1) L / n), which ONNX has no operator for: one matrix product a dimension.</summary>
    public static OnnxValue Adaptive(OnnxValue input, long[] sizes)
    {
        ArgumentNullException.ThrowIfNull(input);
        OnnxValue pooled = input.MatMul(Windows(input, sizes.Length + 1, sizes[^1]));
        if (sizes.Length == 1) return pooled;
        return Windows(input, 2, sizes[0]).Transpose(1, 0).MatMul(pooled);
    }

    // [L, n]: the share of each place in each window's mean.
    private static OnnxValue Windows(OnnxValue input, int axis, long count)
    {
        OnnxValue length = input.Length(axis), place = input.Graph.Range(length).Unsqueeze(1);
        OnnxValue first = input.Graph.Constant([.. Enumerable.Range(0, (int)count).Select(i => (long)i)]);
        OnnxValue from = first * length / count, to = (((first + 1) * length) + (count - 1)) / count;
        OnnxValue inside = !(place < from) & (place < to);
        return inside.To(OnnxType.Float) / (to - from).To(OnnxType.Float);
    }
}
