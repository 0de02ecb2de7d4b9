namespace SerPipeline.Audio;

/// <summary>Which measure of level is brought to a target.</summary>
public enum NormalizationMode
{
    /// <summary>The largest absolute sample, in decibels of full scale.</summary>
    Peak,

    /// <summary>The integrated loudness of ITU-R BS.1770-4, in LUFS.</summary>
    Loudness,
}

/// <summary>How a clip's level is brought to a target.</summary>
public sealed record NormalizationOptions
{
    /// <summary>The measure. Default: <see cref="NormalizationMode.Peak"/>.</summary>
    public NormalizationMode Mode { get; init; } = NormalizationMode.Peak;

    /// <summary>The target of <see cref="NormalizationMode.Peak"/>, in decibels of full scale, at most 0. Default: -1.</summary>
    public double TargetPeakDbfs { get; init; } = -1;

    /// <summary>The target of <see cref="NormalizationMode.Loudness"/>, in LUFS. Default: -23 (EBU R 128).</summary>
    public double TargetLufs { get; init; } = -23;

    /// <summary>With <see cref="NormalizationMode.Loudness"/>: no sample may rise above this level, in decibels of full scale; the gain is
    /// lowered instead. Default: -1.</summary>
    public double MaxPeakDbfs { get; init; } = -1;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">Lists every problem found.</exception>
    public void Validate() => new OptionsCheck(nameof(NormalizationOptions))
        .Require(Enum.IsDefined(Mode), Mode, "be one of the modes")
        .Require(TargetPeakDbfs is >= -100 and <= 0, TargetPeakDbfs, "be between -100 and 0")
        .Require(TargetLufs is >= -70 and <= 0, TargetLufs, "be between -70 and 0")
        .Require(MaxPeakDbfs is >= -100 and <= 0, MaxPeakDbfs, "be between -100 and 0")
        .ThrowIfAny();
}
