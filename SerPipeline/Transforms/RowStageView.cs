namespace SerPipeline.Transforms;

/// <summary>Rows with the column of one stage added. A stack of such views is read as one plan, so a row crosses threads once.</summary>
internal sealed class RowStageView : IDataView
{
    public RowStageView(IDataView source, RowTransformer transformer)
    {
        Source = source;
        Transformer = transformer;
        (Stage, Input) = transformer.Bind(source.Schema);
        Schema = transformer.OutputSchema(source.Schema, Stage);
    }

    public DataViewSchema Schema { get; }

    public IDataView Source { get; }

    public RowTransformer Transformer { get; }

    public BoundStage Stage { get; }

    /// <summary>The position of the column that the stage reads.</summary>
    public int Input { get; }

    public bool CanShuffle => Source.CanShuffle;

    /// <summary>The view under all stages of the stack.</summary>
    public IDataView Bottom => Source is RowStageView view ? view.Bottom : Source;

    /// <summary>The stages from the bottom up.</summary>
    public IEnumerable<RowStageView> Stack => Source is RowStageView view ? view.Stack.Append(this) : [this];

    /// <summary>The same stages over other rows of the same columns.</summary>
    public IDataView Over(IDataView bottom) => new RowStageView(Source is RowStageView view ? view.Over(bottom) : bottom, Transformer);

    // A clip that cannot be read is left out, so the source's count is only a bound.
    public long? GetRowCount() => RowPlan.LeavesRowsOut(this) ? null : Source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        int[] needed = [.. columnsNeeded.Select(c => c.Index).Distinct()];
        return new RowStageCursor(Schema, new RowPlan(this, needed), needed, rand);
    }

    // One cursor: the rows are computed on all cores behind it.
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
