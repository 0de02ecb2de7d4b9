using SerPipeline.Pipeline;
using SerPipeline.Torch.Layers;

namespace SerPipeline.Trainers;

/// <summary>The base of trainers: checks columns, reads the examples, runs the training loop, and wraps the network as a stage.</summary>
/// <typeparam name="TModel">The trained stage.</typeparam>
public abstract class NeuralTrainer<TModel> : IEstimator<TModel> where TModel : NeuralModel
{
    private readonly NeuralTrainerOptions _options;

    private protected NeuralTrainer(SerContext context, NeuralTrainerOptions options)
    {
        options.Validate();
        Context = context;
        _options = options;
    }

    private protected SerContext Context { get; }

    private protected abstract string Stage { get; }

    private protected abstract ColumnKind FeatureKind { get; }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        inputSchema.Require(Stage, _options.FeatureColumnName, FeatureKind);
        inputSchema.Require(Stage, _options.LabelColumnName, ColumnKind.Key);
        if (_options.SamplingKeyColumnName is { } key) inputSchema.Require(Stage, key, ColumnKind.Text);
        return inputSchema.With(
            new SchemaShape.Column(_options.ScoreColumnName, ColumnKind.Vector), new SchemaShape.Column(_options.PredictedLabelColumnName, ColumnKind.Key));
    }

    /// <inheritdoc/>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public TModel Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        GetOutputSchema(SchemaShape.Create(input.Schema));
        DataViewType feature = input.Schema[_options.FeatureColumnName].Type;
        ExampleEncoder encoder = CreateEncoder(feature);
        if (_options.ValidationSet is { } validation) CheckValidation(validation, feature);
        int seed = _options.Seed ?? Context.Seed;
        using TrainingData data = TrainingData.Read(input, _options, encoder.RowBytes, seed);
        SeededRandom random = new SeededRandom(seed).Fork(Stage);
        Module network = CreateNetwork(feature, data.Labels.Count, random.Fork("weights"));
        try
        {
            TrainingHistory history = new TrainingLoop(network, data, encoder, _options, random).Run();
            return CreateModel(NeuralModelColumns.From(_options, data.Labels), feature, network, history);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private protected abstract ExampleEncoder CreateEncoder(DataViewType feature);

    private protected abstract Module CreateNetwork(DataViewType feature, int classes, SeededRandom random);

    private protected abstract TModel CreateModel(NeuralModelColumns columns, DataViewType feature, Module network, TrainingHistory history);

    private void CheckValidation(IDataView validation, DataViewType feature)
    {
        GetOutputSchema(SchemaShape.Create(validation.Schema));
        DataViewType type = validation.Schema[_options.FeatureColumnName].Type;
        if (!type.Equals(feature))
            throw new SchemaException($"{Stage} trains on column '{_options.FeatureColumnName}' of {feature}, but in ValidationSet it is {type}.");
    }
}
