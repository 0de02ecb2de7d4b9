using SerPipeline.Audio;
using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="Silence.Trim"/> as ONNX nodes. Clips of a batch come to differ in length: each is moved to the start of its row, and zeros follow it.</summary>
internal static class TrimExport
{
    /// <param name="waveform">float [batch, samples].</param>
    /// <param name="options">What counts as silence.</param>
    /// <param name="sampleRateHz">The rate.</param>
    /// <returns>Speech [batch, samples], zeros behind it, and its lengths [batch].</returns>
    public static OnnxColumn Add(OnnxValue waveform, SilenceTrimOptions options, int sampleRateHz)
    {
        OnnxValue all = waveform.Length(1);
        // 1. The part that is no silence.
        (OnnxValue start, OnnxValue end) = options.Mode == SilenceMode.PeakFraction ? AbovePeakFraction(waveform, options.PeakFraction) : LoudFrames(waveform, options);
        OnnxValue found = start < end;
        double padding = Math.Round(options.PaddingSeconds * sampleRateHz);
        if (padding > 0) (start, end) = ((start - padding).AtLeast(0), (end + padding).Min(all));
        // 2. A clip that is silent throughout is kept.
        (start, end) = (start.Where(found, 0), end.Where(found, all));
        // 3. Each clip's own stretch.
        OnnxValue lengths = end - start, place = waveform.Graph.Range(all).Unsqueeze(0);
        OnnxValue moved = waveform.GatherElements((place + start.Unsqueeze(1)).Min(all - 1), 1);
        return new OnnxColumn(moved.Where(place < lengths.Unsqueeze(1), 0), lengths);
    }

    // First and end of the samples above the threshold, int64 [batch]; of none, the whole clip, as ArgMax over nothing but zeros finds both ends.
    private static (OnnxValue Start, OnnxValue End) AbovePeakFraction(OnnxValue waveform, double fraction)
    {
        OnnxValue level = waveform.One("Abs"), threshold = level.Greatest(1).To(OnnxType.Double) * fraction;
        OnnxValue loud = (level.To(OnnxType.Double) > threshold).To(OnnxType.Int32);
        return (loud.ArgMax(1), loud.ArgMax(1, last: true) + 1);
    }

    private static (OnnxValue Start, OnnxValue End) LoudFrames(OnnxValue waveform, SilenceTrimOptions options)
    {
        OnnxGraphBuilder graph = waveform.Graph;
        OnnxValue all = waveform.Length(1), samples = waveform.To(OnnxType.Double);
        // 1. Running sums of squares, the first one 0: each frame's power is a difference of two.
        OnnxValue sums = (samples * samples).Pad([0, 0], [0, 1]).CumulativeSum(1, exclusive: true);
        long half = options.FrameSamples / 2;
        OnnxValue from = (graph.Range(((all + ((2 * half) - options.FrameSamples)) / options.HopSamples) + 1) * options.HopSamples) - half;
        OnnxValue Within(OnnxValue place) => place.AtLeast(0).Min(all);
        OnnxValue power = (sums.Gather(Within(from + options.FrameSamples), 1) - sums.Gather(Within(from), 1)).AtLeast(0) / options.FrameSamples;
        // 2. Decibels against the loudest frame, with a floor of 1e-10 under both.
        static OnnxValue Decibels(OnnxValue p) => p.AtLeast(1e-10).One("Log") * (10 / Math.Log(10));
        OnnxValue distance = Decibels(power) - Decibels(power.Greatest(1));
        OnnxValue loud = (distance > graph.Scalar(-options.TopDb, OnnxType.Double)).To(OnnxType.Int32);
        return ((loud.ArgMax(1) * options.HopSamples).Min(all), ((loud.ArgMax(1, last: true) + 1) * options.HopSamples).Min(all));
    }
}
