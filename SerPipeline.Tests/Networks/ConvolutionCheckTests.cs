using System.Diagnostics;
using SerPipeline.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Networks;

public sealed class ConvolutionCheckTests
{
    public ConvolutionCheckTests() => TorchEngine.Start();

    [Fact]
    public void The_engine_at_hand_computes_right_and_that_is_found_out_fast()
    {
        TorchEngine.Check();
        // A training takes seconds at least; this is no part of it that anybody should notice. A busy machine may stop any one of them.
        Assert.Contains(Enumerable.Range(0, 10), _ =>
        {
            var watch = Stopwatch.StartNew();
            Assert.Null(ConvolutionCheck.Find());
            return watch.ElapsedMilliseconds < 1000;
        });
    }

    [Theory]
    [InlineData(1.01f)]
    [InlineData(float.NaN)]
    public void Wrong_values_are_found(float factor) =>
        Assert.Contains("the values of a convolution from 16 to 32 channels", Find((input, weight) => Convolve(input, weight) * factor),
            StringComparison.Ordinal);

    [Fact]
    public void One_value_that_is_no_number_is_found_among_right_ones() =>
        Assert.Contains("the values of a convolution", Find((input, weight) =>
        {
            Tensor right = Convolve(input, weight);
            float[] hole = new float[right.numel()];
            hole[hole.Length / 2] = float.NaN;
            return right + tensor(hole, right.shape);
        }), StringComparison.Ordinal);

    [Fact]
    public void Wrong_gradients_under_right_values_are_found()
    {
        // Twice the weights less their copy without a gradient: the value of the weights, twice their gradient.
        Assert.Contains("gradient by its weights of a convolution from 16 to 32",
            Find((input, weight) => Convolve(input, (weight * 2) - weight.detach())), StringComparison.Ordinal);
        Assert.Contains("gradient by its input", Find((input, weight) => Convolve((input * 2) - input.detach(), weight)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_check_leaves_neither_tensors_nor_a_changed_generator_behind()
    {
        _ = random.manual_seed(5);
        using Tensor expected = randn(4);
        _ = random.manual_seed(5);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (no_grad()) Assert.Null(ConvolutionCheck.Find());
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        using Tensor found = randn(4);
        Assert.Equal(expected.data<float>().ToArray(), found.data<float>().ToArray());
    }

    private static string? Find(Func<Tensor, Tensor, Tensor> convolve) => ConvolutionCheck.Find(ConvolutionCheck.WholeBlocks, convolve);

    private static Tensor Convolve(Tensor input, Tensor weight) =>
        nn.functional.conv2d(input, weight, padding: [weight.shape[2] / 2, weight.shape[3] / 2]);
}
