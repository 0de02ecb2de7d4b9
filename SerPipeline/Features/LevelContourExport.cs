using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="Rms"/> in decibels and <see cref="Features.ZeroCrossings"/> as ONNX nodes: differences of running sums over the samples. Both give float [batch, 1, frames].</summary>
internal static class LevelContourExport
{
    /// <param name="audio">Audio [batch, samples], zeros behind each clip.</param>
    /// <param name="plan">How the contours are computed.</param>
    /// <param name="frames">How many frames, int64 of no dimension.</param>
    public static OnnxValue Decibels(OnnxColumn audio, UtterancePlan plan, OnnxValue frames)
    {
        OnnxValue samples = audio.Values.To(OnnxType.Double), sums = (samples * samples).Pad([0, 0], [0, 1]).CumulativeSum(1, exclusive: true);
        OnnxValue rms = (Gained(sums, plan, frames, plan.FrameSamples) / plan.FrameSamples).One("Sqrt").To(OnnxType.Float);
        // The logarithm is of float32, and so is what it is multiplied with.
        OnnxValue logarithm = (rms.AtLeast(1e-10f).To(OnnxType.Double).One("Log") * (1 / Math.Log(10))).To(OnnxType.Float);
        return (logarithm * 20).AtLeast(UtterancePlan.QuietestDb).Unsqueeze(1);
    }

    /// <inheritdoc cref="Decibels"/>
    public static OnnxValue ZeroCrossings(OnnxColumn audio, UtterancePlan plan, OnnxValue frames)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        OnnxValue place = graph.Range(audio.Values.Length(1)), isNegative = audio.Values < graph.Scalar(-Features.ZeroCrossings.Threshold, OnnxType.Float);
        OnnxValue before = isNegative.Gather((place - 1).AtLeast(0), 1);
        // Beyond its ends a clip goes on with its first and last sample: nothing crosses there.
        OnnxValue crosses = graph.Node("Xor", [isNegative, before]) & (place.Unsqueeze(0) < audio.Lengths!.Unsqueeze(1));
        OnnxValue counts = crosses.To(OnnxType.Int64).CumulativeSum(1);
        return (Gained(counts, plan, frames, plan.FrameSamples - 1).To(OnnxType.Float) / plan.FrameSamples).Unsqueeze(1);
    }

    // What running sums gain over each centred frame: [batch, frames].
    private static OnnxValue Gained(OnnxValue sums, UtterancePlan plan, OnnxValue frames, int span)
    {
        OnnxValue start = (sums.Graph.Range(frames) * plan.Mel.HopSamples) - (plan.FrameSamples / 2), last = sums.Length(1) - 1;
        OnnxValue At(OnnxValue place) => sums.Gather(place.AtLeast(0).Min(last), 1);
        return At(start + span) - At(start);
    }
}
