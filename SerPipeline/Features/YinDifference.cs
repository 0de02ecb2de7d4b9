using System.Numerics;

namespace SerPipeline.Features;

/// <summary>YIN's cumulative mean normalised difference of several frames at once, one a lane. Immutable and thread-safe.</summary>
internal sealed class YinDifference
{
    // librosa counts energies and correlations below it as 0, which keeps rounding noise from looking periodic.
    internal const double Negligible = 1e-6;
    // Of a frame's energy. A mean difference below it is that of a frame that holds one value, give or take rounding, which is 1e-13 of the energy and less: no period is told from another there.
    internal const double NegligibleOfEnergy = 1e-6;
    // The least normal double: no division by zero, and no difference elsewhere.
    internal const double Tiny = 2.2250738585072014e-308;
    private readonly YinOptions _options;
    private readonly LaneFft _fft;
    private readonly double[] _rectangle; // every sample counts alike

    public YinDifference(YinOptions options)
    {
        _options = options;
        _fft = new LaneFft((int)BitOperations.RoundUpToPowerOf2((uint)options.FrameSamples));
        _rectangle = new double[options.FrameSamples];
        Array.Fill(_rectangle, 1);
    }

    public int ScratchLanes => (4 * _fft.Length) + _options.FrameSamples;

    /// <summary>Computes <c>d'</c> for the periods from the shortest to the longest.</summary>
    /// <param name="signal">The first frame's samples and on, one lane's frame a hop after the other's.</param>
    /// <param name="normalized">Receives <c>d'</c>, one vector a period.</param>
    /// <param name="scratch">Working space of <see cref="ScratchLanes"/>.</param>
    /// <returns>The energy of the compared samples.</returns>
    public Vector<double> Compute(ReadOnlySpan<float> signal, Span<Vector<double>> normalized, Span<Vector<double>> scratch)
    {
        int size = _fft.Length, window = _options.WindowSamples;
        Span<Vector<double>> frame = scratch.Slice(4 * size, _options.FrameSamples);
        // 1. Frames into lanes.
        FrameLoader.Load(signal, _options.HopSamples, _rectangle, frame);
        // 2. r(k) = sum over m = 1 .. window of y[m] y[m + k], as a product of spectra.
        ReadOnlySpan<Vector<double>> correlation = Correlate(frame, scratch)[window..];
        // 3. d(k) = e(0) + e(k) - 2 r(k), with e(k) the energy of the window moved by k.
        Vector<double> first = Vector<double>.Zero;
        for (int m = 1; m <= window; m++) first += frame[m] * frame[m];
        Vector<double> energy = first, sum = Vector<double>.Zero, firstKept = Significant(first), floor = firstKept * NegligibleOfEnergy;
        for (int k = 1; k <= _options.MaxPeriod; k++)
        {
            energy += (frame[window + k] * frame[window + k]) - (frame[k] * frame[k]);
            Vector<double> difference = firstKept + Significant(energy) - (Significant(correlation[k] * (1.0 / size)) * 2);
            // 4. d'(k) = d(k) divided by the mean of d(1) .. d(k); 1, as for k = 0, while nothing but rounding differs.
            sum += difference;
            if (k < _options.MinPeriod) continue;
            Vector<double> mean = sum / k;
            normalized[k - _options.MinPeriod] = Vector.ConditionalSelect(Vector.LessThan(mean, floor), Vector<double>.One, difference / (mean + new Vector<double>(Tiny)));
        }
        return firstKept;
    }

    private static Vector<double> Significant(Vector<double> value)
        => Vector.ConditionalSelect(Vector.LessThan(Vector.Abs(value), new(Negligible)), Vector<double>.Zero, value);

    // The convolution of the frame with its first samples reversed (y[window] .. y[1]), times the transform's length.
    private ReadOnlySpan<Vector<double>> Correlate(ReadOnlySpan<Vector<double>> frame, Span<Vector<double>> scratch)
    {
        int size = _fft.Length, window = _options.WindowSamples;
        Span<Vector<double>> re = scratch[..size], im = scratch.Slice(size, size), productRe = scratch.Slice(2 * size, size), productIm = scratch.Slice(3 * size, size);
        ReadOnlySpan<int> from = _fft.BitReversed;
        // 1. Both real signals as one complex signal.
        for (int i = 0; i < size; i++)
        {
            int n = from[i];
            re[i] = n < frame.Length ? frame[n] : Vector<double>.Zero;
            im[i] = n < window ? frame[window - n] : Vector<double>.Zero;
        }
        _fft.Transform(re, im);
        // 2. The product of their two spectra: (C(k)^2 - conj(C(-k))^2) / 4i. Real and imaginary parts change places, which makes the
        //    next forward transform an inverse one.
        Vector<double> quarter = new(0.25), half = new(0.5);
        for (int i = 0; i < size; i++)
        {
            int k = from[i], mirror = (size - k) & (size - 1);
            Vector<double> a = re[k], b = im[k], c = re[mirror], d = im[mirror];
            productIm[i] = ((a * b) + (c * d)) * half;
            productRe[i] = ((c * c) - (d * d) - (a * a) + (b * b)) * quarter;
        }
        _fft.Transform(productRe, productIm);
        return productIm;
    }
}
