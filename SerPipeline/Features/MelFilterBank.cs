namespace SerPipeline.Features;

/// <summary>Triangular filters over the bins of a spectrum, <c>[mels, bins]</c>, evenly spaced in mels, with the values of librosa's
/// <c>filters.mel</c>. Stores only the bins under each triangle. Immutable and thread-safe.</summary>
public sealed class MelFilterBank
{
    private readonly double[][] _weights; // [mels][bins under the triangle]
    private readonly int[] _starts;

    /// <summary>Creates the filters.</summary>
    /// <param name="sampleRateHz">Sample rate of the signal, at least 1.</param>
    /// <param name="fftLength">FFT length in samples, at least 2; there are <c>fftLength / 2 + 1</c> bins.</param>
    /// <param name="mels">Number of filters, at least 1.</param>
    /// <param name="lowHz">Lower edge of the first triangle, at least 0.</param>
    /// <param name="highHz">Upper edge of the last triangle, above <paramref name="lowHz"/> and at most half the sample rate.</param>
    /// <param name="scale">Mel formula. Default Slaney.</param>
    /// <param name="normalization">Height of the triangles. Default Slaney.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public MelFilterBank(int sampleRateHz, int fftLength, int mels, double lowHz, double highHz, MelScale scale = MelScale.Slaney,
        MelNormalization normalization = MelNormalization.Slaney)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(fftLength, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(mels, 1);
        if (!(lowHz >= 0 && lowHz < highHz && highHz <= sampleRateHz / 2.0))
            throw new ArgumentOutOfRangeException(nameof(lowHz), (lowHz, highHz),
                $"Expected 0 <= lowHz < highHz <= {sampleRateHz / 2.0} Hz.");
        Mels = mels;
        Bins = (fftLength / 2) + 1;
        _weights = new double[mels][];
        _starts = new int[mels];
        double[] edges = Mel.FrequenciesHz(mels + 2, lowHz, highHz, scale);
        double hzPerBin = (double)sampleRateHz / fftLength;
        for (int m = 0; m < mels; m++) SetTriangle(m, edges.AsSpan(m, 3), hzPerBin, normalization);
    }

    /// <summary>Number of filters.</summary>
    public int Mels { get; }

    /// <summary>Number of bins.</summary>
    public int Bins { get; }

    /// <summary>Number of filters too narrow to contain a bin, whose band is always 0. Above 0 there are too many mels for the FFT
    /// length.</summary>
    public int EmptyFilters => _weights.Count(w => w.Length == 0);

    /// <summary>The weights as a dense matrix, row-major <c>[mels, bins]</c>.</summary>
    public float[] ToDense()
    {
        var dense = new float[Mels * Bins];
        for (int m = 0; m < Mels; m++)
            for (int i = 0; i < _weights[m].Length; i++)
                dense[(m * Bins) + _starts[m] + i] = (float)_weights[m][i];
        return dense;
    }

    /// <summary>The weights in double precision as a dense matrix, row-major <c>[bins, mels]</c>.</summary>
    internal double[] ToTransposed()
    {
        var weights = new double[Bins * Mels];
        for (int m = 0; m < Mels; m++)
            for (int i = 0; i < _weights[m].Length; i++) weights[((_starts[m] + i) * Mels) + m] = _weights[m][i];
        return weights;
    }

    /// <summary>Computes the mel bands of one spectrum.</summary>
    /// <param name="spectrum"><see cref="Bins"/> values.</param>
    /// <param name="mel">Receives <see cref="Mels"/> values.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public void Apply(ReadOnlySpan<float> spectrum, Span<float> mel)
    {
        if (spectrum.Length != Bins) throw new ArgumentException($"Expected {Bins} bins, got {spectrum.Length}.", nameof(spectrum));
        if (mel.Length != Mels) throw new ArgumentException($"Expected room for {Mels} mels, got {mel.Length}.", nameof(mel));
        for (int m = 0; m < Mels; m++)
        {
            double sum = 0;
            for (int i = 0; i < _weights[m].Length; i++) sum += _weights[m][i] * spectrum[_starts[m] + i];
            mel[m] = (float)sum;
        }
    }

    /// <summary>Computes the mel bands of several spectra, one per lane.</summary>
    internal void Apply(ReadOnlySpan<Vector<double>> spectrum, Span<Vector<double>> mel)
    {
        for (int m = 0; m < _weights.Length; m++)
        {
            ReadOnlySpan<double> weights = _weights[m];
            ReadOnlySpan<Vector<double>> bins = spectrum.Slice(_starts[m], weights.Length);
            Vector<double> sum = Vector<double>.Zero;
            for (int i = 0; i < weights.Length; i++) sum = Vector.MultiplyAddEstimate(bins[i], new(weights[i]), sum);
            mel[m] = sum;
        }
    }

    private void SetTriangle(int m, ReadOnlySpan<double> edges, double hzPerBin, MelNormalization normalization)
    {
        double height = normalization == MelNormalization.Slaney ? 2 / (edges[2] - edges[0]) : 1;
        var weights = new List<double>();
        for (int k = 0; k < Bins; k++)
        {
            double hz = k * hzPerBin;
            double weight = Math.Min((hz - edges[0]) / (edges[1] - edges[0]), (edges[2] - hz) / (edges[2] - edges[1]));
            if (weight <= 0) continue;
            if (weights.Count == 0) _starts[m] = k;
            weights.Add(weight * height);
        }
        _weights[m] = [.. weights];
    }
}

/// <summary>Formula of the mel scale.</summary>
public enum MelScale
{
    /// <summary>Linear below 1000 Hz, logarithmic above: Slaney's Auditory Toolbox (1998), the default of librosa.</summary>
    Slaney,

    /// <summary><c>2595 log10(1 + f / 700)</c>: HTK and O'Shaughnessy (1987).</summary>
    Htk,
}

/// <summary>Height of the triangles of a mel filter bank.</summary>
public enum MelNormalization
{
    /// <summary>Area 1: the peak is 2 divided by the width in Hz.</summary>
    Slaney,

    /// <summary>Peak 1.</summary>
    None,
}

/// <summary>Conversion between hertz and mels.</summary>
public static class Mel
{
    // Slaney's scale: 3 mels per 200 Hz up to 1000 Hz (15 mels), then 27 mels per factor of 6.4.
    private const double LinearHzPerMel = 200.0 / 3;
    private const double BreakHz = 1000;
    private const double BreakMel = BreakHz / LinearHzPerMel;
    private static readonly double LogStep = Math.Log(6.4) / 27;

    /// <summary>Converts hertz to mels.</summary>
    /// <param name="hz">Frequency in Hz, at least 0.</param>
    /// <param name="scale">Mel formula.</param>
    public static double FromHz(double hz, MelScale scale) => scale switch
    {
        MelScale.Htk => 2595 * Math.Log10(1 + (hz / 700)),
        MelScale.Slaney => hz < BreakHz ? hz / LinearHzPerMel : BreakMel + (Math.Log(hz / BreakHz) / LogStep),
        _ => throw new ArgumentOutOfRangeException(nameof(scale), scale, "Expected Slaney or Htk."),
    };

    /// <summary>Converts mels to hertz.</summary>
    /// <param name="mel">Pitch in mels, at least 0.</param>
    /// <param name="scale">Mel formula.</param>
    public static double ToHz(double mel, MelScale scale) => scale switch
    {
        MelScale.Htk => 700 * (Math.Pow(10, mel / 2595) - 1),
        MelScale.Slaney => mel < BreakMel ? mel * LinearHzPerMel : BreakHz * Math.Exp(LogStep * (mel - BreakMel)),
        _ => throw new ArgumentOutOfRangeException(nameof(scale), scale, "Expected Slaney or Htk."),
    };

    /// <summary>Frequencies in Hz that are evenly spaced in mels.</summary>
    /// <param name="count">Number of frequencies, at least 2.</param>
    /// <param name="lowHz">The first frequency.</param>
    /// <param name="highHz">The last frequency.</param>
    /// <param name="scale">Mel formula.</param>
    public static double[] FrequenciesHz(int count, double lowHz, double highHz, MelScale scale)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        double low = FromHz(lowHz, scale), high = FromHz(highHz, scale);
        var frequencies = new double[count];
        for (int i = 0; i < count; i++) frequencies[i] = ToHz(low + ((high - low) * i / (count - 1)), scale);
        return frequencies;
    }
}
