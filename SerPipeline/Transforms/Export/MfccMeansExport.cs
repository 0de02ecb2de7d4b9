using SerPipeline.Dsp;
using SerPipeline.Onnx;
using SerPipeline.Pipeline;

namespace SerPipeline.Transforms.Export;

/// <summary><see cref="PaperMfcc"/> as ONNX nodes.</summary>
internal static class MfccMeansExport
{
    /// <returns>float [batch, coefficients].</returns>
    public static OnnxValue Add(OnnxColumn audio, PaperMfccOptions options)
    {
        OnnxColumn frames = LogMelExport.Add(audio, options.ToMfcc().Mel);
        var dct = new Dct(options.MelBands, options.Coefficients);
        OnnxValue weights = audio.Values.Graph.Constant(dct.Weights, [dct.Outputs, dct.Inputs]);
        // Stored as float32 before the mean is taken, as everywhere.
        OnnxValue mfcc = weights.MatMul(frames.Values.To(OnnxType.Double)).To(OnnxType.Float).To(OnnxType.Double);
        OnnxValue sums = mfcc.Where(LogMelExport.ValidFrames(mfcc, frames.Lengths!), 0).Sum(2).Squeeze(2);
        return (sums / frames.Lengths!.To(OnnxType.Double).Unsqueeze(1)).To(OnnxType.Float);
    }
}
