using SerPipeline.Audio;

namespace SerPipeline.Transforms;

/// <summary>What a file becomes when it is loaded.</summary>
public sealed record LoadAudioOptions
{
    /// <summary>
    /// Whole clips as the paper's feature matrices saw them: 22,050 Hz through resampy's <c>kaiser_fast</c> filter, nothing trimmed, no
    /// level changed. For
    /// <c>PaperMfcc</c>.
    /// </summary>
    public static LoadAudioOptions Paper { get; } =
        new() { SampleRateHz = 22050, Trim = null, Resampler = ResamplerOptions.KaiserFast, MinimumSeconds = 0 };

    /// <summary>The rate that every clip is resampled to.</summary>
    public int SampleRateHz { get; init; } = 16000;

    /// <summary>
    /// The filter that clips of another rate go through; null, the default, takes that of <see cref="ResamplerOptions"/>.
    /// </summary>
    public ResamplerOptions? Resampler { get; init; }

    /// <summary>
    /// What counts as silence and is cut at both ends; null keeps all. The default cuts what stays below 1 % of the clip's peak.
    /// </summary>
    public SilenceTrimOptions? Trim { get; init; } = new() { Mode = SilenceMode.PeakFraction, PeakFraction = 0.01 };

    /// <summary>The level that clips are brought to; null, the default, leaves loudness as it was recorded.</summary>
    public NormalizationOptions? Normalization { get; init; }

    /// <summary>
    /// The least time that a clip lasts, in seconds: one that is shorter once its silence is trimmed gets silence around it, in equal
    /// parts, where image stages put
    /// clips that are narrower than the image.
    /// Default: 0.5; 0 pads nothing.
    /// </summary>
    public double MinimumSeconds { get; init; } = 0.5;

    /// <summary>The same in samples.</summary>
    internal int MinimumSamples => (int)Math.Ceiling(MinimumSeconds * SampleRateHz);

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem, also of the records within.</exception>
    public void Validate()
    {
        OptionsCheck own = new OptionsCheck(nameof(LoadAudioOptions))
            .Require(SampleRateHz is >= 1000 and <= 768_000, SampleRateHz, "be between 1000 and 768000")
            .Require(MinimumSeconds is >= 0 and <= 60, MinimumSeconds, "be between 0 and 60 seconds");
        string[] problems =
        [
            .. own.Problems, .. Resampler?.Check().Problems ?? [], .. Trim?.Check().Problems ?? [],
            .. Normalization?.Check().Problems ?? [],
        ];
        if (problems.Length > 0) throw new OptionsException(problems);
    }
}
