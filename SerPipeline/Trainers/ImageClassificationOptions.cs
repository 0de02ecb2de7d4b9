using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>What the options of trainers over spectrogram images share.</summary>
/// <remarks>
/// Their feature column holds pixels, as <c>ExtractPixels</c> makes them: Vector&lt;Single, 1, height, width&gt; or [height, width], levels
/// 0 to 255. Images without a pixel above 1 are refused: they were scaled; so are images of one level.
/// </remarks>
public abstract record ImageTrainerOptions : NeuralTrainerOptions
{
    private protected ImageTrainerOptions() => FeatureColumnName = "Pixels";

    /// <summary>What is done to training images.</summary>
    public SpectrogramAugmentationOptions Augmentation { get; init; } = new();

    /// <summary>
    /// Columns with the pixels of copies of the same clip, such as over a telephone: each time that a training image is shown it is one of
    /// them with a chance of a half. A trained model does not read them. Default: none.
    /// </summary>
    public IReadOnlyList<string> CopyColumnNames { get; init; } = [];

    internal override IReadOnlyList<string> TrainingOnlyColumnNames => CopyColumnNames;

    internal override bool ReadsImages => true;

    internal override int LeastExamples => 2;

    internal override NeuralTrainerOptions Copied() =>
        ((ImageTrainerOptions)base.Copied()) with { CopyColumnNames = [.. CopyColumnNames] };

    private protected override void CheckMore(OptionsCheck check)
    {
        check.Require(CopyColumnNames is not null && CopyColumnNames.All(name => !string.IsNullOrWhiteSpace(name)),
            CopyColumnNames?.Count ?? 0, "name columns, or be empty", nameof(CopyColumnNames))
            // Batch normalisation knows no variance of one example.
            .Require(BatchSize != 1, BatchSize, "be at least 2, for batch normalisation")
            .Require(Augmentation is not null, Augmentation, "be given");
        Augmentation?.Check(check, nameof(Augmentation));
    }
}

/// <summary>Options of <c>Trainers.ImageClassification</c>: a compact CNN over spectrogram images.</summary>
public sealed record ImageClassificationOptions : ImageTrainerOptions
{
    /// <summary>The defaults: column Pixels, a learning rate of 3e-3, weight decay .02, label smoothing .1, and 60 epochs of which the
    /// last is kept.</summary>
    /// <remarks>An epoch chosen on validation speakers scored worse on new speakers: docs/experiments.md, rows 44 and 45.</remarks>
    public ImageClassificationOptions() => (LearningRate, WeightDecay, LabelSmoothing) = (3e-3, 0.02, 0.1);

    /// <summary>The network's size.</summary>
    public SpectrogramCnnOptions Architecture { get; init; } = new();

    /// <summary>
    /// A vector column beside the image, such as <c>UtteranceFeatures</c> normalised by <c>NormalizeMeanVariance</c>, that the last layer
    /// reads as well: pitch, energy,
    /// voice quality and rhythm of the whole utterance, which the image does not hold or not exactly. Null for none.
    /// </summary>
    public string? ProsodyColumnName { get; init; }

    internal override IReadOnlyList<string> InputColumnNames =>
        ProsodyColumnName is { } prosody ? [FeatureColumnName, prosody] : [FeatureColumnName];

    private protected override void CheckMore(OptionsCheck check)
    {
        base.CheckMore(check);
        check.Require(ProsodyColumnName is null || !string.IsNullOrWhiteSpace(ProsodyColumnName), ProsodyColumnName,
            "name a column, or be null for none")
            .Require(ProsodyColumnName is null || CopyColumnNames is { Count: 0 }, ProsodyColumnName,
                "be null with copies of the image: the vector would be of another recording", nameof(ProsodyColumnName))
            .Require(Architecture is not null, Architecture, "be given");
        Architecture?.Check(check, nameof(Architecture));
    }

    internal override string Stage => "ImageClassification";

    internal override ExampleEncoder CreateEncoder(IReadOnlyList<InputColumn> inputs)
    {
        (int height, int width) = inputs[0].RequireImage(Stage);
        Architecture.CheckSize(height, width);
        var image = new ImageEncoder(height, width, Augmentation, CopyColumnNames.Count);
        return inputs.Count == 1 ? image : new ImageAndVectorEncoder(image, new VectorEncoder(inputs[1].Size));
    }

    internal override nn.Module<Tensor, Tensor> CreateNetwork(IReadOnlyList<InputColumn> inputs, NetworkContext context)
    {
        (int height, int width) = inputs[0].RequireImage(Stage);
        return new SpectrogramCnn(height, width, context.Classes, Architecture, context.Random, inputs.Count > 1 ? inputs[1].Size : 0);
    }

    internal override NeuralTrainerOptions Copied() => ((ImageClassificationOptions)base.Copied()) with
    {
        Architecture = Architecture with { Channels = [.. Architecture.Channels] },
    };
}
