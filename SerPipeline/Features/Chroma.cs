using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary>Options of <see cref="Chroma"/>: those of the spectra.</summary>
public sealed record ChromaOptions : SpectrumOptions;

/// <summary>Energy of the 12 pitch classes C to B, <c>[12, frames]</c>, scaled to a maximum of 1 in each frame (silence: all 0). The values
/// of librosa's <c>chroma_stft</c> with tuning 0. Immutable and thread-safe.</summary>
public sealed class Chroma
{
    private readonly StftPlan _plan;
    private readonly ChromaFeature _feature;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public Chroma(ChromaOptions? options = null)
    {
        Options = options ?? new ChromaOptions();
        Options.Validate();
        _plan = new StftPlan(Options);
        _feature = new ChromaFeature(Options);
    }

    /// <summary>The options in effect.</summary>
    public ChromaOptions Options { get; }

    /// <summary>Computes the chromagram of a clip.</summary>
    /// <param name="mono">Samples at <see cref="SpectrumOptions.SampleRateHz"/>.</param>
    /// <returns><c>[12, frames]</c>.</returns>
    /// <exception cref="ArgumentException">The clip is empty or too short, or a sample is NaN or infinite.</exception>
    public FrameMatrix Extract(ReadOnlySpan<float> mono) => FrameFeatures.Extract(_plan, mono, _feature);
}

/// <summary>Sums the power spectrum under Gaussians around each pitch class in every octave (Ellis 2007, "Chroma feature analysis and
/// synthesis").</summary>
internal sealed class ChromaFeature : IFrameFeature
{
    internal const int Classes = 12;
    private const double OctaveZeroHz = 440.0 / 16; // the A from which octaves are counted
    private const double CenterOctave = 5, OctaveWidth = 2; // Gaussian weight over octaves, centred near 880 Hz
    private readonly double[] _weights; // [classes, bins]

    public ChromaFeature(SpectrumOptions options)
    {
        int bins = (options.FftLength / 2) + 1;
        double hzPerBin = options.HzPerBin;
        _weights = new double[Classes * bins];
        Span<double> column = stackalloc double[Classes];
        for (int k = 0; k < bins; k++)
        {
            // 1. Pitch of the bin in semitones, and distance to the next bin; the bin of 0 Hz counts as 1.5 octaves below the first.
            double pitch = Pitch(k, hzPerBin), width = k == 0 ? 1.5 * Classes : Pitch(k + 1, hzPerBin) - pitch;
            // 2. A Gaussian for each class, as wide as the bin but at least a semitone, with unit norm over the classes.
            FillGaussians(column, pitch, Math.Max(width, 1));
            // 3. Lower weight away from the centre octave. The column starts at A, the result at C.
            double octave = ((pitch / Classes) - CenterOctave) / OctaveWidth, gain = Math.Exp(-0.5 * octave * octave);
            for (int c = 0; c < Classes; c++) _weights[(c * bins) + k] = gain * column[(c + 3) % Classes];
        }
    }

    /// <summary>Row-major <c>[classes, bins]</c>.</summary>
    internal ReadOnlySpan<double> Weights => _weights;

    public int Bands => Classes;

    public void Compute(ReadOnlySpan<Vector<double>> power, ReadOnlySpan<Vector<double>> magnitude, Span<Vector<double>> bands)
    {
        Vector<double> most = Vector<double>.Zero;
        for (int c = 0; c < Classes; c++)
        {
            ReadOnlySpan<double> weights = _weights.AsSpan(c * power.Length, power.Length);
            Vector<double> sum = Vector<double>.Zero;
            for (int k = 0; k < weights.Length; k++) sum = Vector.MultiplyAddEstimate(power[k], new(weights[k]), sum);
            bands[c] = sum;
            most = Vector.Max(most, sum);
        }
        Vector<double> divisor = SpectralShape.NonZero(most);
        for (int c = 0; c < Classes; c++) bands[c] /= divisor;
    }

    private static double Pitch(int bin, double hzPerBin)
        => bin == 0 ? Pitch(1, hzPerBin) - (1.5 * Classes) : Classes * Math.Log2(bin * hzPerBin / OctaveZeroHz);

    private static void FillGaussians(Span<double> column, double pitch, double width)
    {
        double square = 0;
        for (int c = 0; c < Classes; c++)
        {
            double wrapped = pitch - c + (Classes / 2) + (10 * Classes);
            double distance = wrapped - (Classes * Math.Floor(wrapped / Classes)) - (Classes / 2);
            column[c] = Math.Exp(-2 * distance * distance / (width * width));
            square += column[c] * column[c];
        }
        double length = Math.Sqrt(square);
        for (int c = 0; c < Classes; c++) column[c] /= length;
    }
}

/// <summary><see cref="ChromaFeature"/> as ONNX nodes.</summary>
internal static class ChromaOnnx
{
    /// <summary>From |X|^2, double [batch, frames, bins], to float [batch, classes, frames].</summary>
    public static OnnxValue Add(OnnxValue power, SpectrumOptions options)
    {
        var chroma = new ChromaFeature(options);
        OnnxValue weights = power.Graph.Constant(chroma.Weights, [ChromaFeature.Classes, (options.FftLength / 2) + 1]);
        OnnxValue sums = power.MatMul(weights.Transpose(1, 0));
        return StftOnnx.ToContour(sums / SpectralOnnx.NonZero(sums.Greatest(2)));
    }
}
