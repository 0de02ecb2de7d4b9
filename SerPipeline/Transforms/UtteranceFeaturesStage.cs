using System.Globalization;
using SerPipeline.Audio;
using SerPipeline.Dsp;
using SerPipeline.Pipeline;

namespace SerPipeline.Transforms;

/// <summary>Turns audio into one vector a clip: statistics of spectra, cepstra, pitch and energy over time.</summary>
public sealed class UtteranceFeaturesEstimator : TrivialEstimator<UtteranceFeaturesTransformer>
{
    internal UtteranceFeaturesEstimator(UtteranceFeaturesTransformer transformer) : base(transformer) { }

    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        inputSchema.Require(UtteranceFeaturesTransformer.Name, Transformer.Settings.Input, ColumnKind.Audio);
        return inputSchema.With(new SchemaShape.Column(Transformer.Settings.Output, ColumnKind.Vector));
    }
}

/// <summary>Turns audio into one vector a clip; its slots are named.</summary>
public sealed class UtteranceFeaturesTransformer : RowTransformer
{
    internal const string Name = "UtteranceFeatures";

    // Part of every cache key: raise it when the extractor comes to give other values.
    private const int Revision = 1;

    private readonly UtteranceFeatures _extractor;

    internal UtteranceFeaturesTransformer(SerContext context, StageSettings<UtteranceFeatureOptions> settings) : base(context)
    {
        Settings = settings;
        _extractor = new UtteranceFeatures(settings.Options);
    }

    /// <inheritdoc/>
    public override string StageName => Name;

    internal StageSettings<UtteranceFeatureOptions> Settings { get; }

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.SetOptions(Settings);
    }

    internal static UtteranceFeaturesTransformer Load(StageContent stage, SerContext context) =>
        new(context, stage.GetOptions<StageSettings<UtteranceFeatureOptions>>());

    /// <inheritdoc/>
    protected internal override RowMapper Bind(DataViewSchema schema)
    {
        (int index, AudioDataViewType audio) = Find<AudioDataViewType>(schema, Settings.Input);
        RateCheck.Require(Name, Settings.Input, audio, Settings.Options.SampleRateHz);
        var column = new DataViewSchema.DetachedColumn(
            Settings.Output, new VectorDataViewType(_extractor.Names.Count), new ColumnAnnotations { SlotNames = _extractor.Names });
        return RowMapper.Create<AudioClip, VBuffer<float>>(
            index, column, clip => new VBuffer<float>(_extractor.Extract(clip.Samples)),
            string.Create(CultureInfo.InvariantCulture, $"{Name}.{Revision} {Settings.Options}"));
    }
}
