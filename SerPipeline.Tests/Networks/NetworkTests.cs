using SerPipeline.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Networks;

[CollectionDefinition("Tensor counts", DisableParallelization = true)]
public sealed class TensorCountsAlone;

/// <summary>Networks as a whole: shapes, states, and trainings that do not disturb each other. Counts the tensors of the process.</summary>
[Collection("Tensor counts")]
public sealed class NetworkTests
{
    private static readonly SpectrogramCnnOptions Small = new() { Channels = [16, 32] };

    [Theory]
    [InlineData(0, 0, 3)]
    [InlineData(4, 0, 3)]
    [InlineData(0, 7, 3)]
    public void Images_become_one_logit_a_class(int heads, int prosody, int batch)
    {
        using var network = new SpectrogramCnn(20, 30, 6, Small with { SelfAttentionHeads = heads }, new SeededRandom(1), prosody);
        using DisposeScope scope = NewDisposeScope();
        Tensor image = Loops.NormalTensor(1, batch, 1, 20, 30), vector = Loops.NormalTensor(2, batch, Math.Max(1, prosody));
        network.eval();
        Tensor logits = network.call(prosody == 0 ? image : cat([image.flatten(1), vector], 1));
        Assert.Equal([batch, 6], logits.shape);
        if (prosody > 0) Loops.Near([.. Loops.Floats(logits).Select(v => (double)v)], Loops.Floats(network.forward(image, vector)), 1e-5);
        else Assert.Contains("images alone", Assert.Throws<InvalidOperationException>(() =>
            network.forward(image, vector)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_that_leave_nothing_or_break_a_rule_are_refused()
    {
        Assert.Contains("nothing would be left", Assert.Throws<OptionsException>(() =>
            new SpectrogramCnn(3, 30, 2, Small, new SeededRandom(1))).Message, StringComparison.Ordinal);
        Assert.Contains("SelfAttentionUnits must", Assert.Throws<OptionsException>(() =>
            new SpectrogramCnn(16, 16, 2, Small with { SelfAttentionHeads = 3 }, new SeededRandom(1))).Message, StringComparison.Ordinal);
        Assert.Contains("be at least 9", Assert.Throws<OptionsException>(() =>
            new Conv1dNetwork(8, [4, 4, 4], 5, 2, new SeededRandom(1))).Message, StringComparison.Ordinal);
        Assert.Contains("probability must", Assert.Throws<OptionsException>(() =>
            new DropoutLayer(1, new SeededRandom(1))).Message, StringComparison.Ordinal);
        Assert.Contains("groups must divide", Assert.Throws<OptionsException>(() =>
            new Conv2dLayer(3, 4, 3, new SeededRandom(1), groups: 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_size_of_the_default_network_is_known()
    {
        using var network = new SpectrogramCnn(64, 200, 6, new SpectrogramCnnOptions(), new SeededRandom(1));
        // Convolutions 9 (1·16 + 16·32 + 32·64 + 64·128), norms 2 (16 + 32 + 64 + 128), attention 512·64 + 64 + 64 + 1, norm 2·1024,
        // classifier 1024·6 + 6.
        Assert.Equal((9 * 10_768) + 480 + 32_897 + 2048 + 6150, network.TrainableParameters());
        IReadOnlyList<LayerDescription> layers = LayerDescription.Of(network);
        Assert.Equal(network.TrainableParameters(), layers.Sum(layer => layer.Parameters));
        Assert.Equal(["Conv2d", "BatchNorm2d", "MaxPool2d", "ReLU", "Dropout2d"], layers.Take(5).Select(layer => layer.Kind));
        Assert.Equal("block2.conv", layers[5].Name);
        Assert.Equal(["block2.conv.weight"], layers[5].ParameterNames);
        Assert.Equal(32L, layers[5].HyperParameters["out_channels"]);
        LayerDescription pooling = Assert.Single(layers, layer => layer.Kind == "AttentiveStatisticsPooling");
        Assert.Equal(["pooling.hidden.weight", "pooling.hidden.bias", "pooling.score.weight", "pooling.score.bias"],
            pooling.ParameterNames);
    }

    [Theory]
    [InlineData(ComputePrecision.Float32)]
    [InlineData(ComputePrecision.BFloat16)]
    public void Two_trainings_at_once_give_the_bits_of_each_alone(ComputePrecision precision)
    {
        Dictionary<string, float[]> first = Train(1, precision), second = Train(2, precision);
        Dictionary<string, float[]>[] together = new Dictionary<string, float[]>[2];
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(i => new Thread(() => together[i] = Train(i + 1, precision)))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Equal(first.Keys, together[0].Keys);
        Assert.All(first, state => Assert.Equal(state.Value, together[0][state.Key]));
        Assert.All(second, state => Assert.Equal(state.Value, together[1][state.Key]));
        Assert.NotEqual(first["classifier.weight"], second["classifier.weight"]);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(0, 5)]
    public void A_network_moved_elsewhere_and_back_computes_as_before(int heads, int prosody)
    {
        // A move puts new parameters in the place of the old ones, to another type as to another device.
        using var network = new SpectrogramCnn(16, 24, 3, Small with { SelfAttentionHeads = heads }, new SeededRandom(3), prosody);
        network.eval();
        using DisposeScope scope = NewDisposeScope();
        Tensor input = prosody == 0 ? Loops.NormalTensor(1, 2, 1, 16, 24) : Loops.NormalTensor(1, 2, (16 * 24) + prosody);
        float[] before = Loops.Floats(network.call(input));
        network.to(ScalarType.Float64);
        network.to(ScalarType.Float32);
        Assert.Equal(before, Loops.Floats(network.call(input)));
        nn.functional.cross_entropy(network.call(input), tensor((long[])[0, 1])).backward();
        Assert.All(network.parameters(), parameter => Assert.NotNull(parameter.grad));
    }

    [Fact]
    public void A_state_put_back_is_the_state_taken()
    {
        using var network = new SpectrogramCnn(16, 16, 3, Small, new SeededRandom(3));
        using var other = new SpectrogramCnn(16, 16, 4, Small, new SeededRandom(3));
        Dictionary<string, float[]> before = Loops.State(network);
        using NetworkState state = NetworkState.Of(network);
        Steps(network, 2, 3);
        Assert.NotEqual(before["block1.conv.weight"], Loops.State(network)["block1.conv.weight"]);
        Assert.NotEqual(before["block1.norm.running_mean"], Loops.State(network)["block1.norm.running_mean"]);
        state.Restore(network);
        Assert.All(Loops.State(network), now => Assert.Equal(before[now.Key], now.Value));
        Assert.Throws<ArgumentException>(() => state.Restore(other));
    }

    [Fact]
    public void Tensors_stay_as_many_over_two_hundred_steps()
    {
        using var network = new SpectrogramCnn(16, 24, 3, Small with { SelfAttentionHeads = 2, SelfAttentionUnits = 16 },
            new SeededRandom(3), 5);
        using var lstm = new LstmNetwork([8], 4, 0.2, 3, new SeededRandom(3));
        Steps(network, 3, 3, prosody: 5);
        Score(lstm);
        long before = Settled();
        Steps(network, 200, 3, prosody: 5);
        for (int i = 0; i < 50; i++) Score(lstm);
        Assert.Equal(before, Settled());

        static void Score(LstmNetwork network)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            network.call(Loops.NormalTensor(1, 2, 9));
        }
    }

    [Fact]
    public void An_lstm_waits_for_a_network_whose_first_weights_are_being_drawn()
    {
        TorchEngine.Start();
        var making = new Thread(() => new LstmNetwork([8], 4, 0.2, 3, new SeededRandom(3)).Dispose());
        lock (TorchEngine.GeneratorLock)
        {
            making.Start();
            Assert.False(making.Join(50));
        }
        making.Join();
    }

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }

    private static Dictionary<string, float[]> Train(long seed, ComputePrecision precision)
    {
        using var network = new SpectrogramCnn(16, 16, 3, Small, new SeededRandom(seed));
        network.SetPrecision(precision);
        network.SeedDropout(new SeededRandom(seed).Fork("dropout"));
        Steps(network, 8, seed);
        return Loops.State(network);
    }

    private static void Steps(SpectrogramCnn network, int count, long seed, int prosody = 0)
    {
        using optim.Optimizer optimizer = optim.AdamW(network.parameters(), lr: 1e-3);
        network.train();
        for (int i = 0; i < count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor input = prosody == 0 ? Loops.NormalTensor(seed + i, 4, 1, 16, 16) : Loops.NormalTensor(seed + i, 4, (16 * 24) + prosody);
            optimizer.zero_grad();
            nn.functional.cross_entropy(network.call(input), tensor((long[])[0, 1, 2, 1])).backward();
            optimizer.step();
        }
    }
}
