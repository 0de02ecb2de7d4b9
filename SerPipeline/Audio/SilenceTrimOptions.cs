namespace SerPipeline.Audio;

/// <summary>What counts as silence.</summary>
public enum SilenceMode
{
    /// <summary>Samples at or below a fraction of the clip's peak.</summary>
    PeakFraction,

    /// <summary>Frames whose root mean square lies a number of decibels or more below the loudest frame's, as in librosa's
    /// <c>effects.trim</c>.</summary>
    FrameRms,
}

/// <summary>How silence at the ends of a clip is found.</summary>
public sealed record SilenceTrimOptions
{
    /// <summary>What counts as silence. Default: <see cref="SilenceMode.PeakFraction"/>.</summary>
    public SilenceMode Mode { get; init; } = SilenceMode.PeakFraction;

    /// <summary>For <see cref="SilenceMode.PeakFraction"/>: speech lasts from the first to the last sample above this fraction of the peak.
    /// Default: 0.01.</summary>
    public double PeakFraction { get; init; } = 0.01;

    /// <summary>For <see cref="SilenceMode.FrameRms"/>: how many decibels below the loudest frame silence begins. Default: 60, as in
    /// librosa.</summary>
    public double TopDb { get; init; } = 60;

    /// <summary>For <see cref="SilenceMode.FrameRms"/>: samples in each frame; frames are centred and see zeros beyond the ends. Default:
    /// 2048.</summary>
    public int FrameSamples { get; init; } = 2048;

    /// <summary>For <see cref="SilenceMode.FrameRms"/>: samples from one frame to the next. Default: 512.</summary>
    public int HopSamples { get; init; } = 512;

    /// <summary>Seconds kept before and after the speech, where there are any. Default: 0.</summary>
    public double PaddingSeconds { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem found.</exception>
    public void Validate() => new OptionsCheck(nameof(SilenceTrimOptions))
        .Require(Enum.IsDefined(Mode), Mode, "be one of the modes")
        .Require(PeakFraction is >= 0 and < 1, PeakFraction, "be at least 0 and below 1")
        .Require(TopDb is > 0 and <= 400, TopDb, "be above 0 and at most 400")
        .Require(FrameSamples is >= 1 and <= 1 << 20, FrameSamples, "be between 1 and 1048576")
        .Require(HopSamples is >= 1 and <= 1 << 20, HopSamples, "be between 1 and 1048576")
        .Require(PaddingSeconds is >= 0 and <= 3600, PaddingSeconds, "be between 0 and 3600")
        .ThrowIfAny();
}
