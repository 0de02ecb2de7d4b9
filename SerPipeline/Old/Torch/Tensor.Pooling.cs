using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch;

public sealed partial class Tensor
{
    /// <summary>The largest value of each window.</summary>
    /// <param name="kernel">The window.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="padding">Places added at every side, at most half the window.</param>
    /// <returns>[N, C, H', W'] for this of shape [N, C, H, W].</returns>
    public Tensor MaxPool2d(Size2d kernel, Size2d stride, Size2d padding)
    {
        TensorCheck.Rank("max_pool2d", "input", this, 4, "[N, C, H, W]");
        return MaxPool("aten::max_pool2d"u8, "max_pool2d", kernel.ToArray(), stride.ToArray(), padding.ToArray());
    }

    /// <summary>The largest value of each window.</summary>
    /// <param name="kernel">The window's length.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="padding">Places added at both ends, at most half the window.</param>
    /// <returns>[N, C, L'] for this of shape [N, C, L].</returns>
    public Tensor MaxPool1d(int kernel, int stride, int padding = 0)
    {
        TensorCheck.Rank("max_pool1d", "input", this, 3, "[N, C, L]");
        return MaxPool("aten::max_pool1d"u8, "max_pool1d", [kernel], [stride], [padding]);
    }

    /// <summary>The mean of each window; places added by padding count as zeros.</summary>
    /// <param name="kernel">The window.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="padding">Zeros added at every side, at most half the window.</param>
    /// <returns>[N, C, H', W'] for this of shape [N, C, H, W].</returns>
    public Tensor AvgPool2d(Size2d kernel, Size2d stride, Size2d padding)
    {
        TensorCheck.Rank("avg_pool2d", "input", this, 4, "[N, C, H, W]");
        CheckPool("avg_pool2d", kernel.ToArray(), stride.ToArray(), padding.ToArray());
        var call = new OperatorCall("aten::avg_pool2d"u8, default);
        call.Push(this);
        call.Push(kernel.ToArray());
        call.Push(stride.ToArray());
        call.Push(padding.ToArray());
        call.Push(false);
        call.Push(true);
        call.PushNone();
        return call.Run();
    }

    /// <summary>The mean of each window; places added by padding count as zeros.</summary>
    /// <param name="kernel">The window's length.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="padding">Zeros added at both ends, at most half the window.</param>
    /// <returns>[N, C, L'] for this of shape [N, C, L].</returns>
    public Tensor AvgPool1d(int kernel, int stride, int padding = 0)
    {
        TensorCheck.Rank("avg_pool1d", "input", this, 3, "[N, C, L]");
        CheckPool("avg_pool1d", [kernel], [stride], [padding]);
        var call = new OperatorCall("aten::avg_pool1d"u8, default);
        call.Push(this);
        call.Push([kernel]);
        call.Push([stride]);
        call.Push([padding]);
        call.Push(false);
        call.Push(true);
        return call.Run();
    }

    /// <summary>The mean of windows chosen so that the output has a given size.</summary>
    /// <param name="output">The size of the output.</param>
    /// <returns>[N, C, height, width] for this of shape [N, C, H, W].</returns>
    public Tensor AdaptiveAvgPool2d(Size2d output)
    {
        TensorCheck.Rank("adaptive_avg_pool2d", "input", this, 4, "[N, C, H, W]");
        return AdaptiveAvgPool("aten::adaptive_avg_pool2d"u8, "adaptive_avg_pool2d", output.ToArray());
    }

    /// <summary>The mean of windows chosen so that the output has a given length.</summary>
    /// <param name="output">The length of the output.</param>
    /// <returns>[N, C, output] for this of shape [N, C, L].</returns>
    public Tensor AdaptiveAvgPool1d(int output)
    {
        TensorCheck.Rank("adaptive_avg_pool1d", "input", this, 3, "[N, C, L]");
        return AdaptiveAvgPool("aten::adaptive_avg_pool1d"u8, "adaptive_avg_pool1d", [output]);
    }

    private Tensor MaxPool(ReadOnlySpan<byte> operatorName, string operation, long[] kernel, long[] stride, long[] padding)
    {
        CheckPool(operation, kernel, stride, padding);
        var call = new OperatorCall(operatorName, default);
        call.Push(this);
        call.Push(kernel);
        call.Push(stride);
        call.Push(padding);
        call.Push(kernel.Length == 2 ? [1, 1] : [1L]);
        call.Push(false);
        return call.Run();
    }

    private Tensor AdaptiveAvgPool(ReadOnlySpan<byte> operatorName, string operation, long[] output)
    {
        TensorCheck.Floating(operation, "input", this);
        foreach (long length in output) TensorCheck.Positive(operation, "output", length);
        var call = new OperatorCall(operatorName, default);
        call.Push(this);
        call.Push(output);
        return call.Run();
    }

    private void CheckPool(string operation, long[] kernel, long[] stride, long[] padding)
    {
        TensorCheck.Floating(operation, "input", this);
        for (int i = 0; i < kernel.Length; i++)
        {
            TensorCheck.Positive(operation, "kernel", kernel[i]);
            TensorCheck.Positive(operation, "stride", stride[i]);
            if (padding[i] < 0 || padding[i] > kernel[i] / 2)
                throw TensorCheck.Fail(operation, "padding", $"in [0, {kernel[i] / 2}], half the window", $"{padding[i]}");
            CheckWindow(operation, i + 2, kernel[i], padding[i]);
        }
    }
}
