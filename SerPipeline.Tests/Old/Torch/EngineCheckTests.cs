using System.Diagnostics;
using SerPipeline.Old.Torch;

namespace SerPipeline.Tests.Old.Torch;

public sealed class EngineCheckTests
{
    [Fact]
    public void The_engine_at_hand_computes_right_and_that_is_found_out_fast()
    {
        EngineCheck.Require();
        var watch = Stopwatch.StartNew();
        Assert.Null(EngineCheck.Find(Convolve));
        // A training takes seconds at least; this is no part of it that anybody should notice.
        Assert.True(watch.ElapsedMilliseconds < 1000, $"{watch.ElapsedMilliseconds} ms");
    }

    [Theory]
    [InlineData(1.01f, "values")]
    [InlineData(float.NaN, "values")]
    public void Wrong_values_are_found(float factor, string what) => Assert.Contains($"the {what} of a convolution from 1 to 16 channels", EngineCheck.Find((input, weight) => Convolve(input, weight) * factor), StringComparison.Ordinal);

    [Fact]
    public void Wrong_gradients_under_right_values_are_found()
    {
        // Twice the weights less their copy without a gradient: the value of the weights, twice their gradient.
        string? weights = EngineCheck.Find((input, weight) => Convolve(input, (weight * 2) - Detached(weight)));
        Assert.Contains("gradient by its weights of a convolution from 1 to 16", weights, StringComparison.Ordinal);
        string? inputs = EngineCheck.Find((input, weight) => Convolve((input * 2) - Detached(input), weight));
        Assert.Contains("gradient by its input", inputs, StringComparison.Ordinal);
    }

    private static Tensor Convolve(Tensor input, Tensor weight) => input.Conv2d(weight, null, 1, 1, 1);

    private static Tensor Detached(Tensor tensor) => Tensor.From(tensor.ToFloats(), tensor.Shape);
}
