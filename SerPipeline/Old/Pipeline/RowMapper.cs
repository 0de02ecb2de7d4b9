namespace SerPipeline.Old.Pipeline;

/// <summary>
/// A row-wise stage bound to one input schema: reads some columns of a row and computes new ones. Rows do not know each other, so any number of
/// threads may call <see cref="Map"/> at once.
/// </summary>
public abstract class RowMapper
{
    /// <summary>Creates the mapper.</summary>
    /// <param name="inputColumns">The positions of the columns it reads.</param>
    /// <param name="outputColumns">The columns it adds.</param>
    protected RowMapper(IReadOnlyList<int> inputColumns, IReadOnlyList<DataViewSchema.DetachedColumn> outputColumns)
    {
        InputColumns = inputColumns;
        OutputColumns = outputColumns;
    }

    /// <summary>The positions, in the input schema, of the columns it reads.</summary>
    public IReadOnlyList<int> InputColumns { get; }

    /// <summary>The columns it adds.</summary>
    public IReadOnlyList<DataViewSchema.DetachedColumn> OutputColumns { get; }

    /// <summary>
    /// Everything that shapes the outputs besides the inputs, as text; null when the outputs are not worth a place on disk or are not made of
    /// content alone. It becomes part of the cache key: a changed parameter never reads a stale feature.
    /// </summary>
    public virtual string? CacheSignature => null;

    /// <summary>For a stage that reads from outside the row (a file): what identifies the content it would read; null for every other stage.</summary>
    /// <param name="inputs">The row's values of <see cref="InputColumns"/>.</param>
    public virtual string? ContentKey(ReadOnlySpan<object?> inputs) => null;

    /// <summary>Computes one row.</summary>
    /// <param name="inputs">The row's values of <see cref="InputColumns"/>.</param>
    /// <param name="outputs">Receives the row's values of <see cref="OutputColumns"/>.</param>
    public abstract void Map(ReadOnlySpan<object?> inputs, Span<object?> outputs);

    /// <summary>A mapper of one column to one column.</summary>
    /// <typeparam name="TIn">The type of the input's values.</typeparam>
    /// <typeparam name="TOut">The type of the output's values.</typeparam>
    /// <param name="inputColumn">The position of the input.</param>
    /// <param name="outputColumn">The new column.</param>
    /// <param name="map">The function; called from several threads.</param>
    /// <param name="cacheSignature">See <see cref="CacheSignature"/>.</param>
    public static RowMapper Create<TIn, TOut>(int inputColumn, DataViewSchema.DetachedColumn outputColumn, Func<TIn, TOut> map, string? cacheSignature = null) =>
        new FunctionMapper<TIn, TOut>(inputColumn, outputColumn, map, cacheSignature);

    private sealed class FunctionMapper<TIn, TOut>(int input, DataViewSchema.DetachedColumn output, Func<TIn, TOut> map, string? signature)
        : RowMapper([input], [output])
    {
        public override string? CacheSignature => signature;

        public override void Map(ReadOnlySpan<object?> inputs, Span<object?> outputs) => outputs[0] = map((TIn)inputs[0]!);
    }
}

/// <summary>The base of stages that compute each row by itself.</summary>
/// <param name="context">Gives threads, cache and the rule for bad clips.</param>
public abstract class RowTransformer(SerContext context) : ISaveableTransformer
{
    /// <inheritdoc/>
    public abstract string StageName { get; }

    /// <summary>The context the stage runs under.</summary>
    protected SerContext Context { get; } = context ?? throw new ArgumentNullException(nameof(context));

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new DataViewSchema(inputSchema.Select(c => c.Detach()).Concat(Bind(inputSchema).OutputColumns));
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedDataView(input, Bind(input.Schema), Context);
    }

    /// <inheritdoc/>
    public abstract void Save(StageContent stage);

    /// <summary>Adds what the stage computes to an ONNX graph.</summary>
    /// <param name="onnx">The chain so far.</param>
    /// <exception cref="ModelExportException">The stage, or one of its settings, has no form in ONNX; the message says why.</exception>
    public virtual void Export(OnnxExport onnx) =>
        throw new ModelExportException($"{StageName} cannot be exported to ONNX: {GetType().Name} does not override {nameof(Export)}.");

    /// <summary>Binds the stage to the columns before it.</summary>
    /// <param name="schema">The columns.</param>
    /// <exception cref="SchemaException">A column is missing or of the wrong type.</exception>
    protected internal abstract RowMapper Bind(DataViewSchema schema);

    /// <summary>Finds a column of the type that the stage needs.</summary>
    /// <typeparam name="TType">The type.</typeparam>
    /// <param name="schema">The columns.</param>
    /// <param name="name">The column's name.</param>
    protected (int Index, TType Type) Find<TType>(DataViewSchema schema, string name) where TType : DataViewType
    {
        DataViewSchema.Column? column = schema.GetColumnOrNull(name);
        return column?.Type is TType type
            ? (column.Index, type)
            : throw new SchemaException(column is null
                ? $"{StageName} needs a column '{name}', and there is none. The columns are: {schema}."
                : $"{StageName} needs column '{name}' to be {typeof(TType).Name}, but it is {column.Type}.");
    }

    /// <summary>Whether an error means that one clip is bad, and not that the program is wrong.</summary>
    internal static bool IsBadClip(Exception e) => e is AudioFormatException or IOException or UnauthorizedAccessException;
}

/// <summary>An estimator that has nothing to learn: fitting gives the transformer it already holds.</summary>
/// <typeparam name="TTransformer">The stage.</typeparam>
/// <param name="transformer">The stage.</param>
public abstract class TrivialEstimator<TTransformer>(TTransformer transformer) : IEstimator<TTransformer>
    where TTransformer : RowTransformer
{
    /// <summary>The stage.</summary>
    protected TTransformer Transformer { get; } = transformer;

    /// <inheritdoc/>
    public TTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        GetOutputSchema(SchemaShape.Create(input.Schema));
        Transformer.GetOutputSchema(input.Schema);
        return Transformer;
    }

    /// <inheritdoc/>
    public abstract SchemaShape GetOutputSchema(SchemaShape inputSchema);
}
