using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Old.Torch.Optimizers;


namespace SerPipeline.Tests.Old.Torch;

/// <summary>Whole training runs of small networks.</summary>
public class TrainingTests
{
    [Fact]
    public void A_small_network_learns_two_spirals()
    {
        (float[] points, long[] labels) = Spirals();
        var random = new SeededRandom(3);
        using var network = new Sequential(new Linear(2, 32, random), new Tanh(), new Linear(32, 32, random), new ReLU(), new Linear(32, 2, random));
        using var optimizer = new AdamW(ParameterGroup.Split(network, 1e-4), 0.01);
        using var loss = new CrossEntropyLoss();
        for (int step = 0; step < 400; step++)
        {
            using var scope = TensorScope.New();
            optimizer.ZeroGrad();
            Autograd.Backward(loss.Forward(network.Forward(Tensor.From(points, labels.Length, 2)), Tensor.From(labels, labels.Length)));
            optimizer.Step();
        }
        using var end = TensorScope.New();
        long[] predicted = network.Forward(Tensor.From(points, labels.Length, 2)).ArgMax().ToInt64s();
        // No line separates the spirals: a linear model stays near 60 %.
        Assert.InRange(predicted.Zip(labels, (p, l) => p == l ? 1.0 : 0.0).Average(), 0.97, 1);
    }

    [Theory]
    [InlineData(ComputePrecision.Float32)]
    [InlineData(ComputePrecision.BFloat16)]
    public void Same_seed_trains_to_the_same_bits(ComputePrecision precision)
    {
        IReadOnlyDictionary<string, TensorData> first = TrainConvolutions(precision, 5), second = TrainConvolutions(precision, 5), other = TrainConvolutions(precision, 6);
        foreach ((string name, TensorData data) in first) Assert.True(data.Bytes.Span.SequenceEqual(second[name].Bytes.Span), name);
        Assert.False(first["0.weight"].Bytes.Span.SequenceEqual(other["0.weight"].Bytes.Span));
    }

    [Fact]
    public void Bfloat16_stays_near_float32_and_parameters_stay_float32()
    {
        using var scope = TensorScope.New();
        var random = new SeededRandom(1);
        using var network = new Sequential(new Conv2d(1, 8, 3, random, padding: 1), new BatchNorm2d(8), new ReLU(), new MaxPool2d(2), new Conv2d(8, 8, 3, random),
            new AdaptiveAvgPool2d(1), new Flatten(), new Linear(8, 4, random));
        Tensor x = Tensor.From(Draw.Normal(1, 4 * 16 * 16), 4, 1, 16, 16);
        float[] exact = network.Forward(x).ToFloats();
        network.SetPrecision(ComputePrecision.BFloat16);
        Tensor output = network.Forward(x);
        Assert.Equal(ScalarType.Float32, output.Type);
        // Rounding to 8 bits errs by up to 2^-9 an operand; scores of order 0.5 after three layers move by well under 0.02.
        Near.Equal(exact.ToDoubles(), output, 0.02);
        Assert.NotEqual(exact, output.ToFloats());
        Assert.All(network.Parameters(), parameter => Assert.Equal(ScalarType.Float32, parameter.Value.Type));
    }

    [Fact]
    public void Auto_precision_means_what_the_processor_can_do() =>
        Assert.Equal(ComputePrecisions.HasBFloat16Instructions ? ComputePrecision.BFloat16 : ComputePrecision.Float32, ComputePrecision.Auto.Resolve());

    [Fact]
    public void Several_threads_score_with_one_network_and_one_trains_without_disturbing_them()
    {
        var random = new SeededRandom(1);
        using var network = new Sequential(new Conv2d(1, 4, 3, random), new BatchNorm2d(4), new ReLU(), new AdaptiveAvgPool2d(1), new Flatten(), new Linear(4, 3, random));
        network.Eval();
        float[] input = Draw.Normal(1, 2 * 64);
        float[] Score()
        {
            using var scope = TensorScope.New();
            using var noGrad = NoGrad.New();
            return network.Forward(Tensor.From(input, 2, 1, 8, 8)).ToFloats();
        }
        float[] expected = Score();
        float[]?[] results = new float[4][];
        float gradient = 0;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(i => new Thread(() => { for (int k = 0; k < 20; k++) results[i] = Score(); }))];
        var training = new Thread(() => gradient = Slope());
        foreach (Thread thread in threads.Append(training)) thread.Start();
        foreach (Thread thread in threads.Append(training)) thread.Join();
        Assert.All(results, result => Assert.Equal(expected, result));
        Assert.Equal(6, gradient);

        static float Slope()
        {
            using var scope = TensorScope.New();
            using var w = new Parameter(Tensor.From([3f], 1));
            Autograd.Backward(w.Value.Square().Sum());
            return w.Gradient.ToSingle();
        }
    }

    [Fact]
    public void NoGrad_records_nothing_and_ends_with_its_scope()
    {
        using var scope = TensorScope.New();
        using var w = new Parameter(Tensor.From([3f], 1));
        Tensor unrecorded;
        using (NoGrad.New())
        using (NoGrad.New())
            unrecorded = w.Value.Square();
        Autograd.Backward((unrecorded * w.Value).Sum());
        // d(9 w)/dw = 9, not d(w³)/dw = 27.
        Assert.Equal([9f], w.Gradient.ToFloats());
    }

    private static IReadOnlyDictionary<string, TensorData> TrainConvolutions(ComputePrecision precision, long seed)
    {
        var random = new SeededRandom(seed);
        using var network = new Sequential(new Conv2d(1, 8, 3, random, padding: 1), new BatchNorm2d(8), new ReLU(), new MaxPool2d(2), new Dropout(0.3, random),
            new Conv2d(8, 16, 3, random, padding: 1), new BatchNorm2d(16), new ReLU(), new AdaptiveAvgPool2d(1), new Flatten(), new Linear(16, 3, random));
        network.SetPrecision(precision);
        using var optimizer = new AdamW(ParameterGroup.Split(network, 0.01));
        using var loss = new CrossEntropyLoss(labelSmoothing: 0.1);
        for (int step = 0; step < 8; step++)
        {
            using var scope = TensorScope.New();
            Tensor value = loss.Forward(network.Forward(Tensor.From(Draw.Normal(step, 6 * 20 * 20), 6, 1, 20, 20)), Tensor.From([0L, 1, 2, 0, 1, 2], 6));
            optimizer.ZeroGrad();
            Autograd.Backward(value);
            optimizer.ClipGradientNorm(1);
            optimizer.Step();
        }
        return network.StateDict();
    }

    private static (float[] Points, long[] Labels) Spirals()
    {
        const int each = 100;
        float[] points = new float[each * 4];
        long[] labels = new long[each * 2];
        for (int i = 0; i < each * 2; i++)
        {
            double radius = 0.2 + (i / 2 * 0.8 / each), angle = (radius * 7) + (i % 2 * Math.PI);
            points[2 * i] = (float)(radius * Math.Cos(angle));
            points[(2 * i) + 1] = (float)(radius * Math.Sin(angle));
            labels[i] = i % 2;
        }
        return (points, labels);
    }
}
