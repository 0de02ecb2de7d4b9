using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Onnx;

namespace SerPipeline.Transforms;

/// <summary>
/// The base of stages that compute one new column from one column, row by row. In <see cref="Transform"/> stages that follow each other
/// are computed together on
/// all cores, rows in order and a few in flight; the row mapper computes on the caller's thread.
/// </summary>
public abstract class RowTransformer : ITransformer
{
    private protected RowTransformer(string outputColumnName, string? inputColumnName)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        if (inputColumnName is { Length: 0 }) throw new ArgumentException("Expected a column's name or null, got an empty one.",
            nameof(inputColumnName));
        OutputColumnName = outputColumnName;
        InputColumnName = inputColumnName ?? outputColumnName;
    }

    /// <summary>The column it adds.</summary>
    public string OutputColumnName { get; }

    /// <summary>The column it reads.</summary>
    public string InputColumnName { get; }

    /// <summary>True: a row depends on no other.</summary>
    public bool IsRowToRowMapper => true;

    /// <summary>The name that messages and model files use: the catalog method's.</summary>
    internal abstract string StageName { get; }

    /// <summary>
    /// Everything that shapes the output besides the input, as text: part of the cache key, so that a changed parameter never reads a
    /// stale feature.
    /// </summary>
    internal abstract string Signature { get; }

    /// <summary>Whether the input is text; else it is a vector of floats.</summary>
    private protected virtual bool ReadsText => false;

    /// <summary>Whether <see cref="BoundStage.Map"/> may refuse a clip.</summary>
    internal virtual bool MayRefuse => false;

    /// <summary>Checks what a type alone does not tell of the input, and says what becomes of it.</summary>
    /// <param name="input">A column of the right kind.</param>
    /// <exception cref="SchemaException">The column does not fit.</exception>
    internal abstract BoundStage Bind(DataViewSchema.Column input);

    /// <summary>The new column before sizes are known.</summary>
    internal abstract SchemaShape.Column OutputShape { get; }

    /// <summary>Adds what the stage computes to an ONNX graph.</summary>
    /// <param name="input">The input column there; for LoadAudio the waveform at the stage's rate.</param>
    /// <exception cref="ModelExportException">An option has no form in ONNX; the message says why.</exception>
    internal abstract OnnxColumn AddOnnx(OnnxColumn input);

    /// <inheritdoc/>
    /// <exception cref="SchemaException">The input column is missing or does not fit.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => OutputSchema(inputSchema, Bind(inputSchema).Stage);

    /// <inheritdoc/>
    /// <exception cref="SchemaException">The input column is missing or does not fit.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new RowStageView(input, this);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Its rows throw <see cref="AudioFormatException"/> for a clip that cannot be read, whatever <see cref="AudioReading.BadClips"/>
    /// says.
    /// </remarks>
    /// <exception cref="SchemaException">The input column is missing or does not fit.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new RowStageMapper(this, inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        StockForm.Of(this, SavedInput).Save(ctx);
    }

    /// <summary>The type of the input column in a saved model.</summary>
    private protected virtual DataViewType SavedInput => ReadsText ? TextDataViewType.Instance : Waveform.Type;

    /// <summary>Finds the input column and binds the stage to it.</summary>
    internal (BoundStage Stage, int Input) Bind(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        string expected = ReadsText ? "text" : "a vector of Single";
        if (schema.GetColumnOrNull(InputColumnName) is not { } column)
        {
            string there = string.Join(", ", schema.Where(c => !c.IsHidden).Select(c => $"{c.Name} ({c.Type})"));
            throw new SchemaException(
                $"{StageName} needs a column '{InputColumnName}' of {expected}, and there is none. The columns are: {there}.");
        }
        bool fits = ReadsText ? column.Type is TextDataViewType
            : column.Type is VectorDataViewType { ItemType: NumberDataViewType { RawType: var raw } } && raw == typeof(float);
        if (!fits) throw new SchemaException($"{StageName} needs column '{InputColumnName}' to be {expected}, but it is {column.Type}.");
        return (Bind(column), column.Index);
    }

    internal DataViewSchema OutputSchema(DataViewSchema input, BoundStage stage)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(input);
        schema.AddColumn(OutputColumnName, stage.Type, stage.Annotations);
        return schema.ToSchema();
    }

    internal SchemaShape OutputSchema(SchemaShape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        string expected = ReadsText ? "text" : "a vector of Single";
        int at = input.ToList().FindIndex(c => c.Name == InputColumnName);
        string there = string.Join(", ", input.Select(c => $"{c.Name} ({Kind(c)})"));
        if (at < 0)
            throw new SchemaException(
                $"{StageName} needs a column '{InputColumnName}' of {expected}, and there is none. The columns are: {there}.");
        SchemaShape.Column column = input[at];
        bool isVector = column.Kind != SchemaShape.Column.VectorKind.Scalar;
        bool fits = ReadsText ? !isVector && column.ItemType is TextDataViewType : isVector && !column.IsKey
            && column.ItemType.RawType == typeof(float);
        if (!fits)
            throw new SchemaException(
                $"{StageName} needs column '{InputColumnName}' to be {expected}, but it is {Kind(column)}. The columns are: {there}.");
        return new SchemaShape(input.Where(c => c.Name != OutputColumnName).Append(OutputShape));

        static string Kind(SchemaShape.Column c) =>
            (c.Kind == SchemaShape.Column.VectorKind.Scalar ? "" : "Vector of ") + (c.IsKey ? "Key of " : "") + c.ItemType;
    }

    /// <summary>A clip's samples, at least one.</summary>
    private protected float[] RequireSamples(object samples) => (float[])samples is { Length: > 0 } some
        ? some
        : throw new AudioFormatException($"{StageName} got a clip without samples in column '{InputColumnName}'.");

    /// <summary>Features are computed for one rate; a column that does not say its rate is taken at its word.</summary>
    private protected void RequireRate(DataViewSchema.Column input, int sampleRateHz)
    {
        if (Waveform.RateOf(input) is { } found && found != sampleRateHz)
            throw new SchemaException(string.Create(CultureInfo.InvariantCulture,
                $"{StageName} is set to {sampleRateHz} Hz, but column '{input.Name}' holds audio of {found} Hz. "
                + $"Give LoadAudio and {StageName} the same SampleRateHz."));
    }
}

/// <summary>A stage bound to its input column.</summary>
/// <param name="Type">The new column's type: a vector of Single, or an image.</param>
/// <param name="Annotations">The new column's annotations.</param>
/// <param name="Map">
/// From a row's input (a string, or float[]) to its output (float[], or <see cref="Features.GrayImage"/>); called from several threads.
/// What it gets it does not
/// change, and what it gives nobody changes.
/// </param>
internal sealed record BoundStage(DataViewType Type, DataViewSchema.Annotations? Annotations, Func<object, object> Map);

/// <summary>The base of estimators that have nothing to learn: fitting checks the columns and gives the transformer.</summary>
/// <typeparam name="TTransformer">The stage.</typeparam>
public abstract class RowEstimator<TTransformer> : IEstimator<TTransformer> where TTransformer : RowTransformer
{
    private protected RowEstimator(TTransformer transformer) => Transformer = transformer;

    private protected TTransformer Transformer { get; }

    /// <inheritdoc/>
    /// <exception cref="SchemaException">The input column is missing or does not fit; no audio has been read.</exception>
    public TTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        TTransformer fitted = Fitted();
        fitted.GetOutputSchema(input.Schema);
        return fitted;
    }

    /// <summary>What fitting gives; a new transformer where it keeps what it saw of its input.</summary>
    private protected virtual TTransformer Fitted() => Transformer;

    /// <inheritdoc/>
    /// <exception cref="SchemaException">The input column is missing or of the wrong kind.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Transformer.OutputSchema(inputSchema);
}
