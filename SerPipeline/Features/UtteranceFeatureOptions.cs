namespace SerPipeline.Features;

/// <summary>Options of <see cref="UtteranceFeatures"/>. Frames are 25 ms long, one every 10 ms; pitch frames 64 ms.</summary>
public sealed record UtteranceFeatureOptions
{
    /// <summary>The sample rate of the audio that will be given, at least 8000. Default 16000 Hz.</summary>
    public int SampleRateHz { get; init; } = 16000;

    /// <summary>Mel bands, at least <see cref="MfccCoefficients"/>. Default 64.</summary>
    public int MelBands { get; init; } = 64;

    /// <summary>Mel-frequency cepstral coefficients, the 0th included. Default 40.</summary>
    public int MfccCoefficients { get; init; } = 40;

    /// <summary>The lowest pitch looked for. Default 65 Hz.</summary>
    public double PitchLowHz { get; init; } = 65;

    /// <summary>The highest pitch looked for. Default 500 Hz.</summary>
    public double PitchHighHz { get; init; } = 500;

    /// <summary>A frame is voiced when its aperiodicity is below this and it is loud enough. Default 0.25.</summary>
    public double VoicedBelow { get; init; } = 0.25;

    /// <summary>Decibels below the clip's loudest frame at which a frame counts as a pause. Default 30.</summary>
    public double PauseDb { get; init; } = 30;

    /// <summary>Samples from one frame to the next.</summary>
    internal int HopSamples => (int)Math.Round(SampleRateHz * 0.010);

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public void Validate() => new OptionsCheck(nameof(UtteranceFeatureOptions))
        .Require(SampleRateHz is >= 8000 and <= 192_000, SampleRateHz, "be between 8000 and 192000 Hz")
        .Require(MelBands is >= 1 and <= 128, MelBands, "be between 1 and 128")
        .Require(MfccCoefficients >= 1 && MfccCoefficients <= MelBands, MfccCoefficients, "be between 1 and MelBands")
        .Require(PitchLowHz >= 40 && 1.5 * PitchLowHz <= PitchHighHz, PitchLowHz, "be at least 40 Hz and at most two thirds of PitchHighHz")
        .Require(PitchHighHz <= 2000, PitchHighHz, "be at most 2000 Hz")
        .Require(VoicedBelow is > 0 and <= 1, VoicedBelow, "be above 0 and at most 1")
        .Require(PauseDb > 0 && double.IsFinite(PauseDb), PauseDb, "be above 0 dB")
        .ThrowIfAny();
}
