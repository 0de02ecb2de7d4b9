namespace SerPipeline.Features;

/// <summary>
/// Options of <see cref="PaperMfcc"/>. The defaults are those of the published feature matrices (RAVDESS speech, 40 numbers a clip), which were made with
/// librosa's <c>mfcc</c> as it was before version 0.10: its defaults but for 40 coefficients.
/// </summary>
public sealed record PaperMfccOptions
{
    /// <summary>The sample rate of the audio that will be given, 1000 to 192000 Hz. Default 22050 Hz, the rate librosa loads files at.</summary>
    public int SampleRateHz { get; init; } = 22050;

    /// <summary>Samples of one Fourier transform and of the periodic Hann window over it. Default 2048 (librosa's <c>n_fft</c>).</summary>
    public int FftLength { get; init; } = 2048;

    /// <summary>Samples from one frame to the next. Default 512 (librosa's <c>hop_length</c>).</summary>
    public int HopSamples { get; init; } = 512;

    /// <summary>What the first and last frames see outside the clip. Default reflected samples (librosa's before 0.10; zeros since).</summary>
    public SignalPadding Padding { get; init; } = SignalPadding.Reflect;

    /// <summary>Mel bands from 0 Hz to half the sample rate, on Slaney's scale with Slaney's norm. Default 128 (librosa's <c>n_mels</c>).</summary>
    public int MelBands { get; init; } = 128;

    /// <summary>Coefficients, the 0th included: 1 to <see cref="MelBands"/>. Default 40 (the paper's).</summary>
    public int Coefficients { get; init; } = 40;

    /// <summary>Band powers below it count as it. Default 1e-10 (librosa's <c>amin</c>).</summary>
    public double Floor { get; init; } = 1e-10;

    /// <summary>Decibels below the clip's loudest value at which values are cut. Default 80 (librosa's <c>top_db</c>).</summary>
    public double TopDb { get; init; } = 80;

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public void Validate() => new OptionsCheck(nameof(PaperMfccOptions))
        .Require(SampleRateHz is >= 1000 and <= 192_000, SampleRateHz, "be between 1000 and 192000 Hz")
        .Require(FftLength is >= 2 and <= 65536, FftLength, "be between 2 and 65536 samples")
        .Require(HopSamples is >= 1 and <= 1 << 20, HopSamples, "be between 1 and 1048576 samples")
        .Require(Enum.IsDefined(Padding), Padding, "be Constant, Reflect or Edge")
        .Require(MelBands is >= 1 and <= 1024, MelBands, "be between 1 and 1024")
        .Require(Coefficients >= 1 && Coefficients <= MelBands, Coefficients, "be between 1 and MelBands")
        .Require(Floor > 0 && double.IsFinite(Floor), Floor, "be above 0")
        .Require(TopDb >= 0 && double.IsFinite(TopDb), TopDb, "be at least 0 dB")
        .ThrowIfAny();

    /// <summary>The same as options of the extractor below.</summary>
    internal MfccOptions ToMfcc() => new()
    {
        Coefficients = Coefficients,
        Mel = new LogMelOptions
        {
            SampleRateHz = SampleRateHz,
            FftLength = FftLength,
            WindowSamples = FftLength,
            HopSamples = HopSamples,
            Padding = Padding,
            MelBands = MelBands,
            LowHz = 0,
            HighHz = SampleRateHz / 2.0,
            Floor = Floor,
            TopDb = TopDb,
        },
    };
}
