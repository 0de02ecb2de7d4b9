using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary>
/// The spectra of <see cref="StftRun"/> as ONNX nodes. They are taken in double precision as there: in float32 the weak bins beside strong ones would differ by
/// hundredths of a decibel, enough to move pixels by a level.
/// </summary>
internal static class SpectrumExport
{
    /// <param name="audio">Audio [batch, samples], zeros behind each clip.</param>
    /// <param name="options">The options.</param>
    /// <returns>|X|^2, double [batch, frames, bins], and the frames of each clip, int64 [batch].</returns>
    public static (OnnxValue Power, OnnxValue Counts) Power(OnnxColumn audio, SpectrumOptions options)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        var plan = new StftPlan(options);
        // Only samples under the window are looked at; where they stand in the transform changes phases and no magnitude.
        (OnnxValue frames, OnnxValue counts) = FramingExport.Cut(audio, plan.Framing, options.Padding, plan.WindowStart, options.WindowSamples);
        OnnxValue weighed = frames.To(OnnxType.Double) * graph.Constant(plan.HannWindow);
        OnnxValue spectra = Transform(weighed, options.FftLength);
        return ((spectra * spectra).Sum(3).Squeeze(3), counts);
    }

    /// <summary>The Fourier transform of real frames, zeros behind each.</summary>
    /// <param name="frames">[batch, frames, samples].</param>
    /// <param name="length">The transform's length.</param>
    /// <returns>[batch, frames, length / 2 + 1, 2]: real and imaginary parts.</returns>
    public static OnnxValue Transform(OnnxValue frames, int length) =>
        frames.Graph.Node("DFT", [frames.Unsqueeze(3), frames.Graph.Scalar(length, OnnxType.Int64)], [("axis", 2L), ("onesided", 1L)]);

    /// <summary>Which frames belong to each clip: bool [batch, 1, frames].</summary>
    /// <param name="frames">[batch, bands, frames].</param>
    /// <param name="counts">int64 [batch].</param>
    public static OnnxValue ValidFrames(OnnxValue frames, OnnxValue counts) => frames.Graph.Range(frames.Length(2)).Unsqueeze(0, 1) < counts.Unsqueeze(1, 2);
}
