using System.Runtime.CompilerServices;

namespace SerPipeline.Audio;

/// <summary>Peak level and loudness of clips.</summary>
public static class Loudness
{
    // ITU-R BS.1770-4: 400 ms blocks with 75 % overlap, an absolute gate at -70 LKFS, then a relative gate 10 LU below the mean of the
    // blocks above it.
    internal const double AbsoluteGate = -70, RelativeGate = -10, Offset = -0.691;
    private const double BlockSeconds = 0.4, StepFraction = 0.25;
    private const double SurroundWeight = 1.41;

    /// <summary>The largest absolute sample in dBFS; negative infinity for silence.</summary>
    /// <param name="clip">A clip of any number of channels.</param>
    public static double PeakDbfs(AudioClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        float peak = 0;
        foreach (float s in clip.Samples) peak = Math.Max(peak, Math.Abs(s));
        return 20 * Math.Log10(peak);
    }

    /// <summary>Integrated loudness in LUFS (ITU-R BS.1770-4, annex 1: K-weighting, gated blocks). Five channels are taken as L, R, C, Ls,
    /// Rs, six as L, R, C, LFE, Ls, Rs: surrounds are weighted by 1.41 and the LFE is ignored. All other channels have weight 1.</summary>
    /// <param name="clip">A clip of any length; one shorter than 0.4 s is measured as a single block, which the recommendation leaves
    /// open.</param>
    /// <returns>Loudness in LUFS; negative infinity if no block is louder than -70 LUFS.</returns>
    public static double IntegratedLufs(AudioClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        // 1. Weighted mean square of every block.
        double[] blocks = BlockPowers(clip);
        // 2. Absolute gate, then the relative gate.
        double[] audible = [.. blocks.Where(p => ToLufs(p) > AbsoluteGate)];
        if (audible.Length == 0) return double.NegativeInfinity;
        double gate = ToLufs(audible.Average()) + RelativeGate;
        // 3. Mean of the blocks above both gates, at least the loudest one.
        return ToLufs(audible.Where(p => ToLufs(p) > gate).Average());
    }

    internal static int BlockSamples(int sampleRateHz) => (int)Math.Round(BlockSeconds * sampleRateHz);

    internal static int StepSamples(int sampleRateHz) => Math.Max(1, (int)Math.Round(BlockSeconds * StepFraction * sampleRateHz));

    private static double ToLufs(double power) => Offset + (10 * Math.Log10(power));

    private static double[] BlockPowers(AudioClip clip)
    {
        if (clip.Length == 0) return [];
        int block = Math.Clamp(BlockSamples(clip.SampleRateHz), 1, clip.Length);
        int step = StepSamples(clip.SampleRateHz);
        var powers = new double[((clip.Length - block) / step) + 1];
        var weighting = new KWeighting(clip.SampleRateHz);
        for (int c = 0; c < clip.Channels; c++)
        {
            double weight = ChannelWeight(c, clip.Channels);
            if (weight == 0) continue;
            double[] squares = weighting.WeightedSquares(clip.Samples, c, clip.Channels);
            for (int b = 0; b < powers.Length; b++)
            {
                double sum = 0;
                foreach (double square in squares.AsSpan(b * step, block)) sum += square;
                powers[b] += weight * sum / block;
            }
        }
        return powers;
    }

    private static double ChannelWeight(int channel, int channels) => (channels, channel) switch
    {
        (6, 3) => 0,
        (5, >= 3) or (6, >= 4) => SurroundWeight,
        _ => 1,
    };
}

/// <summary>The K-weighting filter of ITU-R BS.1770-4 (annex 1): a high shelf, then a high pass. The recommendation gives coefficients for
/// 48 kHz only. Here the bilinear transform with frequency warping is applied to the analogue prototypes (constants from B. De Man,
/// "Evaluation of implementations of the EBU R128 loudness measurement", AES 145, 2018), which reproduces them at 48 kHz.</summary>
internal sealed class KWeighting(int sampleRateHz)
{
    private const double ShelfFrequencyHz = 1681.974450955533, ShelfGainDb = 3.999843853973347, ShelfQ = 0.7071752369554196;
    private const double HighPassFrequencyHz = 38.13547087602444, HighPassQ = 0.5003270373238773;
    // Exponent of the band gain in the shelf prototype.
    private const double BandExponent = 0.4996667741545416;

    /// <summary>Numerator b0, b1, b2 and denominator a1, a2 of the high shelf.</summary>
    public double[] Shelf { get; } = ShelfFor(sampleRateHz);

    /// <summary>Numerator b0, b1, b2 and denominator a1, a2 of the high pass.</summary>
    public double[] HighPass { get; } = HighPassFor(sampleRateHz);

    /// <summary>Squares of one channel's weighted samples.</summary>
    public double[] WeightedSquares(ReadOnlySpan<float> interleaved, int channel, int channels)
    {
        var squares = new double[interleaved.Length / channels];
        State state = default;
        for (int i = 0; i < squares.Length; i++)
        {
            double z = Next(interleaved[(i * channels) + channel], ref state);
            squares[i] = z * z;
        }
        return squares;
    }

    /// <summary>Filters one sample. <paramref name="state"/> is all 0 before the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // keeps the state in registers: a third less time
    public double Next(double x, ref State state)
    {
        // Two biquads in transposed direct form II.
        double[] f = Shelf, g = HighPass;
        double y = (f[0] * x) + state.Shelf1;
        state.Shelf1 = (f[1] * x) - (f[3] * y) + state.Shelf2;
        state.Shelf2 = (f[2] * x) - (f[4] * y);
        double z = (g[0] * y) + state.HighPass1;
        state.HighPass1 = (g[1] * y) - (g[3] * z) + state.HighPass2;
        state.HighPass2 = (g[2] * y) - (g[4] * z);
        return z;
    }

    /// <summary>Filter memory of both biquads.</summary>
    public record struct State(double Shelf1, double Shelf2, double HighPass1, double HighPass2);

    private static double[] ShelfFor(int rate)
    {
        double k = Math.Tan(Math.PI * Math.Min(ShelfFrequencyHz / rate, 0.49));
        double high = Math.Pow(10, ShelfGainDb / 20), band = Math.Pow(high, BandExponent);
        double a0 = 1 + (k / ShelfQ) + (k * k);
        return
        [
            (high + (band * k / ShelfQ) + (k * k)) / a0,
            2 * ((k * k) - high) / a0,
            (high - (band * k / ShelfQ) + (k * k)) / a0,
            2 * ((k * k) - 1) / a0,
            (1 - (k / ShelfQ) + (k * k)) / a0,
        ];
    }

    private static double[] HighPassFor(int rate)
    {
        double k = Math.Tan(Math.PI * Math.Min(HighPassFrequencyHz / rate, 0.49));
        double a0 = 1 + (k / HighPassQ) + (k * k);
        // The recommendation does not normalise the numerator: 1, -2, 1.
        return [1, -2, 1, 2 * ((k * k) - 1) / a0, (1 - (k / HighPassQ) + (k * k)) / a0];
    }
}
