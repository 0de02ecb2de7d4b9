using SerPipeline.Onnx;

namespace SerPipeline.Old.Torch.Layers;

/// <summary>Joins all dimensions from one on into one.</summary>
/// <param name="startDimension">The first dimension joined.</param>
public sealed class Flatten(int startDimension = 1) : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Flatten(startDimension);

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        // 0 keeps a length, -1 joins the rest.
        return input.Reshape([.. Enumerable.Repeat(0L, startDimension), -1]);
    }

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object> { ["start_dim"] = (long)startDimension };
}
