using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>Options of <see cref="MfccExtractor"/>.</summary>
public sealed record MfccOptions
{
    /// <summary>Log-mel spectrogram that is transformed. Default: the defaults of <see cref="LogMelOptions"/>.</summary>
    public LogMelOptions Mel { get; init; } = new();

    /// <summary>Number of coefficients including the 0th, 1 to the number of mel bands. Default 40.</summary>
    public int Coefficients { get; init; } = 40;

    /// <summary>L of the sinusoidal lifter <c>1 + L/2 sin(pi (n + 1) / L)</c>; 0 (default) for none.</summary>
    public double Lifter { get; init; }

    /// <summary>Checks all options.</summary>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public void Validate()
    {
        var mel = new OptionsCheck($"{nameof(MfccOptions)}.{nameof(Mel)}");
        Mel?.Check(mel);
        OptionsCheck check = new OptionsCheck(nameof(MfccOptions))
            .Require(Mel is not null, Mel, "not be null")
            .Require(Coefficients >= 1 && Coefficients <= (Mel?.MelBands ?? int.MaxValue), Coefficients, "be between 1 and Mel.MelBands")
            .Require(Mel?.Compression != LogCompression.None, Mel?.Compression, "be Decibel or NaturalLog", "Mel.Compression")
            .Require(Lifter >= 0 && double.IsFinite(Lifter), Lifter, "be at least 0");
        if (mel.Problems.Count + check.Problems.Count > 0) throw new OptionsException([.. mel.Problems, .. check.Problems]);
    }
}

/// <summary>Mel-frequency cepstral coefficients, <c>[Coefficients, frames]</c>: the orthonormal DCT-II of a log-mel spectrogram, with the
/// values of librosa's <c>mfcc</c>. Immutable and thread-safe.</summary>
public sealed class MfccExtractor
{
    private readonly LogMelExtractor _mel;
    private readonly Dct _dct;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public MfccExtractor(MfccOptions? options = null)
    {
        Options = options ?? new MfccOptions();
        Options.Validate();
        _mel = new LogMelExtractor(Options.Mel);
        _dct = new Dct(Options.Mel.MelBands, Options.Coefficients);
    }

    /// <summary>The options in effect.</summary>
    public MfccOptions Options { get; }

    /// <summary>Frames of a clip; 0 if it is empty or, without centring, shorter than one transform.</summary>
    /// <param name="samples">Length of the clip in samples.</param>
    public int FrameCount(int samples) => _mel.FrameCount(samples);

    /// <summary>Computes the coefficients of a clip.</summary>
    /// <param name="mono">Samples at the sample rate of <see cref="MfccOptions.Mel"/>.</param>
    /// <returns><c>[Coefficients, frames]</c>.</returns>
    /// <exception cref="ArgumentException">The clip is empty or too short, or a sample is NaN or infinite.</exception>
    public FrameMatrix Extract(ReadOnlySpan<float> mono) => FromLogMel(_mel.Extract(mono));

    /// <summary>Computes the coefficients from a log-mel spectrogram.</summary>
    /// <param name="logMel"><c>[MelBands, frames]</c>.</param>
    /// <returns><c>[Coefficients, frames]</c>.</returns>
    /// <exception cref="ArgumentException">The spectrogram has a different number of bands.</exception>
    public FrameMatrix FromLogMel(FrameMatrix logMel)
    {
        FrameMatrix mfcc = _dct.Apply(logMel);
        if (Options.Lifter > 0) Lift(mfcc);
        return mfcc;
    }

    private void Lift(FrameMatrix mfcc)
    {
        for (int n = 0; n < mfcc.Bands; n++)
        {
            float gain = (float)(1 + (Options.Lifter / 2 * Math.Sin(Math.PI * (n + 1) / Options.Lifter)));
            foreach (ref float value in mfcc.Row(n)) value *= gain;
        }
    }
}

/// <summary>Orthonormal DCT-II along the bands of a matrix, SciPy's <c>dct(x, type=2, norm="ortho", axis=0)</c>. Immutable and
/// thread-safe.</summary>
public sealed class Dct
{
    private readonly double[] _weights; // [outputs, inputs]

    /// <summary>Creates the transform.</summary>
    /// <param name="inputs">Number of input bands, at least 1.</param>
    /// <param name="outputs">Number of coefficients, 1 to <paramref name="inputs"/>.</param>
    public Dct(int inputs, int outputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outputs, inputs);
        Inputs = inputs;
        Outputs = outputs;
        _weights = new double[outputs * inputs];
        for (int k = 0; k < outputs; k++)
        {
            double scale = Math.Sqrt((k == 0 ? 1.0 : 2.0) / inputs);
            for (int n = 0; n < inputs; n++) _weights[(k * inputs) + n] = scale * Math.Cos(Math.PI * k * ((2 * n) + 1) / (2.0 * inputs));
        }
    }

    /// <summary>Number of input bands.</summary>
    public int Inputs { get; }

    /// <summary>Number of coefficients.</summary>
    public int Outputs { get; }

    /// <summary>Row-major <c>[Outputs, Inputs]</c>.</summary>
    internal ReadOnlySpan<double> Weights => _weights;

    /// <summary>Transforms each frame.</summary>
    /// <param name="frames"><c>[Inputs, frames]</c>.</param>
    /// <returns><c>[Outputs, frames]</c>.</returns>
    /// <exception cref="ArgumentException">The matrix has a different number of bands.</exception>
    public FrameMatrix Apply(FrameMatrix frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        if (frames.Bands != Inputs) throw new ArgumentException($"Expected {Inputs} bands, got {frames.Bands}.", nameof(frames));
        var result = new FrameMatrix(Outputs, frames.Frames);
        using var pool = new LanePool(Inputs);
        Span<double> values = MemoryMarshal.Cast<Vector<double>, double>(pool.Lanes);
        int width = Vector<double>.Count;
        for (int first = 0; first < frames.Frames; first += width)
        {
            // Double precision: a coefficient may be small compared with its summands of hundreds of dB.
            int lanes = Math.Min(width, frames.Frames - first);
            ReadOnlySpan<float> source = frames.Values.AsSpan(first);
            for (int n = 0; n < Inputs; n++)
                for (int lane = 0; lane < lanes; lane++) values[(n * width) + lane] = source[(n * frames.Frames) + lane];
            Span<float> target = result.Values.AsSpan(first);
            for (int k = 0; k < Outputs; k++)
            {
                Vector<double> sum = WeightedSum(_weights.AsSpan(k * Inputs, Inputs), pool.Lanes);
                for (int lane = 0; lane < lanes; lane++) target[(k * frames.Frames) + lane] = (float)sum[lane];
            }
        }
        return result;
    }

    private static Vector<double> WeightedSum(ReadOnlySpan<double> weights, ReadOnlySpan<Vector<double>> values)
    {
        // Two independent sums for throughput.
        Vector<double> even = Vector<double>.Zero, odd = Vector<double>.Zero;
        int n = 0;
        for (; n + 1 < weights.Length; n += 2)
        {
            even = Vector.MultiplyAddEstimate(values[n], new(weights[n]), even);
            odd = Vector.MultiplyAddEstimate(values[n + 1], new(weights[n + 1]), odd);
        }
        return n < weights.Length ? Vector.MultiplyAddEstimate(values[n], new(weights[n]), even) + odd : even + odd;
    }
}

/// <summary><see cref="Dct"/> as ONNX nodes.</summary>
internal static class DctOnnx
{
    /// <summary>From float [batch, bands, frames] to float [batch, coefficients, frames].</summary>
    public static OnnxValue Apply(OnnxValue bands, Dct dct) =>
        bands.Graph.Constant(dct.Weights, [dct.Outputs, dct.Inputs]).MatMul(bands.To(OnnxType.Double)).To(OnnxType.Float);
}
