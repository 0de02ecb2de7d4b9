namespace SerPipeline.Transforms;

/// <summary>
/// The base of stages that compute one new column from one column, row by row. In <see cref="Transform"/> stages that follow each other
/// are computed together on all cores, rows in order and a few in flight; the row mapper computes on the caller's thread.
/// </summary>
public abstract class RowTransformer : ITransformer
{
    private protected RowTransformer(string outputColumnName, string? inputColumnName, ClipStage stage)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        if (inputColumnName is { Length: 0 }) throw new ArgumentException("Expected a column's name or null, got an empty one.",
            nameof(inputColumnName));
        OutputColumnName = outputColumnName;
        InputColumnName = inputColumnName ?? outputColumnName;
        Stage = stage;
    }

    /// <summary>The column it adds.</summary>
    public string OutputColumnName { get; }

    /// <summary>The column it reads.</summary>
    public string InputColumnName { get; }

    /// <summary>True: a row depends on no other.</summary>
    public bool IsRowToRowMapper => true;

    /// <summary>What it computes.</summary>
    internal ClipStage Stage { get; }

    internal string StageName => Stage.Name;

    /// <summary>Whether the input is text; else it is a vector of floats.</summary>
    private protected virtual bool ReadsText => false;

    /// <summary>Checks what a type alone does not tell of the input, and says what becomes of it.</summary>
    /// <param name="input">A column of the right kind.</param>
    /// <exception cref="SchemaException">The column does not fit.</exception>
    internal virtual BoundStage Bind(DataViewSchema.Column input)
    {
        RequireRate(input);
        (DataViewType type, DataViewSchema.Annotations? annotations) = Stage switch
        {
            { SlotNames: { } names } => (new VectorDataViewType(NumberDataViewType.Single, names.Count), Waveform.SlotAnnotations(names)),
            { Rows: > 0 and var rows } => (new VectorDataViewType(NumberDataViewType.Single, rows, 0), null),
            _ => (Waveform.Type, Waveform.Annotations(Stage.SampleRateHz!.Value)),
        };
        return new(type, annotations, samples => Map(samples, 0));
    }

    /// <summary>The new column before sizes are known.</summary>
    internal virtual SchemaShape.Column OutputShape => Stage switch
    {
        { SlotNames: not null } => Waveform.NamedSlotsShape(OutputColumnName),
        { Rows: > 0 } => MlNetInternals.ShapeColumn(OutputColumnName, SchemaShape.Column.VectorKind.VariableVector,
            NumberDataViewType.Single, false, null),
        _ => Waveform.Shape(OutputColumnName),
    };

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
        ITransformer form = StockForm.Of(this, SavedInput);
        // A graph holds a session of ONNX Runtime and a temporary file.
        using (form as IDisposable) form.Save(ctx);
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

    /// <summary>What the stage makes of samples, or of frames of so many rows; there must be some.</summary>
    private protected object Map(object values, int rows) => (float[])values is { Length: > 0 } some
        ? Stage.Map(some, rows)
        : throw new AudioFormatException(
            $"{StageName} got a clip without {(rows == 0 ? "samples" : "frames")} in column '{InputColumnName}'.");

    // Features are computed for one rate; a column that does not say its rate is taken at its word.
    private void RequireRate(DataViewSchema.Column input)
    {
        if (Waveform.RateOf(input) is { } found && found != Stage.SampleRateHz)
            throw new SchemaException(string.Create(CultureInfo.InvariantCulture,
                $"{StageName} is set to {Stage.SampleRateHz} Hz, but column '{input.Name}' holds audio of {found} Hz. "
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
