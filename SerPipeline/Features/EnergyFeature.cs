using System.Numerics;

namespace SerPipeline.Features;

/// <summary>
/// The energy under the window in dB, <c>[1, frames]</c>, by Parseval's theorem from the power spectrum. The Hann window's soft ends keep it from
/// rippling as periods of the voice enter and leave the frame, which a plain root mean square does.
/// </summary>
internal sealed class EnergyFeature(SpectrumOptions options) : IFrameFeature
{
    internal const double Floor = 1e-10;

    public int Bands => 1;

    public bool UsesMagnitude => false;

    public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands)
    {
        // Every bin but 0 Hz and, of even lengths, the last one has a conjugate twin.
        Vector<double> sum = Vector<double>.Zero;
        for (int k = 1; k < power.Length; k++) sum += power[k];
        sum = (sum * 2) + power[0];
        if (options.FftLength % 2 == 0) sum -= power[^1];
        bands[0] = Vector.Log(Vector.Max(sum / options.FftLength, new(Floor))) * (10 / Math.Log(10));
    }

    public void Finish(FrameMatrix frames) { }
}
