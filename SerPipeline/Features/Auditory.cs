using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>Loudness and spectral flux from the logarithms of 26 mel bands, natural, <c>[bands, frames]</c>. Immutable and
/// thread-safe.</summary>
internal sealed class Auditory
{
    /// <summary>Cepstral coefficients of the bands, with the 0th, which GeMAPS leaves out.</summary>
    public const int Coefficients = 5;

    private readonly double[] _logWeights; // [bands]
    private readonly double _logScale;

    public Auditory(LogMelOptions options)
    {
        // What makes a band's sum over bins the mean square of the samples in that band, at any rate and window.
        double window = 0;
        foreach (double w in Window.HannPeriodic(options.WindowSamples)) window += w * w;
        _logScale = Math.Log(2 / (options.FftLength * window));
        double[] edges = Mel.FrequenciesHz(options.MelBands + 2, options.LowHz, options.HighHz, options.MelScale);
        _logWeights = [.. edges[1..^1].Select(hz => Math.Log(EqualLoudness(hz)))];
    }

    /// <summary>Natural logarithm that is added to each band before the cube root, <c>[bands]</c>.</summary>
    public IReadOnlyList<double> LoudnessOffsets => [.. _logWeights.Select(weight => weight + _logScale)];

    public double LogScale => _logScale;

    /// <summary>Sum over the bands of the cube root of their equally loud energy, <c>[1, frames]</c>: perceptual linear prediction's
    /// approximation of Stevens' law (Hermansky 1990, "Perceptual linear predictive (PLP) analysis of speech").</summary>
    public FrameMatrix Loudness(FrameMatrix bands)
    {
        var sums = new double[bands.Frames];
        for (int band = 0; band < bands.Bands; band++)
        {
            ReadOnlySpan<float> row = bands.Row(band);
            double offset = _logWeights[band] + _logScale;
            for (int t = 0; t < sums.Length; t++) sums[t] += Math.Exp((row[t] + offset) / 3);
        }
        return new FrameMatrix(1, bands.Frames, Array.ConvertAll(sums, sum => (float)sum));
    }

    /// <summary>Root of the energy of what the bands' magnitudes changed by since the previous frame, <c>[1, frames]</c>; 0 for the
    /// first.</summary>
    public FrameMatrix Flux(FrameMatrix bands)
    {
        var sums = new double[bands.Frames];
        for (int band = 0; band < bands.Bands; band++)
        {
            ReadOnlySpan<float> row = bands.Row(band);
            double before = Math.Exp((row[0] + _logScale) / 2);
            for (int t = 1; t < sums.Length; t++)
            {
                double magnitude = Math.Exp((row[t] + _logScale) / 2), change = magnitude - before;
                sums[t] += change * change;
                before = magnitude;
            }
        }
        return new FrameMatrix(1, bands.Frames, Array.ConvertAll(sums, sum => (float)Math.Sqrt(sum)));
    }

    // The ear's sensitivity at about 40 phon, Hermansky 1990, equation 7.
    private static double EqualLoudness(double hz)
    {
        double square = Math.Pow(2 * Math.PI * hz, 2);
        return (square + 56.8e6) * square * square / (Math.Pow(square + 6.3e6, 2) * (square + 0.38e9));
    }
}

/// <summary><see cref="Auditory"/> as ONNX nodes.</summary>
internal static class AuditoryOnnx
{
    /// <summary>From float [batch, bands, frames] to loudness and flux, float [batch, 1, frames].</summary>
    public static (OnnxValue Loudness, OnnxValue Flux) Add(OnnxValue logBands, LogMelOptions options)
    {
        var auditory = new Auditory(options);
        OnnxValue bands = logBands.To(OnnxType.Double);
        OnnxValue offsets = bands.Graph.Constant<double>([.. auditory.LoudnessOffsets], [options.MelBands, 1]);
        OnnxValue magnitude = ((bands + auditory.LogScale) / 2).One("Exp"), change = magnitude - SegmentsOnnx.Previous(magnitude);
        return (((bands + offsets) / 3).One("Exp").Sum(1).To(OnnxType.Float), (change * change).Sum(1).One("Sqrt").To(OnnxType.Float));
    }
}
