using SerPipeline.Corpora;
using SerPipeline.Splits;


// In the namespace of the grammar, so that one using brings every catalog method.
namespace SerPipeline.Old.Pipeline;

/// <summary>Turns corpora into data views, and divides them.</summary>
public static class DataCatalogExtensions
{
    /// <summary>Reads a corpus: one row a clip, with the columns Path, RelativePath, Label, Speaker, Sex and Corpus. No audio is read yet.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="name">The corpus's kind: one of <see cref="CorpusLoader.Names"/>.</param>
    /// <param name="folder">Where it lies.</param>
    /// <param name="options">How to read it.</param>
    /// <exception cref="CorpusException">There is no usable clip.</exception>
    public static IDataView LoadCorpus(this DataOperationsCatalog catalog, string name, string folder, CorpusLoadOptions? options = null) =>
        catalog.LoadCorpus(CorpusLoader.Load(name, folder, options));

    /// <summary>The rows of a corpus that is already read.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="corpus">The corpus.</param>
    public static IDataView LoadCorpus(this DataOperationsCatalog catalog, Corpus corpus)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(corpus);
        var schema = new DataViewSchema(
        [
            Text("Path"), Text("RelativePath"), Text("Label", new ColumnAnnotations { KeyValues = corpus.Labels }), Text("Speaker"), Text("Sex"), Text("Corpus"),
        ]);
        return new ListDataView(schema, [.. corpus.Clips.Select(c => new object?[] { c.Path, c.RelativePath, c.Label, c.Speaker ?? "", c.Sex ?? "", c.Corpus })]);
    }

    /// <summary>Files to predict on: one row a file, with the column Path.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="paths">The files.</param>
    public static IDataView LoadFiles(this DataOperationsCatalog catalog, IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        return new ListDataView(new DataViewSchema([Text("Path")]), [.. paths.Select(p => new object?[] { p })]);
    }

    /// <summary>
    /// Divides rows at random within each label. Speakers are on both sides, so scores say how a model does on voices it has heard; see
    /// <see cref="SpeakerIndependentSplit(DataOperationsCatalog, IDataView, double, IReadOnlyCollection{string}?, int?)"/>.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows.</param>
    /// <param name="testFraction">The share to test on.</param>
    /// <param name="seed">Null takes the context's.</param>
    public static TrainTestData TrainTestSplit(this DataOperationsCatalog catalog, IDataView data, double testFraction = 0.2, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        IReadOnlyList<SplitItem> items = ItemsOf(data);
        return Divide(data, items, RandomSplit.Create(items, testFraction, seed ?? catalog.Context.Seed));
    }

    /// <summary>Divides rows so that no speaker is on both sides. Trainers keep that promise for their validation part too.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows, with a column Speaker.</param>
    /// <param name="testFraction">The share of speakers to test on, used when none is named.</param>
    /// <param name="heldOutSpeakers">The speakers to test on.</param>
    /// <param name="seed">Null takes the context's.</param>
    /// <exception cref="CorpusException">A row has no speaker, or a side would be empty.</exception>
    public static TrainTestData SpeakerIndependentSplit(
        this DataOperationsCatalog catalog, IDataView data, double testFraction = 0.2, IReadOnlyCollection<string>? heldOutSpeakers = null, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        IReadOnlyList<SplitItem> items = ItemsOf(data);
        return Divide(data, items, heldOutSpeakers is null
            ? SpeakerSplit.Create(items, testFraction, seed ?? catalog.Context.Seed)
            : SpeakerSplit.HoldOut(items, heldOutSpeakers));
    }

    /// <summary>
    /// Divides rows into folds, each of which is the test part once. The name is ML.NET's. Without a sampling key clips are dealt at random within each label
    /// and speakers are on both sides; with <c>"Speaker"</c> no speaker is, and trainers keep that promise for their validation part too.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows.</param>
    /// <param name="numberOfFolds">How many folds, at least 2.</param>
    /// <param name="samplingKeyColumnName">The column whose equal values stay together, such as <c>Speaker</c>; null for none.</param>
    /// <param name="seed">Null takes the context's.</param>
    /// <exception cref="CorpusException">Too few clips or values of the sampling key for so many folds.</exception>
    public static IReadOnlyList<TrainTestData> CrossValidationSplit(
        this DataOperationsCatalog catalog, IDataView data, int numberOfFolds = 5, string? samplingKeyColumnName = null, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        IReadOnlyList<SplitItem> items = ItemsOf(data, samplingKeyColumnName ?? "Speaker");
        int chosen = seed ?? catalog.Context.Seed;
        IReadOnlyList<Split> folds = samplingKeyColumnName is null ? KFoldSplit.Create(items, numberOfFolds, chosen) : SpeakerSplit.Folds(items, numberOfFolds, chosen);
        return [.. folds.Select(fold => Divide(data, items, fold, samplingKeyColumnName ?? "Speaker"))];
    }

    /// <summary>Divides rows as a split made elsewhere says.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows the split was made of, in the same order.</param>
    /// <param name="split">The split.</param>
    /// <exception cref="CorpusException">The split was made of other rows, or leaks: a clip on both sides, or under a speaker protocol a speaker.</exception>
    public static TrainTestData ApplySplit(this DataOperationsCatalog catalog, IDataView data, Split split)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(split);
        return Divide(data, ItemsOf(data), split);
    }

    private static TrainTestData Divide(IDataView data, IReadOnlyList<SplitItem> items, Split split, string groupColumn = "Speaker")
    {
        string? samplingKey = SplitProtocol.KeepsSpeakersApart(split.Protocol) ? groupColumn : null;
        int last = split.Train.Concat(split.Test).DefaultIfEmpty(-1).Max();
        if (last >= items.Count)
            throw new CorpusException($"The split names row {last}, counted from 0, but the view has {items.Count} rows: it was made of other data.");
        SplitCheck.Verify(items, split);
        return new TrainTestData(RowSubsetDataView.Create(data, split.Train, samplingKey), RowSubsetDataView.Create(data, split.Test, samplingKey));
    }

    private static List<SplitItem> ItemsOf(IDataView data, string groupColumn = "Speaker")
    {
        ArgumentNullException.ThrowIfNull(data);
        DataViewSchema.Column label = data.Schema["Label"];
        DataViewSchema.Column? speaker = groupColumn == "Speaker" ? data.Schema.GetColumnOrNull(groupColumn) : data.Schema[groupColumn], sex = data.Schema.GetColumnOrNull("Sex"), key = data.Schema.GetColumnOrNull("RelativePath");
        using DataViewRowCursor cursor = data.GetRowCursor(new[] { label, speaker, sex, key }.OfType<DataViewSchema.Column>());
        var items = new List<SplitItem>();
        while (cursor.MoveNext()) items.Add(new SplitItem(Value(cursor, label)!, Value(cursor, speaker), Value(cursor, sex), Value(cursor, key)));
        return items;

        static string? Value(DataViewRowCursor cursor, DataViewSchema.Column? column)
        {
            if (column is null) return null;
            string? text = null;
            if (column is { Type: KeyDataViewType, Annotations.KeyValues: { } values })
            {
                // The view may have been through MapValueToKey already.
                uint key = 0;
                cursor.GetGetter<uint>(column)(ref key);
                if (key > 0) text = values[(int)key - 1];
            }
            else
            {
                cursor.GetGetter<string?>(column)(ref text);
            }
            return string.IsNullOrEmpty(text) ? null : text;
        }
    }

    private static DataViewSchema.DetachedColumn Text(string name, ColumnAnnotations? annotations = null) => new(name, TextDataViewType.Instance, annotations);
}
