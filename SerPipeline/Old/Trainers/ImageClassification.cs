using System.Runtime.InteropServices;
using SerPipeline.Features;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Onnx;
using SerPipeline.Trainers;

namespace SerPipeline.Old.Trainers;

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

    /// <summary>
    /// A vector column beside the image, such as <c>UtteranceFeatures</c> normalised by <c>NormalizeMeanVariance</c>, that the last layer reads as well: pitch, energy,
    /// voice quality and rhythm of the whole utterance, which the image does not hold or not exactly. Null for none.
    /// </summary>
    public string? ProsodyColumnName { get; init; }

    internal override IReadOnlyList<string> InputColumnNames => ProsodyColumnName is { } prosody ? [FeatureColumnName, prosody] : [FeatureColumnName];

    private protected override void CheckMore(OptionsCheck check)
    {
        check.Require(ProsodyColumnName is null || !string.IsNullOrWhiteSpace(ProsodyColumnName), ProsodyColumnName, "name a column, or be null for none");
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

    private protected override ExampleEncoder CreateEncoder(IReadOnlyList<DataViewType> inputs)
    {
        var image = (ImageDataViewType)inputs[0];
        if (image.Width == 0)
            throw new SchemaException($"{Stage} needs images of one width, but column '{_options.FeatureColumnName}' is {image}. Set Width in SpectrogramImage.");
        SpectrogramCnn.CheckSize(image.Height, image.Width, _options.Architecture);
        if (inputs.Count > 1 && ProsodySize(inputs) == 0)
            throw new SchemaException($"{Stage} needs vectors of one length, but column '{_options.ProsodyColumnName}' is {inputs[1]}.");
        return ImageClassificationModel.CreateEncoder(image.Height, image.Width, ProsodySize(inputs), _options.Augmentation);
    }

    private protected override Module CreateNetwork(IReadOnlyList<DataViewType> inputs, int classes, SeededRandom random)
    {
        var image = (ImageDataViewType)inputs[0];
        return SpectrogramCnn.Create(image.Height, image.Width, ProsodySize(inputs), classes, _options.Architecture, random);
    }

    private protected override ImageClassificationModel CreateModel(NeuralModelColumns columns, IReadOnlyList<DataViewType> inputs, Module network, TrainingHistory history)
    {
        var image = (ImageDataViewType)inputs[0];
        ProsodyInput? prosody = _options.ProsodyColumnName is { } name ? new ProsodyInput(name, ProsodySize(inputs)) : null;
        return new ImageClassificationModel(Context, new ImageClassificationModel.Settings(columns, image.Height, image.Width, _options.Architecture, prosody), network, history);
    }

    private static int ProsodySize(IReadOnlyList<DataViewType> inputs) => inputs.Count > 1 ? ((VectorDataViewType)inputs[1]).Size : 0;
}

/// <summary>A trained CNN over spectrogram images.</summary>
public sealed class ImageClassificationModel : NeuralModel
{
    internal const string Name = "ImageClassification";

    private readonly Settings _settings;
    private readonly ExampleEncoder _encoder;

    internal ImageClassificationModel(SerContext context, Settings settings, Module network, TrainingHistory history)
        : base(context, settings.Columns, network, history)
    {
        _settings = settings;
        _encoder = CreateEncoder(settings.Height, settings.Width, settings.ProsodyValues, SpectrogramAugmentationOptions.None);
    }

    internal static ExampleEncoder CreateEncoder(int height, int width, int prosody, SpectrogramAugmentationOptions augmentation)
    {
        var image = new ImageEncoder(height, width, augmentation);
        return prosody == 0 ? image : new ImageAndVectorEncoder(image, new VectorEncoder(prosody));
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
        check.Require(settings.Height is >= 1 and <= 65_536, settings.Height, "be between 1 and 65536").Require(settings.Width is >= 1 and <= 65_536, settings.Width, "be between 1 and 65536")
            .Require(settings.Prosody is null or { Values: >= 1 and <= 1_000_000, Column.Length: > 0 }, settings.Prosody, "name a column and have between 1 and 1000000 values", nameof(settings.Prosody)).ThrowIfAny();
        RequireWeights(stage, SpectrogramCnn.LeastParameters(settings.Height, settings.ProsodyValues, settings.Columns.Labels.Count, settings.Architecture));
        // The first weights are overwritten at once; any seed will do.
        Module network = SpectrogramCnn.Create(settings.Height, settings.Width, settings.ProsodyValues, settings.Columns.Labels.Count, settings.Architecture, new SeededRandom(0));
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
        if (_settings.Prosody is not { } prosody) return new ScoreMapper<GrayImage>(index, OutputColumns(), image => Score(image.Pixels));
        (int second, VectorDataViewType vector) = Find<VectorDataViewType>(schema, prosody.Column);
        if (vector.Size != prosody.Values)
            throw new SchemaException($"{Name} was trained on vectors of {prosody.Values}, but column '{prosody.Column}' is {vector}.");
        return new ScoreMapper<GrayImage, VBuffer<float>>(index, second, OutputColumns(), (image, values) => Score([.. image.Pixels, .. MemoryMarshal.AsBytes(values.GetValues())]));
    }

    private protected override OnnxValue Encoded(OnnxExport onnx)
    {
        OnnxValue image = ImageEncoder.Export(base.Encoded(onnx));
        return _settings.Prosody is not { } prosody ? image : onnx.Graph.Concat(1, image.Reshape(0, -1), onnx.Get(Name, prosody.Column).Values);
    }

    private float[] Score(byte[] row)
    {
        var values = new float[_encoder.Values];
        _encoder.Encode(row, values);
        return Score(values, [1, .. _encoder.Shape]);
    }

    internal sealed record Settings(NeuralModelColumns Columns, int Height, int Width, SpectrogramCnnOptions Architecture, ProsodyInput? Prosody = null)
    {
        public int ProsodyValues => Prosody?.Values ?? 0;
    }
}

/// <summary>The vector column that a network over images reads as well.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Values">Its length.</param>
internal sealed record ProsodyInput(string Column, int Values);
