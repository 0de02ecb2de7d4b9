using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="Deltas"/> of a window of 9 frames as ONNX nodes, the clip's first and last frame standing for what is beyond them.</summary>
internal static class DeltasExport
{
    private const int Width = 9;

    /// <summary>The frames that lie around each frame.</summary>
    /// <param name="values">float [batch, bands, frames].</param>
    /// <param name="counts">The frames of each clip, int64 [batch].</param>
    /// <returns>For each place in the window the frame there, double [batch, bands, frames].</returns>
    public static IReadOnlyList<OnnxValue> Neighbours(OnnxValue values, OnnxValue counts)
    {
        OnnxGraphBuilder graph = values.Graph;
        OnnxValue frames = values.Length(2), place = (graph.Range(frames + (Width - 1)) - (Width / 2)).Unsqueeze(0).AtLeast(0).Min(counts.Unsqueeze(1) - 1);
        OnnxValue extended = values.Transpose(0, 2, 1).GatherRows(place).Transpose(0, 2, 1).To(OnnxType.Double);
        return [.. Enumerable.Range(0, Width).Select(i => extended.Slice(2, i, i - Width + 1 is < 0 and var end ? end : long.MaxValue))];
    }

    /// <param name="neighbours">Each frame's neighbours.</param>
    /// <param name="order">1 for deltas, 2 for delta-deltas.</param>
    /// <returns>float [batch, bands, frames].</returns>
    public static OnnxValue Add(IReadOnlyList<OnnxValue> neighbours, int order)
    {
        double[] weights = Deltas.Weights(order, Width);
        return neighbours.Select((n, i) => n * weights[i]).Aggregate((sum, term) => sum + term).To(OnnxType.Float);
    }
}
