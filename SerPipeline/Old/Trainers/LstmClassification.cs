using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Trainers;


namespace SerPipeline.Old.Trainers;

/// <summary>
/// Options of <see cref="LstmClassificationTrainer"/>, after a Keras model (Chollet et al. 2015) over 40 mean MFCCs. Adam's epsilon is Keras' 1e-7.
/// </summary>
public sealed record LstmClassificationOptions : VectorClassificationOptions
{
    /// <inheritdoc/>
    public override int Epoch { get; init; } = 100;

    /// <summary>Units of each LSTM layer; each passes its whole sequence on, the last its last step.</summary>
    public IReadOnlyList<int> Units { get; init; } = [64, 32];

    /// <summary>Units of the dense ReLU layer behind them.</summary>
    public int DenseUnits { get; init; } = 32;

    /// <summary>Dropout after the dense layer.</summary>
    public double Dropout { get; init; } = 0.1;

    private protected override double Epsilon => 1e-7;

    private protected override void CheckMore(OptionsCheck check) => CheckSize(check, Units, DenseUnits, Dropout);

    internal static void CheckSize(OptionsCheck check, IReadOnlyList<int> units, int denseUnits, double dropout) => check
        .Require(units is { Count: > 0 and <= 16 } && units.All(u => u is >= 1 and <= 1024), units?.Count ?? 0, "list 1 to 16 layers of 1 to 1024 units", nameof(Units))
        .Require(denseUnits is >= 1 and <= 65_536, denseUnits, "be between 1 and 65536", nameof(DenseUnits))
        .Require(dropout is >= 0 and < 1, dropout, "be at least 0 and below 1", nameof(Dropout));
}

/// <summary>
/// Trains an LSTM (Hochreiter and Schmidhuber 1997) that reads a vector's values one after another, then a dense ReLU layer, dropout and a dense layer with
/// softmax. First weights are drawn as in Keras: Glorot uniform kernels, orthogonal recurrent kernels, biases 0 but 1 for the forget gate; one bias a gate is trained.
/// </summary>
public sealed class LstmClassificationTrainer : VectorClassificationTrainer<LstmClassificationModel>
{
    private readonly LstmClassificationOptions _options;

    // A copy of the list: the caller may go on changing his own.
    internal LstmClassificationTrainer(SerContext context, LstmClassificationOptions options) : base(context, options) => _options = options with { Units = [.. options.Units] };

    private protected override string Stage => LstmClassificationModel.Name;

    private protected override Module CreateNetwork(int inputs, int classes, SeededRandom random) =>
        LstmClassificationModel.CreateNetwork(_options.Units, _options.DenseUnits, _options.Dropout, classes, random);

    private protected override LstmClassificationModel CreateModel(NeuralModelColumns columns, int inputs, Module network, TrainingHistory history) =>
        new(Context, new LstmClassificationModel.Settings(columns, inputs, _options.Units, _options.DenseUnits, _options.Dropout), network, history);
}

/// <summary>A trained LSTM over a vector's values.</summary>
public sealed class LstmClassificationModel : VectorClassificationModel
{
    internal const string Name = "LstmClassification";

    private readonly Settings _settings;

    internal LstmClassificationModel(SerContext context, Settings settings, Module network, TrainingHistory history)
        : base(context, settings.Columns, settings.Inputs, network, history) => _settings = settings;

    /// <inheritdoc/>
    public override string StageName => Name;

    private protected override object StoredSettings => _settings;

    /// <returns>A network from [n, inputs], of any number of inputs, to scores [n, classes].</returns>
    internal static Module CreateNetwork(IReadOnlyList<int> units, int denseUnits, double dropout, int classes, SeededRandom random)
    {
        List<(string, Module)> layers = [("unsqueeze", new Unsqueeze(2))];
        int width = 1;
        for (int i = 0; i < units.Count; i++)
        {
            layers.Add(($"lstm{i + 1}", new LSTM(width, units[i], random)));
            width = units[i];
        }
        layers.Add(("last", new LastStep()));
        layers.Add(("dense", new Linear(width, denseUnits, random)));
        layers.Add(("relu", new ReLU()));
        layers.Add(("dropout", new Dropout(dropout, random.Fork("dropout"))));
        layers.Add(("classifier", new Linear(denseUnits, classes, random)));
        var network = new Sequential([.. layers]);
        NetworkInitialization.AsKeras(network, random.Fork("initialization"));
        return network;
    }

    internal static LstmClassificationModel Load(StageContent stage, SerContext context)
    {
        Settings settings = stage.GetOptions<Settings>();
        settings.Columns.Check(Name);
        var check = new OptionsCheck(Name);
        LstmClassificationOptions.CheckSize(check, settings.Units, settings.DenseUnits, settings.Dropout);
        RequireInputs(check, settings.Inputs);
        int classes = settings.Columns.Labels.Count;
        return Load(stage, ParameterCount(settings, classes), () => CreateNetwork(settings.Units, settings.DenseUnits, settings.Dropout, classes, new SeededRandom(0)),
            (network, history) => new LstmClassificationModel(context, settings, network, history));
    }

    // With both biases of every gate, as stored; a double, for sizes that no memory holds.
    private static double ParameterCount(Settings settings, int classes)
    {
        double count = 0, width = 1;
        foreach (int units in settings.Units)
        {
            count += 4.0 * units * (width + units + 2);
            width = units;
        }
        return count + ((width + 1) * settings.DenseUnits) + ((settings.DenseUnits + 1.0) * classes);
    }

    internal sealed record Settings(NeuralModelColumns Columns, int Inputs, IReadOnlyList<int> Units, int DenseUnits, double Dropout);
}
