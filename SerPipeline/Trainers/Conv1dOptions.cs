using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>
/// Options of <c>Trainers.Conv1d</c>, after a Keras model (Chollet et al. 2015) over 40 mean MFCCs. Adam's epsilon is Keras' 1e-7.
/// </summary>
public sealed record Conv1dOptions : VectorClassificationOptions
{
    /// <summary>The defaults: 100 epochs of batches of 50.</summary>
    public Conv1dOptions() => (Epoch, BatchSize) = (100, 50);

    /// <summary>
    /// Filters of each convolution. The first keeps the length ("same" padding), each further one shortens it by <see cref="KernelSize"/> -
    /// 1 ("valid"). ReLU follows
    /// every one but the last, batch normalisation the last.
    /// </summary>
    public IReadOnlyList<int> Filters { get; init; } = [16, 8, 8];

    /// <summary>Points of every kernel; odd, so that the first convolution is padded alike at both ends.</summary>
    public int KernelSize { get; init; } = 5;

    internal override double Epsilon => 1e-7;

    private protected override void CheckMore(OptionsCheck check) => check
        // Batch normalisation needs a variance; a last batch of one joins the one before.
        .Require(BatchSize != 1, BatchSize, "be at least 2, for batch normalisation")
        .Require(Filters is { Count: > 0 and <= 16 } && Filters.All(f => f is >= 1 and <= 4096),
            Filters?.Count ?? 0, "list 1 to 16 convolutions of 1 to 4096 filters", nameof(Filters))
        .Require(KernelSize is >= 1 and <= 1023 && KernelSize % 2 == 1, KernelSize, "be odd and between 1 and 1023");

    internal override string Stage => "Conv1d";

    internal override int LeastExamples => 2;

    // The shortest vector of which every convolution leaves something.
    private protected override int LeastInputs => Conv1dNetwork.LeastInputs(Filters, KernelSize);

    internal override nn.Module<Tensor, Tensor> CreateNetwork(IReadOnlyList<InputColumn> inputs, NetworkContext context) =>
        new Conv1dNetwork(inputs[0].Size, Filters, KernelSize, context.Classes, context.Random);

    internal override NeuralTrainerOptions Copied() => ((Conv1dOptions)base.Copied()) with { Filters = [.. Filters] };
}
