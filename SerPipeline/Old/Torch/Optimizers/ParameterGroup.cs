using SerPipeline.Old.Torch.Layers;


namespace SerPipeline.Old.Torch.Optimizers;

/// <summary>
/// Parameters that are optimized with the same settings. Decay is off unless asked for (PyTorch's AdamW defaults to 0.01), and it also draws on
/// parameters that no gradient reached in a step.
/// </summary>
/// <param name="Parameters">The parameters under their names in the network.</param>
/// <param name="WeightDecay">How strongly values are drawn towards 0, at least 0 (PyTorch: weight_decay).</param>
/// <param name="LearningRateFactor">Times the optimizer's learning rate, at least 0.</param>
public sealed record ParameterGroup(IReadOnlyList<KeyValuePair<string, Parameter>> Parameters, double WeightDecay = 0, double LearningRateFactor = 1)
{
    /// <summary>The parameters of a network, with weight decay for matrices and kernels, and none for biases and normalisation (one dimension) unless asked for.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weightDecay">How strongly values are drawn towards 0.</param>
    /// <param name="decayBiasAndNorm">Whether one-dimensional parameters decay too.</param>
    public static IReadOnlyList<ParameterGroup> Split(Module network, double weightDecay, bool decayBiasAndNorm = false)
    {
        ArgumentNullException.ThrowIfNull(network);
        KeyValuePair<string, Parameter>[] all = [.. network.NamedParameters()];
        if (decayBiasAndNorm) return [new ParameterGroup(all, weightDecay)];
        ParameterGroup[] groups =
        [
            new([.. all.Where(named => named.Value.Value.Rank > 1)], weightDecay),
            new([.. all.Where(named => named.Value.Value.Rank <= 1)]),
        ];
        return [.. groups.Where(group => group.Parameters.Count > 0)];
    }
}
