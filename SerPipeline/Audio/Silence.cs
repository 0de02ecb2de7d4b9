namespace SerPipeline.Audio;

/// <summary>Finds and cuts silence at the ends of clips.</summary>
public static class Silence
{
    /// <summary>Finds the part of a mono clip between the silence before and after it.</summary>
    /// <param name="mono">A clip of one channel.</param>
    /// <param name="options">What counts as silence; null for the defaults.</param>
    /// <returns>First sample and number of samples; (0, 0) when the clip is silent throughout.</returns>
    /// <exception cref="ArgumentException">The clip has more than one channel.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public static (int Start, int Length) FindSpeech(AudioClip mono, SilenceTrimOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(mono);
        options ??= new SilenceTrimOptions();
        options.Validate();
        if (mono.Channels != 1) throw new ArgumentException($"Silence is looked for in one channel, the clip has {mono.Channels}. Use "
            + $"ToMono() first.", nameof(mono));
        (int start, int end) = options.Mode == SilenceMode.PeakFraction
            ? AbovePeakFraction(mono.Samples, options.PeakFraction)
            : LoudFrames(mono.Samples, options);
        if (end <= start) return (0, 0);
        int padding = (int)Math.Min(mono.Length, Math.Round(options.PaddingSeconds * mono.SampleRateHz));
        start = Math.Max(0, start - padding);
        end = (int)Math.Min(mono.Length, (long)end + padding);
        return (start, end - start);
    }

    /// <summary>Cuts silence at the ends of a mono clip.</summary>
    /// <param name="mono">A clip of one channel.</param>
    /// <param name="options">What counts as silence; null for the defaults.</param>
    /// <returns>The speech; the same clip when there is nothing to cut, and also when it is silent throughout, since no clip is better kept
    /// than an empty one.</returns>
    /// <exception cref="ArgumentException">The clip has more than one channel.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public static AudioClip Trim(AudioClip mono, SilenceTrimOptions? options = null)
    {
        (int start, int length) = FindSpeech(mono, options);
        return length == 0 || length == mono.Length ? mono : new AudioClip(mono.Samples.Slice(start, length).ToArray(), mono.SampleRateHz);
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

    // librosa 0.10, effects.trim: centred frames, zero-padded; decibels of the mean square against the loudest frame's, with a floor of
    // 1e-10 under both;
    // from the first loud frame's centre to one hop behind the last one's.
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
        // Running sums of squares: each frame is a difference of two.
        var sums = new double[samples.Length + 1];
        for (int i = 0; i < samples.Length; i++) sums[i + 1] = sums[i] + ((double)samples[i] * samples[i]);
        // Centre padding of frame/2 on both sides leaves (n + 2 (frame/2) - frame) / hop + 1 frames.
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
