using SerPipeline.Torch;
using SerPipeline.Torch.Layers;

namespace SerPipeline.Trainers;

/// <summary>Makes every pair of channel and frequency a feature over time: [n, channels, height, width] to [n, channels * height, width].</summary>
internal sealed class FlattenFrequency : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Reshape(input.Size(0), input.Size(1) * input.Size(2), input.Size(3));
}
