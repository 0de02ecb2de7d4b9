using SerPipeline.Old.Pipeline;


namespace SerPipeline.Old.Transforms;

/// <summary>The order in which the values of a text column become keys, under ML.NET's names.</summary>
public enum KeyOrdinality
{
    /// <summary>As the corpus lists its labels when it does, else in the order of first sight.</summary>
    ByOccurrence,

    /// <summary>Sorted, ordinal.</summary>
    ByValue,
}

/// <summary>Learns the values of a text column and turns each into its 1-based position; a value not seen in fitting becomes 0, missing.</summary>
public sealed class ValueToKeyMappingEstimator : IEstimator<ValueToKeyMappingTransformer>
{
    private const string Stage = ValueToKeyMappingTransformer.Name;

    private readonly SerContext _context;
    private readonly string _output;
    private readonly string _input;
    private readonly KeyOrdinality _ordinality;

    internal ValueToKeyMappingEstimator(SerContext context, string outputColumnName, string? inputColumnName, KeyOrdinality ordinality)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        _context = context;
        _output = outputColumnName;
        _input = inputColumnName ?? outputColumnName;
        _ordinality = ordinality;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        inputSchema.Require(Stage, _input, ColumnKind.Text);
        return inputSchema.With(new SchemaShape.Column(_output, ColumnKind.Key));
    }

    /// <inheritdoc/>
    /// <exception cref="SchemaException">The view has no row, so there is no value to learn.</exception>
    public ValueToKeyMappingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        GetOutputSchema(SchemaShape.Create(input.Schema));
        var seen = new List<string>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (string value in input.GetColumn<string>(_input))
            if (!string.IsNullOrEmpty(value) && known.Add(value)) seen.Add(value);
        if (seen.Count == 0) throw new SchemaException($"{Stage} found no value in column '{_input}': there is no row to learn from.");
        return new ValueToKeyMappingTransformer(_context, _output, _input, Order(seen, known, input.Schema[_input].Annotations.KeyValues));
    }

    private List<string> Order(List<string> seen, HashSet<string> known, IReadOnlyList<string>? listed)
    {
        if (_ordinality == KeyOrdinality.ByValue) return [.. seen.Order(StringComparer.Ordinal)];
        if (listed is null) return seen;
        List<string> inOrder = [.. listed.Where(known.Contains)];
        return [.. inOrder, .. seen.Except(inOrder, StringComparer.Ordinal)];
    }
}

/// <summary>Turns texts into keys.</summary>
public sealed class ValueToKeyMappingTransformer : RowTransformer
{
    internal const string Name = "MapValueToKey";

    private readonly MappingOptions _options;
    private readonly Dictionary<string, uint> _keys;

    internal ValueToKeyMappingTransformer(SerContext context, string output, string input, IReadOnlyList<string> values)
        : this(context, new MappingOptions(output, input, values)) { }

    private ValueToKeyMappingTransformer(SerContext context, MappingOptions options) : base(context)
    {
        ColumnNames.Require(options.Output, nameof(options.Output));
        ColumnNames.Require(options.Input, nameof(options.Input));
        _options = options;
        _keys = options.Values.Select((v, i) => (v, i)).ToDictionary(p => p.v, p => (uint)p.i + 1, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public override string StageName => Name;

    /// <summary>The values, in the order of their keys 1, 2, ...</summary>
    public IReadOnlyList<string> Values => _options.Values;

    /// <inheritdoc/>
    public override void Save(StageContent stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.SetOptions(_options);
    }

    internal static ValueToKeyMappingTransformer Load(StageContent stage, SerContext context)
    {
        MappingOptions options = stage.GetOptions<MappingOptions>();
        if (options.Values.Count == 0 || options.Values.Distinct(StringComparer.Ordinal).Count() != options.Values.Count)
            throw new ModelFormatException($"Stage '{Name}' must list its values once each, and at least one.");
        return new ValueToKeyMappingTransformer(context, options);
    }

    /// <inheritdoc/>
    public override void Export(OnnxExport onnx)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        // Labels are known in training alone; a clip to predict on has none.
    }

    /// <inheritdoc/>
    protected internal override RowMapper Bind(DataViewSchema schema)
    {
        // A clip to predict on has no label: the stage then has nothing to do, and the model still works.
        if (schema.GetColumnOrNull(_options.Input) is null) return new NoColumns();
        (int index, _) = Find<TextDataViewType>(schema, _options.Input);
        var column = new DataViewSchema.DetachedColumn(_options.Output, new KeyDataViewType(Values.Count), new ColumnAnnotations { KeyValues = Values });
        return RowMapper.Create<string?, uint>(index, column, text => text is not null && _keys.TryGetValue(text, out uint key) ? key : 0);
    }

    internal sealed record MappingOptions(string Output, string Input, IReadOnlyList<string> Values);

    private sealed class NoColumns() : RowMapper([], [])
    {
        public override void Map(ReadOnlySpan<object?> inputs, Span<object?> outputs) { }
    }
}
