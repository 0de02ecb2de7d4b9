namespace SerPipeline.Features;

/// <summary>Which formula turns hertz into mels.</summary>
public enum MelScale
{
    /// <summary>Linear below 1000 Hz, logarithmic above: Slaney's Auditory Toolbox (1998), the default of librosa.</summary>
    Slaney,

    /// <summary><c>2595 log10(1 + f / 700)</c>: HTK and O'Shaughnessy (1987).</summary>
    Htk,
}

/// <summary>How the triangles of a mel filter bank are scaled.</summary>
public enum MelNormalization
{
    /// <summary>Each triangle has area 1 over hertz: its peak is 2 divided by its width in Hz.</summary>
    Slaney,

    /// <summary>Each triangle peaks at 1.</summary>
    None,
}

/// <summary>Conversions between hertz and mels.</summary>
public static class Mel
{
    // Slaney's scale: 3 mels every 200 Hz up to 1000 Hz (15 mels), then 27 mels for each factor 6.4.
    private const double LinearHzPerMel = 200.0 / 3;
    private const double BreakHz = 1000;
    private const double BreakMel = BreakHz / LinearHzPerMel;
    private static readonly double LogStep = Math.Log(6.4) / 27;

    /// <summary>Hertz to mels.</summary>
    /// <param name="hz">The frequency, at least 0.</param>
    /// <param name="scale">The formula.</param>
    public static double FromHz(double hz, MelScale scale) => scale switch
    {
        MelScale.Htk => 2595 * Math.Log10(1 + (hz / 700)),
        MelScale.Slaney => hz < BreakHz ? hz / LinearHzPerMel : BreakMel + (Math.Log(hz / BreakHz) / LogStep),
        _ => throw new ArgumentOutOfRangeException(nameof(scale), scale, "Expected Slaney or Htk."),
    };

    /// <summary>Mels to hertz.</summary>
    /// <param name="mel">The pitch, at least 0.</param>
    /// <param name="scale">The formula.</param>
    public static double ToHz(double mel, MelScale scale) => scale switch
    {
        MelScale.Htk => 700 * (Math.Pow(10, mel / 2595) - 1),
        MelScale.Slaney => mel < BreakMel ? mel * LinearHzPerMel : BreakHz * Math.Exp(LogStep * (mel - BreakMel)),
        _ => throw new ArgumentOutOfRangeException(nameof(scale), scale, "Expected Slaney or Htk."),
    };

    /// <summary>Frequencies evenly spaced in mels, both ends included.</summary>
    /// <param name="count">How many, at least 2.</param>
    /// <param name="lowHz">The first.</param>
    /// <param name="highHz">The last.</param>
    /// <param name="scale">The formula.</param>
    public static double[] FrequenciesHz(int count, double lowHz, double highHz, MelScale scale)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        double low = FromHz(lowHz, scale), high = FromHz(highHz, scale);
        var frequencies = new double[count];
        for (int i = 0; i < count; i++) frequencies[i] = ToHz(low + ((high - low) * i / (count - 1)), scale);
        return frequencies;
    }
}
