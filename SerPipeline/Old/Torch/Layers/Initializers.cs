namespace SerPipeline.Old.Torch.Layers;

/// <summary>Initial values as PyTorch 2.10 and Keras draw them, from this library's own generator.</summary>
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

    /// <summary>The bound of a uniform draw that keeps variances alike forwards and backwards, √(6 / (fanIn + fanOut)) (Glorot and Bengio 2010).</summary>
    public static double GlorotBound(long fanIn, long fanOut) => Math.Sqrt(6.0 / (fanIn + fanOut));

    /// <summary>
    /// A matrix [rows, columns], rows at least columns, whose columns have length 1 and stand at right angles, all such matrices being as likely
    /// (Saxe et al. 2014): the Q of a matrix of normal draws, R having a positive diagonal.
    /// </summary>
    public static float[] Orthogonal(SeededRandom random, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, columns);
        var basis = new double[columns][];
        for (int c = 0; c < columns; c++)
        {
            double[] own = [.. Enumerable.Range(0, rows).Select(_ => random.NextNormal())];
            // Twice: the first pass leaves rounding errors that the second takes away.
            for (int pass = 0; pass < 2; pass++)
                for (int before = 0; before < c; before++) Subtract(own, basis[before]);
            double length = Math.Sqrt(own.Sum(v => v * v));
            basis[c] = [.. own.Select(v => v / length)];
        }
        return [.. Enumerable.Range(0, rows).SelectMany(r => basis.Select(b => (float)b[r]))];
    }

    private static void Subtract(double[] vector, double[] direction)
    {
        double along = 0;
        for (int i = 0; i < vector.Length; i++) along += vector[i] * direction[i];
        for (int i = 0; i < vector.Length; i++) vector[i] -= along * direction[i];
    }
}
