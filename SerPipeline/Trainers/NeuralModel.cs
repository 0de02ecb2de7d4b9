using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;
using SerPipeline.Networks;
using SerPipeline.Onnx;
using SerPipeline.Transforms;

namespace SerPipeline.Trainers;

/// <summary>
/// A trained network, or an ensemble of them, as a transformer: adds one probability a class (slot names: the labels) and the most probable
/// class (a key). It scores and is
/// saved by stock transformers of ML.NET, so that a saved model opens in programs without this library: the network as ONNX, a softmax
/// head, and the removal of
/// the raw scores between them.
/// </summary>
/// <remarks>
/// Rows are scored one at a time in float32, whatever the training used. ML.NET's PermutationFeatureImportance refuses it: use
/// <c>SpeechFeatureImportance</c>.
/// </remarks>
public sealed class NeuralModel : ITransformer, IDisposable
{
    private readonly IHostEnvironment _environment;
    private readonly Lock _gate = new();
    private TransformerChain<ITransformer>? _chain;
    private NeuralModel? _adapted;
    private readonly IReadOnlyList<InputColumn> _inputs;
    private readonly string _stage;

    private NeuralModel(IHostEnvironment environment, string stage, IReadOnlyList<string> labels, ScoreColumns columns, OnnxModel network,
        TrainingHistory history)
    {
        (_stage, Labels, Columns, Network, History) = (stage, labels, columns, network, history);
        _inputs = [.. network.Graph.Inputs.Select(input => new InputColumn(input.Name,
            new VectorDataViewType(NumberDataViewType.Single, (int)input.Shape![1].Length!.Value)))];
        _environment = environment;
    }

    /// <summary>What the classes are called, in the order of the scores.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>
    /// How the training went; of an ensemble, how the first member's went, with the parameters of all members together and no temperature.
    /// </summary>
    public TrainingHistory History { get; }

    /// <summary>
    /// The network: a graph from the columns of <see cref="FeatureColumnNames"/>, each [batch, size], to raw scores <c>Logits</c> [batch,
    /// classes].
    /// </summary>
    public OnnxModel Network { get; }

    /// <summary>The members of an ensemble, in the order of its options, each usable on its own; empty for one network.</summary>
    public IReadOnlyList<NeuralModel> Members { get; private init; } = [];

    /// <summary>What adapts the model to a speaker; null where it was not trained for that.</summary>
    public SpeakerAdaptation? Adaptation { get; private init; }

    /// <summary>The same columns scored by the adaptation's network, disposed of with this model; null where there is none.</summary>
    internal NeuralModel? Adapted
    {
        get
        {
            lock (_gate)
                return Adaptation is null ? null : _adapted ??= new(_environment, _stage, Labels, Columns, Adaptation.Network, History)
                { Layers = Layers };
        }
    }

    /// <summary>The network layer by layer; an ensemble's under <c>member1.</c>, <c>member2.</c> and so on.</summary>
    public required IReadOnlyList<LayerDescription> Layers { get; init; }

    /// <summary>The columns that the network reads.</summary>
    public IReadOnlyList<string> FeatureColumnNames => [.. _inputs.Select(input => input.Name)];

    /// <summary>The column of probabilities.</summary>
    public string ScoreColumnName => Columns.Score;

    /// <summary>The column of the most probable class.</summary>
    public string PredictedLabelColumnName => Columns.PredictedLabel;

    /// <summary>The stock transformers that it consists of.</summary>
    internal TransformerChain<ITransformer> Stock
    {
        get
        {
            lock (_gate) return _chain ??= StockChain(_environment);
        }
    }

    private ScoreColumns Columns { get; }

    bool ITransformer.IsRowToRowMapper => true;

    internal static NeuralModel Of(IHostEnvironment environment, TrainedNetwork network) =>
        new(environment, network.Options.Stage, network.Labels, ScoreColumns.Of(network.Options), network.ToModel(),
            network.History)
        { Layers = network.Layers };

    internal static NeuralModel Of(IHostEnvironment environment, IReadOnlyList<TrainedNetwork> members, string score, string predictedLabel)
    {
        TrainingHistory first = members[0].History;
        TrainingHistory history = members.Count == 1 ? first : first with
        {
            Parameters = members.Sum(member => member.History.Parameters),
            Temperature = null
        };
        var columns = new ScoreColumns(members[0].Options.LabelColumnName, score, predictedLabel);
        return new NeuralModel(environment, "Ensemble", members[0].Labels, columns, TrainedNetwork.Average(members), history)
        {
            Members = [.. members.Select(member => Of(environment, member))],
            Layers = [.. members.SelectMany((member,
                i) => member.Layers.Select(layer => Under(FormattableString.Invariant($"member{i + 1}."), layer)))],
        };
    }

    internal static NeuralModel Of(IHostEnvironment environment, string stage, IReadOnlyList<string> labels, VoiceEnsembleOptions options,
        OnnxModel network, TrainingHistory history, IReadOnlyList<LayerDescription> layers, SpeakerAdaptation? adaptation) =>
        new(environment, stage, labels,
            new ScoreColumns(options.LabelColumnName, options.ScoreColumnName, options.PredictedLabelColumnName), network, history)
        { Layers = layers, Adaptation = adaptation };

    /// <summary>The columns with score and predicted label.</summary>
    /// <param name="inputSchema">The columns before the model.</param>
    /// <exception cref="SchemaException">A column is missing, or of another size than in training.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Stock.GetOutputSchema(Checked(inputSchema));

    /// <summary>The rows with score and predicted label, computed when they are read.</summary>
    /// <param name="input">The rows.</param>
    /// <exception cref="SchemaException">A column is missing, or of another size than in training.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Checked(input.Schema);
        return Stock.Transform(input);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) =>
        ((ITransformer)Stock).GetRowToRowMapper(Checked(inputSchema));

    void ICanSaveModel.Save(ModelSaveContext ctx) => ((ICanSaveModel)Stock).Save(ctx);

    /// <summary>Frees ONNX Runtime's session; a later use of the model opens another.</summary>
    /// <remarks>
    /// ML.NET's PredictionEngine disposes the model that it was made from, unless <c>PredictionEngineOptions.OwnsTransformer</c> is false:
    /// that must not be the end of
    /// a model still in use. Views and engines made before hold the closed session, and are not usable any more.
    /// </remarks>
    public void Dispose()
    {
        foreach (NeuralModel member in Members) member.Dispose();
        lock (_gate)
        {
            _adapted?.Dispose();
            _chain?.Dispose();
            _chain = null;
        }
    }

    private static LayerDescription Under(string prefix, LayerDescription layer) =>
        layer with { Name = prefix + layer.Name, ParameterNames = [.. layer.ParameterNames.Select(name => prefix + name)] };

    private DataViewSchema Checked(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        TrainerColumns.CheckScoreName(_stage, Columns.Score, schema.Select(column => column.Name));
        foreach (InputColumn trained in _inputs)
            if (InputColumn.Find(_stage, trained.Name, schema) is var found && found.Size != trained.Size)
                throw new SchemaException($"{_stage} was trained on column '{trained.Name}' of {trained.Size} values, but here it is "
                    + $"{found.Type}.");
        return schema;
    }

    private TransformerChain<ITransformer> StockChain(IHostEnvironment environment)
    {
        int classes = Labels.Count;
        var network = MlNetInternals.Onnx(environment, [TrainedNetwork.Logits], FeatureColumnNames, Network.ToBytes());
        // A softmax alone: weights 1 on the diagonal, biases 0.
        VBuffer<float>[] identity = [.. Enumerable.Range(0, classes).Select(c => new VBuffer<float>(classes, 1, [1f], [c]))];
        MaximumEntropyModelParameters softmax = MlNetInternals.MaximumEntropy(environment, identity, new float[classes], classes, classes,
            [.. Labels], null);
        ITransformer head = MlNetInternals.PredictionTransformer(
            environment, softmax, HeadSchema(), TrainedNetwork.Logits, Columns.Label, TrainerColumns.StockScore, Columns.PredictedLabel);
        // ML.NET's head knows one name of its scores.
        return Columns.Score == TrainerColumns.StockScore
            ? new TransformerChain<ITransformer>(network, head, MlNetInternals.DropColumns(environment, TrainedNetwork.Logits))
            : new TransformerChain<ITransformer>(network, head,
                MlNetInternals.CopyColumn(environment, Columns.Score, TrainerColumns.StockScore),
                MlNetInternals.DropColumns(environment, TrainedNetwork.Logits, TrainerColumns.StockScore));
    }

    // All that the head asks of a training schema: the key values of the label, and the type that the ONNX transformer gives to what it
    // reads.
    private DataViewSchema HeadSchema()
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(Columns.Label, new KeyDataViewType(typeof(uint), Labels.Count), Waveform.TextAnnotation("KeyValues", Labels));
        schema.AddColumn(TrainedNetwork.Logits, new VectorDataViewType(NumberDataViewType.Single, 1, Labels.Count));
        return schema.ToSchema();
    }

    private sealed record ScoreColumns(string Label, string Score, string PredictedLabel)
    {
        public static ScoreColumns Of(NeuralTrainerOptions options) =>
            new(options.LabelColumnName, options.ScoreColumnName, options.PredictedLabelColumnName);
    }
}
