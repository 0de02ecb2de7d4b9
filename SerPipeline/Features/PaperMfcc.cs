using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>Options of <see cref="PaperMfcc"/>. The defaults reproduce the published feature matrices (RAVDESS speech, 40 values per clip):
/// librosa's <c>mfcc</c> before version 0.10 with 40 coefficients and its other defaults.</summary>
public sealed record PaperMfccOptions
{
    /// <summary>Sample rate of the input, 1000 to 192000 Hz. Default 22050 Hz, librosa's rate for loading files.</summary>
    public int SampleRateHz { get; init; } = 22050;

    /// <summary>Length in samples of the FFT and of its periodic Hann window, 2 to 65536. Default 2048 (librosa's <c>n_fft</c>).</summary>
    public int FftLength { get; init; } = 2048;

    /// <summary>Hop between frames in samples, at least 1. Default 512 (librosa's <c>hop_length</c>).</summary>
    public int HopSamples { get; init; } = 512;

    /// <summary>What the first and last frames see outside the clip. Default reflected samples, as librosa before 0.10; zeros
    /// since.</summary>
    public SignalPadding Padding { get; init; } = SignalPadding.Reflect;

    /// <summary>Number of mel bands from 0 Hz to half the sample rate, with Slaney's scale and normalization, 1 to 1024. Default 128
    /// (librosa's <c>n_mels</c>).</summary>
    public int MelBands { get; init; } = 128;

    /// <summary>Number of coefficients including the 0th, 1 to <see cref="MelBands"/>. Default 40 (the paper's).</summary>
    public int Coefficients { get; init; } = 40;

    /// <summary>Lower limit of band powers before the logarithm, above 0. Default 1e-10 (librosa's <c>amin</c>).</summary>
    public double Floor { get; init; } = 1e-10;

    /// <summary>Values are clipped to this many dB below the clip's maximum. Default 80 (librosa's <c>top_db</c>).</summary>
    public double TopDb { get; init; } = 80;

    /// <summary>Checks all options.</summary>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
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

/// <summary>Mean over time of each MFCC of a clip, <c>[Coefficients]</c>: the features of the published matrices. Immutable and
/// thread-safe.</summary>
public sealed class PaperMfcc
{
    private readonly MfccExtractor _extractor;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">Options; null for the paper's.</param>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public PaperMfcc(PaperMfccOptions? options = null)
    {
        Options = options ?? new PaperMfccOptions();
        Options.Validate();
        _extractor = new MfccExtractor(Options.ToMfcc());
        Names = SlotNames(Options.Coefficients);
    }

    /// <summary>The options in effect.</summary>
    public PaperMfccOptions Options { get; }

    /// <summary>Name of each value, in order: <c>mfcc_00</c>, <c>mfcc_01</c>, ...</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Names of the coefficients, <c>mfcc_00</c>, <c>mfcc_01</c>, ..., with at least two digits and all of the same
    /// length.</summary>
    /// <param name="coefficients">Number of coefficients, at least 1.</param>
    public static IReadOnlyList<string> SlotNames(int coefficients)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(coefficients, 1);
        string digits = $"D{Math.Max(2, (coefficients - 1).ToString(CultureInfo.InvariantCulture).Length)}";
        return [.. Enumerable.Range(0, coefficients).Select(i => $"mfcc_{i.ToString(digits, CultureInfo.InvariantCulture)}")];
    }

    /// <summary>Computes the mean MFCCs of a clip.</summary>
    /// <param name="mono">Samples at <see cref="PaperMfccOptions.SampleRateHz"/>, at least one.</param>
    /// <returns>One value per name in <see cref="Names"/>: the orthonormal DCT-II of levels in dB.</returns>
    /// <exception cref="ArgumentException">The clip is empty, or a sample is NaN or infinite.</exception>
    public float[] Extract(ReadOnlySpan<float> mono)
    {
        FrameMatrix mfcc = _extractor.Extract(mono);
        return [.. Enumerable.Range(0, mfcc.Bands).Select(n => (float)Statistics.Mean(mfcc.Row(n)))];
    }
}

/// <summary><see cref="PaperMfcc"/> as ONNX nodes.</summary>
internal static class PaperMfccOnnx
{
    /// <summary>From audio [batch, samples], zero-padded after each clip, to float [batch, coefficients].</summary>
    public static OnnxValue Add(OnnxColumn audio, PaperMfccOptions options)
    {
        OnnxColumn frames = LogMelOnnx.Add(audio, options.ToMfcc().Mel);
        OnnxValue mfcc = DctOnnx.Apply(frames.Values, new Dct(options.MelBands, options.Coefficients)).To(OnnxType.Double);
        OnnxValue sums = mfcc.Where(StftOnnx.ValidFrames(mfcc, frames.Lengths!), 0).Sum(2).Squeeze(2);
        return (sums / frames.Lengths!.To(OnnxType.Double).Unsqueeze(1)).To(OnnxType.Float);
    }
}
