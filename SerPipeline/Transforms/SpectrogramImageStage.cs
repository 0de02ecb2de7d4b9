using Microsoft.ML.Transforms.Image;
using SerPipeline.Features;

namespace SerPipeline.Transforms;

/// <summary>Renders frames to an image; see <see cref="TransformsCatalogExtensions.SpectrogramImage"/>.</summary>
public sealed class SpectrogramImageEstimator : RowEstimator<SpectrogramImageTransformer>
{
    internal SpectrogramImageEstimator(SpectrogramImageTransformer transformer) : base(transformer) { }

    private protected override SpectrogramImageTransformer Fitted() => new(Transformer.OutputColumnName, Transformer.InputColumnName,
        Transformer.Options);
}

/// <summary>Renders frames <c>[bands, frames]</c> to an image of height bands: grey in red, green and blue, opaque.</summary>
public sealed class SpectrogramImageTransformer : RowTransformer
{
    // The bands of the schema that the stage was first bound to, which saving needs: fitting binds it.
    private int _bands;

    internal SpectrogramImageTransformer(string outputColumnName, string? inputColumnName, SpectrogramRendererOptions options)
        : base(outputColumnName, inputColumnName, ClipStage.SpectrogramImage(options)) { }

    /// <summary>How frames become pixels.</summary>
    public SpectrogramRendererOptions Options => (SpectrogramRendererOptions)Stage.Options;

    internal override SchemaShape.Column OutputShape =>
        MlNetInternals.ShapeColumn(OutputColumnName, SchemaShape.Column.VectorKind.Scalar, new ImageDataViewType(), false, null);

    private protected override DataViewType SavedInput => _bands > 0
        ? new VectorDataViewType(NumberDataViewType.Single, _bands, 0)
        : throw new InvalidOperationException($"{StageName} cannot be saved before it has seen its input column: the number of bands is "
        + "not known.");

    internal override BoundStage Bind(DataViewSchema.Column input)
    {
        if (input.Type is not VectorDataViewType { Dimensions: [> 0 and var bands, _] })
            throw new SchemaException(
                $"{StageName} needs column '{InputColumnName}' to be frames [bands, frames] with a fixed number of bands, "
                + $"but it is {input.Type}.");
        if (_bands == 0) _bands = bands;
        // One column a frame: every image has a width of its own.
        ImageDataViewType type = Options.Width == 0 ? new() : new(bands, Options.Width);
        return new(type, null, frames => Map(frames, bands));
    }
}
