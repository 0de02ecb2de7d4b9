using System.Numerics;

namespace SerPipeline.Features;

/// <summary>
/// Overlapping triangles over the bins of a spectrum, <c>[mels, bins]</c>, evenly spaced in mels: the values of librosa's
/// <c>filters.mel</c>. Only the bins under each triangle are stored. Immutable and thread-safe.
/// </summary>
public sealed class MelFilterBank
{
    private readonly double[][] _weights; // [mels][bins under the triangle]
    private readonly int[] _starts;

    /// <summary>Creates the filters.</summary>
    /// <param name="sampleRateHz">The sample rate.</param>
    /// <param name="fftLength">Samples of the Fourier transform whose bins are weighted.</param>
    /// <param name="mels">Filters, at least 1.</param>
    /// <param name="lowHz">Lower end of the first triangle.</param>
    /// <param name="highHz">Upper end of the last triangle, above <paramref name="lowHz"/> and at most half the sample rate.</param>
    /// <param name="scale">The mel formula.</param>
    /// <param name="normalization">How triangles are scaled.</param>
    public MelFilterBank(int sampleRateHz, int fftLength, int mels, double lowHz, double highHz, MelScale scale = MelScale.Slaney, MelNormalization normalization = MelNormalization.Slaney)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRateHz, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(fftLength, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(mels, 1);
        if (!(lowHz >= 0 && lowHz < highHz && highHz <= sampleRateHz / 2.0))
            throw new ArgumentOutOfRangeException(nameof(lowHz), (lowHz, highHz), $"Expected 0 <= lowHz < highHz <= {sampleRateHz / 2.0} Hz.");
        Mels = mels;
        Bins = (fftLength / 2) + 1;
        _weights = new double[mels][];
        _starts = new int[mels];
        double[] edges = Mel.FrequenciesHz(mels + 2, lowHz, highHz, scale);
        double hzPerBin = (double)sampleRateHz / fftLength;
        for (int m = 0; m < mels; m++) SetTriangle(m, edges.AsSpan(m, 3), hzPerBin, normalization);
    }

    /// <summary>Filters.</summary>
    public int Mels { get; }

    /// <summary>Bins of a spectrum.</summary>
    public int Bins { get; }

    /// <summary>Filters so narrow that no bin lies under them: their band is always zero. More than none means too many mels for the transform's length.</summary>
    public int EmptyFilters => _weights.Count(w => w.Length == 0);

    /// <summary>All weights, row-major <c>[mels, bins]</c>.</summary>
    public float[] ToDense()
    {
        var dense = new float[Mels * Bins];
        for (int m = 0; m < Mels; m++)
            for (int i = 0; i < _weights[m].Length; i++)
                dense[(m * Bins) + _starts[m] + i] = (float)_weights[m][i];
        return dense;
    }

    /// <summary>All weights in full precision, bins first: <c>[bins, mels]</c>.</summary>
    internal double[] ToTransposed()
    {
        var weights = new double[Bins * Mels];
        for (int m = 0; m < Mels; m++)
            for (int i = 0; i < _weights[m].Length; i++) weights[((_starts[m] + i) * Mels) + m] = _weights[m][i];
        return weights;
    }

    /// <summary>Weighs one spectrum.</summary>
    /// <param name="spectrum"><see cref="Bins"/> values.</param>
    /// <param name="mel">Receives <see cref="Mels"/> values.</param>
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

    /// <summary>Weighs the spectra of several frames, one a lane.</summary>
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
