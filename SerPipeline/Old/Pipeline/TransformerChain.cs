namespace SerPipeline.Old.Pipeline;

/// <summary>Fitted stages in order, themselves one stage. Owns them: disposing it frees their native memory.</summary>
/// <typeparam name="TLastTransformer">The type of the last stage.</typeparam>
public sealed class TransformerChain<TLastTransformer> : ITransformer, ITransformerChain, IDisposable
    where TLastTransformer : class, ITransformer
{
    private readonly ITransformer[] _transformers;

    /// <summary>Creates a chain.</summary>
    /// <param name="transformers">The stages in order, at least one; the last is a <typeparamref name="TLastTransformer"/>.</param>
    public TransformerChain(params ITransformer[] transformers)
    {
        ArgumentNullException.ThrowIfNull(transformers);
        if (transformers.Length == 0 || transformers[^1] is not TLastTransformer)
            throw new ArgumentException($"A chain has at least one stage and ends in {typeof(TLastTransformer).Name}.", nameof(transformers));
        _transformers = [.. transformers];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ITransformer> Transformers => _transformers;

    /// <summary>The last stage.</summary>
    public TLastTransformer LastTransformer => (TLastTransformer)_transformers[^1];

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return _transformers.Aggregate(inputSchema, (schema, stage) => stage.GetOutputSchema(schema));
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        GetOutputSchema(input.Schema);
        return _transformers.Aggregate(input, (data, stage) => stage.Transform(data));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable stage in _transformers.OfType<IDisposable>()) stage.Dispose();
    }
}

/// <summary>A fitted chain, whatever its last stage.</summary>
public interface ITransformerChain : ITransformer
{
    /// <summary>The stages in order.</summary>
    IReadOnlyList<ITransformer> Transformers { get; }
}
