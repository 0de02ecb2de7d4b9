namespace SerPipeline.Features;

/// <summary>What a mel band's value becomes.</summary>
public enum LogCompression
{
    /// <summary>Decibels: librosa's <c>power_to_db</c> (<c>amplitude_to_db</c> when the power is 1).</summary>
    Decibel,

    /// <summary>The natural logarithm.</summary>
    NaturalLog,

    /// <summary>No logarithm.</summary>
    None,
}

/// <summary>Options of <see cref="LogMelExtractor"/>. The defaults are a common choice for 16 kHz speech.</summary>
public sealed record LogMelOptions : SpectrumOptions
{
    /// <summary>Mel bands, 1 to 1024. Default 64.</summary>
    public int MelBands { get; init; } = 64;

    /// <summary>Lower end of the first band. Default 40 Hz.</summary>
    public double LowHz { get; init; } = 40;

    /// <summary>Upper end of the last band, at most half the sample rate. Default 7600 Hz.</summary>
    public double HighHz { get; init; } = 7600;

    /// <summary>The mel formula. Default Slaney's.</summary>
    public MelScale MelScale { get; init; } = MelScale.Slaney;

    /// <summary>How the bands' triangles are scaled. Default Slaney's.</summary>
    public MelNormalization MelNormalization { get; init; } = MelNormalization.Slaney;

    /// <summary>The exponent of the magnitude before the bands are summed: 1 or 2. Default 2.</summary>
    public int Power { get; init; } = 2;

    /// <summary>What a band's value becomes. Default decibels.</summary>
    public LogCompression Compression { get; init; } = LogCompression.Decibel;

    /// <summary>The band value that is 0 dB; used by <see cref="LogCompression.Decibel"/> only. Default 1.</summary>
    public double Reference { get; init; } = 1;

    /// <summary>Band values below it count as it, so that silence has a logarithm. Default 1e-10.</summary>
    public double Floor { get; init; } = 1e-10;

    /// <summary>Decibels below the clip's loudest value at which values are cut; null cuts nothing. <see cref="LogCompression.Decibel"/> only. Default 80.</summary>
    public double? TopDb { get; init; } = 80;

    internal override void Check(OptionsCheck check)
    {
        base.Check(check);
        check
            .Require(MelBands is >= 1 and <= 1024, MelBands, "be between 1 and 1024")
            .Require(LowHz >= 0 && LowHz < HighHz, LowHz, "be at least 0 Hz and below HighHz")
            .Require(HighHz <= SampleRateHz / 2.0, HighHz, "be at most half of SampleRateHz")
            .Require(Enum.IsDefined(MelScale), MelScale, "be Slaney or Htk")
            .Require(Enum.IsDefined(MelNormalization), MelNormalization, "be Slaney or None")
            .Require(Power is 1 or 2, Power, "be 1 or 2")
            .Require(Enum.IsDefined(Compression), Compression, "be Decibel, NaturalLog or None")
            .Require(Reference > 0 && double.IsFinite(Reference), Reference, "be above 0")
            .Require(Floor > 0 && double.IsFinite(Floor), Floor, "be above 0")
            .Require(TopDb is null or >= 0, TopDb, "be at least 0 dB or null");
    }
}
