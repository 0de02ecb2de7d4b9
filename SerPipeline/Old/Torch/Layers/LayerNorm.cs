using SerPipeline.Old.Torch.Native;
using SerPipeline.Onnx;


namespace SerPipeline.Old.Torch.Layers;

/// <summary>Layer normalisation (Ba et al. 2016) over the last dimension; float32 out.</summary>
public sealed class LayerNorm : Module
{
    private readonly double _epsilon;
    private readonly Parameter _weight, _bias;

    /// <summary>Creates the layer.</summary>
    /// <param name="features">Length of the last dimension.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public LayerNorm(int features, double epsilon = 1e-5)
    {
        TensorCheck.Positive(nameof(LayerNorm), nameof(features), features);
        _epsilon = epsilon;
        _weight = AddParameter("weight", Tensor.Full(1, features));
        _bias = AddParameter("bias", Tensor.Zeros(features));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var cast = new PrecisionCast(ComputePrecision.Float32);
        return cast.Own(cast.In(input).LayerNorm(_weight.Value.Shape, _weight.Value, _bias.Value, _epsilon));
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Graph.Node("LayerNormalization", [input, ExportWeight(input.Graph, name, "weight"), ExportWeight(input.Graph, name, "bias")],
            [("axis", -1L), ("epsilon", (float)_epsilon)]);
    }

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>
    {
        ["normalized_shape"] = _weight.Value.Shape.ToArray(),
        ["eps"] = _epsilon,
    };
}
