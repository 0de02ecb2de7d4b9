using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="ChromaFeature"/> as ONNX nodes.</summary>
internal static class ChromaExport
{
    /// <param name="power">|X|^2, double [batch, frames, bins].</param>
    /// <param name="options">The spectra.</param>
    /// <returns>float [batch, classes, frames].</returns>
    public static OnnxValue Add(OnnxValue power, SpectrumOptions options)
    {
        var chroma = new ChromaFeature(options);
        OnnxValue weights = power.Graph.Constant(chroma.Weights, [ChromaFeature.Classes, (options.FftLength / 2) + 1]);
        OnnxValue sums = power.MatMul(weights.Transpose(1, 0));
        return ContoursExport.Stored(sums / ShapeExport.NonZero(sums.Greatest(2)));
    }
}
