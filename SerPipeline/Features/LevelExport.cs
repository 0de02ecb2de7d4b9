using SerPipeline.Audio;
using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="Normalization.Apply"/> as ONNX nodes.</summary>
internal static class LevelExport
{
    /// <param name="audio">Audio [batch, samples], zeros behind each clip.</param>
    /// <param name="options">Measure and target.</param>
    /// <param name="sampleRateHz">The rate.</param>
    public static OnnxColumn Add(OnnxColumn audio, NormalizationOptions options, int sampleRateHz)
    {
        OnnxValue peak = audio.Values.One("Abs").Greatest(1).To(OnnxType.Double), peakDbfs = peak.One("Log") * (20 / Math.Log(10));
        // No gain brings silence to a level.
        OnnxValue gainDb, isHeard;
        if (options.Mode == NormalizationMode.Peak)
        {
            (gainDb, isHeard) = ((peakDbfs * -1) + options.TargetPeakDbfs, peak > peak.Graph.Scalar(0, OnnxType.Double));
        }
        else
        {
            (OnnxValue lufs, isHeard) = LoudnessExport.Add(audio, sampleRateHz);
            gainDb = ((lufs * -1) + options.TargetLufs).Min((peakDbfs * -1) + options.MaxPeakDbfs);
        }
        OnnxValue scaled = (audio.Values.To(OnnxType.Double) * (gainDb * (Math.Log(10) / 20)).One("Exp")).To(OnnxType.Float);
        return audio with { Values = scaled.Where(isHeard, audio.Values) };
    }
}
