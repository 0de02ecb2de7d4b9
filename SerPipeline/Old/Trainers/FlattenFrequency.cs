using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Onnx;


namespace SerPipeline.Old.Trainers;

/// <summary>Makes every pair of channel and frequency a feature of a sequence over time: [n, channels, height, width] to [n, width, channels * height].</summary>
internal sealed class FlattenFrequency : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        input.Permute(0, 3, 1, 2).Reshape(input.Size(0), input.Size(3), input.Size(1) * input.Size(2));

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name) => input.Transpose(0, 3, 1, 2).Reshape(0, 0, -1);
}
