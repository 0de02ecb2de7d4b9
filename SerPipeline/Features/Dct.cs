using System.Numerics;
using System.Runtime.InteropServices;

namespace SerPipeline.Features;

/// <summary>The orthonormal discrete cosine transform of type II along the bands of a matrix: SciPy's <c>dct(x, type=2, norm="ortho", axis=0)</c>. Immutable and thread-safe.</summary>
public sealed class Dct
{
    private readonly double[] _weights; // [outputs, inputs]

    /// <summary>Creates the transform.</summary>
    /// <param name="inputs">Bands that come in, at least 1.</param>
    /// <param name="outputs">Coefficients kept, 1 to <paramref name="inputs"/>.</param>
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

    /// <summary>Bands that come in.</summary>
    public int Inputs { get; }

    /// <summary>Coefficients that go out.</summary>
    public int Outputs { get; }

    /// <summary>The weights, row-major <c>[Outputs, Inputs]</c>.</summary>
    internal ReadOnlySpan<double> Weights => _weights;

    /// <summary>Transforms every frame.</summary>
    /// <param name="frames"><c>[Inputs, frames]</c>.</param>
    /// <returns><c>[Outputs, frames]</c>.</returns>
    /// <exception cref="ArgumentException">The matrix has another number of bands.</exception>
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
            // Double precision: a coefficient may be small beside the hundreds of decibels it is summed from.
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
        // Two sums, so that one addition need not wait for the other.
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
