using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Trainers;


namespace SerPipeline.Old.Trainers;

/// <summary>Options of <see cref="MlpTrainer"/>.</summary>
public sealed record MlpOptions : NeuralTrainerOptions
{
    /// <summary>The vector column to learn from; standardise it first.</summary>
    public override string FeatureColumnName { get; init; } = "Features";

    /// <inheritdoc/>
    public override int Epoch { get; init; } = 60;

    /// <inheritdoc/>
    public override double LearningRate { get; init; } = 1e-3;

    /// <inheritdoc/>
    public override double WeightDecay { get; init; } = 0.05;

    /// <inheritdoc/>
    public override double LabelSmoothing { get; init; } = 0.1;

    /// <summary>Units of each hidden layer.</summary>
    public IReadOnlyList<int> HiddenUnits { get; init; } = [256, 128];

    /// <summary>Dropout after each hidden layer.</summary>
    public double Dropout { get; init; } = 0.4;

    private protected override void CheckMore(OptionsCheck check) => CheckSize(check, HiddenUnits, Dropout);

    internal static void CheckSize(OptionsCheck check, IReadOnlyList<int> hiddenUnits, double dropout) => check
        .Require(hiddenUnits is { Count: > 0 and <= 16 } && hiddenUnits.All(u => u is >= 1 and <= 65_536), hiddenUnits?.Count ?? 0, "list 1 to 16 layers of 1 to 65536 units", nameof(HiddenUnits))
        .Require(dropout is >= 0 and < 1, dropout, "be at least 0 and below 1", nameof(Dropout));
}

/// <summary>Trains a multi-layer perceptron on vectors.</summary>
public sealed class MlpTrainer : NeuralTrainer<MlpModel>
{
    private readonly MlpOptions _options;

    // A copy of the list: the caller may go on changing his own.
    internal MlpTrainer(SerContext context, MlpOptions options) : base(context, options) => _options = options with { HiddenUnits = [.. options.HiddenUnits] };

    private protected override string Stage => MlpModel.Name;

    private protected override ColumnKind FeatureKind => ColumnKind.Vector;

    private protected override ExampleEncoder CreateEncoder(IReadOnlyList<DataViewType> inputs)
    {
        var vector = (VectorDataViewType)inputs[0];
        return vector.Size > 0
            ? new VectorEncoder(vector.Size)
            : throw new SchemaException($"{Stage} needs vectors of one length, but column '{_options.FeatureColumnName}' is {vector}.");
    }

    private protected override Module CreateNetwork(IReadOnlyList<DataViewType> inputs, int classes, SeededRandom random) =>
        MlpNetwork.Create(((VectorDataViewType)inputs[0]).Size, _options.HiddenUnits, classes, _options.Dropout, random);

    private protected override MlpModel CreateModel(NeuralModelColumns columns, IReadOnlyList<DataViewType> inputs, Module network, TrainingHistory history) =>
        new(Context, new MlpModel.Settings(columns, ((VectorDataViewType)inputs[0]).Size, _options.HiddenUnits, _options.Dropout), network, history);
}

/// <summary>A trained multi-layer perceptron.</summary>
public sealed class MlpModel : NeuralModel
{
    internal const string Name = "Mlp";

    private readonly Settings _settings;

    internal MlpModel(SerContext context, Settings settings, Module network, TrainingHistory history) : base(context, settings.Columns, network, history) =>
        _settings = settings;

    /// <inheritdoc/>
    public override string StageName => Name;

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.SetOptions(_settings);
        SaveNetwork(stage);
    }

    internal static MlpModel Load(StageContent stage, SerContext context)
    {
        Settings settings = stage.GetOptions<Settings>();
        settings.Columns.Check(Name);
        var check = new OptionsCheck(Name);
        MlpOptions.CheckSize(check, settings.HiddenUnits, settings.Dropout);
        check.Require(settings.Inputs is >= 1 and <= 1_000_000, settings.Inputs, "be between 1 and 1000000").ThrowIfAny();
        RequireWeights(stage, MlpNetwork.ParameterCount(settings.Inputs, settings.HiddenUnits, settings.Columns.Labels.Count));
        // The first weights are overwritten at once; any seed will do.
        Module network = MlpNetwork.Create(settings.Inputs, settings.HiddenUnits, settings.Columns.Labels.Count, settings.Dropout, new SeededRandom(0));
        try
        {
            return new MlpModel(context, settings, network, LoadNetwork(stage, network));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected internal override RowMapper Bind(DataViewSchema schema)
    {
        (int index, VectorDataViewType type) = Find<VectorDataViewType>(schema, Columns.Feature);
        if (type.Size != _settings.Inputs)
            throw new SchemaException($"{Name} was trained on vectors of {_settings.Inputs}, but column '{Columns.Feature}' is {type}.");
        return new ScoreMapper<VBuffer<float>>(index, OutputColumns(), vector => Score(vector.GetValues(), [1, _settings.Inputs]));
    }

    internal sealed record Settings(NeuralModelColumns Columns, int Inputs, IReadOnlyList<int> HiddenUnits, double Dropout);
}
