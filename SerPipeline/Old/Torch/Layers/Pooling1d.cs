using SerPipeline.Onnx;

namespace SerPipeline.Old.Torch.Layers;

/// <summary>The largest value of each window of [N, C, L].</summary>
/// <param name="kernelSize">The window's length.</param>
/// <param name="stride">Steps between windows; the window itself when null.</param>
/// <param name="padding">Places added at both ends, at most half the window.</param>
public sealed class MaxPool1d(int kernelSize, int? stride = null, int padding = 0) : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.MaxPool1d(kernelSize, stride ?? kernelSize, padding);

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name) => PoolingExport.Windows(input, "MaxPool", [kernelSize], [stride ?? kernelSize], [padding]);

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>
    {
        ["kernel_size"] = new long[] { kernelSize },
        ["stride"] = new long[] { stride ?? kernelSize },
        ["padding"] = new long[] { padding },
    };
}

/// <summary>The mean of each window of [N, C, L]; padding counts as zeros.</summary>
/// <param name="kernelSize">The window's length.</param>
/// <param name="stride">Steps between windows; the window itself when null.</param>
/// <param name="padding">Zeros added at both ends, at most half the window.</param>
public sealed class AvgPool1d(int kernelSize, int? stride = null, int padding = 0) : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.AvgPool1d(kernelSize, stride ?? kernelSize, padding);

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name) => PoolingExport.Windows(input, "AveragePool", [kernelSize], [stride ?? kernelSize], [padding]);

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>
    {
        ["kernel_size"] = new long[] { kernelSize },
        ["stride"] = new long[] { stride ?? kernelSize },
        ["padding"] = new long[] { padding },
    };
}

/// <summary>The mean of windows of [N, C, L] chosen so that the output has a given length; float32 out.</summary>
/// <param name="outputSize">The length of the output.</param>
public sealed class AdaptiveAvgPool1d(int outputSize) : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        using var cast = new PrecisionCast(ComputePrecision.Float32);
        return cast.Own(cast.In(input).AdaptiveAvgPool1d(outputSize));
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name) => PoolingExport.Adaptive(input, [outputSize]);

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object> { ["output_size"] = new long[] { outputSize } };
}
