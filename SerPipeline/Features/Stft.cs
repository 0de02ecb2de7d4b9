using System.Numerics;

namespace SerPipeline.Features;

/// <summary>
/// The short-time Fourier transform's magnitude or power, <c>[FftLength / 2 + 1, frames]</c>, with the values of librosa's <c>stft</c>.
/// Immutable and thread-safe; nothing is allocated but the result.
/// </summary>
public sealed class Stft
{
    private readonly StftPlan _plan;

    /// <summary>Creates the transform.</summary>
    /// <param name="options">The options; the defaults when null.</param>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public Stft(StftOptions? options = null)
    {
        Options = options ?? new StftOptions();
        Options.Validate();
        _plan = new StftPlan(Options);
    }

    /// <summary>The options.</summary>
    public StftOptions Options { get; }

    /// <summary>Bins of a spectrum: bin <c>k</c> is at <c>k * SampleRateHz / FftLength</c> Hz.</summary>
    public int Bins => _plan.Bins;

    /// <summary>Frames of a clip; 0 when it is empty or, without centring, shorter than one transform.</summary>
    /// <param name="samples">Samples of the clip.</param>
    public int FrameCount(int samples) => _plan.Framing.Count(samples);

    /// <summary>|X|, <c>[bins, frames]</c>.</summary>
    /// <param name="mono">Samples at <see cref="SpectrumOptions.SampleRateHz"/>.</param>
    /// <exception cref="ArgumentException">The clip is empty, too short, or holds a sample that is no finite number.</exception>
    public FrameMatrix Magnitude(ReadOnlySpan<float> mono) => FrameFeatures.Extract(_plan, mono, new Spectrum(Bins, Squared: false));

    /// <summary>|X|^2, <c>[bins, frames]</c>.</summary>
    /// <param name="mono">Samples at <see cref="SpectrumOptions.SampleRateHz"/>.</param>
    /// <exception cref="ArgumentException">The clip is empty, too short, or holds a sample that is no finite number.</exception>
    public FrameMatrix Power(ReadOnlySpan<float> mono) => FrameFeatures.Extract(_plan, mono, new Spectrum(Bins, Squared: true));

    private readonly record struct Spectrum(int Bands, bool Squared) : IFrameFeature
    {
        public bool UsesMagnitude => !Squared;

        public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands)
            => (Squared ? power : magnitude).CopyTo(bands);

        public void Finish(FrameMatrix frames) { }
    }
}
