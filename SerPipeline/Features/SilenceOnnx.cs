using SerPipeline.Audio;
using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary><see cref="Silence.Trim"/> as ONNX nodes. Trimmed clips differ in length: each is moved to the start of its row and
/// zero-padded.</summary>
internal static class SilenceOnnx
{
    /// <summary>From float [batch, samples] to the same shape and the length of each clip, [batch].</summary>
    public static OnnxColumn Add(OnnxValue waveform, SilenceTrimOptions options, int sampleRateHz)
    {
        OnnxValue all = waveform.Length(1);
        // 1. Find the speech.
        (OnnxValue start, OnnxValue end) = options.Mode == SilenceMode.PeakFraction
            ? AbovePeakFraction(waveform, options.PeakFraction)
            : LoudFrames(waveform, options);
        OnnxValue found = start < end;
        double padding = Math.Round(options.PaddingSeconds * sampleRateHz);
        if (padding > 0) (start, end) = ((start - padding).AtLeast(0), (end + padding).Min(all));
        // 2. Keep a clip that is all silence.
        (start, end) = (start.Where(found, 0), end.Where(found, all));
        // 3. Move the speech.
        OnnxValue lengths = end - start, position = waveform.Graph.Range(all).Unsqueeze(0);
        OnnxValue moved = waveform.GatherElements((position + start.Unsqueeze(1)).Min(all - 1), 1);
        return new OnnxColumn(moved.Where(position < lengths.Unsqueeze(1), 0), lengths);
    }

    // Start and end of the samples above the threshold, int64 [batch]; the whole clip if there are none, as ArgMax of zeros then gives both
    // ends.
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
        // 1. Power of each frame as a difference of cumulative sums of squares.
        OnnxValue sums = (samples * samples).Pad([0, 0], [0, 1]).CumulativeSum(1, exclusive: true);
        long half = options.FrameSamples / 2;
        OnnxValue from = (graph.Range(((all + ((2 * half) - options.FrameSamples)) / options.HopSamples) + 1) * options.HopSamples) - half;
        OnnxValue Within(OnnxValue position) => position.AtLeast(0).Min(all);
        OnnxValue sum = sums.Gather(Within(from + options.FrameSamples), 1) - sums.Gather(Within(from), 1);
        OnnxValue power = sum.AtLeast(0) / options.FrameSamples;
        // 2. Level relative to the loudest frame, both with a floor of 1e-10.
        static OnnxValue Decibels(OnnxValue p) => p.AtLeast(1e-10).One("Log") * (10 / Math.Log(10));
        OnnxValue distance = Decibels(power) - Decibels(power.Greatest(1));
        OnnxValue loud = (distance > graph.Scalar(-options.TopDb, OnnxType.Double)).To(OnnxType.Int32);
        return ((loud.ArgMax(1) * options.HopSamples).Min(all), ((loud.ArgMax(1, last: true) + 1) * options.HopSamples).Min(all));
    }
}

/// <summary>Zero-padding of short clips to a minimum length as ONNX nodes: see <c>LoadAudioOptions.MinimumSeconds</c>.</summary>
internal static class PaddingOnnx
{
    /// <summary>Centres clips of less than <paramref name="minimum"/> samples in that many zeros.</summary>
    public static OnnxColumn Add(OnnxColumn audio, int minimum)
    {
        OnnxValue lengths = audio.Lengths!, all = audio.Values.Length(1);
        OnnxValue padded = lengths.AtLeast(minimum), before = (padded - lengths) / 2;
        // Source index of each sample; outside the clip for padding.
        OnnxValue from = audio.Values.Graph.Range(all.AtLeast(minimum)).Unsqueeze(0) - before.Unsqueeze(1);
        OnnxValue moved = audio.Values.GatherElements(from.AtLeast(0).Min(all - 1), 1);
        OnnxValue within = (from > from.Graph.Scalar(-1, OnnxType.Int64)) & (from < lengths.Unsqueeze(1));
        return new OnnxColumn(moved.Where(within, 0), padded);
    }
}
