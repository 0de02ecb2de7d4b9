using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Trainers;


namespace SerPipeline.Old.Trainers;

/// <summary>
/// Options of <see cref="MlpClassifierTrainer"/>, after scikit-learn's MLPClassifier (Pedregosa et al. 2011). The sizes are those of the RAVDESS baseline:
/// scikit-learn's own defaults but for an L2 term of 1e-3 where it takes 1e-4.
/// </summary>
public sealed record MlpClassifierOptions : VectorClassificationOptions
{
    /// <summary>The defaults.</summary>
    public MlpClassifierOptions() => BatchSize = 200;

    /// <summary>The most passes over the training examples (scikit-learn: max_iter).</summary>
    public override int Epoch { get; init; } = 200;

    /// <summary>Units of each hidden layer (scikit-learn: hidden_layer_sizes).</summary>
    public IReadOnlyList<int> HiddenUnits { get; init; } = [100];

    /// <summary>
    /// L2 regularisation (scikit-learn: alpha): half of it over the examples of the step, times the sum of squared weights without biases, is added to the loss;
    /// so a weight w adds alpha w / n to its gradient, before Adam scales it. The reported training loss holds the term.
    /// </summary>
    public double L2Regularization { get; init; } = 1e-3;

    /// <summary>By how much the training loss must fall below its least value to count as improvement (scikit-learn: tol).</summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>Training ends after more than so many epochs in a row without improvement of the training loss (scikit-learn: n_iter_no_change); the last epoch is kept.</summary>
    public int NoChangeEpochs { get; init; } = 10;

    internal override double L2Penalty => L2Regularization;

    private protected override double Epsilon => 1e-8;

    internal override TrainingLossMonitor CreateTrainingLossMonitor() => new(Tolerance, NoChangeEpochs);

    private protected override void CheckMore(OptionsCheck check)
    {
        MlpOptions.CheckSize(check, HiddenUnits, 0);
        check.Require(L2Regularization >= 0 && double.IsFinite(L2Regularization), L2Regularization, "be 0 or more")
            .Require(Tolerance >= 0 && double.IsFinite(Tolerance), Tolerance, "be 0 or more")
            .Require(NoChangeEpochs is >= 1 and <= 100_000, NoChangeEpochs, "be between 1 and 100000");
    }
}

/// <summary>
/// Trains a multi-layer perceptron of ReLU layers as scikit-learn's MLPClassifier: Adam (Kingma and Ba 2015) on shuffled mini-batches, an L2 term in the loss, ended
/// by the training loss. First weights and biases are uniform within the Glorot bound of their layer.
/// </summary>
public sealed class MlpClassifierTrainer : VectorClassificationTrainer<MlpClassifierModel>
{
    private readonly MlpClassifierOptions _options;

    // A copy of the list: the caller may go on changing his own.
    internal MlpClassifierTrainer(SerContext context, MlpClassifierOptions options) : base(context, options) => _options = options with { HiddenUnits = [.. options.HiddenUnits] };

    private protected override string Stage => MlpClassifierModel.Name;

    private protected override Module CreateNetwork(int inputs, int classes, SeededRandom random) => MlpClassifierModel.CreateNetwork(inputs, _options.HiddenUnits, classes, random);

    private protected override MlpClassifierModel CreateModel(NeuralModelColumns columns, int inputs, Module network, TrainingHistory history) =>
        new(Context, new MlpClassifierModel.Settings(columns, inputs, _options.HiddenUnits), network, history);
}

/// <summary>A multi-layer perceptron trained as by scikit-learn.</summary>
public sealed class MlpClassifierModel : VectorClassificationModel
{
    internal const string Name = "MlpClassifier";

    private readonly Settings _settings;

    internal MlpClassifierModel(SerContext context, Settings settings, Module network, TrainingHistory history)
        : base(context, settings.Columns, settings.Inputs, network, history) => _settings = settings;

    /// <inheritdoc/>
    public override string StageName => Name;

    private protected override object StoredSettings => _settings;

    /// <returns>A network from [n, inputs] to scores [n, classes].</returns>
    internal static Module CreateNetwork(int inputs, IReadOnlyList<int> hidden, int classes, SeededRandom random)
    {
        var layers = new List<(string, Module)>();
        int width = inputs;
        for (int i = 0; i < hidden.Count; i++)
        {
            layers.Add(($"hidden{i + 1}", new Linear(width, hidden[i], random)));
            layers.Add(($"relu{i + 1}", new ReLU()));
            width = hidden[i];
        }
        layers.Add(("classifier", new Linear(width, classes, random)));
        var network = new Sequential([.. layers]);
        NetworkInitialization.AsScikitLearn(network, random.Fork("initialization"));
        return network;
    }

    internal static MlpClassifierModel Load(StageContent stage, SerContext context)
    {
        Settings settings = stage.GetOptions<Settings>();
        settings.Columns.Check(Name);
        var check = new OptionsCheck(Name);
        MlpOptions.CheckSize(check, settings.HiddenUnits, 0);
        RequireInputs(check, settings.Inputs);
        int classes = settings.Columns.Labels.Count;
        return Load(stage, MlpNetwork.ParameterCount(settings.Inputs, settings.HiddenUnits, classes),
            () => CreateNetwork(settings.Inputs, settings.HiddenUnits, classes, new SeededRandom(0)), (network, history) => new MlpClassifierModel(context, settings, network, history));
    }

    internal sealed record Settings(NeuralModelColumns Columns, int Inputs, IReadOnlyList<int> HiddenUnits);
}
