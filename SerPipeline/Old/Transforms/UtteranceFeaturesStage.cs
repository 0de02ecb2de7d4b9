using System.Globalization;
using SerPipeline.Audio;
using SerPipeline.Features;
using SerPipeline.Old.Pipeline;

namespace SerPipeline.Old.Transforms;

/// <summary>Turns audio into one vector a clip: statistics of spectra, cepstra, pitch and energy over time.</summary>
public sealed class UtteranceFeaturesEstimator : ClipVectorEstimator<UtteranceFeaturesTransformer>
{
    internal UtteranceFeaturesEstimator(UtteranceFeaturesTransformer transformer) : base(transformer) { }
}

/// <summary>Turns audio into one vector a clip; its slots are named.</summary>
public sealed class UtteranceFeaturesTransformer : ClipVectorTransformer
{
    internal const string Name = "UtteranceFeatures";

    // Part of every cache key: raise it when the extractor comes to give other values.
    private const int Revision = 2;

    private readonly UtteranceFeatures _extractor;

    internal UtteranceFeaturesTransformer(SerContext context, StageSettings<UtteranceFeatureOptions> settings) : base(context, settings.Input, settings.Output)
    {
        Settings = settings;
        _extractor = new UtteranceFeatures(settings.Options);
    }

    /// <inheritdoc/>
    public override string StageName => Name;

    internal StageSettings<UtteranceFeatureOptions> Settings { get; }

    private protected override int SampleRateHz => Settings.Options.SampleRateHz;

    private protected override IReadOnlyList<string> SlotNames => _extractor.Names;

    private protected override string Signature => string.Create(CultureInfo.InvariantCulture, $"{Name}.{Revision} {Settings.Options}");

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.SetOptions(Settings);
    }

    internal static UtteranceFeaturesTransformer Load(StageContent stage, SerContext context) => new(context, stage.GetOptions<StageSettings<UtteranceFeatureOptions>>());

    /// <inheritdoc/>
    public override void Export(OnnxExport onnx)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        onnx.Set(Output, new OnnxColumn(UtteranceExport.Add(onnx.Get(Name, Settings.Input), _extractor)));
    }

    private protected override float[] Extract(AudioClip clip) => _extractor.Extract(clip.Samples);
}
