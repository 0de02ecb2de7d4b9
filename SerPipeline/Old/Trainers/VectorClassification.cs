using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Old.Torch.Optimizers;
using SerPipeline.Trainers;


namespace SerPipeline.Old.Trainers;

/// <summary>
/// Options of the networks that read one vector a clip and are trained as plainly as the models they follow. Defaults that differ from other trainers: a
/// constant learning rate, no weight decay, label smoothing or limit on gradients, no validation part, the last epoch kept, float32. The vectors are taken as
/// they are; put a normalisation before for values far from 0.
/// </summary>
public abstract record VectorClassificationOptions : NeuralTrainerOptions
{
    private protected VectorClassificationOptions()
    {
        LearningRateSchedule = LearningRateScheduleKind.Constant;
        GradientClipNorm = 0;
        ValidationSetFraction = 0;
        KeepLastEpoch = true;
        Precision = ComputePrecision.Float32;
    }

    /// <summary>The vector column to learn from, of one length.</summary>
    public override string FeatureColumnName { get; init; } = "Features";

    /// <inheritdoc/>
    public override double LearningRate { get; init; } = 1e-3;

    /// <inheritdoc/>
    public override double WeightDecay { get; init; }

    /// <inheritdoc/>
    public override double LabelSmoothing { get; init; }

    /// <summary>Adam's epsilon, joined before the correction of bias.</summary>
    private protected abstract double Epsilon { get; }

    internal override AdamW CreateOptimizer(Module network) => new(ParameterGroup.Split(network, WeightDecay), LearningRate, epsilon: Epsilon, epsilonHat: true);
}

/// <summary>The base of trainers of networks that read one vector a clip.</summary>
/// <typeparam name="TModel">The trained stage.</typeparam>
public abstract class VectorClassificationTrainer<TModel> : NeuralTrainer<TModel> where TModel : VectorClassificationModel
{
    private readonly string _column;

    private protected VectorClassificationTrainer(SerContext context, VectorClassificationOptions options) : base(context, options) =>
        _column = options.FeatureColumnName;

    private protected override ColumnKind FeatureKind => ColumnKind.Vector;

    private protected override ExampleEncoder CreateEncoder(IReadOnlyList<DataViewType> inputs)
    {
        var vector = (VectorDataViewType)inputs[0];
        if (vector.Size == 0) throw new SchemaException($"{Stage} needs vectors of one length, but column '{_column}' is {vector}.");
        if (vector.Size < LeastInputs) throw new SchemaException($"{Stage} needs vectors of at least {LeastInputs} values, but column '{_column}' is {vector}. Shorten KernelSize or Filters.");
        return new VectorEncoder(vector.Size);
    }

    private protected virtual int LeastInputs => 1;

    private protected sealed override Module CreateNetwork(IReadOnlyList<DataViewType> inputs, int classes, SeededRandom random) =>
        CreateNetwork(((VectorDataViewType)inputs[0]).Size, classes, random);

    private protected sealed override TModel CreateModel(NeuralModelColumns columns, IReadOnlyList<DataViewType> inputs, Module network, TrainingHistory history) =>
        CreateModel(columns, ((VectorDataViewType)inputs[0]).Size, network, history);

    private protected abstract Module CreateNetwork(int inputs, int classes, SeededRandom random);

    private protected abstract TModel CreateModel(NeuralModelColumns columns, int inputs, Module network, TrainingHistory history);
}

/// <summary>A trained network that reads one vector a clip.</summary>
public abstract class VectorClassificationModel : NeuralModel
{
    private readonly int _inputs;

    private protected VectorClassificationModel(SerContext context, NeuralModelColumns columns, int inputs, Module network, TrainingHistory history)
        : base(context, columns, network, history) => _inputs = inputs;

    private protected abstract object StoredSettings { get; }

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.SetOptions(StoredSettings);
        SaveNetwork(stage);
    }

    /// <inheritdoc/>
    protected internal override RowMapper Bind(DataViewSchema schema)
    {
        (int index, VectorDataViewType type) = Find<VectorDataViewType>(schema, Columns.Feature);
        if (type.Size != _inputs)
            throw new SchemaException($"{StageName} was trained on vectors of {_inputs}, but column '{Columns.Feature}' is {type}.");
        return new ScoreMapper<VBuffer<float>>(index, OutputColumns(), vector => Score(vector.GetValues(), [1, _inputs]));
    }

    private protected static void RequireInputs(OptionsCheck check, int inputs, int least = 1) =>
        check.Require(inputs >= least && inputs <= 1_000_000, inputs, $"be between {least} and 1000000", "Inputs").ThrowIfAny();

    /// <summary>Fills a network with the stored weights; its first ones are overwritten, so any seed will do for it.</summary>
    private protected static TModel Load<TModel>(StageContent stage, double leastParameters, Func<Module> create, Func<Module, TrainingHistory, TModel> wrap)
    {
        RequireWeights(stage, leastParameters);
        Module network = create();
        try
        {
            return wrap(network, LoadNetwork(stage, network));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
