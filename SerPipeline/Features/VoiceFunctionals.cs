using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>Measures of pitch and noise that need no more than YIN's track.</summary>
internal static class Voice
{
    internal const double SemitoneZeroHz = 27.5; // the A of GeMAPS (Eyben et al. 2016)
    internal const double LeastAperiodicity = 1e-4, GreatestAperiodicity = 0.999;

    public static FrameMatrix Semitones(FrameMatrix f0Hz) => Map(f0Hz, hz => 12 * Math.Log2(hz / SemitoneZeroHz));

    /// <summary>Harmonics-to-noise ratio in dB, -30 to 40.</summary>
    public static FrameMatrix Hnr(FrameMatrix aperiodicity) => Map(aperiodicity,
        a => 10 * Math.Log10((1 - Math.Min(a, GreatestAperiodicity)) / Math.Max(a, LeastAperiodicity)));

    private static FrameMatrix Map(FrameMatrix contour, Func<float, double> map) =>
        new(1, contour.Frames, Array.ConvertAll(contour.Values, value => (float)map(value)));
}

/// <summary>Features of voiced frames: pitch in semitones above 27.5 Hz and its changes, aperiodicity, harmonics-to-noise ratio, jitter,
/// shimmer, level, and voiced segments.</summary>
internal sealed class VoiceFunctionals : IFunctional
{
    internal static readonly Statistic[] PitchStatistics =
        [Statistic.Mean, Statistic.Deviation, Statistic.P10, Statistic.P50, Statistic.P90, Statistic.Range];
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
        List<float> semitones = [], times = [], hz = [], rises = [], falls = [], aperiodicity = [], hnr = [], jitter = [], shimmer = [],
            level = [];
        for (int t = 0; t < frames.Frames; t++)
        {
            if (!frames.Voiced[t]) continue;
            // 1. Pitch, periodicity and level of the frame.
            float f0 = frames.Pitch.F0Hz.Values[t], a = frames.Pitch.Aperiodicity.Values[t];
            hz.Add(f0);
            times.Add((float)(t * frames.SecondsPerFrame));
            semitones.Add(frames.Of[Contour.Semitones].Values[t]);
            aperiodicity.Add(a);
            hnr.Add(frames.Of[Contour.Hnr].Values[t]);
            level.Add(frames.Of[Contour.LevelDb].Values[t]);
            if (t == 0 || !frames.Voiced[t - 1]) continue;
            // 2. Change from the previous frame, if that was voiced too.
            float before = frames.Pitch.F0Hz.Values[t - 1];
            float step = (float)(12 * Math.Log2(f0 / before) / frames.SecondsPerFrame);
            (step >= 0 ? rises : falls).Add(Math.Abs(step));
            jitter.Add(2 * Math.Abs((1 / f0) - (1 / before)) / ((1 / f0) + (1 / before)));
            shimmer.Add(Math.Abs(frames.Of[Contour.EnergyDb].Values[t] - frames.Of[Contour.EnergyDb].Values[t - 1]));
        }
        var writer = new StatisticsWriter(values, frames.SecondsPerFrame);
        writer.Add(semitones, PitchStatistics);
        writer.Add(Slope(times, semitones));
        writer.Add((float)Statistics.Mean(hz.ToArray()));
        foreach (List<float> contour in (ReadOnlySpan<List<float>>)[rises, falls, aperiodicity, hnr, jitter, shimmer, level])
            writer.Add(contour, Spread);
        writer.Add((float)hz.Count / frames.Frames);
        List<float> segments = Segments.Lengths(frames.Voiced, value: true, frames.SecondsPerFrame);
        writer.Add((float)(segments.Count / (frames.Frames * frames.SecondsPerFrame)));
        writer.Add(segments, [Statistic.Mean, Statistic.Deviation]);
    }

    private static IEnumerable<string> Named(string name, Statistic[] statistics) =>
        statistics.Select(s => $"{name}_{Statistics.Suffix(s)}");

    // Least squares over the times of voiced frames, which have gaps.
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

/// <summary><see cref="VoiceFunctionals"/> as ONNX nodes.</summary>
internal static class VoiceOnnx
{
    /// <summary><see cref="Voice.Semitones"/>.</summary>
    public static OnnxValue Semitones(OnnxValue f0Hz) =>
        (Octaves(f0Hz.To(OnnxType.Double) / Voice.SemitoneZeroHz) * 12).To(OnnxType.Float);

    /// <summary><see cref="Voice.Hnr"/>.</summary>
    public static OnnxValue Hnr(OnnxValue aperiodicity)
    {
        OnnxValue a = aperiodicity.To(OnnxType.Double);
        OnnxValue harmonic = (a.AtMost(Voice.GreatestAperiodicity) * -1) + 1;
        return DecibelsOnnx.OfPower(harmonic / a.AtLeast(Voice.LeastAperiodicity)).To(OnnxType.Float);
    }

    /// <summary>float [batch, features].</summary>
    public static OnnxValue Add(UtteranceFramesOnnx contours)
    {
        OnnxValue f0 = contours.F0Hz, semitones = contours.Of[Contour.Semitones], energy = contours.Of[Contour.EnergyDb];
        OnnxGraphBuilder graph = f0.Graph;
        double seconds = contours.SecondsPerFrame;
        // 1. Voiced frames.
        var voiced = new StatisticsOnnx(contours.Voiced, seconds);
        // 2. Changes between consecutive voiced frames.
        OnnxValue pairs = contours.Voiced & SegmentsOnnx.Previous(contours.Voiced) & SegmentsOnnx.IsAfterFirst(f0);
        OnnxValue before = SegmentsOnnx.Previous(f0);
        OnnxValue step = (Octaves((f0 / before).To(OnnxType.Double)) * 12 / seconds).To(OnnxType.Float);
        OnnxValue isFall = step < graph.Scalar(0, OnnxType.Float);
        StatisticsOnnx changes = new(pairs, seconds), rises = new(pairs & !isFall, seconds), falls = new(pairs & isFall, seconds);
        OnnxValue period = graph.Scalar(1, OnnxType.Float) / f0, periodBefore = graph.Scalar(1, OnnxType.Float) / before;
        OnnxValue jitter = (period - periodBefore).One("Abs") * 2 / (period + periodBefore);
        OnnxValue shimmer = (energy - SegmentsOnnx.Previous(energy)).One("Abs"), size = step.One("Abs");
        // 3. Segments.
        (OnnxValue length, OnnxValue isSegment) = SegmentsOnnx.Lengths(contours.Voiced, seconds);
        var segments = new StatisticsOnnx(isSegment, seconds);
        Statistic[] spread = VoiceFunctionals.Spread;
        return graph.Concat(
            1,
            voiced.Take(semitones, 1, VoiceFunctionals.PitchStatistics), Slope(voiced, semitones, seconds),
                voiced.Take(f0, 1, Statistic.Mean),
            rises.Take(size, 1, spread), falls.Take(size, 1, spread),
            voiced.Take(contours.Aperiodicity, 1, spread), voiced.Take(contours.Of[Contour.Hnr], 1, spread),
            changes.Take(jitter, 1, spread), changes.Take(shimmer, 1, spread),
            voiced.Take(contours.Of[Contour.LevelDb], 1, spread),
            (voiced.Count.To(OnnxType.Float) / contours.Counts.To(OnnxType.Float).Unsqueeze(1, 2)).Squeeze(2),
            (segments.Count / contours.Seconds.Unsqueeze(1, 2)).To(OnnxType.Float).Squeeze(2),
            segments.Take(length, 1, Statistic.Mean, Statistic.Deviation));
    }

    private static OnnxValue Octaves(OnnxValue ratio) => ratio.One("Log") * (1 / Math.Log(2));

    // Least squares over the voiced frames' own times, which have gaps: float [batch, 1].
    private static OnnxValue Slope(StatisticsOnnx voiced, OnnxValue values, double secondsPerFrame)
    {
        OnnxGraphBuilder graph = values.Graph;
        OnnxValue times = (graph.Range(values.Length(2)).To(OnnxType.Double) * secondsPerFrame).To(OnnxType.Float).Unsqueeze(0, 1);
        OnnxValue time = times.To(OnnxType.Double) - voiced.Mean(times), value = values.To(OnnxType.Double) - voiced.Mean(values);
        OnnxValue square = voiced.Sum(time * time);
        return (voiced.Sum(time * value) / square).Where(square > graph.Scalar(0, OnnxType.Double), 0).To(OnnxType.Float).Squeeze(2);
    }
}
