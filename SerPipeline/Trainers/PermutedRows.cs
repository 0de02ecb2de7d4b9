using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace SerPipeline.Trainers;

/// <summary>
/// The feature and label columns of a view in memory, with some slots dealt anew over the rows. All other columns are gone.
/// </summary>
internal sealed class PermutedRows : IDataView
{
    private readonly List<float[]> _rows = [];
    private int[] _slots = [], _sources = [];

    private PermutedRows(DataViewSchema.Column feature, DataViewSchema.Column label)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(feature.Name, feature.Type, feature.Annotations);
        schema.AddColumn(label.Name, new KeyDataViewType(typeof(ulong), (int)((KeyDataViewType)label.Type).Count), label.Annotations);
        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    /// <summary>Each row's label, 1 for the first; rows without one are left out.</summary>
    public List<ulong> Labels { get; } = [];

    public required string[] SlotNames { get; init; }

    public static PermutedRows Read(IDataView data, string featureColumn, string labelColumn)
    {
        const string stage = nameof(SpeechFeatureImportance);
        InputColumn input = InputColumn.Find(stage, featureColumn, data.Schema);
        DataViewSchema.Column feature = data.Schema[featureColumn];
        if (data.Schema.GetColumnOrNull(labelColumn) is not { } label)
            throw InputColumn.Missing(stage, labelColumn, data.Schema.Where(c => !c.IsHidden).Select(c => c.Name));
        if (label.Type is not KeyDataViewType)
            throw new SchemaException($"{stage} needs column '{labelColumn}' to be a key, but it is {label.Type}.");
        var rows = new PermutedRows(feature, label) { SlotNames = Names(feature, input.Size) };
        using DataViewRowCursor cursor = data.GetRowCursor([feature, label]);
        ValueGetter<VBuffer<float>> values = cursor.GetGetter<VBuffer<float>>(feature);
        Func<ulong> key = RowValues.Key(cursor, label);
        VBuffer<float> buffer = default;
        while (cursor.MoveNext())
        {
            ulong number = key();
            if (number == 0) continue;
            values(ref buffer);
            rows._rows.Add([.. buffer.DenseValues()]);
            rows.Labels.Add(number);
        }
        return rows.Labels.Count > 0 ? rows : throw new SchemaException($"{stage} needs at least one row with a label, but there is none.");
    }

    /// <summary>
    /// Deals the values of these slots anew over the rows, all by the same permutation; the other slots are as they were read.
    /// </summary>
    public void Permute(int[] slots, SeededRandom random)
    {
        _slots = slots;
        _sources = [.. Enumerable.Range(0, _rows.Count)];
        random.Shuffle<int>(_sources);
    }

    public long? GetRowCount() => _rows.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded)];

    private float[] Row(int index)
    {
        float[] row = [.. _rows[index]];
        foreach (int slot in _slots) row[slot] = _rows[_sources[index]][slot];
        return row;
    }

    private static string[] Names(DataViewSchema.Column column, int size)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        if (column.HasSlotNames()) column.GetSlotNames(ref names);
        string[] given = names.Length == size ? [.. names.DenseValues().Select(name => name.ToString())] : new string[size];
        return [.. given.Select((name, slot) => string.IsNullOrEmpty(name) ? slot.ToString(CultureInfo.InvariantCulture) : name)];
    }

    private sealed class Cursor(PermutedRows rows, IEnumerable<DataViewSchema.Column> needed) : DataViewRowCursor
    {
        private readonly HashSet<int> _needed = [.. needed.Select(column => column.Index)];
        private int _position = -1;

        public override DataViewSchema Schema => rows.Schema;

        public override long Position => _position < rows._rows.Count ? _position : -1;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _needed.Contains(column.Index);

        public override bool MoveNext() => _position < rows._rows.Count && ++_position < rows._rows.Count;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Delegate getter = column.Index == 0
                ? (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
                {
                    float[] row = rows.Row(_position);
                    value = new VBuffer<float>(row.Length, row);
                })
                : (ValueGetter<ulong>)((ref ulong value) => value = rows.Labels[_position]);
            return getter as ValueGetter<TValue>
                ?? throw new ArgumentException($"Column '{column.Name}' is {column.Type}, not {typeof(TValue)}.", nameof(column));
        }
    }
}
