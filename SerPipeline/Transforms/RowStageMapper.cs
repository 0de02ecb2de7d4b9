namespace SerPipeline.Transforms;

/// <summary>One stage on rows that somebody else moves, such as a prediction engine.</summary>
internal sealed class RowStageMapper : IRowToRowMapper
{
    private readonly BoundStage _stage;
    private readonly int _input;

    public RowStageMapper(RowTransformer transformer, DataViewSchema inputSchema)
    {
        (_stage, _input) = transformer.Bind(inputSchema);
        InputSchema = inputSchema;
        OutputSchema = transformer.OutputSchema(inputSchema, _stage);
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        ArgumentNullException.ThrowIfNull(dependingColumns);
        return dependingColumns.Select(c => c.Index < InputSchema.Count ? c.Index : _input).Distinct().Order().Select(i => InputSchema[i]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(activeColumns);
        return new Row(this, input, [.. activeColumns.Select(c => c.Index)]);
    }

    private sealed class Row(RowStageMapper mapper, DataViewRow input, HashSet<int> active) : DataViewRow
    {
        private SourceColumn? _source;
        private long _computedAt = long.MinValue;
        private object? _computed;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => mapper.OutputSchema;

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (column.Index < mapper.InputSchema.Count) return input.GetGetter<TValue>(mapper.InputSchema[column.Index]);
            StageValue.RequireActive(IsColumnActive(column), column);
            _source ??= SourceColumn.Create(input, mapper.InputSchema[mapper._input]);
            return StageValue.Getter<TValue>(column, Current);
        }

        // Several getters of one row, as of several stages that read one column, compute it once.
        private object Current()
        {
            if (_computed is null || _computedAt != input.Position)
            {
                _computed = null;
                _computed = mapper._stage.Map(SourceColumn.ForStage(_source!.Take()));
                _computedAt = input.Position;
            }
            return _computed;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) input.Dispose();
            base.Dispose(disposing);
        }
    }
}
