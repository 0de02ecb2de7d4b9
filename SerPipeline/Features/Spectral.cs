using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>Options of <see cref="Spectral"/>.</summary>
public sealed record SpectralOptions : SpectrumOptions
{
    /// <summary>Fraction of the total magnitude below the roll-off frequency, between 0 and 1. Default 0.85.</summary>
    public double RollOffShare { get; init; } = 0.85;

    /// <summary>Lower limit of power in flatness, above 0; silence is flat. Default 1e-10.</summary>
    public double FlatnessFloor { get; init; } = 1e-10;

    /// <summary>Octave bands of spectral contrast above <see cref="ContrastLowHz"/>, 1 to 16; one more band covers the frequencies below.
    /// Default 6.</summary>
    public int ContrastOctaves { get; init; } = 6;

    /// <summary>Lower edge in Hz of the first octave band of spectral contrast. Default 200.</summary>
    public double ContrastLowHz { get; init; } = 200;

    /// <summary>Fraction of a band's bins averaged for its peak and its valley, above 0 and at most 0.5. Default 0.02.</summary>
    public double ContrastShare { get; init; } = 0.02;

    internal override OptionsCheck Check(OptionsCheck check)
    {
        base.Check(check)
            .Require(RollOffShare is > 0 and < 1, RollOffShare, "be between 0 and 1, both excluded")
            .Require(FlatnessFloor > 0 && double.IsFinite(FlatnessFloor), FlatnessFloor, "be above 0")
            .Require(ContrastOctaves is >= 1 and <= 16, ContrastOctaves, "be between 1 and 16")
            .Require(ContrastLowHz > 0, ContrastLowHz, "be above 0 Hz")
            .Require(ContrastShare is > 0 and <= 0.5, ContrastShare, "be above 0 and at most 0.5");
        if (check.Problems.Count == 0) ContrastFeature.Check(this, check);
        return check;
    }
}

/// <summary>Five measures of spectral shape per frame, with the values of librosa's <c>spectral_centroid</c>, <c>spectral_bandwidth</c>,
/// <c>spectral_rolloff</c>, <c>spectral_flatness</c> and <c>spectral_contrast</c>. Immutable and thread-safe.</summary>
public sealed class Spectral
{
    private readonly StftPlan _plan;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public Spectral(SpectralOptions? options = null)
    {
        Options = options ?? new SpectralOptions();
        Options.Validate();
        _plan = new StftPlan(Options);
    }

    /// <summary>The options in effect.</summary>
    public SpectralOptions Options { get; }

    /// <summary>Mean frequency weighted by magnitude, in Hz: <c>[1, frames]</c>, 0 for silence.</summary>
    /// <param name="mono">Samples at <see cref="SpectrumOptions.SampleRateHz"/>.</param>
    /// <exception cref="ArgumentException">The clip is empty or too short, or a sample is NaN or infinite.</exception>
    public FrameMatrix Centroid(ReadOnlySpan<float> mono) => Extract(mono, SpectralMeasure.Centroid);

    /// <summary>Standard deviation of frequency weighted by magnitude, in Hz: <c>[1, frames]</c>, 0 for silence.</summary>
    /// <inheritdoc cref="Centroid"/>
    public FrameMatrix Bandwidth(ReadOnlySpan<float> mono) => Extract(mono, SpectralMeasure.Bandwidth);

    /// <summary>Frequency below which <see cref="SpectralOptions.RollOffShare"/> of the magnitude lies, in Hz: <c>[1, frames]</c>, 0 for
    /// silence.</summary>
    /// <inheritdoc cref="Centroid"/>
    public FrameMatrix RollOff(ReadOnlySpan<float> mono) => Extract(mono, SpectralMeasure.RollOff);

    /// <summary>Geometric over arithmetic mean of the power, from 0 (a tone) to 1 (white noise): <c>[1, frames]</c>, 1 for
    /// silence.</summary>
    /// <inheritdoc cref="Centroid"/>
    public FrameMatrix Flatness(ReadOnlySpan<float> mono) => Extract(mono, SpectralMeasure.Flatness);

    /// <summary>Difference of peaks and valleys in each octave band, in dB: <c>[ContrastOctaves + 1, frames]</c>.</summary>
    /// <inheritdoc cref="Centroid"/>
    public FrameMatrix Contrast(ReadOnlySpan<float> mono) =>
        ContrastFeature.Difference(FrameFeatures.Extract(_plan, mono, new ContrastFeature(Options)));

    private FrameMatrix Extract(ReadOnlySpan<float> mono, SpectralMeasure measure) =>
        FrameFeatures.Extract(_plan, mono, new SpectralFeature(Options, measure));
}

internal enum SpectralMeasure
{
    Centroid,
    Bandwidth,
    RollOff,
    Flatness,
}

internal sealed class SpectralFeature(SpectralOptions options, SpectralMeasure measure) : IFrameFeature
{
    public int Bands => 1;

    public bool UsesMagnitude => measure != SpectralMeasure.Flatness;

    public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands) =>
        bands[0] = measure switch
        {
            SpectralMeasure.Centroid => SpectralShape.Centroid(magnitude, options.HzPerBin),
            SpectralMeasure.Bandwidth => SpectralShape.Bandwidth(magnitude, options.HzPerBin),
            SpectralMeasure.RollOff => SpectralShape.RollOff(magnitude, options.HzPerBin, options.RollOffShare),
            _ => SpectralShape.Flatness(power, options.FlatnessFloor),
        };
}

/// <summary>Measures of several spectra at once, one per lane. Silence gives 0, never NaN.</summary>
internal static class SpectralShape
{
    // The smallest normal float32: librosa does not divide by norms below it.
    internal const double Tiny = 1.17549435e-38;

    /// <summary>Replaces values that are too small to divide by with 1.</summary>
    public static Vector<double> NonZero(Vector<double> norm) =>
        Vector.ConditionalSelect(Vector.LessThan(norm, new(Tiny)), Vector<double>.One, norm);

    public static Vector<double> Centroid(ReadOnlySpan<Vector<double>> magnitude, double hzPerBin)
    {
        Vector<double> sum = Vector<double>.Zero, moment = Vector<double>.Zero;
        for (int k = 0; k < magnitude.Length; k++)
        {
            sum += magnitude[k];
            moment += magnitude[k] * new Vector<double>(k * hzPerBin);
        }
        return moment / NonZero(sum);
    }

    public static Vector<double> Bandwidth(ReadOnlySpan<Vector<double>> magnitude, double hzPerBin)
    {
        Vector<double> centroid = Centroid(magnitude, hzPerBin), sum = Vector<double>.Zero, moment = Vector<double>.Zero;
        for (int k = 0; k < magnitude.Length; k++)
        {
            Vector<double> distance = new Vector<double>(k * hzPerBin) - centroid;
            sum += magnitude[k];
            moment += magnitude[k] * distance * distance;
        }
        return Vector.SquareRoot(moment / NonZero(sum));
    }

    public static Vector<double> RollOff(ReadOnlySpan<Vector<double>> magnitude, double hzPerBin, double share)
    {
        Vector<double> total = Vector<double>.Zero, running = Vector<double>.Zero, bin = Vector<double>.Zero;
        foreach (Vector<double> m in magnitude) total += m;
        Vector<double> threshold = total * share;
        foreach (Vector<double> m in magnitude)
        {
            running += m;
            bin += Vector.ConditionalSelect(Vector.LessThan(running, threshold), Vector<double>.One, Vector<double>.Zero);
        }
        return bin * hzPerBin;
    }

    public static Vector<double> Flatness(ReadOnlySpan<Vector<double>> power, double floor)
    {
        Vector<double> least = new(floor), logs = Vector<double>.Zero, sum = Vector<double>.Zero;
        foreach (Vector<double> p in power)
        {
            Vector<double> value = Vector.Max(p, least);
            logs += Vector.Log(value);
            sum += value;
        }
        return Vector.Exp(logs / power.Length) / (sum / power.Length);
    }
}

/// <summary><see cref="Spectral"/> as ONNX nodes, from double [batch, frames, bins] to float [batch, 1, frames].</summary>
internal static class SpectralOnnx
{
    public static OnnxValue Centroid(OnnxValue magnitude, SpectralOptions options) => StftOnnx.ToContour(MeanHz(magnitude, options));

    public static OnnxValue Bandwidth(OnnxValue magnitude, SpectralOptions options)
    {
        OnnxValue distance = Hz(magnitude, options) - MeanHz(magnitude, options);
        return StftOnnx.ToContour(((magnitude * distance * distance).Sum(2) / NonZero(magnitude.Sum(2))).One("Sqrt"));
    }

    public static OnnxValue RollOff(OnnxValue magnitude, SpectralOptions options)
    {
        OnnxValue running = magnitude.CumulativeSum(2), total = running.Slice(2, -1, long.MaxValue);
        OnnxValue below = (running < total * options.RollOffShare).To(OnnxType.Double).Sum(2);
        return StftOnnx.ToContour(below * options.HzPerBin);
    }

    public static OnnxValue Flatness(OnnxValue power, SpectralOptions options)
    {
        OnnxValue kept = power.AtLeast(options.FlatnessFloor);
        double bins = (options.FftLength / 2) + 1;
        return StftOnnx.ToContour((kept.One("Log").Sum(2) / bins).One("Exp") / (kept.Sum(2) / bins));
    }

    /// <inheritdoc cref="SpectralShape.NonZero"/>
    public static OnnxValue NonZero(OnnxValue norm) => norm.Where(!(norm < norm.Graph.Scalar(SpectralShape.Tiny, OnnxType.Double)), 1);

    private static OnnxValue Hz(OnnxValue spectrum, SpectralOptions options) =>
        spectrum.Graph.Constant<double>([.. Enumerable.Range(0, (options.FftLength / 2) + 1).Select(k => k * options.HzPerBin)]);

    private static OnnxValue MeanHz(OnnxValue magnitude, SpectralOptions options) =>
        (magnitude * Hz(magnitude, options)).Sum(2) / NonZero(magnitude.Sum(2));
}
