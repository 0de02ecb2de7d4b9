using System.Globalization;
using SerPipeline.Audio;
using SerPipeline.Dsp;
using SerPipeline.Pipeline;

namespace SerPipeline.Transforms;

/// <summary>Turns audio into the mean over time of each of its cepstral coefficients, as in the paper.</summary>
public sealed class PaperMfccEstimator : TrivialEstimator<PaperMfccTransformer>
{
    internal PaperMfccEstimator(PaperMfccTransformer transformer) : base(transformer) { }

    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        inputSchema.Require(PaperMfccTransformer.Name, Transformer.Settings.Input, ColumnKind.Audio);
        return inputSchema.With(new SchemaShape.Column(Transformer.Settings.Output, ColumnKind.Vector));
    }
}

/// <summary>Turns audio into the mean over time of each of its cepstral coefficients; the slots are named <c>mfcc_00</c> and so on.</summary>
public sealed class PaperMfccTransformer : RowTransformer
{
    internal const string Name = "PaperMfcc";

    // Part of every cache key: raise it when the extractor comes to give other values.
    private const int Revision = 1;

    private readonly PaperMfcc _extractor;

    internal PaperMfccTransformer(SerContext context, StageSettings<PaperMfccOptions> settings) : base(context)
    {
        Settings = settings;
        _extractor = new PaperMfcc(settings.Options);
    }

    /// <inheritdoc/>
    public override string StageName => Name;

    internal StageSettings<PaperMfccOptions> Settings { get; }

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.SetOptions(Settings);
    }

    internal static PaperMfccTransformer Load(StageContent stage, SerContext context) =>
        new(context, stage.GetOptions<StageSettings<PaperMfccOptions>>());

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
