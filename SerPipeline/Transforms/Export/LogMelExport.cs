using SerPipeline.Dsp;
using SerPipeline.Onnx;
using SerPipeline.Pipeline;

namespace SerPipeline.Transforms.Export;

/// <summary>
/// <see cref="LogMelExtractor"/> as ONNX nodes. Spectra are taken in double precision as there: in float32 the weak bins beside strong ones would differ by
/// hundredths of a decibel, enough to move pixels by a level.
/// </summary>
internal static class LogMelExport
{
    /// <param name="audio">Audio [batch, samples], zeros behind each clip.</param>
    /// <param name="options">The options.</param>
    /// <returns>[batch, bands, frames] and the frames of each clip.</returns>
    public static OnnxColumn Add(OnnxColumn audio, LogMelOptions options)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        (OnnxValue spectra, OnnxValue counts) = Power(audio, options);
        if (options.Power == 1) spectra = spectra.One("Sqrt");
        MelFilterBank bank = LogMelFeature.CreateBank(options);
        OnnxValue bands = spectra.MatMul(graph.Constant<double>(bank.ToTransposed(), [bank.Bins, bank.Mels]));
        if (options.Compression != LogCompression.None)
        {
            // 10 log10 of power, 20 log10 of magnitude, over natural logarithms.
            bool isDecibel = options.Compression == LogCompression.Decibel;
            double scale = isDecibel ? (options.Power == 2 ? 10 : 20) / Math.Log(10) : 1;
            bands = bands.AtLeast(options.Floor).One("Log") * scale;
            if (isDecibel) bands -= scale * Math.Log(Math.Max(options.Floor, options.Reference));
        }
        OnnxValue frames = bands.To(OnnxType.Float).Transpose(0, 2, 1);
        if (options.Compression == LogCompression.Decibel && options.TopDb is { } top)
        {
            OnnxValue greatest = frames.Where(ValidFrames(frames, counts), double.NegativeInfinity).Greatest(1, 2);
            frames = frames.Max((greatest.To(OnnxType.Double) - top).To(OnnxType.Float));
        }
        return new OnnxColumn(frames, counts);
    }

    /// <summary>Which frames belong to each clip: bool [batch, 1, frames].</summary>
    /// <param name="frames">[batch, bands, frames].</param>
    /// <param name="counts">int64 [batch].</param>
    public static OnnxValue ValidFrames(OnnxValue frames, OnnxValue counts) => frames.Graph.Range(frames.Length(2)).Unsqueeze(0, 1) < counts.Unsqueeze(1, 2);

    // |X|^2, double [batch, frames, bins], and the frames of each clip.
    private static (OnnxValue Power, OnnxValue Counts) Power(OnnxColumn audio, SpectrumOptions options)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        var plan = new StftPlan(options);
        int before = plan.Framing.Before, fft = options.FftLength, window = options.WindowSamples;
        OnnxValue padded = Padded(audio, options, before);
        // Without centring a clip shorter than one frame is taken as one frame, zeros following; the library refuses such a clip.
        OnnxValue Frames(OnnxValue samples, int added) => ((samples + (added - fft)).AtLeast(0) / options.HopSamples) + 1;
        OnnxValue counts = Frames(audio.Lengths!, 2 * before), most = Frames(padded.Length(1), 0);
        // Only samples under the window are looked at; where they stand in the transform changes phases and no magnitude.
        OnnxValue offsets = graph.Constant([.. Enumerable.Range(plan.WindowStart, window).Select(n => (long)n)]);
        OnnxValue places = (graph.Range(most) * options.HopSamples).Unsqueeze(1) + offsets.Unsqueeze(0);
        OnnxValue weighed = padded.Gather(places, 1).To(OnnxType.Double) * graph.Constant(plan.HannWindow);
        OnnxValue spectra = graph.Node("DFT", [weighed.Unsqueeze(3), graph.Scalar(fft, OnnxType.Int64)], [("axis", 2L), ("onesided", 1L)]);
        return ((spectra * spectra).Sum(3).Squeeze(3), counts);
    }

    // [batch, samples + 2 before], and at least one frame.
    private static OnnxValue Padded(OnnxColumn audio, SpectrumOptions options, int before)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        OnnxValue all = audio.Values.Length(1), zero = graph.Constant([0L]);
        if (before == 0)
        {
            OnnxValue lacking = ((all * -1) + options.FftLength).AtLeast(0).Unsqueeze(0);
            return graph.Node("Pad", [audio.Values, graph.Concat(0, zero, zero, zero, lacking)]);
        }
        if (options.Padding == SignalPadding.Constant) return graph.Node("Pad", [audio.Values, graph.Constant([0L, before, 0, before])]);
        OnnxValue place = (graph.Range(all + (2 * before)) - before).Unsqueeze(0), last = audio.Lengths!.Unsqueeze(1) - 1;
        return audio.Values.GatherElements(options.Padding == SignalPadding.Edge ? place.AtLeast(0).Min(last) : Mirrored(place, last), 1);
    }

    // Mirrored at 0 and at the last sample again and again: by the phase within a period there and back.
    private static OnnxValue Mirrored(OnnxValue place, OnnxValue last)
    {
        OnnxValue period = (last * 2).AtLeast(1), phase = place.Graph.Node("Mod", [place, period]);
        return phase.Where(!(phase > last), period - phase);
    }
}
