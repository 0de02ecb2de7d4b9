namespace SerPipeline.Torch.Layers;

/// <summary>Initial values as PyTorch 2.10 draws them, from this library's own generator.</summary>
internal static class Initializers
{
    /// <summary>
    /// What PyTorch gives weights and biases of linear and convolution layers: uniform in ±1/√fanIn
    /// (Kaiming uniform with a = √5, He et al. 2015, for weights; the same bound for biases).
    /// </summary>
    public static Tensor UniformByFanIn(SeededRandom random, long fanIn, params ReadOnlySpan<long> shape) => Uniform(random, 1 / Math.Sqrt(fanIn), shape);

    /// <summary>Uniform in [-bound, bound).</summary>
    public static Tensor Uniform(SeededRandom random, double bound, ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(random);
        float[] values = new float[Tensor.Count(shape)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextDouble(-bound, bound);
        return Tensor.From(values, shape);
    }
}
