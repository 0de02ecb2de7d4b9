using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>
/// How the first MFCCs and their deltas move together over frames that are not in a pause: the correlation of each pair. Means and
/// deviations tell where a contour lies and how far it swings; these tell what swings with what, whichever voice it is. After the
/// correlation structure of Williamson et al. (Vocal biomarkers of depression based on motor incoordination, AVEC 2013).
/// </summary>
internal sealed class CoordinationFunctionals(int coefficients) : IFunctional
{
    // In dB: far below any contour that moves, so that one that stands still gives 0 and not chance.
    internal const double LeastDeviation = 1e-3;

    public IReadOnlyList<string> Names { get; } = [.. Pairs(2 * coefficients)
        .Select(pair => $"corr_{Name(pair.First, coefficients)}_{Name(pair.Second, coefficients)}")];

    public int Coefficients => coefficients;

    public void Compute(UtteranceFrames frames, Span<float> values)
    {
        int count = frames.Loud.Count(loud => loud), rows = 2 * coefficients;
        // 1. Each contour over loud frames, without its mean.
        var centred = new double[rows][];
        var deviation = new double[rows];
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> contour = frames.Of[row < coefficients ? Contour.Mfcc : Contour.MfccDelta].Row(row % coefficients);
            var own = new double[count];
            for (int t = 0, i = 0; t < frames.Frames; t++)
                if (frames.Loud[t]) own[i++] = contour[t];
            double mean = own.Sum() / Math.Max(1, count), square = 0;
            for (int i = 0; i < count; i++)
            {
                own[i] -= mean;
                square += own[i] * own[i];
            }
            (centred[row], deviation[row]) = (own, Math.Sqrt(square / Math.Max(1, count)) + LeastDeviation);
        }
        // 2. Their products.
        int slot = 0;
        foreach ((int first, int second) in Pairs(rows))
        {
            double product = 0;
            for (int i = 0; i < count; i++) product += centred[first][i] * centred[second][i];
            values[slot++] = (float)(product / Math.Max(1, count) / (deviation[first] * deviation[second]));
        }
    }

    internal static IEnumerable<(int First, int Second)> Pairs(int rows) =>
        Enumerable.Range(0, rows).SelectMany(first => Enumerable.Range(first + 1, rows - first - 1).Select(second => (first, second)));

    private static string Name(int row, int coefficients) =>
        FormattableString.Invariant($"{(row < coefficients ? "mfcc" : "mfcc_delta")}{row % coefficients}");
}

/// <summary><see cref="CoordinationFunctionals"/> as ONNX nodes.</summary>
internal static class CoordinationOnnx
{
    /// <summary>float [batch, pairs].</summary>
    public static OnnxValue Add(UtteranceFramesOnnx contours, int coefficients)
    {
        OnnxGraphBuilder graph = contours.Loud.Graph;
        var loud = new StatisticsOnnx(contours.Loud, contours.SecondsPerFrame);
        OnnxValue First(Contour contour) => contours.Of[contour].Slice(1, 0, coefficients);
        OnnxValue rows = graph.Concat(1, First(Contour.Mfcc), First(Contour.MfccDelta)), mean = loud.Mean(rows);
        OnnxValue centred = (rows.To(OnnxType.Double) - mean).Where(contours.Loud, 0);
        OnnxValue deviation = loud.Deviation(rows, mean) + CoordinationFunctionals.LeastDeviation;
        OnnxValue products = centred.MatMul(centred.Transpose(0, 2, 1)) / loud.Count.AtLeast(1)
            / (deviation * deviation.Transpose(0, 2, 1));
        long size = 2 * coefficients;
        long[] above = [.. CoordinationFunctionals.Pairs(2 * coefficients).Select(pair => (pair.First * size) + pair.Second)];
        return products.Reshape(0, size * size).Gather(graph.Constant(above), 1).To(OnnxType.Float);
    }
}
