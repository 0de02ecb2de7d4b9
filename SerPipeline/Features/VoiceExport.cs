using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="VoiceFunctionals"/> as ONNX nodes.</summary>
internal static class VoiceExport
{
    /// <returns>float [batch, features].</returns>
    public static OnnxValue Add(UtteranceContours contours)
    {
        OnnxValue f0 = contours.F0Hz, a = contours.Aperiodicity.To(OnnxType.Double);
        OnnxGraphBuilder graph = f0.Graph;
        double seconds = contours.SecondsPerFrame;
        // 1. Frames with a voice.
        var voiced = new StatisticsExport(contours.Voiced, seconds);
        OnnxValue semitones = (Octaves(f0.To(OnnxType.Double) / VoiceFunctionals.SemitoneZeroHz) * 12).To(OnnxType.Float);
        OnnxValue hnr = DecibelsExport.OfPower(((a.AtMost(0.999) * -1) + 1) / a.AtLeast(1e-4)).To(OnnxType.Float);
        // 2. Changes between two frames with a voice.
        OnnxValue pairs = contours.Voiced & RunsExport.Previous(contours.Voiced) & RunsExport.IsAfterFirst(f0), before = RunsExport.Previous(f0);
        OnnxValue step = (Octaves((f0 / before).To(OnnxType.Double)) * 12 / seconds).To(OnnxType.Float), isFall = step < graph.Scalar(0, OnnxType.Float);
        StatisticsExport changes = new(pairs, seconds), rises = new(pairs & !isFall, seconds), falls = new(pairs & isFall, seconds);
        OnnxValue period = graph.Scalar(1, OnnxType.Float) / f0, periodBefore = graph.Scalar(1, OnnxType.Float) / before;
        OnnxValue jitter = (period - periodBefore).One("Abs") * 2 / (period + periodBefore);
        OnnxValue shimmer = (contours.EnergyDb - RunsExport.Previous(contours.EnergyDb)).One("Abs"), size = step.One("Abs");
        // 3. Segments.
        (OnnxValue length, OnnxValue isSegment) = RunsExport.Lengths(contours.Voiced, seconds);
        var segments = new StatisticsExport(isSegment, seconds);
        Statistic[] spread = VoiceFunctionals.Spread;
        return graph.Concat(
            1,
            voiced.Take(semitones, 1, VoiceFunctionals.PitchStatistics), Slope(voiced, semitones, seconds), voiced.Take(f0, 1, Statistic.Mean),
            rises.Take(size, 1, spread), falls.Take(size, 1, spread),
            voiced.Take(contours.Aperiodicity, 1, spread), voiced.Take(hnr, 1, spread), changes.Take(jitter, 1, spread), changes.Take(shimmer, 1, spread),
            voiced.Take(contours.Of[Contour.LevelDb], 1, spread),
            (voiced.Count.To(OnnxType.Float) / contours.Counts.To(OnnxType.Float).Unsqueeze(1, 2)).Squeeze(2),
            (segments.Count / contours.Seconds.Unsqueeze(1, 2)).To(OnnxType.Float).Squeeze(2),
            segments.Take(length, 1, Statistic.Mean, Statistic.Deviation));
    }

    private static OnnxValue Octaves(OnnxValue ratio) => ratio.One("Log") * (1 / Math.Log(2));

    // Least squares over the voiced frames' own times, which have gaps: float [batch, 1].
    private static OnnxValue Slope(StatisticsExport voiced, OnnxValue values, double secondsPerFrame)
    {
        OnnxGraphBuilder graph = values.Graph;
        OnnxValue times = (graph.Range(values.Length(2)).To(OnnxType.Double) * secondsPerFrame).To(OnnxType.Float).Unsqueeze(0, 1);
        OnnxValue time = times.To(OnnxType.Double) - voiced.Mean(times), value = values.To(OnnxType.Double) - voiced.Mean(values), square = voiced.Sum(time * time);
        return (voiced.Sum(time * value) / square).Where(square > graph.Scalar(0, OnnxType.Double), 0).To(OnnxType.Float).Squeeze(2);
    }
}
