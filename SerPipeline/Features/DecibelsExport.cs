using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="Decibels"/> as ONNX nodes.</summary>
internal static class DecibelsExport
{
    /// <summary>Ten times the logarithm to base 10.</summary>
    /// <param name="power">double, above 0.</param>
    public static OnnxValue OfPower(OnnxValue power) => power.One("Log") * (10 / Math.Log(10));

    /// <summary>Raises every value to at least the greatest of its clip minus a distance.</summary>
    /// <param name="values">float [batch, bands, frames].</param>
    /// <param name="valid">Which frames belong to each clip, bool [batch, 1, frames].</param>
    /// <param name="topDb">The distance.</param>
    public static OnnxValue CutBelow(OnnxValue values, OnnxValue valid, double topDb)
    {
        OnnxValue greatest = values.Where(valid, double.NegativeInfinity).Greatest(1, 2);
        return values.Max((greatest.To(OnnxType.Double) - topDb).To(OnnxType.Float));
    }
}
