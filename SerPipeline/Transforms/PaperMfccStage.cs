using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Features;
using SerPipeline.Onnx;

namespace SerPipeline.Transforms;

/// <summary>
/// Turns audio into the mean over time of each of its cepstral coefficients; see <see cref="TransformsCatalogExtensions.PaperMfcc"/>.
/// </summary>
public sealed class PaperMfccEstimator : RowEstimator<PaperMfccTransformer>
{
    internal PaperMfccEstimator(PaperMfccTransformer transformer) : base(transformer) { }
}

/// <summary>
/// Turns audio into the mean over time of each of its cepstral coefficients, as in the paper; the slots are named <c>mfcc_00 </c> and so
/// on.
/// </summary>
public sealed class PaperMfccTransformer : RowTransformer
{
    internal const string Name = "PaperMfcc";

    // Part of every cache key: raise it when the extractor comes to give other values.
    private const int Revision = 1;

    private readonly PaperMfcc _extractor;

    internal PaperMfccTransformer(string outputColumnName, string? inputColumnName, PaperMfccOptions options)
        : base(outputColumnName, inputColumnName)
    {
        ArgumentNullException.ThrowIfNull(options);
        _extractor = new PaperMfcc(options with { });
    }

    /// <summary>What is computed.</summary>
    public PaperMfccOptions Options => _extractor.Options;

    internal override string StageName => Name;

    internal override string Signature => string.Create(CultureInfo.InvariantCulture, $"{Name}.{Revision} {Options}");

    internal override SchemaShape.Column OutputShape => Waveform.NamedSlotsShape(OutputColumnName);

    internal override BoundStage Bind(DataViewSchema.Column input)
    {
        RequireRate(input, Options.SampleRateHz);
        return new(
            new VectorDataViewType(NumberDataViewType.Single, _extractor.Names.Count), Waveform.SlotAnnotations(_extractor.Names),
            samples => _extractor.Extract(RequireSamples(samples)));
    }

    internal override OnnxColumn AddOnnx(OnnxColumn input) => new(PaperMfccOnnx.Add(input, Options));
}
