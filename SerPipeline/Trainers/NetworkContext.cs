namespace SerPipeline.Trainers;

/// <summary>What a network is built for.</summary>
/// <param name="Labels">What the classes are called, in the order of the network's outputs.</param>
/// <param name="Shape">The shape of one example, without the batch: [n], or [1, height, width] for pixels.</param>
/// <param name="Random">Draws that the trainer's seed decides, for first weights.</param>
public sealed record NetworkContext(IReadOnlyList<string> Labels, IReadOnlyList<long> Shape, SeededRandom Random)
{
    /// <summary>Outputs of the network: it takes [batch, ..<see cref="Shape"/>] and must return raw scores [batch, Classes].</summary>
    public int Classes => Labels.Count;
}
