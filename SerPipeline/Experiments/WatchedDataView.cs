using SerPipeline.Old.Pipeline;

namespace SerPipeline.Experiments;

/// <summary>A view of text columns that tells how many rows have been asked for, and ends a reading when the user stops the program.</summary>
/// <param name="source">The rows; text columns only.</param>
/// <param name="watched">The column whose readings count, so that a quick look at labels alone does not.</param>
/// <param name="rowRead">Told the number of rows of the reading so far.</param>
/// <param name="cancellation">Ends a reading with an <see cref="OperationCanceledException"/>.</param>
internal sealed class WatchedDataView(IDataView source, string watched, Action<long> rowRead, CancellationToken cancellation) : IDataView
{
    /// <inheritdoc/>
    public DataViewSchema Schema => source.Schema;

    /// <inheritdoc/>
    public long? GetRowCount() => source.GetRowCount();

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded) => new Cursor(this, source, watched, [.. columnsNeeded]);

    private void Row(long position, bool counts)
    {
        cancellation.ThrowIfCancellationRequested();
        if (counts) rowRead(position + 1);
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly WatchedDataView _view;
        private readonly DataViewRowCursor _source;
        private readonly Dictionary<int, ValueGetter<string>> _getters;
        private readonly bool _counts;

        public Cursor(WatchedDataView view, IDataView source, string watched, DataViewSchema.Column[] needed) : base(view.Schema, needed)
        {
            _view = view;
            _source = source.GetRowCursor(needed.Select(column => source.Schema[column.Index]));
            _getters = needed.DistinctBy(column => column.Index).ToDictionary(column => column.Index, column => _source.GetGetter<string>(source.Schema[column.Index]));
            _counts = needed.Any(column => column.Name == watched);
        }

        public override bool MoveNext()
        {
            if (!_source.MoveNext()) return false;
            Position++;
            _view.Row(Position, _counts);
            return true;
        }

        protected internal override object? GetValue(int columnIndex)
        {
            string text = "";
            _getters[columnIndex](ref text);
            return text;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _source.Dispose();
            base.Dispose(disposing);
        }
    }
}
