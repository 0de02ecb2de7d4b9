using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="BalanceFeature"/> and <see cref="EnergyFeature"/> as ONNX nodes. Both take |X|^2, double [batch, frames, bins].</summary>
internal static class BalanceExport
{
    /// <returns>Alpha ratio and Hammarberg index, float [batch, 2, frames].</returns>
    public static OnnxValue Ratios(OnnxValue power, SpectrumOptions options)
    {
        double hzPerBin = (double)options.SampleRateHz / options.FftLength;
        int bins = (options.FftLength / 2) + 1;
        // The first bin that is not below a frequency.
        int From(double hz) => Enumerable.Range(0, bins).FirstOrDefault(k => k * hzPerBin >= hz, bins);
        int end = Enumerable.Range(0, bins).FirstOrDefault(k => k * hzPerBin > 5000, bins);
        OnnxValue Sum(double hz, int before) => power.Slice(2, From(hz), before).Sum(2) + BalanceFeature.Floor;
        OnnxValue Peak(double hz, int before) => power.Slice(2, From(hz), before).Greatest(2).AtLeast(BalanceFeature.Floor);
        OnnxValue alpha = DecibelsExport.OfPower(Sum(50, From(1000)) / Sum(1000, end));
        OnnxValue hammarberg = DecibelsExport.OfPower(Peak(0, From(2000)) / Peak(2000, end));
        return ContoursExport.Stored(power.Graph.Concat(2, alpha, hammarberg));
    }

    /// <returns>The energy under the window in dB, float [batch, 1, frames].</returns>
    public static OnnxValue Energy(OnnxValue power, SpectrumOptions options)
    {
        // Every bin but 0 Hz and, of even lengths, the last one has a conjugate twin.
        OnnxValue sum = (power.Slice(2, 1, long.MaxValue).Sum(2) * 2) + power.Slice(2, 0, 1);
        if (options.FftLength % 2 == 0) sum -= power.Slice(2, -1, long.MaxValue);
        return ContoursExport.Stored(DecibelsExport.OfPower((sum / options.FftLength).AtLeast(EnergyFeature.Floor)));
    }
}
