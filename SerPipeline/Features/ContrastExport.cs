using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="ContrastFeature"/> as ONNX nodes.</summary>
internal static class ContrastExport
{
    /// <param name="magnitude">|X|, double [batch, frames, bins].</param>
    /// <param name="valid">Which frames belong to each clip, bool [batch, 1, frames].</param>
    /// <param name="options">The bands.</param>
    /// <returns>Peaks minus valleys, float [batch, bands, frames].</returns>
    public static OnnxValue Add(OnnxValue magnitude, OnnxValue valid, SpectralOptions options)
    {
        ContrastFeature.Band[] bands = ContrastFeature.Plan(options);
        return Levels(magnitude, valid, bands, greatest: true) - Levels(magnitude, valid, bands, greatest: false);
    }

    // The mean of the extremes of each band in dB, cut 80 dB below the greatest of the clip.
    private static OnnxValue Levels(OnnxValue magnitude, OnnxValue valid, ContrastFeature.Band[] bands, bool greatest)
    {
        OnnxGraphBuilder graph = magnitude.Graph;
        OnnxValue Mean(ContrastFeature.Band band) =>
            magnitude.Slice(2, band.Start, band.End).Extremes(2, graph.Constant([(long)band.Extremes]), greatest).Sum(2) / band.Extremes;
        OnnxValue means = graph.Concat(2, [.. bands.Select(Mean)]);
        OnnxValue levels = ContoursExport.Stored(DecibelsExport.OfPower(means.AtLeast(ContrastFeature.Floor)));
        return DecibelsExport.CutBelow(levels, valid, ContrastFeature.TopDb);
    }
}
