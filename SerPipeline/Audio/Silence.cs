namespace SerPipeline.Audio;

/// <summary>Criterion for silence.</summary>
public enum SilenceMode
{
    /// <summary>Samples at or below a fraction of the clip's peak.</summary>
    PeakFraction,

    /// <summary>Frames whose RMS is a given number of dB or more below the loudest frame's, as in librosa's <c>effects.trim</c>.</summary>
    FrameRms,
}

/// <summary>Options of <see cref="Silence"/>.</summary>
public sealed record SilenceTrimOptions
{
    /// <summary>Criterion for silence. Default <see cref="SilenceMode.PeakFraction"/>.</summary>
    public SilenceMode Mode { get; init; } = SilenceMode.PeakFraction;

    /// <summary>For <see cref="SilenceMode.PeakFraction"/>: threshold as a fraction of the peak, at least 0 and below 1. Default
    /// 0.01.</summary>
    public double PeakFraction { get; init; } = 0.01;

    /// <summary>For <see cref="SilenceMode.FrameRms"/>: threshold in dB below the loudest frame, above 0 and at most 400. Default 60, as in
    /// librosa.</summary>
    public double TopDb { get; init; } = 60;

    /// <summary>For <see cref="SilenceMode.FrameRms"/>: samples per frame; frames are centred and zero-padded. Default 2048.</summary>
    public int FrameSamples { get; init; } = 2048;

    /// <summary>For <see cref="SilenceMode.FrameRms"/>: hop between frames in samples. Default 512.</summary>
    public int HopSamples { get; init; } = 512;

    /// <summary>Seconds of silence kept before and after the speech, 0 to 3600. Default 0.</summary>
    public double PaddingSeconds { get; init; }

    /// <summary>Checks all options.</summary>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public void Validate() => Check().ThrowIfAny();

    internal OptionsCheck Check() => new OptionsCheck(nameof(SilenceTrimOptions))
        .Require(Enum.IsDefined(Mode), Mode, "be one of the modes")
        .Require(PeakFraction is >= 0 and < 1, PeakFraction, "be at least 0 and below 1")
        .Require(TopDb is > 0 and <= 400, TopDb, "be above 0 and at most 400")
        .Require(FrameSamples is >= 1 and <= 1 << 20, FrameSamples, "be between 1 and 1048576")
        .Require(HopSamples is >= 1 and <= 1 << 20, HopSamples, "be between 1 and 1048576")
        .Require(PaddingSeconds is >= 0 and <= 3600, PaddingSeconds, "be between 0 and 3600");
}

/// <summary>Trims silence at the ends of clips.</summary>
public static class Silence
{
    /// <summary>Finds the speech between leading and trailing silence.</summary>
    /// <param name="mono">A clip of one channel.</param>
    /// <param name="options">Criterion for silence; null for the defaults.</param>
    /// <returns>Index of the first sample and number of samples; (0, 0) if the whole clip is silent.</returns>
    /// <exception cref="ArgumentException">The clip has more than one channel.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public static (int Start, int Length) FindSpeech(AudioClip mono, SilenceTrimOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(mono);
        options ??= new SilenceTrimOptions();
        options.Validate();
        if (mono.Channels != 1)
            throw new ArgumentException($"Expected a clip of one channel, found {mono.Channels} channels. Call ToMono() first.",
                nameof(mono));
        (int start, int end) = options.Mode == SilenceMode.PeakFraction
            ? AbovePeakFraction(mono.Samples, options.PeakFraction)
            : LoudFrames(mono.Samples, options);
        if (end <= start) return (0, 0);
        int padding = (int)Math.Min(mono.Length, Math.Round(options.PaddingSeconds * mono.SampleRateHz));
        start = Math.Max(0, start - padding);
        end = (int)Math.Min(mono.Length, (long)end + padding);
        return (start, end - start);
    }

    /// <summary>Removes leading and trailing silence.</summary>
    /// <param name="mono">A clip of one channel.</param>
    /// <param name="options">Criterion for silence; null for the defaults.</param>
    /// <returns>The speech; the same clip if there is nothing to trim or the whole clip is silent.</returns>
    /// <exception cref="ArgumentException">The clip has more than one channel.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public static AudioClip Trim(AudioClip mono, SilenceTrimOptions? options = null)
    {
        (int start, int length) = FindSpeech(mono, options);
        return length == 0 || length == mono.Length ? mono : mono.With(mono.Samples.Slice(start, length).ToArray());
    }

    private static (int Start, int End) AbovePeakFraction(ReadOnlySpan<float> samples, double fraction)
    {
        float peak = 0;
        foreach (float s in samples) peak = Math.Max(peak, Math.Abs(s));
        double threshold = peak * fraction;
        int start = 0, end = samples.Length;
        while (start < end && !(Math.Abs(samples[start]) > threshold)) start++;
        while (end > start && !(Math.Abs(samples[end - 1]) > threshold)) end--;
        return (start, end);
    }

    // librosa 0.10, effects.trim: centred, zero-padded frames; mean square in dB relative to the loudest frame, both with a floor of 1e-10;
    // from the centre of the first loud frame to one hop after the centre of the last.
    private static (int Start, int End) LoudFrames(ReadOnlySpan<float> samples, SilenceTrimOptions options)
    {
        double[] power = FramePower(samples, options.FrameSamples, options.HopSamples);
        double loudest = power.Length == 0 ? 0 : power.Max();
        if (loudest == 0) return (0, 0);
        const double Floor = 1e-10;
        double reference = 10 * Math.Log10(Math.Max(Floor, loudest));
        bool IsLoud(double p) => (10 * Math.Log10(Math.Max(Floor, p))) - reference > -options.TopDb;
        int first = Array.FindIndex(power, IsLoud), last = Array.FindLastIndex(power, IsLoud);
        if (first < 0) return (0, 0);
        long start = (long)first * options.HopSamples, end = (last + 1L) * options.HopSamples;
        return ((int)Math.Min(samples.Length, start), (int)Math.Min(samples.Length, end));
    }

    private static double[] FramePower(ReadOnlySpan<float> samples, int frame, int hop)
    {
        if (samples.IsEmpty) return [];
        // Cumulative sums of squares: each frame is a difference of two.
        var sums = new double[samples.Length + 1];
        for (int i = 0; i < samples.Length; i++) sums[i + 1] = sums[i] + ((double)samples[i] * samples[i]);
        // With frame / 2 samples of padding on both sides there are (n + 2 (frame / 2) - frame) / hop + 1 frames.
        int half = frame / 2;
        var power = new double[((samples.Length + (2 * half) - frame) / hop) + 1];
        for (int i = 0; i < power.Length; i++)
        {
            long from = ((long)i * hop) - half;
            int low = (int)Math.Clamp(from, 0, samples.Length), high = (int)Math.Clamp(from + frame, 0, samples.Length);
            power[i] = Math.Max(0, sums[high] - sums[low]) / frame;
        }
        return power;
    }
}
