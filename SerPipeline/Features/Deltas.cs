using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>How deltas are computed at the first and last frames.</summary>
public enum DeltaMode
{
    /// <summary>The derivative of the polynomial fitted to the first or last complete window. Needs at least <c>width</c> frames.</summary>
    Interp,

    /// <summary>The first or last frame is repeated. Works for any number of frames.</summary>
    Nearest,
}

/// <summary>First or second derivative over time, from a polynomial of that order fitted to a window around each frame (Savitzky and Golay
/// 1964). The values of librosa's <c>feature.delta</c>.</summary>
public static class Deltas
{
    /// <summary>Computes deltas of every band.</summary>
    /// <param name="features"><c>[bands, frames]</c>.</param>
    /// <param name="order">1 for deltas (default), 2 for delta-deltas.</param>
    /// <param name="width">Window length in frames: odd, at least 3. Default 9.</param>
    /// <param name="mode">Handling of the first and last frames. Default <see cref="DeltaMode.Interp"/>.</param>
    /// <returns><c>[bands, frames]</c>, in units per frame (squared for order 2).</returns>
    /// <exception cref="ArgumentException">Order, width or mode is invalid, or there are fewer frames than <see cref="DeltaMode.Interp"/>
    /// needs.</exception>
    public static FrameMatrix Compute(FrameMatrix features, int order = 1, int width = 9, DeltaMode mode = DeltaMode.Interp)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (order is not (1 or 2)) throw new ArgumentOutOfRangeException(nameof(order), order, "Expected 1 or 2.");
        if (width < 3 || width % 2 == 0)
            throw new ArgumentOutOfRangeException(nameof(width), width, "Expected an odd width of at least 3 frames.");
        if (!Enum.IsDefined(mode)) throw new ArgumentOutOfRangeException(nameof(mode), mode, "Expected Interp or Nearest.");
        if (mode == DeltaMode.Interp && features.Frames < width)
            throw new ArgumentException($"Expected at least {width} frames for mode Interp, got {features.Frames}; "
                + "use Nearest or a smaller width.", nameof(features));
        double[] weights = Weights(order, width);
        var result = new FrameMatrix(features.Bands, features.Frames);
        for (int band = 0; band < features.Bands; band++) Differentiate(features.Row(band), result.Row(band), weights, mode);
        return result;
    }

    // Least squares over k = -h .. h. Slope: sum k x / sum k^2. Second derivative: twice the quadratic coefficient, with the mean of k^2
    // subtracted to make it orthogonal to the constant (it is orthogonal to k already).
    internal static double[] Weights(int order, int width)
    {
        int half = width / 2;
        var weights = new double[width];
        double mean = 0, square = 0;
        for (int k = -half; k <= half; k++) mean += (double)k * k / width;
        for (int k = -half; k <= half; k++)
        {
            double basis = order == 1 ? k : ((double)k * k) - mean;
            weights[k + half] = basis;
            square += basis * basis;
        }
        for (int i = 0; i < width; i++) weights[i] *= order / square;
        return weights;
    }

    private static void Differentiate(ReadOnlySpan<float> values, Span<float> result, ReadOnlySpan<double> weights, DeltaMode mode)
    {
        int half = weights.Length / 2, last = values.Length - 1, first = mode == DeltaMode.Interp ? half : 0;
        for (int t = first; t <= last - first; t++)
        {
            double sum = 0;
            for (int i = 0; i < weights.Length; i++) sum += weights[i] * values[Math.Clamp(t + i - half, 0, last)];
            result[t] = (float)sum;
        }
        if (mode == DeltaMode.Nearest) return;
        // The derivative of that order is constant, so the first and last complete windows give it up to the ends.
        result[..half].Fill(result[half]);
        result[^half..].Fill(result[last - half]);
    }
}

/// <summary><see cref="Deltas"/> of width 9 in mode <see cref="DeltaMode.Nearest"/> as ONNX nodes.</summary>
internal static class DeltasOnnx
{
    private const int Width = 9;

    /// <summary>The values at each offset in the window, double [batch, bands, frames] each, to be shared by both orders.</summary>
    /// <param name="values">float [batch, bands, frames].</param>
    /// <param name="counts">Frames of each clip, int64 [batch].</param>
    public static IReadOnlyList<OnnxValue> Neighbours(OnnxValue values, OnnxValue counts)
    {
        OnnxGraphBuilder graph = values.Graph;
        OnnxValue frames = values.Length(2);
        OnnxValue position = (graph.Range(frames + (Width - 1)) - (Width / 2)).Unsqueeze(0).AtLeast(0).Min(counts.Unsqueeze(1) - 1);
        OnnxValue extended = values.Transpose(0, 2, 1).GatherRows(position).Transpose(0, 2, 1).To(OnnxType.Double);
        return [.. Enumerable.Range(0, Width).Select(i => extended.Slice(2, i, i - Width + 1 is < 0 and var end ? end : long.MaxValue))];
    }

    /// <summary>Deltas of an order, float [batch, bands, frames].</summary>
    public static OnnxValue Add(IReadOnlyList<OnnxValue> neighbours, int order)
    {
        double[] weights = Deltas.Weights(order, Width);
        return neighbours.Select((n, i) => n * weights[i]).Aggregate((sum, term) => sum + term).To(OnnxType.Float);
    }
}
