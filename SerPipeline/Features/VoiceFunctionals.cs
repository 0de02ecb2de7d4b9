namespace SerPipeline.Features;

/// <summary>Features of voiced frames: pitch in semitones above 27.5 Hz, its movement, how periodic the voice is, and how steady.</summary>
internal sealed class VoiceFunctionals : IFunctional
{
    internal const double SemitoneZeroHz = 27.5; // the A that GeMAPS (Eyben et al. 2016) counts from
    internal static readonly Statistic[] PitchStatistics = [Statistic.Mean, Statistic.Deviation, Statistic.P10, Statistic.P50, Statistic.P90, Statistic.Range];
    internal static readonly Statistic[] Spread = [Statistic.Mean, Statistic.Deviation, Statistic.P50, Statistic.P90];

    public IReadOnlyList<string> Names { get; } =
    [
        .. Named("f0_semitones", PitchStatistics), "f0_semitones_slope", "f0_hz_mean",
        .. Named("f0_rise", Spread), .. Named("f0_fall", Spread),
        .. Named("aperiodicity", Spread), .. Named("hnr_db", Spread),
        .. Named("jitter", Spread), .. Named("shimmer_db", Spread),
        .. Named("voiced_level_db", Spread),
        "voiced_fraction", "voiced_segments_per_second", "voiced_segment_seconds_mean", "voiced_segment_seconds_std",
    ];

    public void Compute(UtteranceFrames frames, Span<float> values)
    {
        var semitones = new List<float>();
        var times = new List<float>();
        List<float> hz = [], rises = [], falls = [], aperiodicity = [], hnr = [], jitter = [], shimmer = [], level = [];
        for (int t = 0; t < frames.Frames; t++)
        {
            if (!frames.Voiced[t]) continue;
            // 1. Pitch, periodicity and level of the frame.
            float f0 = frames.Pitch.F0Hz.Values[t], a = frames.Pitch.Aperiodicity.Values[t];
            hz.Add(f0);
            times.Add((float)(t * frames.SecondsPerFrame));
            semitones.Add((float)(12 * Math.Log2(f0 / SemitoneZeroHz)));
            aperiodicity.Add(a);
            hnr.Add((float)(10 * Math.Log10((1 - Math.Min(a, 0.999)) / Math.Max(a, 1e-4))));
            level.Add(frames.LevelDb.Values[t]);
            if (t == 0 || !frames.Voiced[t - 1]) continue;
            // 2. Change since the frame before it, when that was voiced too.
            float before = frames.Pitch.F0Hz.Values[t - 1];
            float step = (float)(12 * Math.Log2(f0 / before) / frames.SecondsPerFrame);
            (step >= 0 ? rises : falls).Add(Math.Abs(step));
            jitter.Add(2 * Math.Abs((1 / f0) - (1 / before)) / ((1 / f0) + (1 / before)));
            shimmer.Add(Math.Abs(frames.EnergyDb.Values[t] - frames.EnergyDb.Values[t - 1]));
        }
        var writer = new StatisticsWriter(values, frames.SecondsPerFrame);
        writer.Add(semitones, PitchStatistics);
        writer.Add(Slope(times, semitones));
        writer.Add((float)Statistics.Mean(hz.ToArray()));
        foreach (List<float> contour in (ReadOnlySpan<List<float>>)[rises, falls, aperiodicity, hnr, jitter, shimmer, level]) writer.Add(contour, Spread);
        writer.Add((float)hz.Count / frames.Frames);
        List<float> segments = Segments.Lengths(frames.Voiced, value: true, frames.SecondsPerFrame);
        writer.Add((float)(segments.Count / (frames.Frames * frames.SecondsPerFrame)));
        writer.Add(segments, [Statistic.Mean, Statistic.Deviation]);
    }

    private static IEnumerable<string> Named(string name, Statistic[] statistics) => statistics.Select(s => $"{name}_{Statistics.Suffix(s)}");

    // Least squares over the voiced frames' own times, which have gaps.
    private static float Slope(List<float> times, List<float> values)
    {
        double meanTime = Statistics.Mean(times.ToArray()), meanValue = Statistics.Mean(values.ToArray()), product = 0, square = 0;
        for (int i = 0; i < times.Count; i++)
        {
            product += (times[i] - meanTime) * (values[i] - meanValue);
            square += (times[i] - meanTime) * (times[i] - meanTime);
        }
        return square > 0 ? (float)(product / square) : 0;
    }
}
