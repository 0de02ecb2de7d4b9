using SerPipeline.Old.Pipeline;


namespace SerPipeline.Old.Transforms;

/// <summary>Turns keys back into the texts they stand for; 0, missing, becomes an empty text.</summary>
public sealed class KeyToValueMappingEstimator : TrivialEstimator<KeyToValueMappingTransformer>
{
    private readonly string _output;
    private readonly string _input;

    internal KeyToValueMappingEstimator(SerContext context, string outputColumnName, string? inputColumnName)
        : base(new KeyToValueMappingTransformer(context, outputColumnName, inputColumnName ?? outputColumnName))
    {
        _output = outputColumnName;
        _input = inputColumnName ?? outputColumnName;
    }

    /// <inheritdoc/>
    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        inputSchema.Require(KeyToValueMappingTransformer.Name, _input, ColumnKind.Key);
        return inputSchema.With(new SchemaShape.Column(_output, ColumnKind.Text));
    }
}

/// <summary>Turns keys into texts.</summary>
public sealed class KeyToValueMappingTransformer : RowTransformer
{
    internal const string Name = "MapKeyToValue";

    private readonly ColumnPair _columns;

    internal KeyToValueMappingTransformer(SerContext context, string output, string input) : base(context)
    {
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentException.ThrowIfNullOrEmpty(input);
        _columns = new ColumnPair(output, input);
    }

    /// <inheritdoc/>
    public override string StageName => Name;

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.SetOptions(_columns);
    }

    internal static KeyToValueMappingTransformer Load(StageContent stage, SerContext context)
    {
        ColumnPair columns = stage.GetOptions<ColumnPair>();
        return new KeyToValueMappingTransformer(context, columns.Output, columns.Input);
    }

    /// <inheritdoc/>
    public override void Export(OnnxExport onnx)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        // The graph gives the last classifier's label as text in any case; a column of texts is none that another stage could read.
    }

    /// <inheritdoc/>
    protected internal override RowMapper Bind(DataViewSchema schema)
    {
        (int index, _) = Find<KeyDataViewType>(schema, _columns.Input);
        IReadOnlyList<string> values = schema[index].Annotations.KeyValues
            ?? throw new SchemaException($"{Name} needs to know what the keys of column '{_columns.Input}' stand for, but the column carries no key values.");
        var column = new DataViewSchema.DetachedColumn(_columns.Output, TextDataViewType.Instance, new ColumnAnnotations { KeyValues = values });
        return RowMapper.Create<uint, string>(index, column, key => key == 0 ? "" : values[(int)key - 1]);
    }
}
