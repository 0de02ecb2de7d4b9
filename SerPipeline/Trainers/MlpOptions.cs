using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>Options of <c>Trainers.Mlp</c>: a multi-layer perceptron over vectors; standardise them first.</summary>
public sealed record MlpOptions : NeuralTrainerOptions
{
    /// <summary>The defaults: weight decay .05, label smoothing .1, and 25 epochs of which the last is kept.</summary>
    /// <remarks>An epoch chosen on two validation speakers scored worse on new speakers than this schedule, whose length was fixed
    /// before: docs/experiments.md, rows 37 and 42.</remarks>
    public MlpOptions() => (WeightDecay, LabelSmoothing, Epoch) = (0.05, 0.1, 25);

    /// <summary>Units of each hidden layer.</summary>
    public IReadOnlyList<int> HiddenUnits { get; init; } = [256, 128];

    /// <summary>Dropout after each hidden layer.</summary>
    public double Dropout { get; init; } = 0.4;

    private protected override void CheckMore(OptionsCheck check) => CheckSize(check, HiddenUnits, Dropout);

    internal static void CheckSize(OptionsCheck check, IReadOnlyList<int> hiddenUnits, double dropout) => check
        .Require(hiddenUnits is { Count: > 0 and <= 16 } && hiddenUnits.All(u => u is >= 1 and <= 65_536),
            hiddenUnits?.Count ?? 0, "list 1 to 16 layers of 1 to 65536 units", nameof(HiddenUnits))
        .Require(dropout is >= 0 and < 1, dropout, "be at least 0 and below 1", nameof(Dropout));

    internal override string Stage => "Mlp";

    internal override ExampleEncoder CreateEncoder(IReadOnlyList<InputColumn> inputs) => new VectorEncoder(inputs[0].Size);

    internal override nn.Module<Tensor, Tensor> CreateNetwork(IReadOnlyList<InputColumn> inputs, NetworkContext context) =>
        new MlpNetwork(inputs[0].Size, HiddenUnits, context.Classes, Dropout, context.Random);

    internal override NeuralTrainerOptions Copied() => ((MlpOptions)base.Copied()) with { HiddenUnits = [.. HiddenUnits] };
}
