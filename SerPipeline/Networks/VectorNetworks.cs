using static TorchSharp.torch.nn;

namespace SerPipeline.Networks;

/// <summary>Linear layers with ReLU and dropout between them: [n, inputs] to logits [n, classes]. First weights as in PyTorch.</summary>
public sealed class MlpNetwork : LayerChain
{
    /// <param name="inputs">Values of each example.</param>
    /// <param name="hiddenUnits">Units of each hidden layer.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="dropout">Dropout after each hidden layer.</param>
    /// <param name="random">Draws the first weights.</param>
    public MlpNetwork(int inputs, IReadOnlyList<int> hiddenUnits, int classes, double dropout, SeededRandom random)
        : base(nameof(MlpNetwork))
    {
        ArgumentNullException.ThrowIfNull(hiddenUnits);
        ArgumentNullException.ThrowIfNull(random);
        int width = inputs;
        for (int i = 0; i < hiddenUnits.Count; i++)
        {
            Add($"hidden{i + 1}", new LinearLayer(width, hiddenUnits[i], random.Fork("hidden", i)));
            Add($"relu{i + 1}", ReLU());
            Add($"dropout{i + 1}", new DropoutLayer(dropout, random.Fork("dropout", i)));
            width = hiddenUnits[i];
        }
        Add("classifier", new LinearLayer(width, classes, random.Fork("classifier")));
    }
}

/// <summary>
/// Linear layers with ReLU between them, as scikit-learn's MLPClassifier (Pedregosa et al. 2011): [n, inputs] to logits [n, classes].
/// First weights and biases are uniform within the Glorot bound of their layer.
/// </summary>
public sealed class MlpClassifierNetwork : LayerChain
{
    /// <param name="inputs">Values of each example.</param>
    /// <param name="hiddenUnits">Units of each hidden layer.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="random">Draws the first weights.</param>
    public MlpClassifierNetwork(int inputs, IReadOnlyList<int> hiddenUnits, int classes, SeededRandom random)
        : base(nameof(MlpClassifierNetwork))
    {
        ArgumentNullException.ThrowIfNull(hiddenUnits);
        ArgumentNullException.ThrowIfNull(random);
        int width = inputs;
        for (int i = 0; i < hiddenUnits.Count; i++)
        {
            AddLinear($"hidden{i + 1}", width, hiddenUnits[i], random);
            Add($"relu{i + 1}", ReLU());
            width = hiddenUnits[i];
        }
        AddLinear("classifier", width, classes, random);
    }

    private void AddLinear(string name, int inputs, int outputs, SeededRandom random) =>
        Initializers.AsScikitLearn(Add(name, new LinearLayer(inputs, outputs, new SeededRandom(0))),
            random.Fork("initialization").Fork(name));
}

/// <summary>
/// Convolutions along a vector's values, after a Keras model (Chollet et al. 2015) over 40 mean MFCCs: [n, inputs] to logits [n,
/// classes]. The first convolution keeps the length, each further one shortens it by kernel - 1; ReLU follows every one but the last,
/// batch normalisation the last, with Keras' epsilon of 1e-3 and its momentum of .99, which is .01 as PyTorch counts. First weights as in
/// Keras: Glorot uniform kernels, biases 0.
/// </summary>
public sealed class Conv1dNetwork : LayerChain
{
    /// <param name="inputs">Values of each example, at least <see cref="LeastInputs"/>.</param>
    /// <param name="filters">Filters of each convolution.</param>
    /// <param name="kernel">Points of every kernel; odd.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="random">Draws the first weights.</param>
    /// <exception cref="OptionsException">The convolutions would leave nothing of the vector.</exception>
    public Conv1dNetwork(int inputs, IReadOnlyList<int> filters, int kernel, int classes, SeededRandom random) : base(nameof(Conv1dNetwork))
    {
        ArgumentNullException.ThrowIfNull(filters);
        ArgumentNullException.ThrowIfNull(random);
        int least = LeastInputs(filters, kernel);
        new OptionsCheck(nameof(Conv1dNetwork))
            .Require(kernel % 2 == 1, kernel,
            "be odd").Require(inputs >= least, inputs, $"be at least {least} with {filters.Count} kernels of {kernel}").ThrowIfAny();
        SeededRandom first = random.Fork("initialization");
        Add("unsqueeze", new AsOneChannel());                                                                   // [n, 1, length]
        int channels = 1;
        for (int i = 0; i < filters.Count; i++)
        {
            string name = $"conv{i + 1}";
            Initializers.AsKeras(Add(name,
                new Conv1dLayer(channels, filters[i], kernel, new SeededRandom(0), padding: i == 0 ? kernel / 2 : 0)), first.Fork(name));
            if (i < filters.Count - 1) Add($"relu{i + 1}", ReLU());
            channels = filters[i];
        }
        Add("norm", BatchNorm1d(channels, eps: 1e-3, momentum: 0.01));
        Add("flatten", Flatten());                                                                              // [n, channels * length']
        Initializers.AsKeras(Add("classifier", new LinearLayer(channels * (inputs - least + 1), classes, new SeededRandom(0))),
            first.Fork("classifier"));
    }

    /// <summary>The shortest vector of which every convolution leaves something.</summary>
    /// <param name="filters">Filters of each convolution.</param>
    /// <param name="kernel">Points of every kernel.</param>
    public static int LeastInputs(IReadOnlyList<int> filters, int kernel)
    {
        ArgumentNullException.ThrowIfNull(filters);
        return 1 + ((filters.Count - 1) * (kernel - 1));
    }
}
