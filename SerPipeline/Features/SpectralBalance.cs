using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>Two measures of vocal effort in dB, <c>[2, frames]</c>, as defined by Eyben et al. 2016 (GeMAPS): the alpha ratio (energy at 50
/// to 1000 Hz over 1000 to 5000 Hz) and the Hammarberg index (peak at 0 to 2000 Hz over peak at 2000 to 5000 Hz).</summary>
internal sealed class BalanceFeature(SpectrumOptions options) : IFrameFeature
{
    internal const double Floor = 1e-10; // lower limit of power: silence gives 0 dB
    private readonly double _hzPerBin = options.HzPerBin;

    public int Bands => 2;

    public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands)
    {
        Vector<double> floor = new(Floor), lowSum = floor, highSum = floor, lowPeak = floor, highPeak = floor;
        for (int k = 0; k < power.Length; k++)
        {
            double hz = k * _hzPerBin;
            if (hz > 5000) break;
            if (hz is >= 50 and < 1000) lowSum += power[k];
            if (hz >= 1000) highSum += power[k];
            if (hz < 2000) lowPeak = Vector.Max(lowPeak, power[k]);
            else highPeak = Vector.Max(highPeak, power[k]);
        }
        double scale = 10 / Math.Log(10);
        bands[0] = Vector.Log(lowSum / highSum) * scale;
        bands[1] = Vector.Log(lowPeak / highPeak) * scale;
    }
}

/// <summary>Least-squares slopes of the power spectrum in dB per kHz over 0 to 500 Hz and 500 to 1500 Hz, <c>[2, frames]</c>.</summary>
internal sealed class SlopeFeature : IFrameFeature
{
    private readonly double[] _low, _high; // weights of bins in dB

    public SlopeFeature(SpectrumOptions options) => (_low, _high) = (Weights(options, 0, 500), Weights(options, 500, 1500));

    public int Bands => 2;

    public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands)
    {
        Vector<double> floor = new(BalanceFeature.Floor), low = Vector<double>.Zero, high = Vector<double>.Zero;
        for (int k = 0; k < _high.Length; k++)
        {
            Vector<double> log = Vector.Log(Vector.Max(power[k], floor));
            low += log * _low[k];
            high += log * _high[k];
        }
        (bands[0], bands[1]) = (low, high);
    }

    /// <summary>What gives the slope of 10 log10(power) when multiplied with the natural logarithms of the bins, as many for both: those up
    /// to 1500 Hz.</summary>
    public static double[] Weights(SpectrumOptions options, double lowHz, double highHz)
    {
        double hzPerBin = options.HzPerBin;
        double[] hz = [.. Enumerable.Range(0, (int)(1500 / hzPerBin) + 1).Select(k => k * hzPerBin)];
        double[] inside = [.. hz.Where(f => f >= lowHz && f <= highHz)];
        double mean = inside.Average(), square = inside.Sum(f => (f - mean) * (f - mean));
        return [.. hz.Select(f => f >= lowHz && f <= highHz ? (f - mean) * 1000 / square * 10 / Math.Log(10) : 0)];
    }
}

/// <summary>Energy of the windowed frame in dB, <c>[1, frames]</c>, from the power spectrum by Parseval's theorem. Unlike the RMS of the
/// frame, it does not ripple as pitch periods enter and leave, as the Hann window tapers at its ends.</summary>
internal sealed class EnergyFeature(SpectrumOptions options) : IFrameFeature
{
    internal const double Floor = 1e-10;

    public int Bands => 1;

    public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands)
    {
        // All bins count twice for their conjugates, except 0 Hz and, for even lengths, the last one.
        Vector<double> sum = Vector<double>.Zero;
        for (int k = 1; k < power.Length; k++) sum += power[k];
        sum = (sum * 2) + power[0];
        if (options.FftLength % 2 == 0) sum -= power[^1];
        bands[0] = Vector.Log(Vector.Max(sum / options.FftLength, new(Floor))) * (10 / Math.Log(10));
    }
}

/// <summary><see cref="BalanceFeature"/> as ONNX nodes.</summary>
internal static class BalanceOnnx
{
    /// <summary>From |X|^2, double [batch, frames, bins], to alpha ratio and Hammarberg index, float [batch, 2, frames].</summary>
    public static OnnxValue Add(OnnxValue power, SpectrumOptions options)
    {
        double hzPerBin = options.HzPerBin;
        int bins = (options.FftLength / 2) + 1;
        // The first bin at or above a frequency.
        int From(double hz) => Enumerable.Range(0, bins).FirstOrDefault(k => k * hzPerBin >= hz, bins);
        int end = Enumerable.Range(0, bins).FirstOrDefault(k => k * hzPerBin > 5000, bins);
        OnnxValue Sum(double hz, int before) => power.Slice(2, From(hz), before).Sum(2) + BalanceFeature.Floor;
        OnnxValue Peak(double hz, int before) => power.Slice(2, From(hz), before).Greatest(2).AtLeast(BalanceFeature.Floor);
        OnnxValue alpha = DecibelsOnnx.OfPower(Sum(50, From(1000)) / Sum(1000, end));
        OnnxValue hammarberg = DecibelsOnnx.OfPower(Peak(0, From(2000)) / Peak(2000, end));
        return StftOnnx.ToContour(power.Graph.Concat(2, alpha, hammarberg));
    }
}

/// <summary><see cref="SlopeFeature"/> as ONNX nodes.</summary>
internal static class SlopeOnnx
{
    /// <summary>From |X|^2, double [batch, frames, bins], to float [batch, 2, frames].</summary>
    public static OnnxValue Add(OnnxValue power, SpectrumOptions options)
    {
        double[] low = SlopeFeature.Weights(options, 0, 500), high = SlopeFeature.Weights(options, 500, 1500);
        OnnxValue weights = power.Graph.Constant<double>([.. low.Zip(high).SelectMany(pair => new[] { pair.First, pair.Second })],
            [low.Length, 2]);
        return StftOnnx.ToContour(power.Slice(2, 0, low.Length).AtLeast(BalanceFeature.Floor).One("Log").MatMul(weights));
    }
}

/// <summary><see cref="EnergyFeature"/> as ONNX nodes.</summary>
internal static class EnergyOnnx
{
    /// <summary>From |X|^2, double [batch, frames, bins], to float [batch, 1, frames].</summary>
    public static OnnxValue Add(OnnxValue power, SpectrumOptions options)
    {
        // All bins count twice for their conjugates, except 0 Hz and, for even lengths, the last one.
        OnnxValue sum = (power.Slice(2, 1, long.MaxValue).Sum(2) * 2) + power.Slice(2, 0, 1);
        if (options.FftLength % 2 == 0) sum -= power.Slice(2, -1, long.MaxValue);
        return StftOnnx.ToContour(DecibelsOnnx.OfPower((sum / options.FftLength).AtLeast(EnergyFeature.Floor)));
    }
}

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
