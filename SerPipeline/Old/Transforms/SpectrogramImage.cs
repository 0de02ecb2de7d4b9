using System.Globalization;
using SerPipeline.Features;
using SerPipeline.Old.Pipeline;

namespace SerPipeline.Old.Transforms;

/// <summary>Renders frames [bands, frames] to a grey image [height = bands, width] for the network.</summary>
public sealed class SpectrogramImageEstimator : TrivialEstimator<SpectrogramImageTransformer>
{
    internal SpectrogramImageEstimator(SpectrogramImageTransformer transformer) : base(transformer) { }

    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        inputSchema.Require(SpectrogramImageTransformer.Name, Transformer.Settings.Input, ColumnKind.Vector);
        return inputSchema.With(new SchemaShape.Column(Transformer.Settings.Output, ColumnKind.Image));
    }
}

/// <summary>Renders frames [bands, frames] to a grey image [height = bands, width] for the network.</summary>
public sealed class SpectrogramImageTransformer : RowTransformer
{
    internal const string Name = "SpectrogramImage";

    // Part of every cache key: raise it when the renderer comes to give other pixels.
    private const int Revision = 1;

    private readonly SpectrogramRenderer _renderer;

    internal SpectrogramImageTransformer(SerContext context, StageSettings<SpectrogramRendererOptions> settings) : base(context)
    {
        Settings = settings;
        _renderer = new SpectrogramRenderer(settings.Options);
    }

    /// <inheritdoc/>
    public override string StageName => Name;

    /// <summary>How frames become pixels.</summary>
    public SpectrogramRendererOptions Options => Settings.Options;

    internal StageSettings<SpectrogramRendererOptions> Settings { get; }

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.SetOptions(Settings);
    }

    internal static SpectrogramImageTransformer Load(StageContent stage, SerContext context) =>
        new(context, stage.GetOptions<StageSettings<SpectrogramRendererOptions>>());

    /// <inheritdoc/>
    public override void Export(OnnxExport onnx)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        onnx.Set(Settings.Output, ImageExport.Add(onnx.Get(Name, Settings.Input), Options));
    }

    /// <inheritdoc/>
    protected internal override RowMapper Bind(DataViewSchema schema)
    {
        (int index, VectorDataViewType type) = Find<VectorDataViewType>(schema, Settings.Input);
        if (type.Dimensions.Count != 2 || type.Dimensions[0] == 0)
            throw new SchemaException($"{Name} needs column '{Settings.Input}' to be frames [bands, frames] with a fixed number of bands, but it is {type}.");
        int bands = type.Dimensions[0];
        var column = new DataViewSchema.DetachedColumn(Settings.Output, new ImageDataViewType(bands, Options.Width));
        return RowMapper.Create<VBuffer<float>, GrayImage>(
            index, column, frames => _renderer.Render(frames.GetValues(), bands, frames.Length / bands).Image,
            string.Create(CultureInfo.InvariantCulture, $"{Name}.{Revision} {Options}"));
    }
}
