using SerPipeline.Old.Pipeline;


namespace SerPipeline.Tests.Old.Pipeline;

/// <summary>Data views made by tests.</summary>
internal static class Views
{
    public static IDataView Of(IReadOnlyList<DataViewSchema.DetachedColumn> columns, IEnumerable<object?[]> rows) => new ListDataView(new DataViewSchema(columns), [.. rows]);

    /// <summary>The same schema, but whoever reads a row fails.</summary>
    public static IDataView Unreadable(IEnumerable<DataViewSchema.DetachedColumn> columns) => new UnreadableView(new DataViewSchema(columns));

    /// <summary>The view with one column gone.</summary>
    public static DataViewSchema.DetachedColumn[] Without(this DataViewSchema schema, string name) => [.. schema.Where(c => c.Name != name).Select(c => c.Detach())];

    /// <summary>The view with one column of another type.</summary>
    public static DataViewSchema.DetachedColumn[] With(this DataViewSchema schema, string name, DataViewType type) =>
        [.. schema.Select(c => c.Name == name ? c.Detach() with { Type = type } : c.Detach())];

    private sealed class UnreadableView(DataViewSchema schema) : IDataView
    {
        public DataViewSchema Schema => schema;

        public long? GetRowCount() => null;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded) =>
            throw new InvalidOperationException("A row was read before the columns were checked.");
    }
}

/// <summary>Counts how often a view is read, and how many rows.</summary>
internal sealed class CountingView(IDataView source) : IDataView
{
    public int Cursors { get; private set; }

    public int Rows { get; private set; }

    public int Disposed { get; private set; }

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        Cursors++;
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return new Cursor(this, source.GetRowCursor(needed), needed);
    }

    private sealed class Cursor(CountingView view, DataViewRowCursor source, DataViewSchema.Column[] needed) : DataViewRowCursor(view.Schema, needed)
    {
        public override bool MoveNext()
        {
            if (!source.MoveNext()) return false;
            view.Rows++;
            Position++;
            return true;
        }

        protected internal override object? GetValue(int columnIndex) => source.GetValue(columnIndex);

        protected override void Dispose(bool disposing)
        {
            view.Disposed++;
            source.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>A row-wise stage of a test: one column to one column through a function.</summary>
internal sealed class FunctionStage<TIn, TOut>(
    SerContext context, string input, DataViewSchema.DetachedColumn output, Func<TIn, TOut> function, string? cacheSignature = null) : RowTransformer(context)
{
    public override string StageName => "Function";

    public override void Save(StageContent stage) => throw new NotSupportedException("A function of a test is not saved.");

    protected internal override RowMapper Bind(DataViewSchema schema) =>
        RowMapper.Create(schema[input].Index, output, function, cacheSignature);
}

/// <summary>Fits to a stage that is there already.</summary>
internal sealed class ReadyEstimator(ITransformer transformer, params SchemaShape.Column[] adds) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input) => transformer;

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With(adds);
}
