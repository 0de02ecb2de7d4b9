using System.Numerics;

namespace SerPipeline.Features;

/// <summary>Options of <see cref="Chroma"/>.</summary>
public sealed record ChromaOptions : SpectrumOptions;

/// <summary>
/// The energy of the 12 pitch classes C to B, <c>[12, frames]</c>, each frame's greatest being 1 (silence: all 0). The values of librosa's
/// <c>chroma_stft</c> with tuning 0. Immutable and thread-safe.
/// </summary>
public sealed class Chroma
{
    private readonly StftPlan _plan;
    private readonly ChromaFeature _feature;

    /// <summary>Creates the extractor.</summary>
    /// <param name="options">The options; the defaults when null.</param>
    /// <exception cref="OptionsException">One or more options cannot be used; all are listed.</exception>
    public Chroma(ChromaOptions? options = null)
    {
        Options = options ?? new ChromaOptions();
        Options.Validate();
        _plan = new StftPlan(Options);
        _feature = new ChromaFeature(Options);
    }

    /// <summary>The options.</summary>
    public ChromaOptions Options { get; }

    /// <summary>Computes the feature of one clip.</summary>
    /// <param name="mono">Samples at <see cref="SpectrumOptions.SampleRateHz"/>.</param>
    /// <returns><c>[12, frames]</c>.</returns>
    /// <exception cref="ArgumentException">The clip is empty, too short, or holds a sample that is no finite number.</exception>
    public FrameMatrix Extract(ReadOnlySpan<float> mono) => FrameFeatures.Extract(_plan, mono, _feature);
}

/// <summary>Pitch classes of each frame's power spectrum: Gaussian bumps around each class in every octave (Ellis 2007, "Chroma feature analysis and synthesis").</summary>
internal sealed class ChromaFeature : IFrameFeature
{
    internal const int Classes = 12;
    private const double OctaveZeroHz = 440.0 / 16; // the A that octaves are counted from
    private const double CenterOctave = 5, OctaveWidth = 2; // a Gaussian over octaves, centred near 880 Hz
    private readonly double[] _weights; // [classes, bins]

    public ChromaFeature(SpectrumOptions options)
    {
        int bins = (options.FftLength / 2) + 1;
        double hzPerBin = (double)options.SampleRateHz / options.FftLength;
        _weights = new double[Classes * bins];
        Span<double> column = stackalloc double[Classes];
        for (int k = 0; k < bins; k++)
        {
            // 1. The bin's pitch and the next one's in semitones; the bin of 0 Hz stands an octave and a half below the first.
            double pitch = Pitch(k, hzPerBin), width = k == 0 ? 1.5 * Classes : Pitch(k + 1, hzPerBin) - pitch;
            // 2. A bump for every class, as wide as the bin or one semitone; unit length over the classes.
            FillBumps(column, pitch, Math.Max(width, 1));
            // 3. Less weight far from the centre octave. Classes are counted from A above and from C here.
            double octave = ((pitch / Classes) - CenterOctave) / OctaveWidth, gain = Math.Exp(-0.5 * octave * octave);
            for (int c = 0; c < Classes; c++) _weights[(c * bins) + k] = gain * column[(c + 3) % Classes];
        }
    }

    /// <summary>The weights, row-major <c>[classes, bins]</c>.</summary>
    internal ReadOnlySpan<double> Weights => _weights;

    public int Bands => Classes;

    public bool UsesMagnitude => false;

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

    public void Finish(FrameMatrix frames) { }

    private static double Pitch(int bin, double hzPerBin)
        => bin == 0 ? Pitch(1, hzPerBin) - (1.5 * Classes) : Classes * Math.Log2(bin * hzPerBin / OctaveZeroHz);

    private static void FillBumps(Span<double> column, double pitch, double width)
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
