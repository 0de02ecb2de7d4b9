using SerPipeline.Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SerPipeline.Networks;

/// <summary>
/// A convolution that draws its first weights from a seeded generator of its own, as PyTorch distributes them, computes in bfloat16 where
/// that is faster, and is safe from the wrong values that oneDNN gives on some processors. Weights stay float32.
/// </summary>
public abstract class ConvolutionLayer : WeightedLayer
{
    private readonly long[] _kernel, _stride, _padding, _dilation;
    private readonly long _groups;

    private protected ConvolutionLayer(string name, long inputs, long outputs, long[] kernel, SeededRandom random, long[] stride,
        long[] padding, long[] dilation, long groups, bool bias)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(random);
        new OptionsCheck(name).Require(inputs >= 1, inputs, "be at least 1").Require(outputs >= 1, outputs, "be at least 1")
            .Require(groups >= 1 && inputs % groups == 0 && outputs % groups == 0, groups, $"divide {inputs} inputs and {outputs} outputs")
            .Require(kernel.Min() >= 1, kernel.Min(), "be at least 1", nameof(kernel))
            .Require(stride.Min() >= 1, stride.Min(), "be at least 1", nameof(stride))
            .Require(padding.Min() >= 0, padding.Min(), "be 0 or more", nameof(padding))
            .Require(dilation.Min() >= 1, dilation.Min(), "be at least 1", nameof(dilation)).ThrowIfAny();
        (_kernel, _stride, _padding, _dilation, _groups) = (kernel, stride, padding, dilation, groups);
        Draw(random, kernel.Aggregate(inputs / groups, (a, b) => a * b), bias, [outputs, inputs / groups, .. kernel]);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = Precision.TypeFor(input);
        Tensor x = input.As(type), weight = Weight.As(type);
        Tensor? bias = Bias?.As(type);
        long outputs = weight.shape[0];
        bool fits = _groups > 1 || x.device_type != DeviceType.CPU || ChannelPadding.Fits(x.shape[1], outputs, type);
        if (!fits) (x, weight, bias) = ChannelPadding.Pad(x, weight, bias);
        Tensor output = _kernel.Length == 2 ? functional.conv2d(x, weight, bias, _stride, _padding, _dilation, _groups)
            : functional.conv1d(x, weight, bias, _stride[0], _padding[0], _dilation[0], _groups);
        if (!fits) output = output.narrow(1, 0, outputs);
        // With channels innermost libtorch 2.10 normalises and pools in vectors; in the plain layout its bfloat16 kernels take one value
        // at a time. A training step of the spectrogram CNN costs a third less processor time so, in float32 too. Every later layer keeps
        // the layout.
        if (_kernel.Length == 2) output = output.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        return output.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override OnnxValue ToOnnx(OnnxValue input, string name) =>
        NetworkOnnx.Convolution(input, name, Weight, Bias, _stride, _padding, _padding, _dilation, _groups);

    private protected override string Kind => $"Conv{_kernel.Length}d";

    private protected override IReadOnlyDictionary<string, object> HyperParameters => new Dictionary<string, object>
    {
        ["in_channels"] = Weight.shape[1] * _groups,
        ["out_channels"] = Weight.shape[0],
        ["kernel_size"] = _kernel,
        ["stride"] = _stride,
        ["padding"] = _padding,
        ["dilation"] = _dilation,
        ["groups"] = _groups,
        ["bias"] = Bias is not null,
    };
}

/// <summary>Two-dimensional convolution: [n, inputs, h, w] to [n, outputs, h', w'], with PyTorch's parameters.</summary>
/// <param name="inputs">Channels of the input.</param>
/// <param name="outputs">Channels of the output.</param>
/// <param name="kernel">Height and width of the window.</param>
/// <param name="random">Draws the first weights.</param>
/// <param name="stride">Steps between windows.</param>
/// <param name="padding">Zeros added at every side.</param>
/// <param name="dilation">Steps between points of the kernel.</param>
/// <param name="groups">Groups of channels that do not mix.</param>
/// <param name="bias">Whether each output channel has a bias.</param>
/// <exception cref="OptionsException">A size is not positive, or the groups do not divide the channels.</exception>
public sealed class Conv2dLayer(int inputs, int outputs, int kernel, SeededRandom random, int stride = 1, int padding = 0,
    int dilation = 1, int groups = 1, bool bias = true)
    : ConvolutionLayer(nameof(Conv2dLayer), inputs, outputs, [kernel, kernel], random, [stride, stride], [padding, padding],
        [dilation, dilation], groups, bias);

/// <summary>One-dimensional convolution: [n, inputs, length] to [n, outputs, length'], with PyTorch's parameters.</summary>
/// <param name="inputs">Channels of the input.</param>
/// <param name="outputs">Channels of the output.</param>
/// <param name="kernel">The window's length.</param>
/// <param name="random">Draws the first weights.</param>
/// <param name="stride">Steps between windows.</param>
/// <param name="padding">Zeros added at both ends.</param>
/// <param name="dilation">Steps between points of the kernel.</param>
/// <param name="groups">Groups of channels that do not mix.</param>
/// <param name="bias">Whether each output channel has a bias.</param>
/// <exception cref="OptionsException">A size is not positive, or the groups do not divide the channels.</exception>
public sealed class Conv1dLayer(int inputs, int outputs, int kernel, SeededRandom random, int stride = 1, int padding = 0,
    int dilation = 1, int groups = 1, bool bias = true)
    : ConvolutionLayer(nameof(Conv1dLayer), inputs, outputs, [kernel], random, [stride], [padding], [dilation], groups, bias);
