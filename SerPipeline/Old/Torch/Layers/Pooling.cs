using SerPipeline.Onnx;

namespace SerPipeline.Old.Torch.Layers;

/// <summary>The largest value of each window of [N, C, H, W].</summary>
/// <param name="kernelSize">The window.</param>
/// <param name="stride">Steps between windows; the window itself when null.</param>
/// <param name="padding">Places added at every side, at most half the window.</param>
public sealed class MaxPool2d(Size2d kernelSize, Size2d? stride = null, Size2d padding = default) : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.MaxPool2d(kernelSize, stride ?? kernelSize, padding);

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name) => PoolingExport.Windows(input, "MaxPool", kernelSize.ToArray(), (stride ?? kernelSize).ToArray(), padding.ToArray());

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>
    {
        ["kernel_size"] = kernelSize.ToArray(),
        ["stride"] = (stride ?? kernelSize).ToArray(),
        ["padding"] = padding.ToArray(),
    };
}

/// <summary>The mean of each window of [N, C, H, W]; padding counts as zeros.</summary>
/// <param name="kernelSize">The window.</param>
/// <param name="stride">Steps between windows; the window itself when null.</param>
/// <param name="padding">Zeros added at every side, at most half the window.</param>
public sealed class AvgPool2d(Size2d kernelSize, Size2d? stride = null, Size2d padding = default) : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.AvgPool2d(kernelSize, stride ?? kernelSize, padding);

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name) => PoolingExport.Windows(input, "AveragePool", kernelSize.ToArray(), (stride ?? kernelSize).ToArray(), padding.ToArray());

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>
    {
        ["kernel_size"] = kernelSize.ToArray(),
        ["stride"] = (stride ?? kernelSize).ToArray(),
        ["padding"] = padding.ToArray(),
    };
}

/// <summary>The mean of windows of [N, C, H, W] chosen so that the output has a given size; float32 out.</summary>
/// <param name="outputSize">The size of the output.</param>
public sealed class AdaptiveAvgPool2d(Size2d outputSize) : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        // Sums over many places are taken in float32 also when the convolutions compute in bfloat16.
        using var cast = new PrecisionCast(ComputePrecision.Float32);
        return cast.Own(cast.In(input).AdaptiveAvgPool2d(outputSize));
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name) => PoolingExport.Adaptive(input, outputSize.ToArray());

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object> { ["output_size"] = outputSize.ToArray() };
}
