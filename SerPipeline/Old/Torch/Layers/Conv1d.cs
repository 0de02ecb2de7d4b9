using SerPipeline.Old.Torch.Native;
using SerPipeline.Onnx;


namespace SerPipeline.Old.Torch.Layers;

/// <summary>One-dimensional convolution: [N, in, L] to [N, out, L']. Initialised as in PyTorch.</summary>
public sealed class Conv1d : Module
{
    private readonly int _kernelSize, _stride, _padding, _dilation, _groups;

    /// <summary>Creates the layer.</summary>
    /// <param name="inputChannels">Channels of the input.</param>
    /// <param name="outputChannels">Channels of the output.</param>
    /// <param name="kernelSize">The window's length.</param>
    /// <param name="random">Draws the initial values.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="padding">Zeros added at both ends.</param>
    /// <param name="dilation">Steps between kernel points.</param>
    /// <param name="groups">Groups of channels that do not mix; they divide both numbers of channels.</param>
    /// <param name="bias">Whether each output channel has a bias.</param>
    public Conv1d(int inputChannels, int outputChannels, int kernelSize, SeededRandom random, int stride = 1, int padding = 0, int dilation = 1,
        int groups = 1, bool bias = true)
    {
        LayerCheck.Channels(nameof(Conv1d), inputChannels, outputChannels, groups);
        TensorCheck.Positive(nameof(Conv1d), nameof(kernelSize), kernelSize);
        (_kernelSize, _stride, _padding, _dilation, _groups) = (kernelSize, stride, padding, dilation, groups);
        long perGroup = inputChannels / groups, fanIn = perGroup * kernelSize;
        Weight = AddParameter("weight", Initializers.UniformByFanIn(random, fanIn, outputChannels, perGroup, kernelSize));
        if (bias) Bias = AddParameter("bias", Initializers.UniformByFanIn(random, fanIn, outputChannels));
    }

    /// <summary>[out, in / groups, kernel length].</summary>
    public Parameter Weight { get; }

    /// <summary>[out], or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var cast = new PrecisionCast(Precision);
        return cast.Own(cast.In(input).Conv1d(cast.In(Weight.Value), cast.In(Bias?.Value), _stride, _padding, _dilation, _groups));
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        OnnxValue[] weights = Bias is null ? ExportWeights(input.Graph, name, "weight") : ExportWeights(input.Graph, name, "weight", "bias");
        return input.Graph.Node("Conv", [input, .. weights],
        [
            ("kernel_shape", new long[] { _kernelSize }), ("strides", new long[] { _stride }), ("pads", new long[] { _padding, _padding }),
            ("dilations", new long[] { _dilation }), ("group", (long)_groups),
        ]);
    }

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>
    {
        ["in_channels"] = Weight.Value.Size(1) * _groups,
        ["out_channels"] = Weight.Value.Size(0),
        ["kernel_size"] = new long[] { _kernelSize },
        ["stride"] = new long[] { _stride },
        ["padding"] = new long[] { _padding },
        ["dilation"] = new long[] { _dilation },
        ["groups"] = (long)_groups,
        ["bias"] = Bias is not null,
    };
}
