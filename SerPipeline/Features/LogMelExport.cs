using SerPipeline.Old.Pipeline;
using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="LogMelExtractor"/> as ONNX nodes.</summary>
internal static class LogMelExport
{
    /// <param name="audio">Audio [batch, samples], zeros behind each clip.</param>
    /// <param name="options">The options.</param>
    /// <returns>[batch, bands, frames] and the frames of each clip.</returns>
    public static OnnxColumn Add(OnnxColumn audio, LogMelOptions options)
    {
        (OnnxValue power, OnnxValue counts) = SpectrumExport.Power(audio, options);
        return new OnnxColumn(FromPower(power, counts, options), counts);
    }

    /// <param name="power">|X|^2, double [batch, frames, bins].</param>
    /// <param name="counts">The frames of each clip, int64 [batch].</param>
    /// <param name="options">The options.</param>
    /// <returns>float [batch, bands, frames].</returns>
    public static OnnxValue FromPower(OnnxValue power, OnnxValue counts, LogMelOptions options)
    {
        OnnxValue spectra = options.Power == 1 ? power.One("Sqrt") : power;
        MelFilterBank bank = LogMelFeature.CreateBank(options);
        OnnxValue bands = spectra.MatMul(power.Graph.Constant<double>(bank.ToTransposed(), [bank.Bins, bank.Mels]));
        if (options.Compression != LogCompression.None)
        {
            // 10 log10 of power, 20 log10 of magnitude, over natural logarithms.
            bool isDecibel = options.Compression == LogCompression.Decibel;
            double scale = isDecibel ? (options.Power == 2 ? 10 : 20) / Math.Log(10) : 1;
            bands = bands.AtLeast(options.Floor).One("Log") * scale;
            if (isDecibel) bands -= scale * Math.Log(Math.Max(options.Floor, options.Reference));
        }
        OnnxValue frames = bands.To(OnnxType.Float).Transpose(0, 2, 1);
        return options.Compression == LogCompression.Decibel && options.TopDb is { } top
            ? DecibelsExport.CutBelow(frames, SpectrumExport.ValidFrames(frames, counts), top)
            : frames;
    }
}
