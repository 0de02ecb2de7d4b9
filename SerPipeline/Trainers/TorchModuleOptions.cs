using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>
/// Options of <c>Trainers.TorchModule</c>: a network of the caller's own, which gets the dimensions of the feature column as its shape.
/// </summary>
public sealed record TorchModuleOptions : NeuralTrainerOptions
{
    /// <summary>The defaults: weight decay .01, and a tenth held out to choose the epoch, for nothing is known of the network.</summary>
    public TorchModuleOptions() => (WeightDecay, ValidationSetFraction) = (0.01, 0.1);

    /// <summary>
    /// Whether the column holds pixels of one channel, levels 0 to 255: they are kept as bytes, the network gets them as [batch, 1, height,
    /// width] of
    /// (level - 127.5) / 63.75, and <see cref="Augmentation"/> applies. False gives the network the column's values as they are.
    /// </summary>
    public bool Pixels { get; init; }

    /// <summary>What is done to training images; without effect unless <see cref="Pixels"/>.</summary>
    public SpectrogramAugmentationOptions Augmentation { get; init; } = SpectrogramAugmentationOptions.None;

    /// <summary>
    /// The fewest examples of a training step; 2 for networks with batch normalisation, which knows no variance of one example.
    /// </summary>
    public int MinimumBatchSize { get; init; } = 1;

    /// <summary>ONNX forms of layers that cannot have <see cref="IOnnxModule"/> themselves, or should take another form. A module with
    /// <see cref="IOnnxModule"/> passes those for the layers inside it to <see cref="NetworkOnnx.Export"/> itself. Default: none.</summary>
    public OnnxConverters? OnnxConverters { get; init; }

    internal override NeuralTrainerOptions Copied() =>
        ((TorchModuleOptions)base.Copied()) with { OnnxConverters = OnnxConverters?.Copied() };

    /// <summary>Options that a member of an ensemble can have: with the network.</summary>
    /// <param name="network">Makes the network, once a training; see <c>Trainers.TorchModule</c>.</param>
    /// <param name="options">The rest; the defaults when null.</param>
    public static TorchModuleOptions Of(Func<NetworkContext, nn.Module<Tensor, Tensor>> network, TorchModuleOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        return (options ?? new()) with { Network = network };
    }

    internal Func<NetworkContext, nn.Module<Tensor, Tensor>>? Network { get; init; }

    internal override string Stage => "TorchModule";

    internal override bool ReadsImages => Pixels;

    internal override int LeastExamples => MinimumBatchSize;

    internal override ExampleEncoder CreateEncoder(IReadOnlyList<InputColumn> inputs)
    {
        if (!Pixels) return new VectorEncoder([.. inputs[0].Dimensions.Select(d => (long)d)]);
        (int height, int width) = inputs[0].RequireImage(Stage);
        return new ImageEncoder(height, width, Augmentation);
    }

    internal override nn.Module<Tensor, Tensor> CreateNetwork(IReadOnlyList<InputColumn> inputs, NetworkContext context)
    {
        // TorchSharp's own layers draw from the one generator of the process.
        lock (TorchEngine.GeneratorLock)
        {
            random.manual_seed((long)(context.Random.Fork("torch").NextUInt64() >> 1));
            return Network!(context) ?? throw new TorchException($"{Stage}: the function that makes the network returned null.");
        }
    }

    private protected override void CheckMore(OptionsCheck check)
    {
        check.Require(Network is not null, "null", "be given: use Trainers.TorchModule(network, options)", nameof(Network))
            .Require(MinimumBatchSize >= 1 && MinimumBatchSize <= BatchSize, MinimumBatchSize, "be between 1 and BatchSize")
            .Require(Augmentation is not null, Augmentation, "be given");
        Augmentation?.Check(check, nameof(Augmentation));
    }
}
