using System.Buffers;
using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>Peaks and valleys of octave bands in dB, <c>[2 * bands, frames]</c>, peaks first (Jiang et al. 2002, "Music type classification
/// by spectral contrast feature"). Band edges and rounding are librosa's.</summary>
internal sealed class ContrastFeature : IFrameFeature
{
    internal const double Floor = 1e-10, TopDb = 80; // defaults of librosa's power_to_db
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

    /// <summary>Requires at least one bin in each band.</summary>
    public static void Check(SpectralOptions options, OptionsCheck check)
    {
        double highest = options.ContrastLowHz * Math.Pow(2, options.ContrastOctaves - 1);
        check.Require(highest < options.SampleRateHz / 2.0, options.ContrastOctaves,
            "keep the lower edge of the last octave below half of SampleRateHz", nameof(SpectralOptions.ContrastOctaves));
        if (check.Problems.Count == 0)
            check.Require(Plan(options).All(band => band.End > band.Start), options.FftLength,
                "be long enough for at least one bin in each contrast band", nameof(SpectrumOptions.FftLength));
    }

    public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands)
    {
        // Of long frames they would not fit a stack.
        Vector<double>[] rented = ArrayPool<Vector<double>>.Shared.Rent(2 * _most);
        Span<Vector<double>> least = rented.AsSpan(0, _most), greatest = rented.AsSpan(_most, _most);
        for (int b = 0; b < _bands.Length; b++)
        {
            Band band = _bands[b];
            Extremes(magnitude[band.Start..band.End], least[..band.Extremes], greatest[..band.Extremes]);
            bands[b] = ToDecibels(greatest[..band.Extremes]);
            bands[_bands.Length + b] = ToDecibels(least[..band.Extremes]);
        }
        ArrayPool<Vector<double>>.Shared.Return(rented);
    }

    /// <summary>Clips peaks and valleys, separately, to 80 dB below their maximum.</summary>
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
        ReadOnlySpan<float> peaks = peaksAndValleys.Values.AsSpan(0, contrast.Values.Length);
        ReadOnlySpan<float> valleys = peaksAndValleys.Values.AsSpan(contrast.Values.Length);
        for (int i = 0; i < peaks.Length; i++) contrast.Values[i] = peaks[i] - valleys[i];
        return contrast;
    }

    // As in librosa. Band 0 is below the first octave. Bands include both edges; all but the first also include one bin below. The last
    // band extends to the end; all others drop their highest bin, after the number of extremes is computed.
    internal static Band[] Plan(SpectralOptions options)
    {
        double hzPerBin = options.HzPerBin;
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

    // Keeps the smallest and largest values of each lane sorted: every bin is inserted by compare and exchange.
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

/// <summary><see cref="ContrastFeature"/> as ONNX nodes.</summary>
internal static class ContrastOnnx
{
    /// <summary>From |X|, double [batch, frames, bins], to peaks minus valleys, float [batch, bands, frames].</summary>
    public static OnnxValue Add(OnnxValue magnitude, OnnxValue valid, SpectralOptions options)
    {
        ContrastFeature.Band[] bands = ContrastFeature.Plan(options);
        return Levels(magnitude, valid, bands, greatest: true) - Levels(magnitude, valid, bands, greatest: false);
    }

    // Mean of the extremes of each band in dB, clipped to 80 dB below the clip's maximum.
    private static OnnxValue Levels(OnnxValue magnitude, OnnxValue valid, ContrastFeature.Band[] bands, bool greatest)
    {
        OnnxGraphBuilder graph = magnitude.Graph;
        OnnxValue Mean(ContrastFeature.Band band) =>
            magnitude.Slice(2, band.Start, band.End).Extremes(2, graph.Constant([(long)band.Extremes]), greatest).Sum(2) / band.Extremes;
        OnnxValue means = graph.Concat(2, [.. bands.Select(Mean)]);
        OnnxValue levels = StftOnnx.ToContour(DecibelsOnnx.OfPower(means.AtLeast(ContrastFeature.Floor)));
        return DecibelsOnnx.CutBelow(levels, valid, ContrastFeature.TopDb);
    }
}
