namespace SerPipeline.Audio;

/// <summary>Measures how loud a clip is.</summary>
public static class Loudness
{
    // ITU-R BS.1770-4: blocks of 400 ms that overlap by 75 %, an absolute gate at -70 LKFS, a relative gate 10 LU below the mean of what
    // passed it.
    internal const double AbsoluteGate = -70, RelativeGate = -10, Offset = -0.691;
    private const double BlockSeconds = 0.4, StepFraction = 0.25;
    private const double SurroundWeight = 1.41;

    /// <summary>The largest absolute sample in decibels of full scale; negative infinity for silence.</summary>
    /// <param name="clip">The clip.</param>
    public static double PeakDbfs(AudioClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        float peak = 0;
        foreach (float s in clip.Samples) peak = Math.Max(peak, Math.Abs(s));
        return 20 * Math.Log10(peak);
    }

    /// <summary>
    /// The integrated loudness in LUFS (ITU-R BS.1770-4, annex 1: K-weighting, gated blocks). With five channels they are taken as left,
    /// right, centre,
    /// left and right surround (the last two weigh 1.41); with six as left, right, centre, low frequencies (left out) and the surrounds;
    /// otherwise all weigh 1.
    /// </summary>
    /// <param name="clip">The clip. One shorter than 0.4 s is measured as a single block of its own length, which the recommendation leaves
    /// open.</param>
    /// <returns>The loudness; negative infinity when no block is louder than -70 LUFS.</returns>
    public static double IntegratedLufs(AudioClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        // 1. The weighted mean square of every block.
        double[] blocks = BlockPowers(clip);
        // 2. The absolute gate, then the relative gate from what passed.
        double[] audible = [.. blocks.Where(p => ToLufs(p) > AbsoluteGate)];
        if (audible.Length == 0) return double.NegativeInfinity;
        double gate = ToLufs(audible.Average()) + RelativeGate;
        // 3. The mean of what passed both. The loudest block always does.
        return ToLufs(audible.Where(p => ToLufs(p) > gate).Average());
    }

    /// <summary>Samples of a block, as far as a clip has them.</summary>
    internal static int BlockSamples(int sampleRateHz) => (int)Math.Round(BlockSeconds * sampleRateHz);

    /// <summary>Samples from one block to the next.</summary>
    internal static int StepSamples(int sampleRateHz) => Math.Max(1, (int)Math.Round(BlockSeconds * StepFraction * sampleRateHz));

    private static double ToLufs(double power) => Offset + (10 * Math.Log10(power));

    private static double[] BlockPowers(AudioClip clip)
    {
        if (clip.Length == 0) return [];
        int block = Math.Clamp(BlockSamples(clip.SampleRateHz), 1, clip.Length);
        int step = StepSamples(clip.SampleRateHz);
        var powers = new double[((clip.Length - block) / step) + 1];
        var weighting = new KWeighting(clip.SampleRateHz);
        for (int c = 0; c < clip.Channels; c++)
        {
            double weight = ChannelWeight(c, clip.Channels);
            if (weight == 0) continue;
            double[] squares = weighting.WeightedSquares(clip.Samples, c, clip.Channels);
            for (int b = 0; b < powers.Length; b++)
            {
                double sum = 0;
                foreach (double square in squares.AsSpan(b * step, block)) sum += square;
                powers[b] += weight * sum / block;
            }
        }
        return powers;
    }

    private static double ChannelWeight(int channel, int channels) => (channels, channel) switch
    {
        (6, 3) => 0,
        (5, >= 3) or (6, >= 4) => SurroundWeight,
        _ => 1,
    };
}
