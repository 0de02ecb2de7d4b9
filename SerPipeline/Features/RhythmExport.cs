using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="RhythmFunctionals"/> as ONNX nodes.</summary>
internal static class RhythmExport
{
    /// <returns>float [batch, features].</returns>
    public static OnnxValue Add(UtteranceContours contours)
    {
        OnnxGraphBuilder graph = contours.Counts.Graph;
        OnnxValue seconds = contours.Seconds, syllables = SyllablesExport.Add(contours).To(OnnxType.Double);
        OnnxValue loud = contours.Loud.To(OnnxType.Int64).Sum(2).Squeeze(1, 2), zero = graph.Scalar(0, OnnxType.Int64);
        // Behind each clip nothing is loud, and nothing is a pause.
        (OnnxValue length, OnnxValue isPause) = RunsExport.Lengths(contours.Valid & !contours.Loud, contours.SecondsPerFrame);
        var pauses = new StatisticsExport(isPause, contours.SecondsPerFrame);
        OnnxValue loudSeconds = loud.To(OnnxType.Double) * contours.SecondsPerFrame, perLoudSecond = (syllables / loudSeconds).Where(loud > zero, 0);
        OnnxValue strength = OnsetStrength(contours.Of[Contour.LogMel]), place = graph.Range(strength.Length(2)).Unsqueeze(0, 1);
        // One strength fewer than frames: what each gained since the frame before it.
        var onsets = new StatisticsExport(place < contours.Counts.Unsqueeze(1, 2) - 1, contours.SecondsPerFrame);
        OnnxValue pauseFraction = (contours.Counts - loud).To(OnnxType.Float) / contours.Counts.To(OnnxType.Float);
        return graph.Concat(
            1,
            One(seconds), One(syllables / seconds), One(perLoudSecond), One(pauseFraction),
            One(pauses.Count.Squeeze(1, 2) / seconds), pauses.Take(length, 1, Statistic.Mean, Statistic.Deviation),
            onsets.Take(strength, 1, RhythmFunctionals.OnsetStatistics), One(Peaks(strength, onsets).To(OnnxType.Double) / seconds));
    }

    private static OnnxValue One(OnnxValue number) => number.To(OnnxType.Float).Unsqueeze(1);

    // The mean over mel bands of what each gains until the next frame, in dB (spectral flux): float [batch, 1, frames].
    private static OnnxValue OnsetStrength(OnnxValue logMel)
    {
        OnnxValue gain = (RunsExport.Next(logMel) - logMel).AtLeast(0).To(OnnxType.Double);
        return (gain.Sum(1) / logMel.Length(1).To(OnnxType.Double)).To(OnnxType.Float);
    }

    // Local maxima more than one standard deviation above the mean: int64 [batch].
    private static OnnxValue Peaks(OnnxValue strength, StatisticsExport onsets)
    {
        OnnxGraphBuilder graph = strength.Graph;
        OnnxValue mean = onsets.Mean(strength), least = mean + onsets.Deviation(strength, mean), place = graph.Range(strength.Length(2)).Unsqueeze(0, 1);
        OnnxValue isInside = RunsExport.IsAfterFirst(strength) & (place < onsets.Count.To(OnnxType.Int64) - 1);
        OnnxValue isPeak = isInside & (strength.To(OnnxType.Double) > least) & (strength > RunsExport.Previous(strength)) & !(strength < RunsExport.Next(strength));
        return isPeak.To(OnnxType.Int64).Sum(2).Squeeze(1, 2);
    }
}
