namespace SerPipeline.Features;

/// <summary>Forward FFT of one real signal of any length, <c>X[k] = sum over n of x[n] exp(-2 pi i k n / N)</c>. For the frames of a clip
/// <see cref="Stft"/> is faster. Immutable and thread-safe; transforms do not allocate.</summary>
public sealed class RealFft
{
    private readonly LaneRealFft _fft;

    /// <summary>Creates a transform of one length.</summary>
    /// <param name="length">N, 1 to 1048576. Powers of two are fastest; others cost two transforms of the next power of two above
    /// 2N.</param>
    public RealFft(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 1 << 20);
        _fft = LaneRealFft.Create(length);
    }

    /// <summary>Number of samples, N.</summary>
    public int Length => _fft.Length;

    /// <summary>Number of bins, <c>Length / 2 + 1</c>; the others are their conjugates.</summary>
    public int Bins => _fft.Bins;

    /// <summary>Computes the spectrum of a signal.</summary>
    /// <param name="samples"><see cref="Length"/> samples.</param>
    /// <param name="real">Receives <see cref="Bins"/> real parts.</param>
    /// <param name="imaginary">Receives <see cref="Bins"/> imaginary parts.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public void Forward(ReadOnlySpan<float> samples, Span<float> real, Span<float> imaginary)
    {
        if (samples.Length != Length) throw new ArgumentException($"Expected {Length} samples, got {samples.Length}.", nameof(samples));
        if (real.Length != Bins) throw new ArgumentException($"Expected room for {Bins} bins, got {real.Length}.", nameof(real));
        if (imaginary.Length != Bins)
            throw new ArgumentException($"Expected room for {Bins} bins, got {imaginary.Length}.", nameof(imaginary));
        using var pool = new LanePool(Length + (2 * Bins) + _fft.ScratchLanes);
        Span<Vector<double>> input = pool.Lanes[..Length], re = pool.Lanes.Slice(Length, Bins), im = pool.Lanes.Slice(Length + Bins, Bins);
        for (int n = 0; n < Length; n++) input[n] = new(samples[n]);
        _fft.Transform(input, re, im, pool.Lanes[(Length + (2 * Bins))..]);
        for (int k = 0; k < Bins; k++) (real[k], imaginary[k]) = ((float)re[k][0], (float)im[k][0]);
    }
}

/// <summary>FFT of real signals, one per lane (see <see cref="LaneFft"/>): bins 0 to <c>Length / 2</c>.</summary>
internal abstract class LaneRealFft
{
    private protected LaneRealFft(int length) => Length = length;

    public int Length { get; }

    public int Bins => (Length / 2) + 1;

    public abstract int ScratchLanes { get; }

    public static LaneRealFft Create(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        return length >= 2 && BitOperations.IsPow2(length) ? new PowerOfTwoRealFft(length) : new BluesteinRealFft(length);
    }

    /// <summary>Transforms <see cref="Length"/> samples, which stay unchanged, to <see cref="Bins"/> bins.</summary>
    public abstract void Transform(ReadOnlySpan<Vector<double>> samples, Span<Vector<double>> real, Span<Vector<double>> imaginary,
        Span<Vector<double>> scratch);
}

/// <summary>N real samples as N/2 complex ones, even samples real and odd ones imaginary, separated afterwards (Cooley, Lewis and Welch
/// 1970).</summary>
internal sealed class PowerOfTwoRealFft : LaneRealFft
{
    private readonly LaneFft _half;
    private readonly double[] _twiddles; // (cos, sin) of -2 pi k / N for k = 0 .. N/4

    public PowerOfTwoRealFft(int length) : base(length)
    {
        _half = new LaneFft(length / 2);
        _twiddles = new double[2 * ((length / 4) + 1)];
        for (int k = 0; k <= length / 4; k++) (_twiddles[(2 * k) + 1], _twiddles[2 * k]) = Math.SinCos(-2 * Math.PI * k / length);
    }

    public override int ScratchLanes => 0;

    public override void Transform(ReadOnlySpan<Vector<double>> samples, Span<Vector<double>> real, Span<Vector<double>> imaginary,
        Span<Vector<double>> scratch)
    {
        // 1. Pack pairs of samples as complex values in bit-reversed order.
        ReadOnlySpan<int> from = _half.BitReversed;
        for (int i = 0; i < from.Length; i++)
        {
            int pair = 2 * from[i];
            real[i] = samples[pair];
            imaginary[i] = samples[pair + 1];
        }
        // 2. Transform.
        _half.Transform(real, imaginary);
        // 3. Separate the spectra of even and odd samples.
        Separate(real, imaginary);
    }

    private void Separate(Span<Vector<double>> real, Span<Vector<double>> imaginary)
    {
        int half = Length / 2;
        Vector<double> dcReal = real[0], dcImaginary = imaginary[0], scale = new(0.5);
        real[0] = dcReal + dcImaginary;
        real[half] = dcReal - dcImaginary;
        imaginary[0] = imaginary[half] = Vector<double>.Zero;
        for (int k = 1, m = half - 1; k <= m; k++, m--)
        {
            Vector<double> a = real[k], b = imaginary[k], c = real[m], d = imaginary[m];
            Vector<double> evenReal = (a + c) * scale, evenImaginary = (b - d) * scale;
            Vector<double> oddReal = (b + d) * scale, oddImaginary = (c - a) * scale;
            Vector<double> cos = new(_twiddles[2 * k]), sin = new(_twiddles[(2 * k) + 1]);
            Vector<double> turnedReal = (oddReal * cos) - (oddImaginary * sin);
            Vector<double> turnedImaginary = (oddReal * sin) + (oddImaginary * cos);
            real[k] = evenReal + turnedReal;
            imaginary[k] = evenImaginary + turnedImaginary;
            real[m] = evenReal - turnedReal;
            imaginary[m] = turnedImaginary - evenImaginary;
        }
    }
}

/// <summary>Any length, as a convolution with a chirp by power-of-two FFTs (Bluestein 1970).</summary>
internal sealed class BluesteinRealFft : LaneRealFft
{
    private readonly LaneFft _fft;
    private readonly double[] _chirp;  // (cos, sin) of -pi n^2 / N
    private readonly double[] _kernel; // (re, im) of the transformed conjugate chirp, divided by the transform's length

    public BluesteinRealFft(int length) : base(length)
    {
        _fft = new LaneFft((int)BitOperations.RoundUpToPowerOf2((uint)((2 * length) - 1)));
        _chirp = new double[2 * length];
        for (int n = 0; n < length; n++)
        {
            // n^2 modulo 2N keeps the angle small and exact.
            double angle = -Math.PI * ((long)n * n % (2L * length)) / length;
            (_chirp[(2 * n) + 1], _chirp[2 * n]) = Math.SinCos(angle);
        }
        _kernel = Kernel(length);
    }

    public override int ScratchLanes => 4 * _fft.Length;

    public override void Transform(ReadOnlySpan<Vector<double>> samples, Span<Vector<double>> real, Span<Vector<double>> imaginary,
        Span<Vector<double>> scratch)
    {
        int size = _fft.Length;
        Span<Vector<double>> aReal = scratch[..size], aImaginary = scratch.Slice(size, size);
        Span<Vector<double>> bReal = scratch.Slice(2 * size, size), bImaginary = scratch.Slice(3 * size, size);
        ReadOnlySpan<int> from = _fft.BitReversed;
        // 1. Samples times chirp, zero-padded, in bit-reversed order.
        for (int i = 0; i < size; i++)
        {
            int n = from[i];
            aReal[i] = n < Length ? samples[n] * _chirp[2 * n] : Vector<double>.Zero;
            aImaginary[i] = n < Length ? samples[n] * _chirp[(2 * n) + 1] : Vector<double>.Zero;
        }
        _fft.Transform(aReal, aImaginary);
        // 2. Times the kernel's spectrum. Swapping real and imaginary parts turns the next forward transform into an inverse one.
        for (int i = 0; i < size; i++)
        {
            int k = from[i];
            double kr = _kernel[2 * k], ki = _kernel[(2 * k) + 1];
            bImaginary[i] = (aReal[k] * kr) - (aImaginary[k] * ki);
            bReal[i] = (aReal[k] * ki) + (aImaginary[k] * kr);
        }
        _fft.Transform(bReal, bImaginary);
        // 3. Times the chirp again.
        for (int k = 0; k < Bins; k++)
        {
            Vector<double> yr = bImaginary[k], yi = bReal[k];
            real[k] = (yr * _chirp[2 * k]) - (yi * _chirp[(2 * k) + 1]);
            imaginary[k] = (yr * _chirp[(2 * k) + 1]) + (yi * _chirp[2 * k]);
        }
    }

    private double[] Kernel(int length)
    {
        int size = _fft.Length;
        var re = new Vector<double>[size];
        var im = new Vector<double>[size];
        for (int i = 0; i < size; i++)
        {
            int n = Math.Min(_fft.BitReversed[i], size - _fft.BitReversed[i]);
            if (n >= length) continue;
            re[i] = new(_chirp[2 * n] / size);
            im[i] = new(-_chirp[(2 * n) + 1] / size);
        }
        _fft.Transform(re, im);
        var kernel = new double[2 * size];
        for (int k = 0; k < size; k++) (kernel[2 * k], kernel[(2 * k) + 1]) = (re[k][0], im[k][0]);
        return kernel;
    }
}
