using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary><see cref="Yin"/> as ONNX nodes, in double precision as well.</summary>
internal static class YinOnnx
{
    /// <summary>Pitch in Hz and aperiodicity, float [batch, 1, frames].</summary>
    public static (OnnxValue F0Hz, OnnxValue Aperiodicity) Add(OnnxColumn audio, YinOptions options)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        var framing = new Framing(options.FrameSamples, options.HopSamples, options.Center, options.Padding);
        // The difference is over the frame without its first sample.
        (OnnxValue frames, _) = FramingOnnx.Cut(audio, framing, options.Padding, 1, options.FrameSamples - 1);
        (OnnxValue curve, OnnxValue energy) = Normalized(frames.To(OnnxType.Double), options);
        // 1. The period.
        OnnxValue chosen = Choose(curve, options), value = At(curve, chosen);
        OnnxValue period = Shift(curve, value, chosen) + chosen.To(OnnxType.Double) + options.MinPeriod;
        // 2. Pitch and aperiodicity.
        OnnxValue f0 = (graph.Scalar(options.SampleRateHz, OnnxType.Double) / period).To(OnnxType.Float);
        OnnxValue aperiodicity = value.AtLeast(0).Where(energy > graph.Scalar(0, OnnxType.Double), 1).To(OnnxType.Float);
        return (f0.Transpose(0, 2, 1), aperiodicity.Transpose(0, 2, 1));
    }

    // d' of each period from the shortest to the longest, [batch, frames, periods], and the energy of the compared samples, [batch, frames,
    // 1].
    private static (OnnxValue Curve, OnnxValue Energy) Normalized(OnnxValue frames, YinOptions options)
    {
        int window = options.WindowSamples, longest = options.MaxPeriod;
        // 1. e(k), the energy of the window shifted by k = 0 .. longest, is a difference of cumulative sums.
        OnnxValue sums = (frames * frames).Pad([0, 0, 1], [0, 0, 0]).CumulativeSum(2);
        OnnxValue energy = Significant(sums.Slice(2, window, window + longest + 1) - sums.Slice(2, 0, longest + 1));
        OnnxValue first = energy.Slice(2, 0, 1);
        // 2. d(k) = e(0) + e(k) - 2 r(k), and d'(k): d(k) divided by the mean of d(1) .. d(k), or 1 while the difference is only rounding.
        int length = (int)BitOperations.RoundUpToPowerOf2((uint)options.FrameSamples);
        OnnxValue correlation = Significant(Correlation(frames.Slice(2, 0, window), frames, length).Slice(2, 0, longest + 1));
        OnnxValue difference = first + energy.Slice(2, 1, longest + 1) - (correlation.Slice(2, 1, longest + 1) * 2);
        OnnxValue lag = frames.Graph.Constant<double>([.. Enumerable.Range(1, longest).Select(k => (double)k)]);
        OnnxValue mean = difference.CumulativeSum(2) / lag;
        OnnxValue normalized = (difference / (mean + YinDifference.Tiny)).Where(!(mean < first * YinDifference.NegligibleOfEnergy), 1);
        return (normalized.Slice(2, options.MinPeriod - 1, longest), first);
    }

    /// <summary>r(k) = sum over m of a[m] b[m + k] as a product of spectra, <c>[batch, frames, length]</c>, circular in
    /// <paramref name="length"/>, a power of two. The inverse transform is real, so half of the spectrum suffices: the real part of a
    /// forward transform of the conjugate, with weight 2 for all bins but the first and last.</summary>
    public static OnnxValue Correlation(OnnxValue a, OnnxValue b, int length)
    {
        OnnxGraphBuilder graph = a.Graph;
        int last = length / 2;
        IReadOnlyList<OnnxValue> x = StftOnnx.Transform(a, length).Split(3, 2), y = StftOnnx.Transform(b, length).Split(3, 2);
        OnnxValue product = graph.Concat(3, (x[0] * y[0]) + (x[1] * y[1]), (x[1] * y[0]) - (x[0] * y[1]));
        OnnxValue weights =
            graph.Constant<double>([.. Enumerable.Range(0, last + 1).Select(k => (k == 0 || k == last ? 1.0 : 2.0) / length)],
                [last + 1, 1]);
        OnnxValue transformed = graph.Node("DFT", [product * weights, graph.Scalar(length, OnnxType.Int64)], [("axis", 2L)]);
        return transformed.Slice(3, 0, 1).Squeeze(3);
    }

    private static OnnxValue Significant(OnnxValue value) =>
        value.Where(!(value.One("Abs") < value.Graph.Scalar(YinDifference.Negligible, OnnxType.Double)), 0);

    // The first local minimum below the threshold, else the global one, int64 [batch, frames, 1].
    private static OnnxValue Choose(OnnxValue curve, YinOptions options)
    {
        OnnxGraphBuilder graph = curve.Graph;
        OnnxValue before = curve.Slice(2, 0, -1).Pad([0, 0, 1], [0, 0, 0], double.PositiveInfinity);
        OnnxValue after = curve.Slice(2, 1, long.MaxValue).Pad([0, 0, 0], [0, 0, 1], double.PositiveInfinity);
        // The first value must be below the second; others may equal the next one.
        OnnxValue isInner =
            graph.Constant<bool>([.. Enumerable.Range(options.MinPeriod, options.MaxPeriod - options.MinPeriod + 1)
                .Select(k => k > options.MinPeriod)]);
        OnnxValue below = curve < graph.Scalar(options.TroughThreshold, OnnxType.Double);
        OnnxValue trough = (below & (curve < before) & !(curve > after) & (isInner | (curve < after))).To(OnnxType.Int32);
        OnnxValue first = trough.ArgMax(2).Unsqueeze(2), least = (curve * -1).ArgMax(2).Unsqueeze(2);
        return first.Where(At(trough, first).To(OnnxType.Bool), least);
    }

    // Vertex of the parabola through a minimum and its neighbours, relative to the minimum; 0 at the ends or if it is beyond a neighbour.
    private static OnnxValue Shift(OnnxValue curve, OnnxValue value, OnnxValue chosen)
    {
        OnnxGraphBuilder graph = curve.Graph;
        OnnxValue last = curve.Length(2) - 1, before = At(curve, (chosen - 1).AtLeast(0)), after = At(curve, (chosen + 1).Min(last));
        OnnxValue a = after + before - (value * 2), b = (after - before) / 2;
        OnnxValue isInner = (chosen > graph.Scalar(0, OnnxType.Int64)) & (chosen < last);
        return ((b * -1) / a).Where((b.One("Abs") < a.One("Abs")) & isInner, 0);
    }

    private static OnnxValue At(OnnxValue curve, OnnxValue index) => curve.GatherElements(index, 2);
}
