using SerPipeline.Old.Torch.Native;
using SerPipeline.Onnx;


namespace SerPipeline.Old.Torch.Layers;

/// <summary>x @ weightᵀ + bias over the last dimension; float32 out. Initialised as in PyTorch.</summary>
public sealed class Linear : Module
{
    /// <summary>Creates the layer.</summary>
    /// <param name="inputFeatures">Length of the last dimension of the input.</param>
    /// <param name="outputFeatures">Length of the last dimension of the output.</param>
    /// <param name="random">Draws the initial values.</param>
    /// <param name="bias">Whether each output has a bias.</param>
    public Linear(int inputFeatures, int outputFeatures, SeededRandom random, bool bias = true)
    {
        TensorCheck.Positive(nameof(Linear), nameof(inputFeatures), inputFeatures);
        TensorCheck.Positive(nameof(Linear), nameof(outputFeatures), outputFeatures);
        Weight = AddParameter("weight", Initializers.UniformByFanIn(random, inputFeatures, outputFeatures, inputFeatures));
        if (bias) Bias = AddParameter("bias", Initializers.UniformByFanIn(random, inputFeatures, outputFeatures));
    }

    /// <summary>[out, in].</summary>
    public Parameter Weight { get; }

    /// <summary>[out], or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var cast = new PrecisionCast(Precision);
        return cast.OwnFloat32(cast.In(input).Linear(cast.In(Weight.Value), cast.In(Bias?.Value)));
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        OnnxValue product = input.MatMul(ExportWeight(input.Graph, name, "weight").Transpose(1, 0));
        return Bias is null ? product : product + ExportWeight(input.Graph, name, "bias");
    }

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>
    {
        ["in_features"] = Weight.Value.Size(1),
        ["out_features"] = Weight.Value.Size(0),
        ["bias"] = Bias is not null,
    };
}
