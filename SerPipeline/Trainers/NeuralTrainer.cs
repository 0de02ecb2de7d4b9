using Microsoft.ML.Runtime;
using SerPipeline.Networks;
using SerPipeline.Transforms;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>
/// Trains a network with TorchSharp on the rows of a view, which it reads once and in order. The fitted model scores the network's ONNX
/// graph with ML.NET's own transformers.
/// </summary>
public sealed class NeuralTrainer : IEstimator<NeuralModel>
{
    private readonly IHostEnvironment _environment;
    private readonly NeuralTrainerOptions _options;

    internal NeuralTrainer(IHostEnvironment environment, NeuralTrainerOptions options)
    {
        options.Validate();
        options.RequireFiles();
        _environment = environment;
        _options = options.Copied();
    }

    /// <summary>Checks the columns and adds the score and predicted-label columns.</summary>
    /// <param name="inputSchema">The columns before the trainer.</param>
    /// <exception cref="SchemaException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        TrainerColumns.Check(_options, inputSchema);
        return TrainerColumns.WithScores(_options.Stage, inputSchema, _options.LabelColumnName, _options.ScoreColumnName,
            _options.PredictedLabelColumnName);
    }

    /// <summary>Trains the network.</summary>
    /// <param name="input">The rows.</param>
    /// <exception cref="SchemaException">A column does not fit, or no row is left.</exception>
    /// <exception cref="CorpusException">The validation part cannot be taken as asked.</exception>
    /// <exception cref="TorchException">libtorch cannot be used, the loss is no finite number, or a network of the caller's own gives no
    /// scores [batch, classes].</exception>
    /// <exception cref="ModelExportException">A network of the caller's own has a layer that has no form in ONNX.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    /// <exception cref="ResumeException">The checkpoint of the options is damaged, or of another training.</exception>
    public NeuralModel Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        TrainerColumns.CheckScoreName(_options.Stage, _options.ScoreColumnName, input.Schema.Select(column => column.Name));
        using TrainedNetwork network = Train(input);
        return NeuralModel.Of(_environment, network);
    }

    /// <summary>All that can be told of a training without reading a row; starts the engine.</summary>
    internal (InputColumn[] Inputs, IReadOnlyList<string> Labels, ExampleEncoder Encoder) CheckInput(IDataView input)
    {
        DataViewSchema schema = input.Schema;
        (InputColumn[] inputs, IReadOnlyList<string> labels) = TrainerColumns.Bind(_options, schema);
        if (_options.ValidationSet is { } validation) TrainerColumns.CheckValidation(_options, validation.Schema, inputs, labels);
        foreach (string name in _options.TrainingOnlyColumnNames)
            if (InputColumn.Find(_options.Stage, name, schema) is var copy && copy.Size != inputs[0].Size)
                throw new SchemaException($"{_options.Stage} needs copies of {inputs[0].Type}, as column '{inputs[0].Name}' has, but "
                    + $"column '{copy.Name}' is {copy.Type}.");
        TrainingData.SamplingKeyOf(input, _options);
        ExampleEncoder encoder = _options.CreateEncoder(inputs);
        TorchEngine.Resolve(_options.Device);
        return (inputs, labels, encoder);
    }

    /// <summary>What decides everything random of a training: the seed that its options name, or the context's, or the default.</summary>
    internal static int SeedOf(int? named, IHostEnvironment environment) =>
        named ?? MlNetInternals.SeedOf(environment) ?? NeuralTrainerOptions.DefaultSeed;

    /// <summary>Trains the network and leaves it in memory.</summary>
    internal TrainedNetwork Train(IDataView input)
    {
        (InputColumn[] inputs, IReadOnlyList<string> labels, ExampleEncoder encoder) = CheckInput(input);
        int seed = SeedOf(_options.Seed, _environment);
        using TrainingData data = TrainingData.Read(input, _options, encoder, labels, _options.ValidationSeed ?? seed);
        if (data.Train.Length < _options.LeastExamples)
            throw new SchemaException($"{_options.Stage} needs at least {_options.LeastExamples} rows to train on, "
                + $"but there is {data.Train.Length} besides the {data.Validation.Length} it validates on.");
        SeededRandom random = new SeededRandom(seed).Fork(_options.Stage);
        nn.Module<Tensor, Tensor> module = _options.CreateNetwork(inputs,
            new NetworkContext(labels, encoder.Shape, random.Fork("weights")));
        var network = new TrainedNetwork(_options, inputs, labels, encoder, module);
        try
        {
            // What has no form in ONNX is found before hours of training.
            network.ToModel();
            network.History = new TrainingLoop(module, data, encoder, labels.Count, _options with { Seed = seed }, random).Run();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
