namespace SerPipeline.Old.Models;

/// <summary>How a window slides over a recording.</summary>
public sealed record EmotionTimelineOptions
{
    /// <summary>The length of each window, in seconds. Default: 3, about the length of the clips that corpora of acted speech hold.</summary>
    public double WindowSeconds { get; init; } = 3;

    /// <summary>The time from the start of one window to the next, in seconds, at most <see cref="WindowSeconds"/>. Default: 1.</summary>
    public double HopSeconds { get; init; } = 1;

    /// <summary>
    /// The level below which a window is silence and is not scored: its root mean square over the whole window, in dB below full scale (0 dB is a constant 1). Default: -70, under
    /// every whole clip of RAVDESS speech, pauses included (13 of its 1440 clips lie below -60, none below -65); null scores everything.
    /// </summary>
    public double? SilenceDb { get; init; } = -70;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem.</exception>
    public void Validate() => new OptionsCheck(nameof(EmotionTimelineOptions))
        .Require(WindowSeconds is >= 0.1 and <= 600, WindowSeconds, "be between 0.1 and 600 seconds")
        .Require(HopSeconds is >= 0.01 && HopSeconds <= WindowSeconds, HopSeconds, "be at least 0.01 seconds and at most WindowSeconds")
        .Require(SilenceDb is null or (>= -200 and <= 0), SilenceDb, "be between -200 and 0 dB, or null")
        .ThrowIfAny();
}
