using System.Numerics;

namespace SerPipeline.Features;

/// <summary>
/// The forward Fourier transform of one real signal, <c>X[k] = sum of x[n] exp(-2 pi i k n / N)</c>, of any length. For many frames of a clip use
/// <see cref="Stft"/>, which transforms several at once. Immutable and thread-safe; nothing is allocated by a transform.
/// </summary>
public sealed class RealFft
{
    private readonly LaneRealFft _fft;

    /// <summary>Prepares transforms of one length.</summary>
    /// <param name="length">N, 1 to 1048576. Powers of two take one transform of half the length, others two of the next power of two above 2N.</param>
    public RealFft(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 1 << 20);
        _fft = LaneRealFft.Create(length);
    }

    /// <summary>Samples of the signal.</summary>
    public int Length => _fft.Length;

    /// <summary>Bins of the spectrum: <c>Length / 2 + 1</c>. The others are the conjugates of these.</summary>
    public int Bins => _fft.Bins;

    /// <summary>Transforms one signal.</summary>
    /// <param name="samples"><see cref="Length"/> samples.</param>
    /// <param name="real">Receives <see cref="Bins"/> real parts.</param>
    /// <param name="imaginary">Receives <see cref="Bins"/> imaginary parts.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Forward(ReadOnlySpan<float> samples, Span<float> real, Span<float> imaginary)
    {
        if (samples.Length != Length) throw new ArgumentException($"Expected {Length} samples, got {samples.Length}.", nameof(samples));
        if (real.Length != Bins) throw new ArgumentException($"Expected room for {Bins} bins, got {real.Length}.", nameof(real));
        if (imaginary.Length != Bins) throw new ArgumentException($"Expected room for {Bins} bins, got {imaginary.Length}.", nameof(imaginary));
        using var pool = new LanePool(Length + (2 * Bins) + _fft.ScratchLanes);
        Span<Vector<double>> input = pool.Lanes[..Length], re = pool.Lanes.Slice(Length, Bins), im = pool.Lanes.Slice(Length + Bins, Bins);
        for (int n = 0; n < Length; n++) input[n] = new(samples[n]);
        _fft.Transform(input, re, im, pool.Lanes[(Length + (2 * Bins))..]);
        for (int k = 0; k < Bins; k++) (real[k], imaginary[k]) = ((float)re[k][0], (float)im[k][0]);
    }
}
