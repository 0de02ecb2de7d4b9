using SerPipeline.Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SerPipeline.Networks;

/// <summary>
/// The ResNet18 of ML.NET's DnnImageFeaturizer (He et al. 2016) over grey images: a 7x7 convolution and a max pool, which halve the image
/// twice; four stages of residual blocks with 64, 128, 256 and 512 channels, of which all but the first halve it again; the mean of each
/// channel over what is left; a linear layer. The package's network has three blocks in its last stage, where the paper's has two.
/// </summary>
public sealed class ResNet18 : LayerChain
{
    /// <summary>The NuGet package with the weights: MIT-licensed, learned from the photographs of ImageNet.</summary>
    public const string PackageName = "Microsoft.ML.DnnImageFeaturizer.ResNet18";

    /// <summary>The package's version, which SerPipeline.csproj downloads.</summary>
    public const string PackageVersion = "0.23.1";

    private static readonly int[] Channels = [64, 128, 256, 512], Blocks = [2, 2, 2, 3];

    // In the order of the package's graph: of a block that halves, the shortcut comes first.
    private readonly List<(Conv2dLayer Convolution, BatchNorm2d Norm)> _convolutions = [];
    private readonly List<BatchNorm2d> _frozen = [];

    /// <param name="classes">Outputs.</param>
    /// <param name="random">Draws the first weights and, in training, the dropout.</param>
    /// <param name="stages">Stages that are kept, 1 to 4: after 3 there are 256 features and 2.8 of the 15.9 million parameters.</param>
    /// <param name="frozenStages">Stages that training does not change, from the first one on and with all before it, the statistics of
    /// their batch norm included; 0 for none.</param>
    /// <param name="dropout">Dropout before the last layer.</param>
    /// <exception cref="OptionsException">A number is out of its range.</exception>
    public ResNet18(int classes, SeededRandom random, int stages = 4, int frozenStages = 0, double dropout = 0.4)
        : base(nameof(ResNet18))
    {
        ArgumentNullException.ThrowIfNull(random);
        new OptionsCheck(nameof(ResNet18)).Require(classes >= 1, classes, "be at least 1")
            .Require(stages is >= 1 and <= 4, stages, "be between 1 and 4")
            .Require(frozenStages >= 0 && frozenStages <= stages, frozenStages, "be between 0 (none) and the stages that are kept")
            .ThrowIfAny();

        // [n, 1, h, w] -> [n, 3, h, w] -> [n, 64, h / 4, w / 4] -> stage by stage [n, channels, h / 2, w / 2] -> [n, channels]
        Add("colors", new BlueGreenRed());
        Module<Tensor, Tensor>[] image =
        [
            Add("stem", Sequential([.. Convolution("", 3, 64, 7, 2, random.Fork("stem")), ("relu", ReLU()),
                ("pool", MaxPool2d(3, 2, 1))])),
            .. Enumerable.Range(0, stages).Select(i => Add($"stage{i + 1}", Stage(i, random.Fork("stage", i)))),
        ];
        Add("mean", new ChannelMeans());
        Add("dropout", new DropoutLayer(dropout, random.Fork("dropout")));
        Add("classifier", new LinearLayer(Channels[stages - 1], classes, random.Fork("classifier")));

        foreach (Module<Tensor, Tensor> part in image.Take(frozenStages == 0 ? 0 : frozenStages + 1))
        {
            foreach (Parameter parameter in part.parameters()) parameter.requires_grad = false;
            _frozen.AddRange(part.modules().OfType<BatchNorm2d>());
        }
    }

    /// <summary>What the last layer reads.</summary>
    /// <param name="input">[n, 1, height, width] of (level - 127.5) / 63.75, levels from 0 to 255, as the trainers of images give
    /// them.</param>
    /// <returns>[n, 512], or [n, 256] after three stages.</returns>
    public Tensor Features(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor current = input;
        foreach ((string name, Module layer) in named_children())
            if (name is not ("dropout" or "classifier")) current = ((Module<Tensor, Tensor>)layer).call(current);
        return current.MoveToOuterDisposeScope();
    }

    /// <summary>Sets training or evaluation mode; frozen stages are in evaluation mode always.</summary>
    /// <param name="train">Whether to train.</param>
    public override void train(bool train = true)
    {
        base.train(train);
        foreach (BatchNorm2d norm in _frozen) norm.eval();
    }

    /// <summary>Takes the weights and statistics of stem and stages from the package's <c>ResNet18.onnx</c>; the last layer keeps its
    /// own.</summary>
    /// <param name="model">The file, as <see cref="OnnxModel.Read"/> gives it. Its names are numbers: what belongs where is told by the
    /// order of its nodes.</param>
    /// <exception cref="ModelFormatException">It is another network.</exception>
    public void Load(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Dictionary<string, OnnxTensor> weights = model.Graph.Initializers.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        OnnxNode[] convolutions = [.. model.Graph.Nodes.Where(node => node.Operator == "Conv")];
        OnnxNode[] norms = [.. model.Graph.Nodes.Where(node => node.Operator == "BatchNormalization")];
        if (convolutions.Length != norms.Length || convolutions.Length < _convolutions.Count)
            throw Other($"has {convolutions.Length} convolutions and {norms.Length} batch norms");
        foreach ((int i, (Conv2dLayer convolution, BatchNorm2d norm)) in _convolutions.Index())
        {
            (OnnxNode conv, OnnxNode normalization) = (convolutions[i], norms[i]);
            if (normalization.Inputs[0] != conv.Outputs[0]) throw Other($"has no batch norm behind {conv.Name}");
            Tensor[] targets = [convolution.Weight, norm.weight!, norm.bias!, norm.running_mean!, norm.running_var!];
            foreach ((Tensor target, string name) in targets.Zip([conv.Inputs[1], .. normalization.Inputs.Skip(1)]))
                Initializers.Assign(target, Values(name, target.shape));
        }

        float[] Values(string name, long[] shape) =>
            weights.TryGetValue(name, out OnnxTensor? tensor) && tensor.Type == OnnxType.Float && tensor.Shape.SequenceEqual(shape)
                && tensor.Bytes.Length == tensor.Count * sizeof(float) ? MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray()
                : throw Other($"has no floats [{string.Join(", ", shape)}] in '{name}'");

        static ModelFormatException Other(string how) =>
            new($"Expected ResNet18.onnx of the package {PackageName} {PackageVersion}, but the graph {how}.");
    }

    /// <summary>NuGet's package folder: the environment variable NUGET_PACKAGES, else <c>.nuget/packages</c> of the home
    /// folder.</summary>
    public static string PackageFolder() => LibTorch.PackageFolder(Environment.GetEnvironmentVariable,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>Where the package's <c>ResNet18.onnx</c> lies once it is restored, whether it is there or not.</summary>
    public static string PackagePath() => Path.Combine(PackageFolder(), PackageName.ToLowerInvariant(), PackageVersion, "tools",
        "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx");

    private Sequential Stage(int index, SeededRandom random) => Sequential([.. Enumerable.Range(0, Blocks[index]).Select(i =>
    {
        // The first block of a stage widens, and halves in all stages but the first.
        bool first = i == 0 && index > 0;
        int from = first ? Channels[index - 1] : Channels[index], to = Channels[index], stride = first ? 2 : 1;
        SeededRandom own = random.Fork("block", i);
        Sequential? shortcut = first ? Sequential(Convolution("", from, to, 1, stride, own.Fork("shortcut"))) : null;
        Sequential residual = Sequential([.. Convolution("1", from, to, 3, stride, own.Fork("conv1")), ("relu", ReLU()),
            .. Convolution("2", to, to, 3, 1, own.Fork("conv2"))]);
        return ($"block{i + 1}", (Module<Tensor, Tensor>)new ResidualBlock(residual, shortcut));
    })]);

    // Where a convolution halves, the package pads right and bottom by one less, which its even images do not reach: the values are the
    // same, and images of odd sizes can be read here.
    private (string, Module<Tensor, Tensor>)[] Convolution(string suffix, int from, int to, int kernel, int stride, SeededRandom random)
    {
        var convolution = new Conv2dLayer(from, to, kernel, random, stride, kernel / 2, bias: false);
        BatchNorm2d norm = BatchNorm2d(to);
        _convolutions.Add((convolution, norm));
        return [($"conv{suffix}", convolution), ($"norm{suffix}", norm)];
    }

    /// <summary>A residual and a shortcut, which is the input itself where both have one shape; their sum, ReLU.</summary>
    private sealed class ResidualBlock : Module<Tensor, Tensor>, IOnnxModule
    {
        private readonly Sequential _residual;
        private readonly Sequential? _shortcut;

        public ResidualBlock(Sequential residual, Sequential? shortcut) : base(nameof(ResidualBlock))
        {
            (_residual, _shortcut) = (residual, shortcut);
            register_module("residual", residual);
            if (shortcut is not null) register_module("shortcut", shortcut);
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            return (_residual.call(input) + (_shortcut is null ? input : _shortcut.call(input))).relu_().MoveToOuterDisposeScope();
        }

        public OnnxValue ToOnnx(OnnxValue input, string name)
        {
            OnnxValue residual = NetworkOnnx.Export(_residual, input, NetworkOnnx.Join(name, "residual"));
            return (residual + (_shortcut is null ? input
                : NetworkOnnx.Export(_shortcut, input, NetworkOnnx.Join(name, "shortcut")))).One("Relu");
        }
    }

    /// <summary>(level - 127.5) / 63.75 to the three equal levels less ImageNet's mean of blue, green and red: [n, 1, h, w] to
    /// [n, 3, h, w].</summary>
    private sealed class BlueGreenRed : Module<Tensor, Tensor>, IOnnxModule
    {
        private const double Scale = 63.75, Center = 127.5;

        // Of the mean image in the package's ResNetPreprocess.onnx, each color over all pixels, from which they deviate by 3 to 6 levels.
        private static readonly float[] Means = [103.06f, 115.90f, 123.15f];

        public BlueGreenRed() : base(nameof(BlueGreenRed)) => register_buffer("means", tensor(Means, [1, 3, 1, 1]).clone());

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor shift = get_buffer("means")!.neg().With(Center, (x, center) => x.add(center));
            return (input.With(Scale, (x, scale) => x.mul(scale)) + shift).MoveToOuterDisposeScope();
        }

        public OnnxValue ToOnnx(OnnxValue input, string name) => (input * Scale)
            + input.Graph.Constant<float>([.. Means.Select(mean => (float)(Center - mean))], [1, 3, 1, 1]);
    }

    /// <summary>[n, channels, h, w] to [n, channels], float32.</summary>
    private sealed class ChannelMeans() : Module<Tensor, Tensor>(nameof(ChannelMeans)), IOnnxModule
    {
        public override Tensor forward(Tensor input) => input.mean([2, 3], type: ScalarType.Float32);

        public OnnxValue ToOnnx(OnnxValue input, string name) => input.One("GlobalAveragePool").Reshape(0, -1);
    }
}
