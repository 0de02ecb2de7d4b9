using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Trainers;


namespace SerPipeline.Old.Trainers;

/// <summary>The base of trainers: checks columns, reads the examples, runs the training loop, and wraps the network as a stage.</summary>
/// <typeparam name="TModel">The trained stage.</typeparam>
public abstract class NeuralTrainer<TModel> : IEstimator<TModel> where TModel : NeuralModel
{
    private readonly NeuralTrainerOptions _options;

    private protected NeuralTrainer(SerContext context, NeuralTrainerOptions options)
    {
        options.Validate();
        Context = context;
        // A copy of the list: the caller may go on changing his own.
        _options = options with { ValidationGroups = options.ValidationGroups is { } groups ? [.. groups] : null };
    }

    private protected SerContext Context { get; }

    private protected abstract string Stage { get; }

    private protected abstract ColumnKind FeatureKind { get; }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        inputSchema.Require(Stage, _options.FeatureColumnName, FeatureKind);
        foreach (string further in _options.InputColumnNames.Skip(1)) inputSchema.Require(Stage, further, ColumnKind.Vector);
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
        DataViewType[] inputs = [.. _options.InputColumnNames.Select(name => input.Schema[name].Type)];
        ExampleEncoder encoder = CreateEncoder(inputs);
        IReadOnlyList<string> labels = KeyValues(input);
        if (_options.ValidationSet is { } validation) CheckValidation(validation, inputs, labels);
        int seed = _options.Seed ?? Context.Seed;
        using TrainingData data = TrainingData.Read(input, _options, encoder.RowBytes, _options.ValidationSeed ?? seed);
        if (data.Train.Length < LeastExamples)
            throw new SchemaException($"{Stage} needs at least {LeastExamples} rows to train on, but there is {data.Train.Length} besides the {data.Validation.Length} it validates on.");
        SeededRandom random = new SeededRandom(seed).Fork(Stage);
        Module network = CreateNetwork(inputs, data.Labels.Count, random.Fork("weights"));
        try
        {
            TrainingHistory history = new TrainingLoop(network, data, encoder, _options, random).Run();
            return CreateModel(NeuralModelColumns.From(_options, data.Labels), inputs, network, history);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    // The types are those of the options' InputColumnNames, in order.
    private protected abstract ExampleEncoder CreateEncoder(IReadOnlyList<DataViewType> inputs);

    private protected abstract Module CreateNetwork(IReadOnlyList<DataViewType> inputs, int classes, SeededRandom random);

    private protected abstract TModel CreateModel(NeuralModelColumns columns, IReadOnlyList<DataViewType> inputs, Module network, TrainingHistory history);

    /// <summary>The fewest examples that a step can be made of.</summary>
    private protected virtual int LeastExamples => 1;

    private IReadOnlyList<string> KeyValues(IDataView data)
    {
        DataViewSchema.Column label = data.Schema[_options.LabelColumnName];
        return label.Annotations.KeyValues
            ?? throw new SchemaException($"{Stage} needs column '{label.Name}' to carry its key values; make it with Conversion.MapValueToKey.");
    }

    private void CheckValidation(IDataView validation, DataViewType[] inputs, IReadOnlyList<string> labels)
    {
        GetOutputSchema(SchemaShape.Create(validation.Schema));
        foreach ((string name, DataViewType input) in _options.InputColumnNames.Zip(inputs))
        {
            DataViewType type = validation.Schema[name].Type;
            if (!type.Equals(input)) throw new SchemaException($"{Stage} trains on column '{name}' of {input}, but in ValidationSet it is {type}.");
        }
        // A key is only a position: under another list of values it would stand for another label.
        IReadOnlyList<string> own = KeyValues(validation);
        if (!own.SequenceEqual(labels, StringComparer.Ordinal))
            throw new SchemaException($"{Stage} trains on labels {string.Join(", ", labels)}, but in ValidationSet column '{_options.LabelColumnName}' has {string.Join(", ", own)}. "
                + "Transform both with the same fitted MapValueToKey.");
    }
}
