using System.Numerics;

namespace SerPipeline.Features;

/// <summary>
/// Peaks and valleys of octave bands in dB (Jiang et al. 2002, "Music type classification by spectral contrast feature"):
/// <c>[2 * bands, frames]</c>, peaks first. Band edges and rounding are librosa's.
/// </summary>
internal sealed class ContrastFeature : IFrameFeature
{
    internal const double Floor = 1e-10, TopDb = 80; // power_to_db's defaults
    private readonly Band[] _bands;
    private readonly int _most;

    public ContrastFeature(SpectralOptions options)
    {
        _bands = Plan(options);
        _most = _bands.Max(band => band.Extremes);
    }

    internal readonly record struct Band(int Start, int End, int Extremes);

    public int Bands => 2 * _bands.Length;

    public bool UsesMagnitude => true;

    /// <summary>Adds a problem when a band has no bin to look at.</summary>
    public static void Check(SpectralOptions options, OptionsCheck check)
    {
        double highest = options.ContrastLowHz * Math.Pow(2, options.ContrastOctaves - 1);
        check.Require(highest < options.SampleRateHz / 2.0, options.ContrastOctaves, "leave the last octave's lower end below half of SampleRateHz", nameof(SpectralOptions.ContrastOctaves));
        if (check.Problems.Count == 0)
            check.Require(Plan(options).All(band => band.End > band.Start), options.FftLength, "be long enough to give every contrast band a bin", nameof(SpectrumOptions.FftLength));
    }

    public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands)
    {
        Span<Vector<double>> least = stackalloc Vector<double>[_most], greatest = stackalloc Vector<double>[_most];
        for (int b = 0; b < _bands.Length; b++)
        {
            Band band = _bands[b];
            Extremes(magnitude[band.Start..band.End], least[..band.Extremes], greatest[..band.Extremes]);
            bands[b] = ToDecibels(greatest[..band.Extremes]);
            bands[_bands.Length + b] = ToDecibels(least[..band.Extremes]);
        }
    }

    /// <summary>Cuts peaks, and apart from them valleys, 80 dB below their greatest.</summary>
    public void Finish(FrameMatrix frames)
    {
        int half = frames.Values.Length / 2;
        Decibels.CutBelow(frames.Values.AsSpan(0, half), TopDb);
        Decibels.CutBelow(frames.Values.AsSpan(half), TopDb);
    }

    /// <summary>Peaks minus valleys: <c>[bands, frames]</c>.</summary>
    public static FrameMatrix Difference(FrameMatrix peaksAndValleys)
    {
        var contrast = new FrameMatrix(peaksAndValleys.Bands / 2, peaksAndValleys.Frames);
        ReadOnlySpan<float> peaks = peaksAndValleys.Values.AsSpan(0, contrast.Values.Length), valleys = peaksAndValleys.Values.AsSpan(contrast.Values.Length);
        for (int i = 0; i < peaks.Length; i++) contrast.Values[i] = peaks[i] - valleys[i];
        return contrast;
    }

    // Band 0 is what lies below the first octave. Both edges belong to a band, each but the first takes one bin more below, each but the
    // last gives up its uppermost bin, the last one goes on to the end; extremes are counted before that bin is given up.
    internal static Band[] Plan(SpectralOptions options)
    {
        double hzPerBin = (double)options.SampleRateHz / options.FftLength;
        int bins = (options.FftLength / 2) + 1, last = options.ContrastOctaves;
        var bands = new Band[last + 1];
        for (int b = 0; b <= last; b++)
        {
            double low = b == 0 ? 0 : options.ContrastLowHz * Math.Pow(2, b - 1), high = options.ContrastLowHz * Math.Pow(2, b);
            int start = (int)Math.Ceiling(low / hzPerBin) - (b > 0 ? 1 : 0);
            int end = b == last ? bins : Math.Min(bins, (int)Math.Floor(high / hzPerBin) + 1);
            int extremes = Math.Max(1, (int)Math.Round(options.ContrastShare * (end - start), MidpointRounding.ToEven));
            if (b < last) end--;
            bands[b] = new Band(start, end, Math.Min(extremes, Math.Max(1, end - start)));
        }
        return bands;
    }

    // Keeps the smallest and the greatest values of each lane in order: every bin is carried past them by compare and exchange.
    private static void Extremes(ReadOnlySpan<Vector<double>> bins, Span<Vector<double>> least, Span<Vector<double>> greatest)
    {
        least.Fill(new(double.PositiveInfinity));
        greatest.Fill(new(double.NegativeInfinity));
        foreach (Vector<double> bin in bins)
        {
            Vector<double> small = bin, great = bin;
            for (int i = 0; i < least.Length; i++)
            {
                (least[i], small) = (Vector.Min(least[i], small), Vector.Max(least[i], small));
                (greatest[i], great) = (Vector.Max(greatest[i], great), Vector.Min(greatest[i], great));
            }
        }
    }

    private static Vector<double> ToDecibels(ReadOnlySpan<Vector<double>> values)
    {
        Vector<double> sum = Vector<double>.Zero;
        foreach (Vector<double> v in values) sum += v;
        return Vector.Log(Vector.Max(sum / values.Length, new(Floor))) * (10 / Math.Log(10));
    }
}
