using static TorchSharp.torch;

namespace SerPipeline.Networks;

/// <summary>First weights as PyTorch 2.10, Keras and scikit-learn draw them, from this library's own generator.</summary>
internal static class Initializers
{
    /// <summary>
    /// What PyTorch gives weights and biases of linear and convolution layers: uniform in ±1/√fanIn
    /// (Kaiming uniform with a = √5, He et al. 2015, for weights; the same bound for biases).
    /// </summary>
    public static Parameter UniformByFanIn(SeededRandom random, long fanIn, params long[] shape) =>
        Uniform(random, 1 / Math.Sqrt(fanIn), shape);

    /// <summary>Uniform in [-bound, bound).</summary>
    public static Parameter Uniform(SeededRandom random, double bound, params long[] shape)
    {
        // Over an array a tensor lies where .NET put the array; libtorch's products round by how their memory is aligned. A clone lies at a
        // multiple of 64 bytes.
        using Tensor drawn = tensor(Draw(random, bound, shape.Aggregate(1L, (a, b) => a * b)), shape);
        return new(drawn.clone());
    }

    /// <summary>The bound of a uniform draw that keeps variances alike forwards and backwards, √(6 / (fanIn + fanOut)) (Glorot and Bengio
    /// 2010).</summary>
    public static double GlorotBound(long fanIn, long fanOut) => Math.Sqrt(6.0 / (fanIn + fanOut));

    /// <summary>Overwrites a tensor's values.</summary>
    /// <param name="target">Any shape.</param>
    /// <param name="values">Row-major.</param>
    public static void Assign(Tensor target, float[] values)
    {
        using IDisposable noGrad = no_grad();
        using Tensor source = tensor(values, target.shape);
        target.copy_(source);
    }

    /// <summary>As Keras: the kernel Glorot uniform, the bias 0.</summary>
    public static void AsKeras(WeightedLayer layer, SeededRandom random)
    {
        long[] shape = layer.Weight.shape;
        long points = shape[2..].Aggregate(1L, (a, b) => a * b);
        Assign(layer.Weight, Draw(random, GlorotBound(shape[1] * points, shape[0] * points), layer.Weight.numel()));
        Assign(layer.Bias!, new float[layer.Bias!.numel()]);
    }

    /// <summary>
    /// As Keras: the kernel Glorot uniform, the recurrent kernel orthogonal (Saxe et al. 2014), biases 0 but 1 for the forget gate
    /// (Jozefowicz et al. 2015). Keras has one bias a gate where PyTorch has two that are added: the second stays 0 and is not trained.
    /// </summary>
    /// <param name="lstm">Of one layer and direction.</param>
    /// <param name="random">The draws.</param>
    public static void AsKeras(LSTM lstm, SeededRandom random)
    {
        Dictionary<string, Parameter> own = lstm.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        Parameter input = own["weight_ih_l0"], recurrent = own["weight_hh_l0"], second = own["bias_hh_l0"];
        int hidden = (int)recurrent.shape[1];
        Assign(input, Draw(random.Fork("kernel"), GlorotBound(input.shape[1], input.shape[0]), input.numel()));
        Assign(recurrent, Orthogonal(random.Fork("recurrent"), 4 * hidden, hidden));
        // Gates in the order input, forget, cell, output.
        Assign(own["bias_ih_l0"], [.. Enumerable.Range(0, 4 * hidden).Select(i => i / hidden == 1 ? 1f : 0f)]);
        Assign(second, new float[4 * hidden]);
        second.requires_grad = false;
    }

    /// <summary>As scikit-learn's MLPClassifier with ReLU: weights and biases uniform within the Glorot bound of their layer (with
    /// logistic units it takes 2 for the 6).</summary>
    public static void AsScikitLearn(LinearLayer linear, SeededRandom random)
    {
        double bound = GlorotBound(linear.Weight.shape[1], linear.Weight.shape[0]);
        Assign(linear.Weight, Draw(random, bound, linear.Weight.numel()));
        Assign(linear.Bias!, Draw(random, bound, linear.Bias!.numel()));
    }

    private static float[] Draw(SeededRandom random, double bound, long count)
    {
        float[] values = new float[count];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextDouble(-bound, bound);
        return values;
    }

    // A matrix [rows, columns], rows at least columns, whose columns have length 1 and stand at right angles, all such matrices being as
    // likely: the Q of a matrix of normal draws, R having a positive diagonal.
    private static float[] Orthogonal(SeededRandom random, int rows, int columns)
    {
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
