namespace SerPipeline.Old.Pipeline;

/// <summary>Stages in order. Immutable: <see cref="Append"/> gives a new chain.</summary>
/// <typeparam name="TLastTransformer">What fitting the last stage gives.</typeparam>
public sealed class EstimatorChain<TLastTransformer> : IEstimator<TransformerChain<TLastTransformer>>
    where TLastTransformer : class, ITransformer
{
    private readonly IEstimator<ITransformer>[] _estimators;

    internal EstimatorChain(IEstimator<ITransformer>[] estimators) => _estimators = estimators;

    /// <summary>The stages in order.</summary>
    public IReadOnlyList<IEstimator<ITransformer>> Estimators => _estimators;

    /// <summary>This chain with one more stage at its end.</summary>
    /// <typeparam name="TNewTransformer">What fitting the new stage gives.</typeparam>
    /// <param name="estimator">The stage.</param>
    public EstimatorChain<TNewTransformer> Append<TNewTransformer>(IEstimator<TNewTransformer> estimator)
        where TNewTransformer : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(estimator);
        return new EstimatorChain<TNewTransformer>([.. _estimators, estimator]);
    }

    /// <inheritdoc/>
    public TransformerChain<TLastTransformer> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        // Walk the columns down the whole chain first: a wrong name at the end must not cost the time of the stages before it.
        GetOutputSchema(SchemaShape.Create(input.Schema));
        var fitted = new ITransformer[_estimators.Length];
        IDataView data = input;
        try
        {
            for (int i = 0; i < fitted.Length; i++)
            {
                fitted[i] = _estimators[i].Fit(data);
                if (i < fitted.Length - 1) data = fitted[i].Transform(data);
            }
            return new TransformerChain<TLastTransformer>(fitted);
        }
        catch
        {
            // Nobody else can free what the stages before the failing one hold.
            foreach (IDisposable stage in fitted.OfType<IDisposable>()) stage.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return _estimators.Aggregate(inputSchema, (schema, estimator) => estimator.GetOutputSchema(schema));
    }
}

/// <summary>Starts chains.</summary>
public static class EstimatorExtensions
{
    /// <summary>A chain of two stages.</summary>
    /// <typeparam name="TFirst">What fitting the first gives.</typeparam>
    /// <typeparam name="TSecond">What fitting the second gives.</typeparam>
    /// <param name="first">The first stage.</param>
    /// <param name="second">The stage after it.</param>
    public static EstimatorChain<TSecond> Append<TFirst, TSecond>(this IEstimator<TFirst> first, IEstimator<TSecond> second)
        where TFirst : class, ITransformer
        where TSecond : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return new EstimatorChain<TSecond>([first, second]);
    }
}
