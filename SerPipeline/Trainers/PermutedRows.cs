using SerPipeline.Transforms;

namespace SerPipeline.Trainers;

/// <summary>A view whose feature column can have some slots dealt anew over the rows; every other column is as it was.</summary>
internal sealed class PermutedRows : ViewOver
{
    private readonly int _feature;
    private readonly List<float[]> _rows = [];
    private int[] _slots = [], _sources = [];

    private PermutedRows(IDataView source, int feature) : base(source, source.Schema) => _feature = feature;

    /// <summary>Each row's label, 1 for the first; rows without one are left out.</summary>
    public List<ulong> Labels { get; } = [];

    public required IReadOnlyList<string> SlotNames { get; init; }

    public static PermutedRows Read(IDataView data, string featureColumn, string labelColumn)
    {
        const string stage = nameof(SpeechFeatureImportance);
        InputColumn input = InputColumn.Find(stage, featureColumn, data.Schema);
        DataViewSchema.Column feature = data.Schema[featureColumn];
        if (data.Schema.GetColumnOrNull(labelColumn) is not { } label) throw InputColumn.Missing(stage, labelColumn, data.Schema);
        if (label.Type is not KeyDataViewType)
            throw new SchemaException($"{stage} needs column '{labelColumn}' to be a key, but it is {label.Type}.");
        int[] labelled = [.. Keys(data, label).Index().Where(row => row.Item > 0).Select(row => row.Index)];
        if (labelled.Length == 0) throw new SchemaException($"{stage} needs at least one row with a label, but there is none.");
        var rows = new PermutedRows(RowSubsetView.Above(data, labelled), feature.Index) { SlotNames = Names(feature, input.Size) };
        rows.Labels.AddRange(Keys(rows, label));
        rows._rows.AddRange(rows.Source.GetColumn<float[]>(rows.Schema[feature.Index]));
        return rows;
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

    public override long? GetRowCount() => _rows.Count;

    public override DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, Source.GetRowCursor(columnsNeeded));

    private float[] Row(int index)
    {
        float[] row = [.. _rows[index]];
        foreach (int slot in _slots) row[slot] = _rows[_sources[index]][slot];
        return row;
    }

    private static List<ulong> Keys(IDataView view, DataViewSchema.Column label)
    {
        var keys = new List<ulong>();
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema[label.Index]]);
        Func<ulong> key = RowValues.Key(cursor, view.Schema[label.Index]);
        while (cursor.MoveNext()) keys.Add(key());
        return keys;
    }

    private static string[] Names(DataViewSchema.Column column, int size)
    {
        IReadOnlyList<string> given = Waveform.SlotNamesOf(column) is { } names && names.Count == size ? names : new string[size];
        return [.. given.Select((name, slot) => string.IsNullOrEmpty(name) ? slot.ToString(CultureInfo.InvariantCulture) : name)];
    }

    private sealed class Cursor(PermutedRows rows, DataViewRowCursor source) : CursorOver(rows.Schema, source)
    {
        private int _row = -1;

        public override bool MoveNext()
        {
            _row++;
            return Source.MoveNext();
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => column.Index != rows._feature
            ? base.GetGetter<TValue>(column)
            : StageValue.As<TValue>(column, (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
            {
                float[] row = rows.Row(_row);
                value = new VBuffer<float>(row.Length, row);
            }));
    }
}
