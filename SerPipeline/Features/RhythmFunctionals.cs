namespace SerPipeline.Features;

/// <summary>Features of tempo: syllable nuclei, pauses, onsets and the clip's length.</summary>
internal sealed class RhythmFunctionals : IFunctional
{
    // De Jong and Wempe 2009, "Praat script to detect syllable nuclei and measure speech rate automatically".
    internal const float SyllableDipDb = 2;
    internal const int SmoothFrames = 5;
    internal const int NearFrames = 3;
    internal static readonly Statistic[] OnsetStatistics = [Statistic.Mean, Statistic.Deviation, Statistic.P90];

    public IReadOnlyList<string> Names { get; } =
    [
        "duration_seconds", "syllables_per_second", "syllables_per_loud_second", "pause_fraction", "pauses_per_second", "pause_seconds_mean", "pause_seconds_std",
        "onset_strength_mean", "onset_strength_std", "onset_strength_p90", "onsets_per_second",
    ];

    public void Compute(UtteranceFrames frames, Span<float> values)
    {
        double seconds = frames.Frames * frames.SecondsPerFrame;
        int loud = frames.Loud.Count(isLoud => isLoud), syllables = Syllables(frames);
        List<float> pauses = Segments.Lengths(frames.Loud, value: false, frames.SecondsPerFrame);
        List<float> onsets = OnsetStrength(frames.LogMel);
        var writer = new StatisticsWriter(values, frames.SecondsPerFrame);
        writer.Add((float)seconds);
        writer.Add((float)(syllables / seconds));
        writer.Add(loud == 0 ? 0 : (float)(syllables / (loud * frames.SecondsPerFrame)));
        writer.Add((float)(frames.Frames - loud) / frames.Frames);
        writer.Add((float)(pauses.Count / seconds));
        writer.Add(pauses, [Statistic.Mean, Statistic.Deviation]);
        writer.Add(onsets, OnsetStatistics);
        writer.Add((float)(Peaks(onsets) / seconds));
    }

    // Peaks of the smoothed level that stand 2 dB above the dips on both sides, where the voice is on.
    private static int Syllables(UtteranceFrames frames)
    {
        float[] level = Smooth(frames.LevelDb.Values);
        int count = 0, peak = 0;
        float dip = level[0];
        bool rising = true;
        for (int t = 0; t < level.Length; t++)
        {
            if (rising)
            {
                if (level[t] > level[peak]) peak = t;
                if (level[t] > level[peak] - SyllableDipDb) continue;
                if (IsVoicedNear(frames.Voiced, peak) && level[peak] >= dip + SyllableDipDb) count++;
                (rising, dip) = (false, level[t]);
            }
            else
            {
                dip = Math.Min(dip, level[t]);
                if (level[t] >= dip + SyllableDipDb) (rising, peak) = (true, t);
            }
        }
        return rising && IsVoicedNear(frames.Voiced, peak) && level[peak] >= dip + SyllableDipDb ? count + 1 : count;
    }

    // The loudest frame of a syllable may lie in a transition where the period changes too fast to be called voiced.
    private static bool IsVoicedNear(bool[] voiced, int frame)
    {
        int first = Math.Max(0, frame - NearFrames), end = Math.Min(voiced.Length, frame + NearFrames + 1);
        return voiced.AsSpan(first, end - first).Contains(true);
    }

    private static float[] Smooth(ReadOnlySpan<float> values)
    {
        var smooth = new float[values.Length];
        for (int t = 0; t < smooth.Length; t++)
        {
            int first = Math.Max(0, t - (SmoothFrames / 2)), end = Math.Min(values.Length, t + (SmoothFrames / 2) + 1);
            smooth[t] = (float)Statistics.Mean(values[first..end]);
        }
        return smooth;
    }

    // The mean over mel bands of what each gained since the frame before, in dB (spectral flux).
    private static List<float> OnsetStrength(FrameMatrix logMel)
    {
        var strength = new double[Math.Max(0, logMel.Frames - 1)];
        for (int band = 0; band < logMel.Bands; band++)
        {
            ReadOnlySpan<float> row = logMel.Row(band);
            for (int t = 0; t < strength.Length; t++) strength[t] += Math.Max(0, row[t + 1] - row[t]);
        }
        return [.. strength.Select(s => (float)(s / logMel.Bands))];
    }

    // Local maxima more than one standard deviation above the mean.
    private static int Peaks(List<float> contour)
    {
        ReadOnlySpan<float> values = contour.ToArray();
        double mean = Statistics.Mean(values), least = mean + Statistics.Deviation(values, mean);
        int count = 0;
        for (int t = 1; t + 1 < values.Length; t++)
            if (values[t] > least && values[t] > values[t - 1] && values[t] >= values[t + 1]) count++;
        return count;
    }
}
