using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Trainers;


namespace SerPipeline.Old.Trainers;

/// <summary>
/// Options of <see cref="Conv1dClassificationTrainer"/>, after a Keras model (Chollet et al. 2015) over 40 mean MFCCs. Adam's epsilon is Keras' 1e-7.
/// </summary>
public sealed record Conv1dClassificationOptions : VectorClassificationOptions
{
    /// <summary>The defaults.</summary>
    public Conv1dClassificationOptions() => BatchSize = 50;

    /// <inheritdoc/>
    public override int Epoch { get; init; } = 100;

    /// <summary>
    /// Filters of each convolution. The first keeps the length ("same" padding), each further one shortens it by <see cref="KernelSize"/> - 1 ("valid"). ReLU follows
    /// every one but the last, batch normalisation the last.
    /// </summary>
    public IReadOnlyList<int> Filters { get; init; } = [16, 8, 8];

    /// <summary>Points of every kernel; odd, so that the first convolution is padded alike at both ends.</summary>
    public int KernelSize { get; init; } = 5;

    private protected override double Epsilon => 1e-7;

    private protected override void CheckMore(OptionsCheck check)
    {
        // Batch normalisation needs a variance; a last batch of one joins the one before.
        check.Require(BatchSize != 1, BatchSize, "be at least 2, for batch normalisation");
        CheckSize(check, Filters, KernelSize);
    }

    internal static void CheckSize(OptionsCheck check, IReadOnlyList<int> filters, int kernelSize) => check
        .Require(filters is { Count: > 0 and <= 16 } && filters.All(f => f is >= 1 and <= 4096), filters?.Count ?? 0, "list 1 to 16 convolutions of 1 to 4096 filters", nameof(Filters))
        .Require(kernelSize is >= 1 and <= 1023 && kernelSize % 2 == 1, kernelSize, "be odd and between 1 and 1023", nameof(KernelSize));
}

/// <summary>
/// Trains a CNN of one-dimensional convolutions along a vector's values, then batch normalisation and a dense layer with softmax. First weights are drawn as in
/// Keras: Glorot uniform kernels, biases 0. Batch normalisation has Keras' epsilon of 1e-3 and its momentum of .99, which is .01 as PyTorch counts.
/// </summary>
public sealed class Conv1dClassificationTrainer : VectorClassificationTrainer<Conv1dClassificationModel>
{
    private readonly Conv1dClassificationOptions _options;

    // A copy of the list: the caller may go on changing his own.
    internal Conv1dClassificationTrainer(SerContext context, Conv1dClassificationOptions options) : base(context, options) => _options = options with { Filters = [.. options.Filters] };

    private protected override string Stage => Conv1dClassificationModel.Name;

    private protected override int LeastExamples => 2;

    private protected override int LeastInputs => Conv1dClassificationModel.LeastInputs(_options.Filters, _options.KernelSize);

    private protected override Module CreateNetwork(int inputs, int classes, SeededRandom random) =>
        Conv1dClassificationModel.CreateNetwork(inputs, _options.Filters, _options.KernelSize, classes, random);

    private protected override Conv1dClassificationModel CreateModel(NeuralModelColumns columns, int inputs, Module network, TrainingHistory history) =>
        new(Context, new Conv1dClassificationModel.Settings(columns, inputs, _options.Filters, _options.KernelSize), network, history);
}

/// <summary>A trained CNN along a vector's values.</summary>
public sealed class Conv1dClassificationModel : VectorClassificationModel
{
    internal const string Name = "Conv1dClassification";

    private readonly Settings _settings;

    internal Conv1dClassificationModel(SerContext context, Settings settings, Module network, TrainingHistory history)
        : base(context, settings.Columns, settings.Inputs, network, history) => _settings = settings;

    /// <inheritdoc/>
    public override string StageName => Name;

    private protected override object StoredSettings => _settings;

    /// <summary>The shortest vector of which every convolution leaves something.</summary>
    internal static int LeastInputs(IReadOnlyList<int> filters, int kernelSize) => 1 + ((filters.Count - 1) * (kernelSize - 1));

    /// <returns>A network from [n, inputs] to scores [n, classes].</returns>
    internal static Module CreateNetwork(int inputs, IReadOnlyList<int> filters, int kernelSize, int classes, SeededRandom random)
    {
        List<(string, Module)> layers = [("unsqueeze", new Unsqueeze(1))];
        int channels = 1;
        for (int i = 0; i < filters.Count; i++)
        {
            layers.Add(($"conv{i + 1}", new Conv1d(channels, filters[i], kernelSize, random, padding: i == 0 ? kernelSize / 2 : 0)));
            if (i < filters.Count - 1) layers.Add(($"relu{i + 1}", new ReLU()));
            channels = filters[i];
        }
        layers.Add(("norm", new BatchNorm1d(channels, epsilon: 1e-3, momentum: 0.01)));
        layers.Add(("flatten", new Flatten()));
        layers.Add(("classifier", new Linear(FlatLength(inputs, filters, kernelSize), classes, random)));
        var network = new Sequential([.. layers]);
        NetworkInitialization.AsKeras(network, random.Fork("initialization"));
        return network;
    }

    internal static Conv1dClassificationModel Load(StageContent stage, SerContext context)
    {
        Settings settings = stage.GetOptions<Settings>();
        settings.Columns.Check(Name);
        var check = new OptionsCheck(Name);
        Conv1dClassificationOptions.CheckSize(check, settings.Filters, settings.KernelSize);
        check.ThrowIfAny();
        RequireInputs(check, settings.Inputs, LeastInputs(settings.Filters, settings.KernelSize));
        int classes = settings.Columns.Labels.Count;
        return Load(stage, ParameterCount(settings, classes), () => CreateNetwork(settings.Inputs, settings.Filters, settings.KernelSize, classes, new SeededRandom(0)),
            (network, history) => new Conv1dClassificationModel(context, settings, network, history));
    }

    private static int FlatLength(int inputs, IReadOnlyList<int> filters, int kernelSize) => filters[^1] * (inputs - LeastInputs(filters, kernelSize) + 1);

    // A double, for sizes that no memory holds.
    private static double ParameterCount(Settings settings, int classes)
    {
        double count = 0, channels = 1;
        foreach (int filters in settings.Filters)
        {
            count += ((channels * settings.KernelSize) + 1) * filters;
            channels = filters;
        }
        double length = settings.Inputs - LeastInputs(settings.Filters, settings.KernelSize) + 1;
        return count + (2 * channels) + (((channels * length) + 1) * classes);
    }

    internal sealed record Settings(NeuralModelColumns Columns, int Inputs, IReadOnlyList<int> Filters, int KernelSize);
}
