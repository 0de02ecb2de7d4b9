namespace SerPipeline.Old.Pipeline;

/// <summary>Rows with the columns of one row-wise stage added. A stack of such views is read as one plan, so a row crosses threads once.</summary>
internal sealed class MappedDataView : IDataView
{
    public MappedDataView(IDataView source, RowMapper mapper, SerContext context)
    {
        Source = source;
        Mapper = mapper;
        Context = context;
        Schema = new DataViewSchema(source.Schema.Select(c => c.Detach()).Concat(mapper.OutputColumns));
    }

    public DataViewSchema Schema { get; }

    public IDataView Source { get; }

    public RowMapper Mapper { get; }

    public SerContext Context { get; }

    // A stage that reads files may leave rows out, so the source's count is only a bound.
    public long? GetRowCount() => Context.Options.BadClips == BadClipRule.Skip && RowPlan.ReadsFiles(this) ? null : Source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return new ParallelRowCursor(RowPlan.For(this, needed), Schema, needed, Context);
    }
}
