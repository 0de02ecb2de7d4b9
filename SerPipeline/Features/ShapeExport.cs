using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="SpectralShape"/> as ONNX nodes. All take double [batch, frames, bins] and give float [batch, 1, frames].</summary>
internal static class ShapeExport
{
    public static OnnxValue Centroid(OnnxValue magnitude, SpectralOptions options) => ContoursExport.Stored(MeanHz(magnitude, options));

    public static OnnxValue Bandwidth(OnnxValue magnitude, SpectralOptions options)
    {
        OnnxValue distance = Hz(magnitude, options) - MeanHz(magnitude, options);
        return ContoursExport.Stored(((magnitude * distance * distance).Sum(2) / NonZero(magnitude.Sum(2))).One("Sqrt"));
    }

    public static OnnxValue RollOff(OnnxValue magnitude, SpectralOptions options)
    {
        OnnxValue running = magnitude.CumulativeSum(2), total = running.Slice(2, -1, long.MaxValue);
        OnnxValue below = (running < total * options.RollOffShare).To(OnnxType.Double).Sum(2);
        return ContoursExport.Stored(below * HzPerBin(options));
    }

    public static OnnxValue Flatness(OnnxValue power, SpectralOptions options)
    {
        OnnxValue kept = power.AtLeast(options.FlatnessFloor);
        double bins = (options.FftLength / 2) + 1;
        return ContoursExport.Stored((kept.One("Log").Sum(2) / bins).One("Exp") / (kept.Sum(2) / bins));
    }

    /// <summary>The values, with ones where they are too small to divide by.</summary>
    public static OnnxValue NonZero(OnnxValue norm) => norm.Where(!(norm < norm.Graph.Scalar(SpectralShape.Tiny, OnnxType.Double)), 1);

    private static double HzPerBin(SpectrumOptions options) => (double)options.SampleRateHz / options.FftLength;

    private static OnnxValue Hz(OnnxValue spectrum, SpectralOptions options) =>
        spectrum.Graph.Constant<double>([.. Enumerable.Range(0, (options.FftLength / 2) + 1).Select(k => k * HzPerBin(options))]);

    private static OnnxValue MeanHz(OnnxValue magnitude, SpectralOptions options) => (magnitude * Hz(magnitude, options)).Sum(2) / NonZero(magnitude.Sum(2));
}
