using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using SerPipeline.Features;
using SerPipeline.Onnx;

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
    internal const string Name = "SpectrogramImage";

    // Part of every cache key: raise it when the renderer comes to give other pixels.
    private const int Revision = 1;

    internal SpectrogramImageTransformer(string outputColumnName, string? inputColumnName, SpectrogramRendererOptions options)
        : base(outputColumnName, inputColumnName)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options with { };
        Renderer = new SpectrogramRenderer(Options);
    }

    // The bands of the schema that the stage was first bound to, which saving needs: fitting binds it.
    private int _bands;

    /// <summary>How frames become pixels.</summary>
    public SpectrogramRendererOptions Options { get; }

    /// <summary>The same pixels, one byte each, without an <see cref="MLImage"/>.</summary>
    internal SpectrogramRenderer Renderer { get; }

    internal override string StageName => Name;

    internal override string Signature => string.Create(CultureInfo.InvariantCulture, $"{Name}.{Revision} {Options}");

    internal override SchemaShape.Column OutputShape =>
        MlNetInternals.ShapeColumn(OutputColumnName, SchemaShape.Column.VectorKind.Scalar, new ImageDataViewType(), false, null);

    private protected override DataViewType SavedInput => _bands > 0
        ? new VectorDataViewType(NumberDataViewType.Single, _bands, 0)
        : throw new InvalidOperationException($"{Name} cannot be saved before it has seen its input column: the number of bands is not "
        + "known.");

    internal override BoundStage Bind(DataViewSchema.Column input)
    {
        if (input.Type is not VectorDataViewType { Dimensions: [> 0 and var bands, _] })
            throw new SchemaException(
                $"{Name} needs column '{InputColumnName}' to be frames [bands, frames] with a fixed number of bands, "
                + $"but it is {input.Type}.");
        if (_bands == 0) _bands = bands;
        // One column a frame: every image has a width of its own.
        ImageDataViewType type = Options.Width == 0 ? new() : new(bands, Options.Width);
        return new(type, null, frames => Render((float[])frames, bands));
    }

    internal override OnnxColumn AddOnnx(OnnxColumn input) => SpectrogramRendererOnnx.Add(input, Options);

    private GrayImage Render(float[] frames, int bands) => frames.Length > 0
        ? Renderer.Render(frames, bands, frames.Length / bands).Image
        : throw new AudioFormatException($"{Name} got a clip without frames in column '{InputColumnName}'.");
}
