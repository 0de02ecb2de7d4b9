using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Onnx;


namespace SerPipeline.Old.Trainers;

/// <summary>Adds a dimension of length 1: [n, length] to [n, 1, length] or [n, length, 1].</summary>
/// <param name="dimension">Where it lies afterwards.</param>
internal sealed class Unsqueeze(int dimension) : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Unsqueeze(dimension);

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name) => input.Unsqueeze(dimension);

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object> { ["dim"] = (long)dimension };
}

/// <summary>The last step of a sequence: [n, steps, features] to [n, features].</summary>
internal sealed class LastStep : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        using TensorScope scope = TensorScope.New();
        return scope.MoveToOuter(input.Narrow(1, input.Size(1) - 1, 1).Reshape(input.Size(0), input.Size(2)));
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name) => input.Gather(input.Graph.Scalar(-1, OnnxType.Int64), 1);
}
