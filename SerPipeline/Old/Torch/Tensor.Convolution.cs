using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch;

public sealed partial class Tensor
{
    /// <summary>Two-dimensional cross-correlation, which neural networks call convolution.</summary>
    /// <param name="weight">[out, in / groups, kernel height, kernel width].</param>
    /// <param name="bias">[out], or null.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="padding">Zeros added at every side.</param>
    /// <param name="dilation">Steps between kernel points.</param>
    /// <param name="groups">Groups of channels that do not mix.</param>
    /// <returns>[N, out, H', W'] for this of shape [N, in, H, W].</returns>
    public Tensor Conv2d(Tensor weight, Tensor? bias, Size2d stride, Size2d padding, Size2d dilation, int groups = 1)
    {
        TensorCheck.Rank("conv2d", "input", this, 4, "[N, C, H, W]");
        TensorCheck.Rank("conv2d", "weight", weight, 4, "[out, in / groups, kernel height, kernel width]");
        return Convolve("aten::conv2d"u8, "conv2d", weight, bias, stride.ToArray(), padding.ToArray(), dilation.ToArray(), groups);
    }

    /// <summary>One-dimensional cross-correlation.</summary>
    /// <param name="weight">[out, in / groups, kernel length].</param>
    /// <param name="bias">[out], or null.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="padding">Zeros added at both ends.</param>
    /// <param name="dilation">Steps between kernel points.</param>
    /// <param name="groups">Groups of channels that do not mix.</param>
    /// <returns>[N, out, L'] for this of shape [N, in, L].</returns>
    public Tensor Conv1d(Tensor weight, Tensor? bias, int stride = 1, int padding = 0, int dilation = 1, int groups = 1)
    {
        TensorCheck.Rank("conv1d", "input", this, 3, "[N, C, L]");
        TensorCheck.Rank("conv1d", "weight", weight, 3, "[out, in / groups, kernel length]");
        return Convolve("aten::conv1d"u8, "conv1d", weight, bias, [stride], [padding], [dilation], groups);
    }

    private Tensor Convolve(ReadOnlySpan<byte> operatorName, string operation, Tensor weight, Tensor? bias,
        ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, int groups)
    {
        TensorCheck.Positive(operation, "groups", groups);
        TensorCheck.Floating(operation, "input", this);
        TensorCheck.SameType(operation, "weight", weight, this);
        if (Size(1) != weight.Size(1) * groups) throw TensorCheck.Fail(operation, "input", $"of {weight.Size(1) * groups} channels for a weight of {weight} in {groups} groups", ToString());
        if (weight.Size(0) % groups != 0) throw TensorCheck.Fail(operation, "weight", $"of output channels that divide by {groups} groups", weight.ToString());
        if (bias is not null)
        {
            TensorCheck.Shape(operation, "bias", bias, weight.Size(0));
            TensorCheck.SameType(operation, "bias", bias, this);
        }
        for (int i = 0; i < stride.Length; i++)
        {
            TensorCheck.Positive(operation, "stride", stride[i]);
            TensorCheck.NotNegative(operation, "padding", padding[i]);
            TensorCheck.Positive(operation, "dilation", dilation[i]);
            CheckWindow(operation, i + 2, (dilation[i] * (weight.Shape[i + 2] - 1)) + 1, padding[i]);
        }
        long outputs = weight.Size(0);
        if (groups > 1 || ChannelPadding.Fits(Size(1), outputs, Type)) return Call(operatorName, this, weight, bias, stride, padding, dilation, groups);
        using var scope = TensorScope.New();
        (Tensor input, Tensor kernel, Tensor? offsets) = ChannelPadding.Pad(this, weight, bias);
        return scope.MoveToOuter(Call(operatorName, input, kernel, offsets, stride, padding, dilation, 1).Narrow(1, 0, outputs));
    }

    private static Tensor Call(ReadOnlySpan<byte> operatorName, Tensor input, Tensor weight, Tensor? bias,
        ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, long groups)
    {
        var call = new OperatorCall(operatorName, default);
        call.Push(input);
        call.Push(weight);
        call.PushOptional(bias);
        call.Push(stride);
        call.Push(padding);
        call.Push(dilation);
        call.Push(groups);
        return call.Run();
    }

    private void CheckWindow(string operation, int dimension, long window, long padding)
    {
        if (Shape[dimension] + (2 * padding) < window)
            throw TensorCheck.Fail(operation, "input", $"of length at least {window - (2 * padding)} in dimension {dimension} (window {window}, padding {padding})", ToString());
    }
}
