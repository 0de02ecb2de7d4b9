namespace SerPipeline.Transforms;

/// <summary>Rows held in memory: paths, labels and other small values, never audio.</summary>
internal sealed class MemoryView : IDataView
{
    private readonly IReadOnlyList<Column> _columns;
    private readonly int[] _rows;

    public MemoryView(int rows, IReadOnlyList<Column> columns) : this(SchemaOf(columns), columns, [.. Enumerable.Range(0, rows)]) { }

    private MemoryView(DataViewSchema schema, IReadOnlyList<Column> columns, int[] rows)
    {
        Schema = schema;
        _columns = columns;
        _rows = rows;
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => true;

    /// <summary>Columns without rows: what ML.NET's estimators that learn nothing are fitted on.</summary>
    public static MemoryView Empty(DataViewSchema schema) => new(schema, [], []);

    /// <summary>One column without rows.</summary>
    public static MemoryView Empty(string name, DataViewType type) =>
        Empty(SchemaOf([new(name, type, null, _ => throw StageValue.NoRow())]));

    /// <summary>Some of the rows, and what the selection says of the columns.</summary>
    public MemoryView Select(IEnumerable<int> rows, DataViewSchema schema) => new(schema, _columns, [.. rows.Select(r => _rows[r])]);

    public long? GetRowCount() => _rows.Length;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        int[] rows = _rows;
        if (rand is not null) rand.Shuffle(rows = [.. rows]);
        return new Cursor(this, rows, [.. columnsNeeded.Select(c => c.Index)]);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    public static Column Text(string name, IReadOnlyList<string?> values, DataViewSchema.Annotations? annotations = null) =>
        Of(name, TextDataViewType.Instance, i => (values[i] ?? "").AsMemory(), annotations);

    public static Column Of<T>(string name, DataViewType type, Func<int, T> value, DataViewSchema.Annotations? annotations = null) =>
        new(name, type, annotations, row => (ValueGetter<T>)((ref T to) => to = value(row())));

    public static Column Vector(string name, int size, Action<int, Span<float>> fill, DataViewSchema.Annotations? annotations = null) =>
        new(name, new VectorDataViewType(NumberDataViewType.Single, size), annotations, row =>
            (ValueGetter<VBuffer<float>>)((ref VBuffer<float> to) =>
        {
            VBufferEditor<float> editor = VBufferEditor.Create(ref to, size);
            fill(row(), editor.Values);
            to = editor.Commit();
        }));

    private static DataViewSchema SchemaOf(IReadOnlyList<Column> columns)
    {
        var schema = new DataViewSchema.Builder();
        foreach (Column column in columns) schema.AddColumn(column.Name, column.Type, column.Annotations);
        return schema.ToSchema();
    }

    /// <summary>A column.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Type">Its type.</param>
    /// <param name="Annotations">What is known of it.</param>
    /// <param name="Getter">From what tells the current row, a ValueGetter of the type's values.</param>
    public sealed record Column(string Name, DataViewType Type, DataViewSchema.Annotations? Annotations, Func<Func<int>, Delegate> Getter);

    private sealed class Cursor(MemoryView view, int[] rows, HashSet<int> active) : DataViewRowCursor
    {
        private long _position = -1;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            StageValue.RequireActive(IsColumnActive(column), column);
            return view._columns.Count == 0 ? (ref TValue _) => throw StageValue.NoRow()
                : StageValue.As<TValue>(column, view._columns[column.Index].Getter(Current));
        }

        // The same for a row wherever it is read.
        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Current(), 0);

        public override bool MoveNext()
        {
            _position = _position < -1 || _position + 1 >= rows.Length ? -2 : _position + 1;
            return _position >= 0;
        }

        private int Current() => _position >= 0 ? rows[_position] : throw StageValue.NoRow();
    }
}
