namespace SerPipeline.Transforms;

/// <summary>A view made of another one, with the same columns at the same places, that one cursor at a time reads.</summary>
internal abstract class ViewOver(IDataView source, DataViewSchema schema) : IDataView
{
    public DataViewSchema Schema => schema;

    public IDataView Source => source;

    public virtual bool CanShuffle => false;

    public virtual long? GetRowCount() => source.GetRowCount();

    public abstract DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    /// <summary>A cursor that hands on what the other view's gives, and disposes of it.</summary>
    protected abstract class CursorOver(DataViewSchema schema, DataViewRowCursor source) : DataViewRowCursor
    {
        protected DataViewRowCursor Source => source;

        public override DataViewSchema Schema => schema;

        public override long Position => source.Position;

        public override long Batch => source.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => source.IsColumnActive(source.Schema[column.Index]);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            source.GetGetter<TValue>(source.Schema[column.Index]);

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing) source.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>Some rows of a view, in the view's order, with what the selection says of its columns.</summary>
internal sealed class RowSubsetView : ViewOver
{
    // The annotation (Boolean) of a column whose equal values a division of rows kept together.
    private const string SamplingKey = "SamplingKey";

    private readonly int[] _rows;

    private RowSubsetView(IDataView source, int[] rows, DataViewSchema schema) : base(source, schema) => _rows = rows;

    /// <summary>
    /// Makes the selection under our stages: rows that are left out are then not computed, and a bad clip that was left out above them
    /// would shift all rows behind it.
    /// </summary>
    /// <param name="source">The view.</param>
    /// <param name="rows">Positions from 0, in any order.</param>
    /// <param name="samplingKey">The column whose values the selection kept together, or null.</param>
    public static IDataView Create(IDataView source, IEnumerable<int> rows, string? samplingKey = null)
    {
        int[] ordered = [.. rows.Distinct().Order()];
        ArgumentOutOfRangeException.ThrowIfNegative(ordered.Length == 0 ? 0 : ordered[0], nameof(rows));
        IDataView bottom = source is RowStageView view ? view.Bottom : source;
        if (bottom.GetRowCount() is { } count
            && ordered.Length > 0) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ordered[^1], count, nameof(rows));
        DataViewSchema schema = Marked(bottom.Schema, samplingKey);
        IDataView subset = bottom is MemoryView memory ? memory.Select(ordered, schema) : new RowSubsetView(bottom, ordered, schema);
        return source is RowStageView stages ? stages.Over(subset) : subset;
    }

    /// <summary>Makes the selection above any stages: they compute every row.</summary>
    /// <param name="source">The view.</param>
    /// <param name="rows">Positions from 0, in order.</param>
    public static IDataView Above(IDataView source, int[] rows) => new RowSubsetView(source, rows, source.Schema);

    /// <summary>
    /// The column whose values a division of rows kept together, or null. A hidden column counts: what was made of it under its name, such
    /// as a key of the speakers, stands for it, and would else silently end the promise.
    /// </summary>
    public static string? SamplingKeyOf(DataViewSchema schema) =>
        schema.Where(IsSamplingKey).Select(column => column.Name).FirstOrDefault();

    /// <summary>The same where it tells whose rows these are: the corpus's own parts do not.</summary>
    public static string? PeopleKeyOf(DataViewSchema schema) =>
        SamplingKeyOf(schema) is { } key && key != SplitRows.SplitColumn ? key : null;

    /// <summary>Whether a division of rows kept a column's values together.</summary>
    public static bool IsSamplingKey(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(SamplingKey) is not { } annotation) return false;
        if (annotation.Type is not BooleanDataViewType) return true;
        bool isKey = false;
        column.Annotations.GetValue(SamplingKey, ref isKey);
        return isKey;
    }

    // The rows of a shuffled source could not be told apart by position: there is no shuffling.
    public override long? GetRowCount() => base.GetRowCount() is null ? null : _rows.Length;

    public override DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        return new Cursor(Schema, _rows, Source.GetRowCursor(columnsNeeded.Select(c => Source.Schema[c.Index])));
    }

    private static DataViewSchema Marked(DataViewSchema schema, string? samplingKey)
    {
        if (samplingKey is null || schema.GetColumnOrNull(samplingKey) is not { } key || IsSamplingKey(key)) return schema;
        var marked = new DataViewSchema.Builder();
        foreach (DataViewSchema.Column column in schema)
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(column.Annotations, name => column.Index != key.Index || name != SamplingKey);
            if (column.Index == key.Index) annotations.AddPrimitiveValue(SamplingKey, BooleanDataViewType.Instance, true);
            marked.AddColumn(column.Name, column.Type, annotations.ToAnnotations());
        }
        return marked.ToSchema();
    }

    private sealed class Cursor(DataViewSchema schema, int[] rows, DataViewRowCursor source) : CursorOver(schema, source)
    {
        private int _next;
        private long _position = -1;

        public override long Position => _position;

        public override bool MoveNext()
        {
            while (_next < rows.Length && Source.MoveNext())
            {
                if (Source.Position < rows[_next]) continue;
                _next++;
                _position++;
                return true;
            }
            _next = rows.Length;
            _position = -1;
            return false;
        }
    }
}
