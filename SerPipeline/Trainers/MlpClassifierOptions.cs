using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>
/// Options of <c>Trainers.MlpClassifier</c>, after scikit-learn's MLPClassifier (Pedregosa et al. 2011). The sizes are those of the RAVDESS
/// baseline:
/// scikit-learn's own defaults but for an L2 term of 1e-3 where it takes 1e-4.
/// </summary>
public sealed record MlpClassifierOptions : VectorClassificationOptions
{
    /// <summary>The defaults: at most 200 epochs (scikit-learn: max_iter) of batches of 200.</summary>
    public MlpClassifierOptions() => (Epoch, BatchSize) = (200, 200);

    /// <summary>Units of each hidden layer (scikit-learn: hidden_layer_sizes).</summary>
    public IReadOnlyList<int> HiddenUnits { get; init; } = [100];

    /// <summary>
    /// L2 regularisation (scikit-learn: alpha): half of it over the examples of the step, times the sum of squared weights without biases,
    /// is added to the loss;
    /// so a weight w adds alpha w / n to its gradient, before Adam scales it. The reported training loss holds the term.
    /// </summary>
    public double L2Regularization { get; init; } = 1e-3;

    /// <summary>By how much the training loss must fall below its least value to count as improvement (scikit-learn: tol).</summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>
    /// Training ends after more than so many epochs in a row without improvement of the training loss (scikit-learn: n_iter_no_change); the
    /// last epoch is kept.
    /// </summary>
    public int NoChangeEpochs { get; init; } = 10;

    internal override double L2Penalty => L2Regularization;

    internal override double Epsilon => 1e-8;

    internal override TrainingLossMonitor CreateTrainingLossMonitor() => new(Tolerance, NoChangeEpochs);

    private protected override void CheckMore(OptionsCheck check)
    {
        MlpOptions.CheckSize(check, HiddenUnits, 0);
        check.Require(L2Regularization >= 0 && double.IsFinite(L2Regularization), L2Regularization, "be 0 or more")
            .Require(Tolerance >= 0 && double.IsFinite(Tolerance), Tolerance, "be 0 or more")
            .Require(NoChangeEpochs is >= 1 and <= 100_000, NoChangeEpochs, "be between 1 and 100000");
    }

    internal override string Stage => "MlpClassifier";

    internal override nn.Module<Tensor, Tensor> CreateNetwork(IReadOnlyList<InputColumn> inputs, NetworkContext context) =>
        new MlpClassifierNetwork(inputs[0].Size, HiddenUnits, context.Classes, context.Random);

    internal override NeuralTrainerOptions Copied() => ((MlpClassifierOptions)base.Copied()) with { HiddenUnits = [.. HiddenUnits] };
}
