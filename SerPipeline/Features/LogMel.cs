using System.Numerics.Tensors;
using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>Compression of mel band values.</summary>
public enum LogCompression
{
    /// <summary>Decibels: librosa's <c>power_to_db</c>, or <c>amplitude_to_db</c> if the power is 1.</summary>
    Decibel,

    /// <summary>The natural logarithm.</summary>
    NaturalLog,

    /// <summary>No logarithm.</summary>
    None,
}

/// <summary>Options of <see cref="LogMelExtractor"/>. The defaults are a common choice for 16 kHz speech.</summary>
public sealed record LogMelOptions : SpectrumOptions
{
    /// <summary>Number of mel bands, 1 to 1024. Default 64.</summary>
    public int MelBands { get; init; } = 64;

    /// <summary>Lower edge of the first band in Hz, at least 0. Default 40.</summary>
    public double LowHz { get; init; } = 40;

    /// <summary>Upper edge of the last band in Hz, at most half the sample rate. Default 7600.</summary>
    public double HighHz { get; init; } = 7600;

    /// <summary>Mel formula. Default Slaney.</summary>
    public MelScale MelScale { get; init; } = MelScale.Slaney;

    /// <summary>Normalization of the triangular filters. Default Slaney.</summary>
    public MelNormalization MelNormalization { get; init; } = MelNormalization.Slaney;

    /// <summary>Exponent of the magnitude spectrum: 1 or 2. Default 2.</summary>
    public int Power { get; init; } = 2;

    /// <summary>Compression of the band values. Default decibels.</summary>
    public LogCompression Compression { get; init; } = LogCompression.Decibel;

    /// <summary>The band value that is 0 dB, for <see cref="LogCompression.Decibel"/>. Default 1.</summary>
    public double Reference { get; init; } = 1;

    /// <summary>Lower limit of band values before the logarithm, above 0. Default 1e-10.</summary>
    public double Floor { get; init; } = 1e-10;

    /// <summary>Values are clipped to this many dB below the clip's maximum, for <see cref="LogCompression.Decibel"/>; null for no
    /// clipping. Default 80.</summary>
    public double? TopDb { get; init; } = 80;

    internal override OptionsCheck Check(OptionsCheck check) => base.Check(check)
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

/// <summary>Log-mel spectrograms, <c>[MelBands, frames]</c>, with the values of librosa's <c>melspectrogram</c> and <c>power_to_db</c>.
/// Immutable and thread-safe; allocates only the result.</summary>
public sealed class LogMelExtractor
{
    private readonly StftPlan _plan;
    private readonly LogMelFeature _feature;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public LogMelExtractor(LogMelOptions? options = null)
    {
        Options = options ?? new LogMelOptions();
        Options.Validate();
        _plan = new StftPlan(Options);
        _feature = new LogMelFeature(Options);
    }

    /// <summary>The options in effect.</summary>
    public LogMelOptions Options { get; }

    /// <summary>Frames of a clip; 0 if it is empty or, without centring, shorter than one transform.</summary>
    /// <param name="samples">Length of the clip in samples.</param>
    public int FrameCount(int samples) => _plan.Framing.Count(samples);

    /// <summary>Computes the spectrogram of a clip.</summary>
    /// <param name="mono">Samples at <see cref="SpectrumOptions.SampleRateHz"/>: at least 1, or <c>FftLength</c> without centring.</param>
    /// <returns><c>[MelBands, frames]</c>, in dB by default.</returns>
    /// <exception cref="ArgumentException">The clip is empty or too short, or a sample is NaN or infinite.</exception>
    public FrameMatrix Extract(ReadOnlySpan<float> mono) => FrameFeatures.Extract(_plan, mono, _feature);
}

/// <summary>Log-mel bands of each frame's spectrum.</summary>
internal sealed class LogMelFeature : IFrameFeature
{
    private readonly LogMelOptions _options;
    private readonly MelFilterBank _bank;
    private readonly double _scale, _offset;

    public LogMelFeature(LogMelOptions options)
    {
        _options = options;
        _bank = CreateBank(options);
        (_scale, _offset) = ScaleOf(options);
    }

    /// <summary>What natural logarithms are multiplied by, and what is added then.</summary>
    public static (double Scale, double Offset) ScaleOf(LogMelOptions options)
    {
        if (options.Compression != LogCompression.Decibel) return (1, 0);
        // 10 log10 of power or 20 log10 of magnitude.
        double scale = (options.Power == 2 ? 10 : 20) / Math.Log(10);
        return (scale, -scale * Math.Log(Math.Max(options.Floor, options.Reference)));
    }

    public static MelFilterBank CreateBank(LogMelOptions options) =>
        new(options.SampleRateHz, options.FftLength, options.MelBands, options.LowHz, options.HighHz, options.MelScale,
            options.MelNormalization);

    public int Bands => _options.MelBands;

    public bool UsesMagnitude => _options.Power == 1;

    public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands)
    {
        _bank.Apply(_options.Power == 2 ? power : magnitude, bands);
        if (_options.Compression == LogCompression.None) return;
        Vector<double> floor = new(_options.Floor), scale = new(_scale), offset = new(_offset);
        for (int m = 0; m < _bank.Mels; m++) bands[m] = (Vector.Log(Vector.Max(bands[m], floor)) * scale) + offset;
    }

    public void Finish(FrameMatrix frames)
    {
        if (_options.Compression == LogCompression.Decibel && _options.TopDb is double top) Decibels.CutBelow(frames.Values, top);
    }
}

/// <summary><see cref="LogMelExtractor"/> as ONNX nodes.</summary>
internal static class LogMelOnnx
{
    /// <summary>From audio [batch, samples], zero-padded after each clip, to float [batch, bands, frames].</summary>
    public static OnnxColumn Add(OnnxColumn audio, LogMelOptions options)
    {
        (OnnxValue power, OnnxValue counts) = StftOnnx.Power(audio, options);
        return new OnnxColumn(FromPower(power, counts, options), counts);
    }

    /// <summary>From |X|^2, double [batch, frames, bins], and the frames of each clip to float [batch, bands, frames].</summary>
    public static OnnxValue FromPower(OnnxValue power, OnnxValue counts, LogMelOptions options)
    {
        OnnxValue spectra = options.Power == 1 ? power.One("Sqrt") : power;
        MelFilterBank bank = LogMelFeature.CreateBank(options);
        OnnxValue bands = spectra.MatMul(power.Graph.Constant<double>(bank.ToTransposed(), [bank.Bins, bank.Mels]));
        if (options.Compression != LogCompression.None)
        {
            (double scale, double offset) = LogMelFeature.ScaleOf(options);
            bands = bands.AtLeast(options.Floor).One("Log") * scale;
            if (options.Compression == LogCompression.Decibel) bands -= -offset;
        }
        OnnxValue frames = bands.To(OnnxType.Float).Transpose(0, 2, 1);
        return options.Compression == LogCompression.Decibel && options.TopDb is { } top
            ? DecibelsOnnx.CutBelow(frames, StftOnnx.ValidFrames(frames, counts), top)
            : frames;
    }
}

internal static class Decibels
{
    /// <summary>Clips values to at least the maximum minus <paramref name="topDb"/>.</summary>
    public static void CutBelow(Span<float> values, double topDb)
    {
        float least = (float)(TensorPrimitives.Max<float>(values) - topDb);
        TensorPrimitives.Max<float>(values, least, values);
    }
}

/// <summary><see cref="Decibels"/> as ONNX nodes.</summary>
internal static class DecibelsOnnx
{
    public static OnnxValue OfPower(OnnxValue power) => power.One("Log") * (10 / Math.Log(10));

    /// <summary>Clips values to at least the maximum of their clip minus <paramref name="topDb"/>.</summary>
    public static OnnxValue CutBelow(OnnxValue values, OnnxValue valid, double topDb)
    {
        OnnxValue greatest = values.Where(valid, double.NegativeInfinity).Greatest(1, 2);
        return values.Max((greatest.To(OnnxType.Double) - topDb).To(OnnxType.Float));
    }
}
