namespace SerPipeline.Features;

/// <summary>What a delta sees beyond the first and last frame.</summary>
public enum DeltaMode
{
    /// <summary>Nothing: the first and last frames take the derivative of the polynomial fitted to the outermost whole window. Needs a window's frames.</summary>
    Interp,

    /// <summary>The outermost frame, repeated. Works for any number of frames.</summary>
    Nearest,
}

/// <summary>
/// Local derivatives over time: the slope, or the second derivative, of the polynomial of that order fitted to a window around each frame
/// (Savitzky and Golay 1964), with the values of librosa's <c>feature.delta</c>.
/// </summary>
public static class Deltas
{
    /// <summary>Differentiates every band.</summary>
    /// <param name="features"><c>[bands, frames]</c>.</param>
    /// <param name="order">1 for deltas, 2 for delta-deltas.</param>
    /// <param name="width">Frames of the window: odd, at least 3. Default 9.</param>
    /// <param name="mode">What happens at both ends.</param>
    /// <returns><c>[bands, frames]</c>, per frame.</returns>
    /// <exception cref="ArgumentException">Order or width cannot be used, or there are fewer frames than <see cref="DeltaMode.Interp"/> needs.</exception>
    public static FrameMatrix Compute(FrameMatrix features, int order = 1, int width = 9, DeltaMode mode = DeltaMode.Interp)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (order is not (1 or 2)) throw new ArgumentOutOfRangeException(nameof(order), order, "Expected 1 or 2.");
        if (width < 3 || width % 2 == 0) throw new ArgumentOutOfRangeException(nameof(width), width, "Expected an odd width of at least 3 frames.");
        if (!Enum.IsDefined(mode)) throw new ArgumentOutOfRangeException(nameof(mode), mode, "Expected Interp or Nearest.");
        if (mode == DeltaMode.Interp && features.Frames < width)
            throw new ArgumentException($"Expected at least {width} frames for mode Interp, got {features.Frames}; use Nearest or a smaller width.", nameof(features));
        double[] weights = Weights(order, width);
        var result = new FrameMatrix(features.Bands, features.Frames);
        for (int band = 0; band < features.Bands; band++) Differentiate(features.Row(band), result.Row(band), weights, mode);
        return result;
    }

    // Least squares on k = -h .. h. Slope: sum k x / sum k^2. Second derivative: twice the quadratic term, for which k^2 is made orthogonal
    // to the constant by taking away its mean (it is orthogonal to k already).
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
        int half = weights.Length / 2, last = values.Length - 1;
        for (int t = half; t <= last - half; t++)
        {
            double sum = 0;
            ReadOnlySpan<float> window = values.Slice(t - half, weights.Length);
            for (int i = 0; i < weights.Length; i++) sum += weights[i] * window[i];
            result[t] = (float)sum;
        }
        if (mode == DeltaMode.Interp)
        {
            // A polynomial of the derivative's own order has a constant derivative: the outermost window's holds up to the end.
            result[..half].Fill(result[half]);
            result[^half..].Fill(result[last - half]);
            return;
        }
        for (int t = 0; t <= last; t++)
        {
            if (t >= half && t <= last - half) continue;
            double sum = 0;
            for (int i = 0; i < weights.Length; i++) sum += weights[i] * values[Math.Clamp(t + i - half, 0, last)];
            result[t] = (float)sum;
        }
    }
}
