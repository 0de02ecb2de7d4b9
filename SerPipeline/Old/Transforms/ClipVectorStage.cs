using SerPipeline.Audio;
using SerPipeline.Old.Pipeline;


namespace SerPipeline.Old.Transforms;

/// <summary>The base of estimators whose transformer turns a clip's audio into one vector.</summary>
/// <typeparam name="TTransformer">The transformer.</typeparam>
public abstract class ClipVectorEstimator<TTransformer> : TrivialEstimator<TTransformer> where TTransformer : ClipVectorTransformer
{
    private protected ClipVectorEstimator(TTransformer transformer) : base(transformer) { }

    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        inputSchema.Require(Transformer.StageName, Transformer.Input, ColumnKind.Audio);
        return inputSchema.With(new SchemaShape.Column(Transformer.Output, ColumnKind.Vector));
    }
}

/// <summary>The base of stages that turn a clip's audio into one vector with named slots.</summary>
public abstract class ClipVectorTransformer : RowTransformer
{
    private protected ClipVectorTransformer(SerContext context, string input, string output) : base(context) => (Input, Output) = (input, output);

    internal string Input { get; }

    internal string Output { get; }

    private protected abstract int SampleRateHz { get; }

    private protected abstract IReadOnlyList<string> SlotNames { get; }

    /// <summary>Names everything that shapes the values, for cache keys.</summary>
    private protected abstract string Signature { get; }

    private protected abstract float[] Extract(AudioClip clip);

    /// <inheritdoc/>
    protected internal override RowMapper Bind(DataViewSchema schema)
    {
        (int index, AudioDataViewType audio) = Find<AudioDataViewType>(schema, Input);
        RateCheck.Require(StageName, Input, audio, SampleRateHz);
        var column = new DataViewSchema.DetachedColumn(Output, new VectorDataViewType(SlotNames.Count), new ColumnAnnotations { SlotNames = SlotNames });
        return RowMapper.Create<AudioClip, VBuffer<float>>(index, column, clip => new VBuffer<float>(Extract(clip)), Signature);
    }
}
