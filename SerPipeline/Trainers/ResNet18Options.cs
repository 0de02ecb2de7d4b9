using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>Options of <c>Trainers.ResNet18</c>: a network that knows ImageNet's photographs, trained on over spectrogram
/// images.</summary>
/// <remarks>
/// An epoch takes about seven times as long as one of the compact CNN of <see cref="ImageClassificationOptions"/>, and goes by the size of
/// the image: ML.NET's <c>ResizeImages</c> before <c>ExtractPixels</c> changes it.
/// </remarks>
public sealed record ResNet18Options : ImageTrainerOptions
{
    /// <summary>The defaults: column Pixels, 15 epochs of which the last is kept, a learning rate of 3e-4, weight decay .02, label
    /// smoothing .1, float32: bfloat16 gradients of so many channels take twice as long on the CPU.</summary>
    public ResNet18Options() => (Epoch, LearningRate, WeightDecay, LabelSmoothing, Precision) =
        (15, 3e-4, 0.02, 0.1, ComputePrecision.Float32);

    /// <summary>
    /// Whether the training begins with ImageNet's weights, which NuGet's package folder must have; false begins with random ones. The
    /// means and variances of batch norm follow the batches either way: kept from photographs they cost .1 UAR and more on validation
    /// speakers (docs/experiments.md). Default: true.
    /// </summary>
    public bool Pretrained { get; init; } = true;

    /// <summary>The file with ImageNet's weights, <c>ResNet18.onnx</c> of the package. Null, the default, takes it from the package
    /// folder: <see cref="ResNet18.PackagePath"/>. A fitted model does not need it.</summary>
    public string? WeightsPath { get; init; }

    /// <summary>Stages of the network that are kept, 1 to 4. Default: 3, which leave 256 features, of the default image 4 x 13 places,
    /// and a fifth of the weights at two thirds of the cost.</summary>
    public int Stages { get; init; } = 3;

    /// <summary>Stages that keep their first weights, from the first one on and with the convolution before it. Default: 0, none.</summary>
    public int FrozenStages { get; init; }

    /// <summary>Dropout before the last layer.</summary>
    public double Dropout { get; init; } = 0.4;

    internal override string Stage => "ResNet18";

    internal override ExampleEncoder CreateEncoder(IReadOnlyList<InputColumn> inputs)
    {
        (int height, int width) = inputs[0].RequireImage(Stage);
        return new ImageEncoder(height, width, Augmentation, CopyColumnNames.Count);
    }

    internal override nn.Module<Tensor, Tensor> CreateNetwork(IReadOnlyList<InputColumn> inputs, NetworkContext context)
    {
        var network = new ResNet18(context.Classes, context.Random, Stages, FrozenStages, Dropout);
        if (Pretrained) network.Load(Onnx.OnnxModel.Read(File.ReadAllBytes(WeightsPath ?? ResNet18.PackagePath())));
        return network;
    }

    private protected override void CheckMore(OptionsCheck check)
    {
        base.CheckMore(check);
        check.Require(Stages is >= 1 and <= 4, Stages, "be between 1 and 4")
            .Require(FrozenStages >= 0 && FrozenStages <= Stages, FrozenStages, "be between 0 (none) and Stages")
            .Require(Pretrained || FrozenStages == 0, FrozenStages, "be 0 without pretrained weights: random ones are no features")
            .Require(Dropout is >= 0 and < 1, Dropout, "be at least 0 and below 1");
    }

    internal override void RequireFiles()
    {
        string file = WeightsPath ?? ResNet18.PackagePath();
        new OptionsCheck(nameof(ResNet18Options)).Require(!Pretrained || File.Exists(file), file,
            $"name ResNet18.onnx of a package that this brings: dotnet package download {ResNet18.PackageName}@{ResNet18.PackageVersion} "
            + $"--output \"{ResNet18.PackageFolder()}\". There is no such file", nameof(WeightsPath)).ThrowIfAny();
    }
}
