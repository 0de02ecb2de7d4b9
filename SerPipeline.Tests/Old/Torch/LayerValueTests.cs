using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;


namespace SerPipeline.Tests.Old.Torch;

/// <summary>What the layers compute, against loops written from their definitions.</summary>
public class LayerValueTests
{
    // Sums of some dozen float32 products of order 1: errors near 1e-6.
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(1, 0, 1, 1, true)]
    [InlineData(2, 1, 1, 1, true)]
    [InlineData(1, 2, 2, 2, false)]
    [InlineData(3, 1, 2, 4, true)]
    public void Conv2d_is_the_sum_over_its_window(int stride, int padding, int dilation, int groups, bool bias)
    {
        using var scope = TensorScope.New();
        using var layer = new Conv2d(4, 8, new Size2d(3, 2), new SeededRandom(3), stride, padding, dilation, groups, bias);
        float[] x = Draw.Normal(1, 2 * 4 * 7 * 6);
        double[] expected = Reference.Conv(x, [2, 4, 7, 6], layer.Values("weight"), [8, 4 / groups, 3, 2], bias ? layer.Values("bias") : null,
            [stride, stride], [padding, padding], [dilation, dilation], groups);
        Near.Equal(expected, layer.Forward(Tensor.From(x, 2, 4, 7, 6)), Tolerance);
    }

    [Fact]
    public void Conv1d_is_the_sum_over_its_window()
    {
        using var scope = TensorScope.New();
        using var layer = new Conv1d(2, 4, 3, new SeededRandom(3), stride: 2, padding: 1, dilation: 2, groups: 2);
        float[] x = Draw.Normal(1, 3 * 2 * 11);
        double[] expected = Reference.Conv(x, [3, 2, 1, 11], layer.Values("weight"), [4, 1, 1, 3], layer.Values("bias"), [1, 2], [0, 1], [1, 2], 2);
        Near.Equal(expected, layer.Forward(Tensor.From(x, 3, 2, 11)), Tolerance);
    }

    [Fact]
    public void BatchNorm_uses_the_batch_then_its_running_statistics()
    {
        using var scope = TensorScope.New();
        using var layer = new BatchNorm1d(1, epsilon: 0.5, momentum: 0.25);
        layer.LoadStateDict(new Dictionary<string, TensorData>(layer.StateDict()) { ["weight"] = TensorData.From([2f], 1), ["bias"] = TensorData.From([1f], 1) });
        // Mean 3, biased variance 3.5, unbiased 14 / 3: with epsilon 0.5 the deviation is 2.
        Near.Equal([-2 + 1, -1 + 1, 0 + 1, 3 + 1], layer.Forward(Tensor.From([1f, 2f, 3f, 6f], 4, 1)), Tolerance);
        Near.Equal([0.75], layer.Values("running_mean"), Tolerance);
        Near.Equal([0.75 + (0.25 * 14 / 3)], layer.Values("running_var"), Tolerance);
        Assert.Equal([1L], layer.StateDict()["num_batches_tracked"].ToInt64s());
        layer.Eval();
        double deviation = Math.Sqrt(0.75 + (0.25 * 14 / 3) + 0.5);
        Near.Equal([(2 * 4.25 / deviation) + 1], layer.Forward(Tensor.From([5f], 1, 1)), Tolerance);
        Assert.Equal([1L], layer.StateDict()["num_batches_tracked"].ToInt64s());
    }

    [Fact]
    public void LayerNorm_normalises_each_frame()
    {
        using var scope = TensorScope.New();
        using var layer = new LayerNorm(4, epsilon: 0.5);
        Near.Equal([-1, -0.5, 0, 1.5, 0, 0, 0, 0], layer.Forward(Tensor.From([1f, 2f, 3f, 6f, 7f, 7f, 7f, 7f], 2, 4)), Tolerance);
    }

    [Fact]
    public void Pools_take_maximum_or_mean_of_each_window()
    {
        using var scope = TensorScope.New();
        Tensor image = Tensor.From([1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f, 9f, 10f, 11f, 12f], 1, 1, 3, 4), line = Tensor.From([1f, -2f, 3f, 4f, -5f], 1, 1, 5);
        Assert.Equal([6f, 8f], new MaxPool2d(2).Forward(image).ToFloats());
        Assert.Equal([1f, 3f, 4f, 9f, 11f, 12f], new MaxPool2d(2, 2, 1).Forward(image).ToFloats());
        Assert.Equal([3.5f, 5.5f], new AvgPool2d(2).Forward(image).ToFloats());
        Assert.Equal([3.5f, 5.5f, 7.5f, 9.5f], new AdaptiveAvgPool2d(2).Forward(image).ToFloats());
        Assert.Equal([6.5f], new AdaptiveAvgPool2d(1).Forward(image).ToFloats());
        Assert.Equal([1f, 4f], new MaxPool1d(2).Forward(line).ToFloats());
        Assert.Equal([0.5f, 0.5f, -0.5f], new AvgPool1d(2, 2, 1).Forward(line).ToFloats());
        Near.Equal([2 / 3.0, 2 / 3.0], new AdaptiveAvgPool1d(2).Forward(line), Tolerance);
    }

    [Fact]
    public void LSTM_follows_its_recurrence_in_both_directions_and_layers()
    {
        using var scope = TensorScope.New();
        const int items = 2, frames = 4, features = 3, hidden = 5;
        using var layer = new LSTM(features, hidden, new SeededRandom(9), layers: 2, bidirectional: true);
        float[] x = Draw.Normal(2, items * frames * features);
        (Tensor output, Tensor lastHidden, _) = layer.ForwardWithState(Tensor.From(x, items, frames, features));
        var expected = new List<double>();
        foreach (double[][] item in Reference.Items(x, items, frames, features))
        {
            double[][] current = item;
            for (int level = 0; level < 2; level++)
            {
                double[][] forward = Direction(layer, current, $"_l{level}", hidden, false), backward = Direction(layer, current, $"_l{level}_reverse", hidden, true);
                current = [.. forward.Zip(backward, (f, b) => (double[])[.. f, .. b])];
            }
            expected.AddRange(current.SelectMany(frame => frame));
        }
        Near.Equal([.. expected], output, Tolerance);
        Assert.Equal(10, layer.OutputSize);
        // The forward direction ends at the last frame, the backward one at the first.
        float[] all = output.ToFloats(), last = lastHidden.ToFloats();
        Assert.Equal(all[(3 * 10)..((3 * 10) + 5)], last[..5]);
        Assert.Equal(all[5..10], last[10..15]);
    }

    [Fact]
    public void Attention_follows_its_definition_and_leaves_out_padding()
    {
        using var scope = TensorScope.New();
        const int items = 2, frames = 3, features = 4;
        using var layer = new MultiheadAttention(features, 2, new SeededRandom(4));
        float[] x = Draw.Normal(7, items * frames * features);
        bool[] valid = [true, true, true, true, true, false];
        Tensor output = layer.Forward(Tensor.From(x, items, frames, features), Tensor.From(valid, items, frames));
        double[][][] input = Reference.Items(x, items, frames, features);
        var expected = new List<double>();
        for (int n = 0; n < items; n++)
            expected.AddRange(Attend(layer, input[n], valid[(n * frames)..((n + 1) * frames)]));
        Near.Equal([.. expected], output, Tolerance);
        float[] all = layer.Forward(Tensor.From(x, items, frames, features)).ToFloats();
        Assert.Equal(all[..12], output.ToFloats()[..12]);
        Assert.NotEqual(all[12..], output.ToFloats()[12..]);
    }

    [Fact]
    public void Attentive_statistics_are_a_weighted_mean_and_deviation()
    {
        using var scope = TensorScope.New();
        const int frames = 4, features = 3;
        using var layer = new AttentiveStatisticsPooling(features, new SeededRandom(5), hiddenSize: 6);
        float[] x = Draw.Normal(8, 2 * frames * features);
        bool[] valid = [true, true, true, true, true, true, false, false];
        var expected = new List<double>();
        foreach ((double[][] item, int kept) in Reference.Items(x, 2, frames, features).Zip([4, 2]))
        {
            double[][] used = item[..kept];
            double[] weights = Reference.Softmax([.. used.Select(frame => Reference.Linear(
                [.. Reference.Linear(frame, layer.Values("hidden.weight"), layer.Values("hidden.bias")).Select(v => Math.Tanh(v))], layer.Values("score.weight"), layer.Values("score.bias"))[0])]);
            double[] mean = [.. Enumerable.Range(0, features).Select(k => used.Select((frame, t) => weights[t] * frame[k]).Sum())];
            expected.AddRange(mean);
            expected.AddRange(Enumerable.Range(0, features).Select(k => Math.Sqrt(used.Select((frame, t) => weights[t] * (frame[k] - mean[k]) * (frame[k] - mean[k])).Sum())));
        }
        Near.Equal([.. expected], layer.Forward(Tensor.From(x, 2, frames, features), Tensor.From(valid, 2, frames)), Tolerance);
    }

    [Fact]
    public void Cross_entropy_takes_classes_weights_smoothing_and_probabilities()
    {
        using var scope = TensorScope.New();
        Tensor scores = Tensor.From([1f, 2f, 0.5f, -1f, 0f, 3f], 2, 3);
        double[][] log = [.. new double[][] { [1, 2, 0.5], [-1, 0, 3] }.Select(row => Reference.Softmax(row).Select(v => Math.Log(v)).ToArray())];
        double[] w = [0.5, 2, 1];
        using var plain = new CrossEntropyLoss();
        using var weighted = new CrossEntropyLoss([0.5f, 2f, 1f]);
        using var smoothed = new CrossEntropyLoss(labelSmoothing: 0.3);
        Tensor classes = Tensor.From([1L, 0L], 2);
        Near.Equal([-(log[0][1] + log[1][0]) / 2], plain.Forward(scores, classes), Tolerance);
        // With class indices the mean is weighted by the weights of the classes present.
        Near.Equal([-((w[1] * log[0][1]) + (w[0] * log[1][0])) / (w[1] + w[0])], weighted.Forward(scores, classes), Tolerance);
        Near.Equal([-((0.7 * (log[0][1] + log[1][0])) + (0.1 * (log[0].Sum() + log[1].Sum()))) / 2], smoothed.Forward(scores, classes), Tolerance);
        // Probabilities, as mixing two clips makes them; here the mean is over the clips.
        double[][] p = [[0.6, 0.4, 0], [0, 0.25, 0.75]];
        Tensor mixed = Tensor.From([0.6f, 0.4f, 0f, 0f, 0.25f, 0.75f], 2, 3);
        double soft = -Enumerable.Range(0, 2).Sum(n => Enumerable.Range(0, 3).Sum(k => p[n][k] * log[n][k])) / 2;
        double softWeighted = -Enumerable.Range(0, 2).Sum(n => Enumerable.Range(0, 3).Sum(k => w[k] * p[n][k] * log[n][k])) / 2;
        Near.Equal([soft], plain.Forward(scores, mixed), Tolerance);
        Near.Equal([softWeighted], weighted.Forward(scores, mixed), Tolerance);
    }

    private static double[][] Direction(LSTM layer, double[][] x, string suffix, int hidden, bool backwards) => Reference.Lstm(x,
        layer.Values("weight_ih" + suffix), layer.Values("weight_hh" + suffix), layer.Values("bias_ih" + suffix), layer.Values("bias_hh" + suffix), hidden, backwards);

    private static IEnumerable<double> Attend(MultiheadAttention layer, double[][] frames, bool[] valid)
    {
        const int heads = 2, width = 2, features = 4;
        double[][] joined = [.. frames.Select(frame => Reference.Linear(frame, layer.Values("in_proj_weight"), layer.Values("in_proj_bias")))];
        foreach (double[] query in joined)
        {
            double[] mixed = new double[features];
            for (int head = 0; head < heads; head++)
            {
                int at = head * width;
                double[] weights = Reference.Softmax([.. joined.Select((key, t) => valid[t]
                    ? Enumerable.Range(at, width).Sum(k => query[k] * key[features + k]) / Math.Sqrt(width)
                    : double.NegativeInfinity)]);
                for (int k = at; k < at + width; k++) mixed[k] = joined.Select((value, t) => weights[t] * value[(2 * features) + k]).Sum();
            }
            foreach (double value in Reference.Linear(mixed, layer.Values("out_proj.weight"), layer.Values("out_proj.bias"))) yield return value;
        }
    }
}
