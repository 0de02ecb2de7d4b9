using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="PaperMfcc"/> as ONNX nodes.</summary>
internal static class MfccMeansExport
{
    /// <returns>float [batch, coefficients].</returns>
    public static OnnxValue Add(OnnxColumn audio, PaperMfccOptions options)
    {
        OnnxColumn frames = LogMelExport.Add(audio, options.ToMfcc().Mel);
        OnnxValue mfcc = Cepstra(frames.Values, new Dct(options.MelBands, options.Coefficients)).To(OnnxType.Double);
        OnnxValue sums = mfcc.Where(SpectrumExport.ValidFrames(mfcc, frames.Lengths!), 0).Sum(2).Squeeze(2);
        return (sums / frames.Lengths!.To(OnnxType.Double).Unsqueeze(1)).To(OnnxType.Float);
    }

    /// <summary><see cref="Dct"/> along the bands.</summary>
    /// <param name="logMel">float [batch, bands, frames].</param>
    /// <param name="dct">The transform.</param>
    /// <returns>float [batch, coefficients, frames]: stored as float32 before anything is taken of it, as everywhere.</returns>
    public static OnnxValue Cepstra(OnnxValue logMel, Dct dct) =>
        logMel.Graph.Constant(dct.Weights, [dct.Outputs, dct.Inputs]).MatMul(logMel.To(OnnxType.Double)).To(OnnxType.Float);
}
