namespace SerPipeline.Features;

/// <summary>
/// Log-mel spectrograms, <c>[MelBands, frames]</c>, with the values of librosa's <c>melspectrogram</c> and <c>power_to_db</c>.
/// Immutable and thread-safe; nothing is allocated but the result.
/// </summary>
public sealed class LogMelExtractor
{
    private readonly StftPlan _plan;
    private readonly LogMelFeature _feature;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">The options; the defaults when null.</param>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public LogMelExtractor(LogMelOptions? options = null)
    {
        Options = options ?? new LogMelOptions();
        Options.Validate();
        _plan = new StftPlan(Options);
        _feature = new LogMelFeature(Options);
    }

    /// <summary>The options.</summary>
    public LogMelOptions Options { get; }

    /// <summary>Frames of a clip; 0 when it is empty or, without centring, shorter than one transform.</summary>
    /// <param name="samples">Samples of the clip.</param>
    public int FrameCount(int samples) => _plan.Framing.Count(samples);

    /// <summary>Computes the spectrogram of one clip.</summary>
    /// <param name="mono">Samples at <see cref="SpectrumOptions.SampleRateHz"/>: at least one (without centring, at least one transform's length).</param>
    /// <returns><c>[MelBands, frames]</c>.</returns>
    /// <exception cref="ArgumentException">The clip is empty, too short, or holds a sample that is no finite number.</exception>
    public FrameMatrix Extract(ReadOnlySpan<float> mono) => FrameFeatures.Extract(_plan, mono, _feature);
}
