using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Features;
using SerPipeline.Onnx;

namespace SerPipeline.Transforms;

/// <summary>Turns audio into one vector a clip; see <see cref="TransformsCatalogExtensions.UtteranceFeatures"/>.</summary>
public sealed class UtteranceFeaturesEstimator : RowEstimator<UtteranceFeaturesTransformer>
{
    internal UtteranceFeaturesEstimator(UtteranceFeaturesTransformer transformer) : base(transformer) { }
}

/// <summary>Turns audio into one vector a clip, statistics of spectra, cepstra, pitch and energy over time; its slots are named.</summary>
public sealed class UtteranceFeaturesTransformer : RowTransformer
{
    internal const string Name = "UtteranceFeatures";

    // Part of every cache key: raise it when the extractor comes to give other values.
    private const int Revision = 2;

    private readonly UtteranceFeatures _extractor;

    internal UtteranceFeaturesTransformer(string outputColumnName, string? inputColumnName, UtteranceFeatureOptions options)
        : base(outputColumnName, inputColumnName)
    {
        ArgumentNullException.ThrowIfNull(options);
        _extractor = new UtteranceFeatures(options with { });
    }

    /// <summary>What is computed.</summary>
    public UtteranceFeatureOptions Options => _extractor.Options;

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

    internal override OnnxColumn AddOnnx(OnnxColumn input) => new(UtteranceFeaturesOnnx.Add(input, _extractor));
}
