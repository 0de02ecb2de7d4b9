using SerPipeline.Imaging;
using SerPipeline.Onnx;
using SerPipeline.Pipeline;
using SerPipeline.Torch.Layers;

namespace SerPipeline.Trainers;

/// <summary>Options of <see cref="ImageClassificationTrainer"/>.</summary>
public sealed record ImageClassificationOptions : NeuralTrainerOptions
{
    /// <summary>The image column to learn from.</summary>
    public override string FeatureColumnName { get; init; } = "Image";

    /// <inheritdoc/>
    public override int Epoch { get; init; } = 60;

    /// <inheritdoc/>
    public override double LearningRate { get; init; } = 3e-3;

    /// <inheritdoc/>
    public override double WeightDecay { get; init; } = 0.02;

    /// <inheritdoc/>
    public override double LabelSmoothing { get; init; } = 0.1;

    /// <summary>The network's size.</summary>
    public SpectrogramCnnOptions Architecture { get; init; } = new();

    /// <summary>What is done to training images.</summary>
    public SpectrogramAugmentationOptions Augmentation { get; init; } = new();

    private protected override void CheckMore(OptionsCheck check)
    {
        // Batch normalisation knows no variance of one example.
        check.Require(BatchSize != 1, BatchSize, "be at least 2, for batch normalisation");
        check.Require(Architecture is not null, Architecture, "be given").Require(Augmentation is not null, Augmentation, "be given");
        Architecture?.Check(check, nameof(Architecture));
        Augmentation?.Check(check, nameof(Augmentation));
    }
}

/// <summary>Trains a compact CNN on spectrogram images, with libtorch. The name is ML.NET's.</summary>
public sealed class ImageClassificationTrainer : NeuralTrainer<ImageClassificationModel>
{
    private readonly ImageClassificationOptions _options;

    // A copy of the list: the caller may go on changing his own.
    internal ImageClassificationTrainer(SerContext context, ImageClassificationOptions options) : base(context, options) =>
        _options = options with { Architecture = options.Architecture with { Channels = [.. options.Architecture.Channels] } };

    private protected override string Stage => ImageClassificationModel.Name;

    private protected override ColumnKind FeatureKind => ColumnKind.Image;

    private protected override int LeastExamples => 2;

    private protected override ExampleEncoder CreateEncoder(DataViewType feature)
    {
        var image = (ImageDataViewType)feature;
        if (image.Width == 0)
            throw new SchemaException($"{Stage} needs images of one width, but column '{_options.FeatureColumnName}' is {image}. Set Width in SpectrogramImage.");
        SpectrogramCnn.CheckSize(image.Height, image.Width, _options.Architecture);
        return new ImageEncoder(image.Height, image.Width, _options.Augmentation);
    }

    private protected override Module CreateNetwork(DataViewType feature, int classes, SeededRandom random)
    {
        var image = (ImageDataViewType)feature;
        return SpectrogramCnn.Create(image.Height, image.Width, classes, _options.Architecture, random);
    }

    private protected override ImageClassificationModel CreateModel(NeuralModelColumns columns, DataViewType feature, Module network, TrainingHistory history)
    {
        var image = (ImageDataViewType)feature;
        return new ImageClassificationModel(Context, new ImageClassificationModel.Settings(columns, image.Height, image.Width, _options.Architecture), network, history);
    }
}

/// <summary>A trained CNN over spectrogram images.</summary>
public sealed class ImageClassificationModel : NeuralModel
{
    internal const string Name = "ImageClassification";

    private readonly Settings _settings;
    private readonly ImageEncoder _encoder;

    internal ImageClassificationModel(SerContext context, Settings settings, Module network, TrainingHistory history)
        : base(context, settings.Columns, network, history)
    {
        _settings = settings;
        _encoder = new ImageEncoder(settings.Height, settings.Width, SpectrogramAugmentationOptions.None);
    }

    /// <inheritdoc/>
    public override string StageName => Name;

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.SetOptions(_settings);
        SaveNetwork(stage);
    }

    internal static ImageClassificationModel Load(StageContent stage, SerContext context)
    {
        Settings settings = stage.GetOptions<Settings>();
        settings.Columns.Check(Name);
        var check = new OptionsCheck(Name);
        settings.Architecture.Check(check, nameof(settings.Architecture));
        check.Require(settings.Height is >= 1 and <= 65_536, settings.Height, "be between 1 and 65536").Require(settings.Width is >= 1 and <= 65_536, settings.Width, "be between 1 and 65536").ThrowIfAny();
        RequireWeights(stage, SpectrogramCnn.LeastParameters(settings.Height, settings.Columns.Labels.Count, settings.Architecture));
        // The first weights are overwritten at once; any seed will do.
        Module network = SpectrogramCnn.Create(settings.Height, settings.Width, settings.Columns.Labels.Count, settings.Architecture, new SeededRandom(0));
        try
        {
            return new ImageClassificationModel(context, settings, network, LoadNetwork(stage, network));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected internal override RowMapper Bind(DataViewSchema schema)
    {
        (int index, ImageDataViewType type) = Find<ImageDataViewType>(schema, Columns.Feature);
        if (type.Height != _settings.Height || type.Width != _settings.Width)
            throw new SchemaException($"{Name} was trained on images of {_settings.Height} x {_settings.Width}, but column '{Columns.Feature}' is {type}.");
        return new ScoreMapper<GrayImage>(index, OutputColumns(), Score);
    }

    private protected override OnnxValue Encoded(OnnxValue feature) => ImageEncoder.Export(feature);

    private float[] Score(GrayImage image)
    {
        var values = new float[_encoder.Values];
        _encoder.Encode(image.Pixels, values);
        return Score(values, [1, .. _encoder.Shape]);
    }

    internal sealed record Settings(NeuralModelColumns Columns, int Height, int Width, SpectrogramCnnOptions Architecture);
}
