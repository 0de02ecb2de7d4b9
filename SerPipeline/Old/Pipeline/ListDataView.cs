namespace SerPipeline.Old.Pipeline;

/// <summary>Rows held in memory: paths, labels and other small values, never audio.</summary>
internal sealed class ListDataView : IDataView
{
    private readonly IReadOnlyList<object?[]> _rows;

    /// <param name="schema">The columns.</param>
    /// <param name="rows">The values of each row, by column position.</param>
    public ListDataView(DataViewSchema schema, IReadOnlyList<object?[]> rows)
    {
        Schema = schema;
        _rows = rows;
    }

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _rows.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded) => new Cursor(this, columnsNeeded);

    private sealed class Cursor(ListDataView view, IEnumerable<DataViewSchema.Column> needed) : DataViewRowCursor(view.Schema, needed)
    {
        public override bool MoveNext()
        {
            if (Position + 1 >= view._rows.Count) return false;
            Position++;
            return true;
        }

        protected internal override object? GetValue(int columnIndex) => view._rows[(int)Position][columnIndex];
    }
}

/// <summary>Some rows of a view, in the view's order, with what the selection says of its columns.</summary>
internal sealed class RowSubsetDataView : IDataView
{
    private readonly IDataView _source;
    private readonly long[] _rows;

    private RowSubsetDataView(IDataView source, IEnumerable<int> rows, string? samplingKey)
    {
        _source = source;
        _rows = [.. rows.Select(r => (long)r).Order()];
        Schema = samplingKey is null
            ? source.Schema
            : new DataViewSchema(source.Schema.Select(c => c.Name == samplingKey && !c.IsHidden
                ? c.Detach() with { Annotations = c.Annotations with { IsSamplingKey = true } }
                : c.Detach()));
    }

    /// <summary>Makes the selection under the row-wise stages of the view: above them a bad clip that was left out would shift all rows after it.</summary>
    /// <param name="source">The view.</param>
    /// <param name="rows">The positions to keep, among all rows.</param>
    /// <param name="samplingKey">The column whose values the selection kept together, or null.</param>
    public static IDataView Create(IDataView source, IEnumerable<int> rows, string? samplingKey = null)
    {
        bool isOwnColumn = samplingKey is not null && source is MappedDataView { Mapper: var mapper } && mapper.OutputColumns.Any(c => c.Name == samplingKey);
        return source is MappedDataView mapped && !isOwnColumn
            ? new MappedDataView(Create(mapped.Source, rows, samplingKey), mapped.Mapper, mapped.Context)
            : new RowSubsetDataView(source, rows, samplingKey);
    }

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _source.GetRowCount() is null ? null : _rows.Length;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded) => new Cursor(this, [.. columnsNeeded]);

    private sealed class Cursor(RowSubsetDataView view, DataViewSchema.Column[] needed) : DataViewRowCursor(view.Schema, needed)
    {
        private readonly DataViewRowCursor _source = view._source.GetRowCursor(needed.Select(c => view._source.Schema[c.Index]));
        private int _next;

        public override bool MoveNext()
        {
            if (_next >= view._rows.Length) return false;
            while (_source.Position < view._rows[_next])
                if (!_source.MoveNext()) return false;
            _next++;
            Position++;
            return true;
        }

        protected internal override object? GetValue(int columnIndex) => _source.GetValue(columnIndex);

        protected override void Dispose(bool disposing)
        {
            if (disposing) _source.Dispose();
            base.Dispose(disposing);
        }
    }
}
