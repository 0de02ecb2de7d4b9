using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>What an AdamW step (Loshchilov and Hutter 2019) does to a run of parameters, in libtorch's order of operations.</summary>
/// <param name="Rate">The learning rate over the correction of the first moment, 1 - β1^t.</param>
/// <param name="Correction">√(1 - β2^t), which divides the root of the second moment.</param>
/// <param name="Epsilon">Added after that.</param>
/// <param name="Keep">What decay leaves of a parameter: 1 - learning rate · weight decay.</param>
internal readonly record struct AdamWStep(double Rate, double Correction, double Epsilon, double Keep)
{
    public const double Beta1 = 0.9, Beta2 = 0.999;

    /// <summary>
    /// Changes parameters w, means m of their gradients and means v of the gradients' squares, all [n]; n is a multiple of 16.
    /// </summary>
    /// <param name="values">w.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="means">m.</param>
    /// <param name="squares">v.</param>
    /// <param name="scale">What gradients are multiplied by first.</param>
    public void Apply(Tensor values, Tensor gradients, Tensor means, Tensor squares, double scale)
    {
        if (values.device_type == DeviceType.CPU && values.dtype == ScalarType.Float32 && values.numel() <= int.MaxValue / sizeof(float))
        {
            Apply(Span(values), Span(gradients), Span(means), Span(squares), (float)scale);
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        static Tensor Times(Tensor tensor, double factor) => tensor.With(factor, (x, by) => x.mul_(by));
        if (scale != 1) Times(gradients, scale);
        if (Keep != 1) Times(values, Keep);
        Times(means, Beta1).With(1 - Beta1, (m, share) => m.add_(gradients, share));
        Times(squares, Beta2).With(1 - Beta2, (v, share) => v.addcmul_(gradients, gradients, share));
        Tensor root = squares.sqrt().With(Correction, (r, by) => r.div_(by)).With(Epsilon, (r, more) => r.add_(more));
        values.With(-Rate, (w, rate) => w.addcdiv_(means, root, rate));
    }

    // All in one pass: the operations of libtorch would go through the memory of a network eleven times.
    private void Apply(Span<Vector<float>> values, ReadOnlySpan<Vector<float>> gradients, Span<Vector<float>> means,
        Span<Vector<float>> squares, float scale)
    {
        float rate = (float)Rate, keep = (float)Keep, correction = (float)Correction;
        float oldMean = (float)Beta1, newMean = (float)(1 - Beta1), oldSquare = (float)Beta2, newSquare = (float)(1 - Beta2);
        var epsilon = new Vector<float>((float)Epsilon);
        for (int i = 0; i < values.Length && i < gradients.Length && i < means.Length && i < squares.Length; i++)
        {
            Vector<float> g = gradients[i] * scale;
            Vector<float> m = (means[i] * oldMean) + (g * newMean), v = (squares[i] * oldSquare) + (g * g * newSquare);
            means[i] = m;
            squares[i] = v;
            values[i] = (values[i] * keep) - (m / ((Vector.SquareRoot(v) / correction) + epsilon) * rate);
        }
    }

    private static Span<Vector<float>> Span(Tensor tensor) => MemoryMarshal.Cast<byte, Vector<float>>(tensor.bytes);
}
