using SerPipeline.Audio;
using SerPipeline.Onnx;
using SerPipeline.Pipeline;

namespace SerPipeline.Transforms.Export;

/// <summary><see cref="Normalization.Apply"/> as ONNX nodes.</summary>
internal static class LevelExport
{
    public static OnnxColumn Add(OnnxColumn audio, NormalizationOptions options)
    {
        if (options.Mode != NormalizationMode.Peak)
            throw new ModelExportException("LoadAudio cannot be exported to ONNX with loudness normalisation: its K-weighting is a recursive filter over samples. Normalise by peak, or not at all.");
        OnnxValue peak = audio.Values.One("Abs").Greatest(1).To(OnnxType.Double);
        OnnxValue decibels = peak.One("Log") * (-20 / Math.Log(10)) + options.TargetPeakDbfs;
        OnnxValue scaled = (audio.Values.To(OnnxType.Double) * (decibels * (Math.Log(10) / 20)).One("Exp")).To(OnnxType.Float);
        // No gain brings silence to a level.
        return audio with { Values = scaled.Where(peak > peak.Graph.Scalar(0, OnnxType.Double), audio.Values) };
    }
}
