using SerPipeline.Splits;

namespace SerPipeline.Transforms;

/// <summary>Rows of a view as what splits need to know of a clip.</summary>
internal sealed class SplitRows
{
    /// <summary>The column with the part that a corpus gives a clip.</summary>
    public const string SplitColumn = "Split";

    private readonly IDataView _data;
    private readonly string _speakerColumn;

    /// <param name="data">The rows; no audio is read.</param>
    /// <param name="labelColumn">Text, or a key with its values.</param>
    /// <param name="speakerColumn">The same; where there is none no speaker is known.</param>
    public SplitRows(IDataView data, string labelColumn, string speakerColumn)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(labelColumn);
        ArgumentException.ThrowIfNullOrEmpty(speakerColumn);
        _data = data;
        _speakerColumn = speakerColumn;
        IDataView rows = data is RowStageView view ? view.Bottom : data;
        if (rows.Schema.GetColumnOrNull(labelColumn) is null)
            throw new SchemaException($"A division into training and test rows needs a column '{labelColumn}' of labels. "
                + $"The columns are: {string.Join(", ", rows.Schema.Where(c => !c.IsHidden).Select(c => c.Name))}.");
        string[] names = [labelColumn, speakerColumn, "Sex", "RelativePath", "Corpus", SplitColumn];
        DataViewSchema.Column?[] columns = [.. names.Select(rows.Schema.GetColumnOrNull)];
        using DataViewRowCursor cursor = rows.GetRowCursor(columns.OfType<DataViewSchema.Column>());
        Func<string?>[] read = [.. columns.Select(c => Reader(cursor, c))];
        var found = new List<string?[]>();
        while (cursor.MoveNext()) found.Add([.. read.Select(r => r())]);
        Corpora = [.. found.Select(v => v[4] ?? "")];
        // As for clips: two corpora's speaker 01 are two people.
        bool several = Corpora.Distinct(StringComparer.Ordinal).Count() > 1;
        Items =
        [
            .. found.Select((v, i) =>
            {
                string prefix = several ? Corpora[i] + "/" : "";
                string? Prefixed(string? name) => name is null ? null : SplitItems.Prefixed(prefix, name);
                string label =
                    v[0]
                    ?? throw new CorpusException(
                        FormattableString.Invariant($"Row {i}, counted from 0, has no label in column '{labelColumn}'."));
                return new SplitItem(label, Prefixed(v[1]), v[2], Prefixed(v[3]), Part: v[5]);
            }),
        ];
    }

    public IReadOnlyList<SplitItem> Items { get; }

    public IReadOnlyList<string> Corpora { get; }

    /// <summary>The two parts, once it is known that the split is of these rows and does not leak.</summary>
    public DataOperationsCatalog.TrainTestData Divide(Split split)
    {
        int last = split.Train.Concat(split.Test).DefaultIfEmpty(-1).Max();
        if (last >= Items.Count)
            throw new CorpusException(FormattableString.Invariant(
                $"The split names row {last}, counted from 0, but the view has {Items.Count} rows: it was made of other data."));
        SplitCheck.Verify(Items, split);
        string? samplingKey = SplitProtocol.KeepsSpeakersApart(split.Protocol) ? _speakerColumn
            : split.Validation.Count > 0 ? SplitColumn : null;
        return MlNetInternals.TrainTestData(RowSubsetView.Create(_data, split.Train, samplingKey),
            RowSubsetView.Create(_data, split.Test, samplingKey));
    }

    private static Func<string?> Reader(DataViewRowCursor cursor, DataViewSchema.Column? column)
    {
        if (column is not { } c) return () => null;
        // The view may have been through MapValueToKey already.
        if (c.Type is TextDataViewType || (c.Type is KeyDataViewType && RowValues.KeyNames(c) is not null))
        {
            Func<string> text = RowValues.Text("A division into training and test rows", cursor, c);
            return () => text() is { Length: > 0 } some ? some : null;
        }
        throw new SchemaException(
            $"A division into training and test rows needs column '{c.Name}' to be text, or a key with its values, but it is {c.Type}.");
    }
}
