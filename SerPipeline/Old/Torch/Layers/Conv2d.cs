using SerPipeline.Old.Torch.Native;
using SerPipeline.Onnx;


namespace SerPipeline.Old.Torch.Layers;

/// <summary>Two-dimensional convolution: [N, in, H, W] to [N, out, H', W']. Initialised as in PyTorch.</summary>
public sealed class Conv2d : Module
{
    private readonly Size2d _kernelSize, _stride, _padding, _dilation;
    private readonly int _groups;

    /// <summary>Creates the layer.</summary>
    /// <param name="inputChannels">Channels of the input.</param>
    /// <param name="outputChannels">Channels of the output.</param>
    /// <param name="kernelSize">The window.</param>
    /// <param name="random">Draws the initial values.</param>
    /// <param name="stride">Steps between windows; 1 when null.</param>
    /// <param name="padding">Zeros added at every side.</param>
    /// <param name="dilation">Steps between kernel points; 1 when null.</param>
    /// <param name="groups">Groups of channels that do not mix; they divide both numbers of channels.</param>
    /// <param name="bias">Whether each output channel has a bias.</param>
    public Conv2d(int inputChannels, int outputChannels, Size2d kernelSize, SeededRandom random, Size2d? stride = null, Size2d padding = default,
        Size2d? dilation = null, int groups = 1, bool bias = true)
    {
        LayerCheck.Channels(nameof(Conv2d), inputChannels, outputChannels, groups);
        TensorCheck.Positive(nameof(Conv2d), nameof(kernelSize), Math.Min(kernelSize.Height, kernelSize.Width));
        (_kernelSize, _stride, _padding, _dilation, _groups) = (kernelSize, stride ?? 1, padding, dilation ?? 1, groups);
        long perGroup = inputChannels / groups, fanIn = perGroup * kernelSize.Height * kernelSize.Width;
        Weight = AddParameter("weight", Initializers.UniformByFanIn(random, fanIn, outputChannels, perGroup, kernelSize.Height, kernelSize.Width));
        if (bias) Bias = AddParameter("bias", Initializers.UniformByFanIn(random, fanIn, outputChannels));
    }

    /// <summary>[out, in / groups, kernel height, kernel width].</summary>
    public Parameter Weight { get; }

    /// <summary>[out], or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var cast = new PrecisionCast(Precision);
        Tensor output = cast.In(input).Conv2d(cast.In(Weight.Value), cast.In(Bias?.Value), _stride, _padding, _dilation, _groups);
        // With channels innermost libtorch 2.10 normalises and pools in vectors; in the plain layout its bfloat16 kernels take one value at a time.
        // A training step of the spectrogram CNN costs a third less processor time so, in float32 too.
        return cast.Own(output.ChannelsLast());
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        OnnxValue[] weights = Bias is null ? ExportWeights(input.Graph, name, "weight") : ExportWeights(input.Graph, name, "weight", "bias");
        long[] padding = _padding.ToArray();
        return input.Graph.Node("Conv", [input, .. weights],
        [
            ("kernel_shape", _kernelSize.ToArray()), ("strides", _stride.ToArray()), ("pads", (long[])[.. padding, .. padding]),
            ("dilations", _dilation.ToArray()), ("group", (long)_groups),
        ]);
    }

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>
    {
        ["in_channels"] = Weight.Value.Size(1) * _groups,
        ["out_channels"] = Weight.Value.Size(0),
        ["kernel_size"] = _kernelSize.ToArray(),
        ["stride"] = _stride.ToArray(),
        ["padding"] = _padding.ToArray(),
        ["dilation"] = _dilation.ToArray(),
        ["groups"] = (long)_groups,
        ["bias"] = Bias is not null,
    };
}
