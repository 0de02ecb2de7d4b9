namespace SerPipeline.Audio;

/// <summary>Brings clips to a level, by one gain for all samples.</summary>
public static class Normalization
{
    /// <summary>Scales a clip.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="options">Measure and target; null for the defaults.</param>
    /// <returns>The scaled clip; the same clip when it is silent by the measure (all zero, or nothing above -70 LUFS), for no gain brings
    /// silence to a level.</returns>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public static AudioClip Apply(AudioClip clip, NormalizationOptions? options = null)
    {
        double gainDb = GainDb(clip, options ?? new NormalizationOptions());
        if (gainDb == 0) return clip;
        double gain = Math.Pow(10, gainDb / 20);
        var scaled = new float[clip.Samples.Length];
        for (int i = 0; i < scaled.Length; i++) scaled[i] = (float)(clip.Samples[i] * gain);
        return new AudioClip(scaled, clip.SampleRateHz, clip.Channels);
    }

    /// <summary>The gain, in decibels, that brings a clip to the target; 0 when it is silent by the measure.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="options">Measure and target.</param>
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
