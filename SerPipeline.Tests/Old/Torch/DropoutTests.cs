using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;


namespace SerPipeline.Tests.Old.Torch;

public class DropoutTests
{
    [Fact]
    public void Keeps_its_share_scales_it_and_does_nothing_in_evaluation()
    {
        using var scope = TensorScope.New();
        using var layer = new Dropout(0.3, new SeededRandom(1));
        const int n = 100_001;
        float[] output = layer.Forward(Tensor.Full(1, n)).ToFloats();
        float kept = (float)(1 / 0.7);
        Assert.All(output, value => Assert.True(value == 0 || value == kept));
        // Binomial: five standard errors of the share are 5 √(0.21 / n) = 0.0072.
        Assert.Equal(0.7, output.Count(value => value != 0) / (double)n, 0.0072);
        layer.Eval();
        Assert.Equal([1f, 2f], layer.Forward(Tensor.From([1f, 2f], 2)).ToFloats());
    }

    [Fact]
    public void Same_seed_gives_the_same_masks_and_each_layer_its_own()
    {
        using var scope = TensorScope.New();
        var random = new SeededRandom(1);
        using var network = new Sequential(new Dropout(0.5, random), new Dropout(0.5, random));
        float[] Draws(Module module) => module.Forward(Tensor.Full(1, 200)).ToFloats();
        Module first = network.Children.First().Module, second = network.Children.Last().Module;
        network.SeedDropout(new SeededRandom(9));
        float[] a = Draws(first), b = Draws(second), next = Draws(first);
        network.SeedDropout(new SeededRandom(9));
        Assert.Equal(a, Draws(first));
        Assert.NotEqual(a, b);
        Assert.NotEqual(a, next);
    }

    [Fact]
    public void Dropout2d_drops_whole_channels()
    {
        using var scope = TensorScope.New();
        using var layer = new Dropout2d(0.5, new SeededRandom(2));
        float[][] channels = [.. layer.Forward(Tensor.Full(1, 8, 16, 3, 5)).ToFloats().Chunk(15)];
        Assert.All(channels, channel => Assert.Single(channel.Distinct()));
        // 128 fair draws: 64 ± 5 * 5.7.
        Assert.InRange(channels.Count(channel => channel[0] == 2), 36, 92);
    }
}
