using SerPipeline.Old.Torch;


namespace SerPipeline.Tests.Old.Torch;

/// <summary>Values of the tensor operations, against hand-computed numbers, and their argument checks.</summary>
public class TensorTests
{
    // Elementwise float32 functions are correct to a few units in the last place, 1.2e-7.
    private const double Rounding = 1e-6;

    [Fact]
    public void Data_goes_in_and_comes_out_unchanged()
    {
        using var scope = TensorScope.New();
        Tensor floats = Tensor.From([1f, -2f, float.PositiveInfinity, 0.1f, 5f, 6f], 2, 3);
        Assert.Equal([1f, -2f, float.PositiveInfinity, 0.1f, 5f, 6f], floats.ToFloats());
        Assert.Equal([2L, 3L], floats.Shape.ToArray());
        Assert.Equal((2, 6L, ScalarType.Float32), (floats.Rank, floats.ElementCount, floats.Type));
        Assert.Equal([long.MinValue, 3], Tensor.From([long.MinValue, 3], 2).ToInt64s());
        Assert.Equal([1f, 0f], Tensor.From([true, false], 2).ToFloats());
        Assert.Equal(2.5f, Tensor.Scalar(2.5f).ToSingle());
        Assert.Equal([0f, 0f], Tensor.Zeros(2).ToFloats());
        Assert.Empty(Tensor.From(Array.Empty<float>(), 0, 4).ToFloats());
        Assert.Equal("float32[2, 3]", floats.ToString());
    }

    [Fact]
    public void Bfloat16_rounds_to_eight_bits_of_precision()
    {
        using var scope = TensorScope.New();
        // 1 + 2^-8 lies between 1 and 1 + 2^-7 and rounds to even, 1; 1 + 3 * 2^-8 rounds to 1 + 2^-6.
        Tensor rounded = Tensor.From([1.00390625f, 1.01171875f, 3e38f], 3).To(ScalarType.BFloat16);
        Assert.Equal(ScalarType.BFloat16, rounded.Type);
        Assert.Equal([1f, 1.015625f], rounded.ToFloats()[..2]);
        Assert.Equal(3e38, rounded.ToFloats()[2], 3e38 / 256);
    }

    [Fact]
    public void Arithmetic_is_exact_where_float32_is()
    {
        using var scope = TensorScope.New();
        Tensor a = Tensor.From([1f, 2f, 3f, 4f], 2, 2), row = Tensor.From([10f, 20f], 2);
        Assert.Equal([11f, 22f, 13f, 24f], (a + row).ToFloats());
        Assert.Equal([-9f, -18f, -7f, -16f], (a - row).ToFloats());
        Assert.Equal([10f, 40f, 30f, 80f], (a * row).ToFloats());
        Assert.Equal([0.1f, 0.1f, 0.3f, 0.2f], (a / row).ToFloats());
        Assert.Equal([3f, 6f, 9f, 12f], (a * 3).ToFloats());
        Assert.Equal([3f, 6f, 9f, 12f], (3 * a).ToFloats());
        Assert.Equal([1.5f, 2.5f, 3.5f, 4.5f], a.Add(0.5f).ToFloats());
        Assert.Equal([1.5f, 2.5f, 3.5f, 4.5f], (a + 0.5f).ToFloats());
        Assert.Equal([0.5f, 1.5f, 2.5f, 3.5f], (a - 0.5f).ToFloats());
        Assert.Equal([-1f, -2f, -3f, -4f], (-a).ToFloats());
        Assert.Equal([2.5f, 4.5f], (Tensor.From([1L, 3L], 2) + Tensor.Scalar(1.5f)).ToFloats());
        Assert.Equal([7f, 10f, 15f, 22f], a.MatMul(a).ToFloats());
        Assert.Equal([2.5f, 2.5f, 3f, 4f], a.ClampMin(2.5f).ToFloats());
        Assert.Equal([1f, 4f, 9f, 16f], a.Square().ToFloats());
        // The sum is rounded once: 2^24 + 1 is no float32, 2^24 + 2 is.
        Assert.Equal([16777216f, 16777218f], (Tensor.From([16777216f, 16777216f], 2) + Tensor.From([1f, 2f], 2)).ToFloats());
    }

    [Fact]
    public void Functions_have_their_values()
    {
        using var scope = TensorScope.New();
        float[] x = [-3f, -1f, -0.25f, 0f, 0.5f, 2f];
        Tensor t = Tensor.From(x, 6), positive = Tensor.From([0.25f, 1f, 9f], 3);
        double[] d = x.ToDoubles();
        Near.Equal([.. d.Select(v => Math.Max(v, 0))], t.Relu(), 0);
        Near.Equal([.. d.Select(v => v * Reference.NormalCdf(v))], t.Gelu(), Rounding);
        Near.Equal([.. d.Select(v => v * Reference.Sigmoid(v))], t.Silu(), Rounding);
        Near.Equal([.. d.Select(v => Math.Tanh(v))], t.Tanh(), Rounding);
        Near.Equal([.. d.Select(Reference.Sigmoid)], t.Sigmoid(), Rounding);
        Near.Equal([.. d.Select(v => Math.Exp(v))], t.Exp(), Rounding);
        Near.Equal([Math.Log(0.25), 0, Math.Log(9)], positive.Log(), Rounding);
        Near.Equal([0.5, 1, 3], positive.Sqrt(), Rounding);
        Near.Equal([2, 1, 1.0 / 3], positive.Rsqrt(), Rounding);
        Near.Equal(Reference.Softmax(d), t.Softmax(), Rounding);
        Near.Equal([.. Reference.Softmax(d).Select(v => Math.Log(v))], t.LogSoftmax(), Rounding);
    }

    [Fact]
    public void Shapes_are_rearranged_as_row_major_arrays()
    {
        using var scope = TensorScope.New();
        Tensor t = Tensor.From([0f, 1f, 2f, 3f, 4f, 5f], 2, 3);
        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], t.Transpose(0, 1).ToFloats());
        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], t.Permute(1, 0).ToFloats());
        Assert.Equal([1f, 2f, 4f, 5f], t.Narrow(1, 1, 2).ToFloats());
        Assert.Equal([2f, 0f, 2f, 5f, 3f, 5f], t.IndexSelect(-1, 2, 0, 2).ToFloats());
        Assert.Equal([0f, 1f, 2f, 0f, 1f, 2f, 3f, 4f, 5f, 3f, 4f, 5f], Tensor.Cat([t, t], 1).ToFloats());
        Assert.Equal([2L, 2L, 3L], Tensor.Stack([t, t], 1).Shape.ToArray());
        Assert.Equal([3L, 2L], t.Reshape(-1, 2).Shape.ToArray());
        Assert.Equal([2L, 1L, 3L], t.Unsqueeze(1).Shape.ToArray());
        Assert.Equal([2L, 12L], Tensor.Zeros(2, 3, 4).Flatten().Shape.ToArray());
        Assert.False(t.Transpose(0, 1).IsContiguous);
        Assert.True(t.Transpose(0, 1).Contiguous().IsContiguous);
        Tensor image = Tensor.From(Draw.Normal(1, 24), 1, 2, 3, 4);
        Assert.Equal(image.ToFloats(), image.ChannelsLast().ToFloats());
        Assert.False(image.ChannelsLast().IsContiguous);
    }

    [Fact]
    public void Reductions_have_their_values()
    {
        using var scope = TensorScope.New();
        Tensor t = Tensor.From([1f, 5f, 3f, -2f, 0f, 8f], 2, 3);
        Assert.Equal(15f, t.Sum().ToSingle());
        Assert.Equal(2.5f, t.Mean().ToSingle());
        Assert.Equal([9f, 6f], t.Sum([1]).ToFloats());
        Assert.Equal([-0.5f, 2.5f, 5.5f], t.Mean([0]).ToFloats());
        Assert.Equal([1L, 3L], t.Mean([0], keepDimensions: true).Shape.ToArray());
        // 1, 5, 3 around 3: 4 + 4 + 0. -2, 0, 8 around 2: 16 + 4 + 36.
        Near.Equal([4, 28], t.Variance([1]), Rounding);
        Near.Equal([8.0 / 3, 56.0 / 3], t.Variance([1], unbiased: false), Rounding);
        Assert.Equal([1L, 2L], t.ArgMax().ToInt64s());
        Assert.Equal([0L, 0L, 1L], t.ArgMax(0).ToInt64s());
    }

    [Fact]
    public void Assign_overwrites_and_views_share_memory()
    {
        using var scope = TensorScope.New();
        Tensor t = Tensor.Zeros(2, 2), view = t.Reshape(4), alias = t.Alias();
        t.Assign([1f, 2f, 3f, 4f]);
        Assert.Equal([1f, 2f, 3f, 4f], view.ToFloats());
        t.Dispose();
        Assert.Equal([1f, 2f, 3f, 4f], alias.ToFloats());
        Assert.Throws<ObjectDisposedException>(() => t.Relu());
    }

    [Fact]
    public void Wrong_arguments_are_named_before_the_native_call()
    {
        using var scope = TensorScope.New();
        Tensor t = Tensor.Zeros(2, 3), longs = Tensor.From([1L, 2L], 2);
        AssertSays("From: values must be 6 elements for shape [2, 3], got 2", () => Tensor.From([1f, 2f], 2, 3));
        AssertSays("new tensor: shape must be lengths of at least 0, got [-1]", () => Tensor.Zeros(-1));
        AssertSays("add: right must be of a shape that broadcasts with float32[2, 3]", () => t + Tensor.Zeros(2));
        AssertSays("matmul: right must be [..., 3, n] for a left of float32[2, 3], got float32[2, 3]", () => t.MatMul(t));
        AssertSays("matmul: right must be float32 like the input, got bfloat16[3, 2]", () => t.MatMul(Tensor.Zeros(ScalarType.BFloat16, [3, 2])));
        AssertSays("linear: input must be [..., 4] for a weight of float32[5, 4], got float32[2, 3]", () => t.Linear(Tensor.Zeros(5, 4), null));
        AssertSays("relu: tensor must be float32 or bfloat16, got int64[2]", () => longs.Relu());
        AssertSays("reshape: shape must be of 6 elements, as float32[2, 3] has, got [4, -1]", () => t.Reshape(4, -1));
        AssertSays("permute: dimensions must be every dimension of float32[2, 3] once, got [0, 0]", () => t.Permute(0, 0));
        AssertSays("softmax: dimension must be in [-2, 1] for float32[2, 3], got 2", () => t.Softmax(2));
        AssertSays("narrow: range must be within [0, 3] of dimension 1 of float32[2, 3], got [2, 4]", () => t.Narrow(1, 2, 2));
        AssertSays("index_select: indices must be in [0, 2] for dimension 1 of float32[2, 3], got 3", () => t.IndexSelect(1, 3));
        AssertSays("cat: tensors must be like the first, float32[2, 3], in type and every dimension but 0, got int64[2]", () => Tensor.Cat([t, longs], 0));
        AssertSays("conv2d: input must be 4-dimensional [N, C, H, W], got float32[2, 3]", () => t.Conv2d(Tensor.Zeros(1, 1, 1, 1), null, 1, 0, 1));
        AssertSays("conv1d: input must be of 4 channels", () => Tensor.Zeros(1, 3, 9).Conv1d(Tensor.Zeros(2, 4, 3), null));
        AssertSays("conv1d: input must be of length at least 3 in dimension 2", () => Tensor.Zeros(1, 4, 2).Conv1d(Tensor.Zeros(2, 4, 3), null));
        AssertSays("max_pool1d: padding must be in [0, 1], half the window, got 2", () => Tensor.Zeros(1, 1, 9).MaxPool1d(3, 1, 2));
        AssertSays("cross_entropy: target must be classes in [0, 2], got 3", () => t.CrossEntropy(Tensor.From([0L, 3L], 2)));
        AssertSays("cross_entropy: target must be of shape [2, 3], got float32[2]", () => t.CrossEntropy(Tensor.Zeros(2)));
        AssertSays("backward: loss must be a single number, got float32[2, 3]", () => Autograd.Backward(t));
        AssertSays("ToSingle: tensor must be one element, got float32[2, 3]", () => t.ToSingle());
        AssertSays("to: type must be int64, float32, bool or bfloat16, got 7", () => t.To((ScalarType)7));
    }

    [Fact]
    public void Wrong_types_and_dimensions_are_named_before_the_native_call()
    {
        using var scope = TensorScope.New();
        Tensor t = Tensor.Zeros(2, 3), longs = Tensor.From([1L, 2L], 2), flags = Tensor.From([true, false], 2);
        AssertSays("add: operands must be float32 or bfloat16, one of them at least, and never bool, got int64[2] and int64[2]", () => longs + longs);
        AssertSays("subtract: operands must be float32 or bfloat16", () => Tensor.Zeros(2) - flags);
        AssertSays("reshape: shape must be of 6 elements, as float32[2, 3] has, got [-2, -3]", () => t.Reshape(-2, -3));
        // 2^32 times 2^32 is 0 in 64 bits.
        AssertSays("reshape: shape must be of 0 elements", () => Tensor.Zeros(0).Reshape(1L << 32, 1L << 32));
        AssertSays("flatten: dimension must be in [-2, 1] for float32[2, 3], got 2", () => t.Flatten(2));
        AssertSays("sum: dimensions must be different dimensions of float32[2, 3], got [0, 0]", () => t.Sum([0, 0]));
        AssertSays("mean: dimensions must be different dimensions of float32[2, 3], got [1, -1]", () => t.Mean([1, -1]));
        AssertSays("var: dimensions must be different dimensions of float32[2, 3], got [0, -2]", () => t.Variance([0, -2]));
        AssertSays("sum: dimension must be in [-2, 1] for float32[2, 3]", () => t.Sum([1L << 32]));
        AssertSays("sum: dimensions must be at least one of float32[2, 3], got none", () => t.Sum([]));
        AssertSays("mean: dimensions must be at least one of float32[2, 3], got none", () => t.Mean([]));
        AssertSays("narrow: range must be within [0, 3] of dimension 1 of float32[2, 3]", () => t.Narrow(1, long.MaxValue, 1));
        AssertSays("narrow: range must be within [0, 3] of dimension 1 of float32[2, 3]", () => t.Narrow(1, 1, long.MaxValue));
        AssertSays("stack: tensors must be of shape [2, 3], got int64[2]", () => Tensor.Stack([t, longs]));
        AssertSays("stack: tensors must be int64 like the input, got float32[2]", () => Tensor.Stack([longs, Tensor.Zeros(2)]));
    }

    [Fact]
    public void Wrong_arguments_of_layers_are_named_before_the_native_call()
    {
        using var scope = TensorScope.New();
        Tensor t = Tensor.Zeros(2, 3), two = Tensor.Zeros(2), three = Tensor.Zeros(3), half = three.To(ScalarType.BFloat16), row = Tensor.Zeros(1, 3);
        AssertSays("batch_norm: weight must be of shape [3], got float32[2]", () => t.BatchNorm(two, null, three, three, training: false));
        AssertSays("batch_norm: running mean must be float32, got bfloat16[3]", () => t.BatchNorm(null, null, half, three, training: false));
        AssertSays("batch_norm: input must be of at least 2 values a channel while training, got float32[1, 3]", () => row.BatchNorm(null, null, three, three, training: true));
        AssertSays("layer_norm: input must be [..., 2], got float32[2, 3]", () => t.LayerNorm([2], null, null));
        AssertSays("layer_norm: bias must be of shape [3], got float32[2]", () => t.LayerNorm([3], null, two));
        AssertSays("layer_norm: weight must be float32 like the input, got bfloat16[3]", () => t.LayerNorm([3], half, null));
        Tensor frames = Tensor.Zeros(1, 2, 3), ih = Tensor.Zeros(4, 3), hh = Tensor.Zeros(4, 1), bias = Tensor.Zeros(4);
        AssertSays("lstm: input must be 3-dimensional [N, T, features], got float32[2, 3]", () => t.Lstm([ih, hh, bias, bias]));
        AssertSays("lstm: weights must be 4 tensors a direction, got 3", () => frames.Lstm([ih, hh, bias]));
        AssertSays("lstm: weight_ih must be of shape [4, 3], got float32[4, 1]", () => frames.Lstm([hh, hh, bias, bias]));
        AssertSays("lstm: weights must be float32, got bfloat16[4]", () => frames.Lstm([ih, hh, bias, bias.To(ScalarType.BFloat16)]));
        const string attention = "scaled_dot_product_attention: ";
        AssertSays(attention + "key must be of shape [1, 2, 3], got float32[2, 3]", () => frames.ScaledDotProductAttention(t, frames));
        AssertSays(attention + "value must be of shape [1, 2, 3], got float32[1, 1, 3]", () => frames.ScaledDotProductAttention(frames, Tensor.Zeros(1, 1, 3)));
        AssertSays(attention + "attend must be bool, got float32[2, 2]", () => frames.ScaledDotProductAttention(frames, frames, Tensor.Zeros(2, 2)));
        AssertSays(attention + "attend must be broadcastable to [1, 2, 2], got bool[3]", () => frames.ScaledDotProductAttention(frames, frames, Tensor.Zeros(ScalarType.Bool, [3])));
        AssertSays("avg_pool1d: input must be 3-dimensional [N, C, L], got float32[2, 3]", () => t.AvgPool1d(2, 1));
        AssertSays("avg_pool1d: input must be of length at least 4 in dimension 2", () => frames.AvgPool1d(4, 1));
        AssertSays("avg_pool2d: stride must be at least 1, got 0", () => Tensor.Zeros(1, 1, 4, 4).AvgPool2d(2, 0, 0));
        AssertSays("adaptive_avg_pool1d: output must be at least 1, got 0", () => frames.AdaptiveAvgPool1d(0));
    }

    [Fact]
    public void Missing_tensors_are_named()
    {
        using var scope = TensorScope.New();
        Tensor t = Tensor.Zeros(2, 3), row = Tensor.Zeros(3), none = null!;
        Func<Tensor>[] calls =
        [
            () => t + none, () => none + t, () => t - none, () => t * none, () => none / t, () => 2 * none, () => none + 1, () => -none, () => t.MatMul(none),
            () => t.Linear(none, null), () => t.CrossEntropy(none), () => t.BatchNorm(null, null, none, row, training: false), () => Tensor.Cat([t, none], 0),
            () => Tensor.Stack(null!), () => t.Unsqueeze(0).Conv1d(none, null), () => t.Unsqueeze(0).Lstm([none, none, none, none]).Output,
            () => t.Unsqueeze(0).ScaledDotProductAttention(none, t),
        ];
        Assert.All(calls, call => Assert.Throws<ArgumentNullException>(call));
    }

    private static void AssertSays(string message, Func<object> action) => Assert.StartsWith(message, Assert.Throws<TorchException>(action).Message, StringComparison.Ordinal);

    private static void AssertSays(string message, Action action) => Assert.StartsWith(message, Assert.Throws<TorchException>(action).Message, StringComparison.Ordinal);
}
