using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>
/// Options of <c>Trainers.Lstm</c>, after a Keras model (Chollet et al. 2015) over 40 mean MFCCs. Adam's epsilon is Keras' 1e-7.
/// </summary>
public sealed record LstmOptions : VectorClassificationOptions
{
    /// <summary>The defaults: 100 epochs.</summary>
    public LstmOptions() => Epoch = 100;

    /// <summary>Units of each LSTM layer; each passes its whole sequence on, the last its last step.</summary>
    public IReadOnlyList<int> Units { get; init; } = [64, 32];

    /// <summary>Units of the dense ReLU layer behind them.</summary>
    public int DenseUnits { get; init; } = 32;

    /// <summary>Dropout after the dense layer.</summary>
    public double Dropout { get; init; } = 0.1;

    internal override double Epsilon => 1e-7;

    private protected override void CheckMore(OptionsCheck check) => check
        .Require(Units is { Count: > 0 and <= 16 } && Units.All(u => u is >= 1 and <= 1024), Units?.Count ?? 0,
        "list 1 to 16 layers of 1 to 1024 units", nameof(Units))
        .Require(DenseUnits is >= 1 and <= 65_536, DenseUnits, "be between 1 and 65536")
        .Require(Dropout is >= 0 and < 1, Dropout, "be at least 0 and below 1");

    internal override string Stage => "Lstm";

    internal override nn.Module<Tensor, Tensor> CreateNetwork(IReadOnlyList<InputColumn> inputs, NetworkContext context) =>
        new LstmNetwork(Units, DenseUnits, Dropout, context.Classes, context.Random);

    internal override NeuralTrainerOptions Copied() => ((LstmOptions)base.Copied()) with { Units = [.. Units] };
}
