using SerPipeline.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Networks;

/// <summary>What the project's own layers compute, against loops; their gradients, against differences.</summary>
public sealed class LayerTests
{
    // Sums of some dozen float32 products of order 1: errors near 1e-6.
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(4, 8, 1, 0, 1, 1, true)]
    [InlineData(20, 6, 2, 1, 1, 1, true)]
    [InlineData(4, 8, 1, 2, 2, 2, false)]
    [InlineData(33, 40, 3, 1, 2, 1, false)]
    public void Convolution_is_the_sum_over_its_window(int inputs, int outputs, int stride, int padding, int dilation, int groups,
        bool bias)
    {
        using var layer = new Conv2dLayer(inputs, outputs, 3, new SeededRandom(3), stride, padding, dilation, groups, bias);
        using DisposeScope scope = NewDisposeScope();
        float[] x = Loops.Normal(1, 2, inputs, 7, 6);
        double[] expected = Loops.Convolution(x, [2, inputs, 7, 6], Loops.Floats(layer.Weight), layer.Weight.shape, bias
            ? Loops.Floats(layer.Bias!) : null,
            [stride, stride], [padding, padding], [dilation, dilation], groups);
        Loops.Near(expected, Loops.Floats(layer.call(tensor(x, [2, inputs, 7, 6]))), Tolerance);
        layer.SetPrecision(ComputePrecision.BFloat16);
        // bfloat16 has 8 bits: products err by 2^-8 each, with signs that mostly cancel.
        Loops.Near(expected, Loops.Floats(layer.call(tensor(x, [2, inputs, 7, 6]))), 0.03);
    }

    [Fact]
    public void Convolution_along_a_series_is_the_sum_over_its_window()
    {
        using var layer = new Conv1dLayer(12, 20, 3, new SeededRandom(3), stride: 2, padding: 1, dilation: 2, groups: 1);
        using DisposeScope scope = NewDisposeScope();
        float[] x = Loops.Normal(1, 3, 12, 11);
        double[] expected = Loops.Convolution(x, [3, 12, 1, 11], Loops.Floats(layer.Weight), [20, 12, 1, 3], Loops.Floats(layer.Bias!),
            [1, 2], [0, 1], [1, 2], 1);
        Loops.Near(expected, Loops.Floats(layer.call(tensor(x, [3, 12, 11]))), Tolerance);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(12)]
    [InlineData(40)]
    public void Lstm_network_follows_the_recurrence(int units)
    {
        using var network = new LstmNetwork([units], 4, 0.5, 3, new SeededRandom(9));
        network.eval();
        float[] x = Loops.Normal(2, 2, 6);
        Dictionary<string, float[]> state = Loops.State(network);
        var expected = new List<double>();
        foreach (double[][] item in Loops.Items(x, 6, 1))
        {
            double[][] steps = Loops.Lstm(item, state["lstm1.weight_ih_l0"], state["lstm1.weight_hh_l0"], state["lstm1.bias_ih_l0"],
                state["lstm1.bias_hh_l0"], units);
            double[] dense = [.. Loops.Linear(steps[^1], state["dense.weight"], state["dense.bias"]).Select(v => Math.Max(v, 0))];
            expected.AddRange(Loops.Linear(dense, state["classifier.weight"], state["classifier.bias"]));
        }
        using DisposeScope scope = NewDisposeScope();
        Loops.Near([.. expected], Loops.Floats(network.call(tensor(x, [2, 6]))), Tolerance);
        using (no_grad())
        {
            Tensor output = network.call(tensor(x, [2, 6]));
            Loops.Near([.. expected], Loops.Floats(output), Tolerance);
            Assert.False(output.requires_grad, "a forward under no_grad must record nothing for its caller");
        }
    }

    [Fact]
    public void Attention_follows_its_definition()
    {
        const int frames = 3, units = 4, heads = 2, width = 2;
        using var layer = new SelfAttentionHeads(units, heads, new SeededRandom(4));
        using DisposeScope scope = NewDisposeScope();
        float[] x = Loops.Normal(7, 2, frames, units);
        Dictionary<string, float[]> state = Loops.State(layer);
        var expected = new List<double>();
        foreach (double[][] item in Loops.Items(x, frames, units))
        {
            double[][] joined = [.. item.Select(frame => Loops.Linear(frame, state["in_proj_weight"], state["in_proj_bias"]))];
            foreach (double[] query in joined)
            {
                double[] mixed = new double[units];
                for (int at = 0; at < units; at += width)
                {
                    double[] weights = Loops.Softmax([.. joined.Select(key =>
                        Enumerable.Range(at, width).Sum(k => query[k] * key[units + k]) / Math.Sqrt(width))]);
                    for (int k = at; k < at + width; k++) mixed[k] = joined.Select((value, t) => weights[t] * value[(2 * units) + k]).Sum();
                }
                expected.AddRange(Loops.Linear(mixed, state["out_proj.weight"], state["out_proj.bias"]));
            }
        }
        Loops.Near([.. expected], Loops.Floats(layer.call(tensor(x, [2, frames, units]))), Tolerance);
    }

    [Fact]
    public void Attentive_statistics_are_a_weighted_mean_and_deviation()
    {
        const int frames = 4, features = 3;
        using var layer = new AttentiveStatisticsPooling(features, new SeededRandom(5), hiddenUnits: 6);
        using DisposeScope scope = NewDisposeScope();
        float[] x = Loops.Normal(8, 2, frames, features);
        Dictionary<string, float[]> state = Loops.State(layer);
        var expected = new List<double>();
        foreach (double[][] item in Loops.Items(x, frames, features))
        {
            double[] weights = Loops.Softmax([.. item.Select(frame =>
                Loops.Linear([.. Loops.Linear(frame, state["hidden.weight"], state["hidden.bias"]).Select(Math.Tanh)],
                    state["score.weight"], state["score.bias"])[0])]);
            double[] mean = [.. Enumerable.Range(0, features).Select(k => item.Select((frame, t) => weights[t] * frame[k]).Sum())];
            expected.AddRange(mean);
            expected.AddRange(Enumerable.Range(0, features).Select(k =>
                Math.Sqrt(item.Select((frame, t) => weights[t] * (frame[k] - mean[k]) * (frame[k] - mean[k])).Sum())));
        }
        Loops.Near([.. expected], Loops.Floats(layer.call(tensor(x, [2, frames, features]))), Tolerance);
    }

    [Fact]
    public void Dropout_keeps_its_share_scales_it_and_does_nothing_in_evaluation()
    {
        using var layer = new DropoutLayer(0.3, new SeededRandom(1));
        using DisposeScope scope = NewDisposeScope();
        const int n = 100_001;
        float[] output = Loops.Floats(layer.call(ones(n)));
        float kept = (float)(1 / 0.7);
        Assert.All(output, value => Assert.True(value == 0 || value == kept));
        // Binomial: five standard errors of the share are 5 √(0.21 / n) = 0.0072.
        Assert.Equal(0.7, output.Count(value => value != 0) / (double)n, 0.0072);
        layer.eval();
        Assert.Equal([1f, 2f], Loops.Floats(layer.call(tensor(new float[] { 1, 2 }))));
    }

    [Fact]
    public void Channel_dropout_drops_whole_channels()
    {
        using var layer = new ChannelDropoutLayer(0.5, new SeededRandom(2));
        using DisposeScope scope = NewDisposeScope();
        float[][] channels = [.. Loops.Floats(layer.call(ones(8, 16, 3, 5))).Chunk(15)];
        Assert.All(channels, channel => Assert.Single(channel.Distinct()));
        // 128 fair draws: 64 ± 5 * 5.7.
        Assert.InRange(channels.Count(channel => channel[0] == 2), 36, 92);
    }

    public static TheoryData<string> Layers =>
        ["conv2d", "conv2d padded", "conv1d", "linear", "dropout", "channel dropout", "pooling", "attention", "self-attention", "lstm"];

    [Theory]
    [MemberData(nameof(Layers))]
    public void Gradients_match_finite_differences(string name)
    {
        var random = new SeededRandom(11);
        (nn.Module<Tensor, Tensor> layer, long[] shape) = Make();
        (nn.Module<Tensor, Tensor>, long[]) Make() => name switch
        {
            "conv2d" => (new Conv2dLayer(2, 3, 3, random, stride: 2, padding: 1), [2, 2, 5, 4]),
            "conv2d padded" => (new Conv2dLayer(10, 5, 3, random, padding: 1, bias: false), [1, 10, 3, 3]),
            "conv1d" => (new Conv1dLayer(2, 3, 3, random, stride: 2, padding: 1, dilation: 2), [2, 2, 7]),
            "linear" => (new LinearLayer(4, 3, random), [2, 3, 4]),
            "dropout" => (new DropoutLayer(0.4, random), [4, 5]),
            "channel dropout" => (new ChannelDropoutLayer(0.4, random), [3, 4, 2, 2]),
            "pooling" => (new AttentiveStatisticsPooling(3, random, hiddenUnits: 4), [2, 5, 3]),
            "attention" => (new SelfAttentionHeads(4, 2, random), [2, 3, 4]),
            "self-attention" => (new SelfAttention(3, 4, 2, random), [2, 3, 3]),
            _ => (new LstmNetwork([4], 3, 0, 2, random), [2, 5]),
        };
        using (layer) Check(layer, shape);
    }

    // float32 outputs carry relative errors near 1e-7; over a step of 2e-2 and some hundred outputs that is about 1e-4 in the quotient.
    // The truncation error of the central difference is of order step²/6, about 2e-5 times the third derivative. The tolerance is ten
    // times their sum.
    private static void Check(nn.Module<Tensor, Tensor> layer, long[] shape)
    {
        const float step = 1e-2f;
        using DisposeScope scope = NewDisposeScope();
        var x = new Parameter(Loops.NormalTensor(5, shape));
        Tensor Output()
        {
            layer.SeedDropout(new SeededRandom(77));
            return layer.call(x);
        }
        Tensor result = Output();
        float[] factors = Loops.Normal(6, result.shape);
        double Value()
        {
            using DisposeScope inner = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            return Loops.Floats(Output()).Zip(factors, (o, w) => (double)o * w).Sum();
        }
        (result * tensor(factors, result.shape)).sum().backward();
        foreach ((string what, Parameter parameter) in layer.named_parameters().Prepend(("input", x)).Where(p =>
            p.Item2.requires_grad).ToArray())
        {
            float[] values = Loops.Floats(parameter), analytic = Loops.Floats(parameter.grad!);
            for (int i = 0; i < values.Length; i++)
            {
                double numeric = (At(i, step) - At(i, -step)) / (2 * step);
                Assert.True(Math.Abs(numeric - analytic[i]) <= 1.5e-3
                    + (1e-2 * Math.Abs(numeric)), $"{what}[{i}]: differences give {numeric:R}, backward gave {analytic[i]:R}");
            }
            Initializers.Assign(parameter, values);

            double At(int index, float change)
            {
                float[] moved = [.. values];
                moved[index] += change;
                Initializers.Assign(parameter, moved);
                return Value();
            }
        }
    }
}
