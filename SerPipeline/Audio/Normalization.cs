namespace SerPipeline.Audio;

/// <summary>The level that normalization brings to a target.</summary>
public enum NormalizationMode
{
    /// <summary>The largest absolute sample, in dBFS.</summary>
    Peak,

    /// <summary>Integrated loudness (ITU-R BS.1770-4), in LUFS.</summary>
    Loudness,
}

/// <summary>Options of <see cref="Normalization"/>.</summary>
public sealed record NormalizationOptions
{
    /// <summary>Which level to normalize. Default <see cref="NormalizationMode.Peak"/>.</summary>
    public NormalizationMode Mode { get; init; } = NormalizationMode.Peak;

    /// <summary>Target peak in dBFS for <see cref="NormalizationMode.Peak"/>, -100 to 0. Default -1.</summary>
    public double TargetPeakDbfs { get; init; } = -1;

    /// <summary>Target loudness in LUFS for <see cref="NormalizationMode.Loudness"/>, -70 to 0. Default -23 (EBU R 128).</summary>
    public double TargetLufs { get; init; } = -23;

    /// <summary>Peak limit in dBFS for <see cref="NormalizationMode.Loudness"/>, -100 to 0: the gain is reduced so that no sample exceeds
    /// it. Default -1.</summary>
    public double MaxPeakDbfs { get; init; } = -1;

    /// <summary>Checks all options.</summary>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public void Validate() => Check().ThrowIfAny();

    internal OptionsCheck Check() => new OptionsCheck(nameof(NormalizationOptions))
        .Require(Enum.IsDefined(Mode), Mode, "be one of the modes")
        .Require(TargetPeakDbfs is >= -100 and <= 0, TargetPeakDbfs, "be between -100 and 0")
        .Require(TargetLufs is >= -70 and <= 0, TargetLufs, "be between -70 and 0")
        .Require(MaxPeakDbfs is >= -100 and <= 0, MaxPeakDbfs, "be between -100 and 0");
}

/// <summary>Normalizes the level of clips by a constant gain.</summary>
public static class Normalization
{
    /// <summary>Scales a clip to the target level.</summary>
    /// <param name="clip">A clip of any number of channels.</param>
    /// <param name="options">Level and target; null for the defaults.</param>
    /// <returns>The scaled clip; the same clip if it is silent (all zero, or no block above -70 LUFS).</returns>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public static AudioClip Apply(AudioClip clip, NormalizationOptions? options = null)
    {
        double gainDb = GainDb(clip, options ?? new NormalizationOptions());
        if (gainDb == 0) return clip;
        double gain = Math.Pow(10, gainDb / 20);
        var scaled = new float[clip.Samples.Length];
        for (int i = 0; i < scaled.Length; i++) scaled[i] = (float)(clip.Samples[i] * gain);
        return clip.With(scaled);
    }

    /// <summary>The gain in dB that brings a clip to the target level; 0 if it is silent.</summary>
    /// <param name="clip">A clip of any number of channels.</param>
    /// <param name="options">Level and target.</param>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public static double GainDb(AudioClip clip, NormalizationOptions options)
    {
        ArgumentNullException.ThrowIfNull(clip);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        double peak = Loudness.PeakDbfs(clip);
        if (options.Mode == NormalizationMode.Peak) return double.IsFinite(peak) ? options.TargetPeakDbfs - peak : 0;
        double lufs = Loudness.IntegratedLufs(clip);
        return double.IsFinite(lufs) ? Math.Min(options.TargetLufs - lufs, options.MaxPeakDbfs - peak) : 0;
    }
}
