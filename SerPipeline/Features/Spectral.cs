using System.Numerics;

namespace SerPipeline.Features;

/// <summary>Options of <see cref="Spectral"/>.</summary>
public sealed record SpectralOptions : SpectrumOptions
{
    /// <summary>The share of the summed magnitude below the roll-off frequency. Default 0.85.</summary>
    public double RollOffShare { get; init; } = 0.85;

    /// <summary>Power below it counts as it in flatness, so that silence is flat. Default 1e-10.</summary>
    public double FlatnessFloor { get; init; } = 1e-10;

    /// <summary>Octaves of spectral contrast above <see cref="ContrastLowHz"/>; the result has one band more, for what lies below. Default 6.</summary>
    public int ContrastOctaves { get; init; } = 6;

    /// <summary>The lower end of the first octave of spectral contrast. Default 200 Hz.</summary>
    public double ContrastLowHz { get; init; } = 200;

    /// <summary>The share of a band's bins that make its peak, and its valley. Default 0.02.</summary>
    public double ContrastShare { get; init; } = 0.02;

    internal override void Check(OptionsCheck check)
    {
        base.Check(check);
        check
            .Require(RollOffShare is > 0 and < 1, RollOffShare, "be between 0 and 1, both excluded")
            .Require(FlatnessFloor > 0 && double.IsFinite(FlatnessFloor), FlatnessFloor, "be above 0")
            .Require(ContrastOctaves is >= 1 and <= 16, ContrastOctaves, "be between 1 and 16")
            .Require(ContrastLowHz > 0, ContrastLowHz, "be above 0 Hz")
            .Require(ContrastShare is > 0 and <= 0.5, ContrastShare, "be above 0 and at most 0.5");
        if (check.Problems.Count == 0) ContrastFeature.Check(this, check);
    }
}

/// <summary>
/// Five measures of a spectrum's shape, with the values of librosa's <c>spectral_centroid</c>, <c>spectral_bandwidth</c>,
/// <c>spectral_rolloff</c>, <c>spectral_flatness</c> and <c>spectral_contrast</c>. Immutable and thread-safe.
/// </summary>
public sealed class Spectral
{
    private readonly StftPlan _plan;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">The options; the defaults when null.</param>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public Spectral(SpectralOptions? options = null)
    {
        Options = options ?? new SpectralOptions();
        Options.Validate();
        _plan = new StftPlan(Options);
    }

    /// <summary>The options.</summary>
    public SpectralOptions Options { get; }

    /// <summary>The mean frequency weighted by magnitude, in Hz: <c>[1, frames]</c>, 0 for silence.</summary>
    /// <param name="mono">Samples at <see cref="SpectrumOptions.SampleRateHz"/>.</param>
    /// <exception cref="ArgumentException">The clip is empty, too short, or holds a sample that is no finite number.</exception>
    public FrameMatrix Centroid(ReadOnlySpan<float> mono) => Extract(mono, ShapeKind.Centroid);

    /// <summary>The standard deviation of frequency weighted by magnitude, in Hz: <c>[1, frames]</c>, 0 for silence.</summary>
    /// <inheritdoc cref="Centroid"/>
    public FrameMatrix Bandwidth(ReadOnlySpan<float> mono) => Extract(mono, ShapeKind.Bandwidth);

    /// <summary>The frequency below which most of the magnitude lies, in Hz: <c>[1, frames]</c>, 0 for silence.</summary>
    /// <inheritdoc cref="Centroid"/>
    public FrameMatrix RollOff(ReadOnlySpan<float> mono) => Extract(mono, ShapeKind.RollOff);

    /// <summary>How much the spectrum is like white noise, from 0 (a tone) to 1: <c>[1, frames]</c>, 1 for silence.</summary>
    /// <inheritdoc cref="Centroid"/>
    public FrameMatrix Flatness(ReadOnlySpan<float> mono) => Extract(mono, ShapeKind.Flatness);

    /// <summary>The distance of peaks from valleys in each octave band, in dB: <c>[ContrastOctaves + 1, frames]</c>.</summary>
    /// <inheritdoc cref="Centroid"/>
    public FrameMatrix Contrast(ReadOnlySpan<float> mono) => ContrastFeature.Difference(FrameFeatures.Extract(_plan, mono, new ContrastFeature(Options)));

    private FrameMatrix Extract(ReadOnlySpan<float> mono, ShapeKind kind) => FrameFeatures.Extract(_plan, mono, new ShapeFeature(Options, kind));
}

/// <summary>The measures that are one number a frame.</summary>
internal enum ShapeKind
{
    Centroid,
    Bandwidth,
    RollOff,
    Flatness,
}

/// <summary>One measure of each frame's spectrum.</summary>
internal sealed class ShapeFeature(SpectralOptions options, ShapeKind kind) : IFrameFeature
{
    private readonly double _hzPerBin = (double)options.SampleRateHz / options.FftLength;

    public int Bands => 1;

    public bool UsesMagnitude => kind != ShapeKind.Flatness;

    public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands) => bands[0] = kind switch
    {
        ShapeKind.Centroid => SpectralShape.Centroid(magnitude, _hzPerBin),
        ShapeKind.Bandwidth => SpectralShape.Bandwidth(magnitude, _hzPerBin),
        ShapeKind.RollOff => SpectralShape.RollOff(magnitude, _hzPerBin, options.RollOffShare),
        _ => SpectralShape.Flatness(power, options.FlatnessFloor),
    };

    public void Finish(FrameMatrix frames) { }
}
