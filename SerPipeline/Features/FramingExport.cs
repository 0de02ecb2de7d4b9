using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="Framing"/> as ONNX nodes: clips cut into frames, with what stands outside of each clip.</summary>
internal static class FramingExport
{
    /// <summary>Cuts clips into frames, and takes a stretch of each frame.</summary>
    /// <param name="audio">Audio [batch, samples], zeros behind each clip.</param>
    /// <param name="framing">Frames, hop, what stands before the first sample.</param>
    /// <param name="padding">What stands outside the clip.</param>
    /// <param name="start">Where in the frame the stretch starts.</param>
    /// <param name="samples">Its length.</param>
    /// <returns>float [batch, frames, samples], and the frames of each clip, int64 [batch].</returns>
    public static (OnnxValue Frames, OnnxValue Counts) Cut(OnnxColumn audio, Framing framing, SignalPadding padding, int start, int samples)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        OnnxValue padded = Padded(audio, framing, padding);
        // Without centring a clip shorter than one frame is taken as one frame, zeros following; the library refuses such a clip.
        OnnxValue Count(OnnxValue length, int added) => ((length + (added - framing.FrameSamples)).AtLeast(0) / framing.HopSamples) + 1;
        OnnxValue counts = Count(audio.Lengths!, 2 * framing.Before), most = Count(padded.Length(1), 0);
        OnnxValue offsets = graph.Constant([.. Enumerable.Range(start, samples).Select(n => (long)n)]);
        OnnxValue places = (graph.Range(most) * framing.HopSamples).Unsqueeze(1) + offsets.Unsqueeze(0);
        return (padded.Gather(places, 1), counts);
    }

    // [batch, samples + 2 before], and at least one frame.
    private static OnnxValue Padded(OnnxColumn audio, Framing framing, SignalPadding padding)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        OnnxValue all = audio.Values.Length(1), zero = graph.Constant([0L]);
        int before = framing.Before;
        if (before == 0)
        {
            OnnxValue lacking = ((all * -1) + framing.FrameSamples).AtLeast(0).Unsqueeze(0);
            return graph.Node("Pad", [audio.Values, graph.Concat(0, zero, zero, zero, lacking)]);
        }
        if (padding == SignalPadding.Constant) return audio.Values.Pad([0, before], [0, before]);
        OnnxValue place = (graph.Range(all + (2 * before)) - before).Unsqueeze(0), last = audio.Lengths!.Unsqueeze(1) - 1;
        return audio.Values.GatherElements(padding == SignalPadding.Edge ? place.AtLeast(0).Min(last) : Mirrored(place, last), 1);
    }

    // Mirrored at 0 and at the last sample again and again: by the phase within a period there and back.
    private static OnnxValue Mirrored(OnnxValue place, OnnxValue last)
    {
        OnnxValue period = (last * 2).AtLeast(1), phase = place.Graph.Node("Mod", [place, period]);
        return phase.Where(!(phase > last), period - phase);
    }
}
