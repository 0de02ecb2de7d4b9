using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary>
/// <see cref="UtteranceFeatures"/> as ONNX nodes. Contours are rounded to float32 where it stores them, and differences and logarithms are of the types that they are of there:
/// what is decided by them (which frames are voiced, where a syllable ends) is decided alike.
/// </summary>
internal static class UtteranceExport
{
    /// <param name="audio">Audio [batch, samples], zeros behind each clip.</param>
    /// <param name="features">What to compute.</param>
    /// <returns>float [batch, slots].</returns>
    public static OnnxValue Add(OnnxColumn audio, UtteranceFeatures features)
    {
        OnnxGraphBuilder graph = audio.Values.Graph;
        UtteranceContours contours = ContoursExport.Add(audio, features.Plan);
        var statistics = new StatisticsExport(contours.Valid, contours.SecondsPerFrame);
        OnnxValue[] parts =
        [
            .. features.Contours.Select(c => statistics.Take(contours.Of[c.Contour], c.Bands, c.Taken)),
            VoiceExport.Add(contours), RhythmExport.Add(contours),
        ];
        return graph.Concat(1, parts).Reshape(0, features.Names.Count);
    }
}
