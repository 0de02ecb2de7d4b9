using System.Numerics;

namespace SerPipeline.Features;

/// <summary>
/// Two measures of vocal effort in dB, <c>[2, frames]</c>: the alpha ratio (energy of 50 to 1000 Hz over 1000 to 5000 Hz) and the Hammarberg index
/// (greatest peak of 0 to 2000 Hz over that of 2000 to 5000 Hz), as Eyben et al. 2016 (GeMAPS) define them.
/// </summary>
internal sealed class BalanceFeature(SpectrumOptions options) : IFrameFeature
{
    internal const double Floor = 1e-10; // power below it counts as it, so that silence is balanced: 0 dB
    private readonly double _hzPerBin = (double)options.SampleRateHz / options.FftLength;

    public int Bands => 2;

    public bool UsesMagnitude => false;

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

    public void Finish(FrameMatrix frames) { }
}
