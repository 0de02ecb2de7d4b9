using SerPipeline.Corpora;
using SerPipeline.Features;
using SerPipeline.Splits;
using SerPipeline.Transforms;
using TrainTestData = Microsoft.ML.DataOperationsCatalog.TrainTestData;

// In the library's own namespace, so that one using brings every catalog method.
namespace SerPipeline;

/// <summary>Turns corpora, files and feature matrices into data views, and divides them.</summary>
public static class DataCatalogExtensions
{
    private const string Label = "Label", Speaker = "Speaker", LabelOrder = "LabelOrder";

    /// <summary>
    /// Reads a corpus: one row a clip in the corpus's order, with the text columns Path, RelativePath, Label, Speaker, Sex and Corpus, and
    /// Split where the corpus gives the parts of its clips. No audio is read yet.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="name">The corpus's kind: one of <see cref="CorpusLoader.Names"/>.</param>
    /// <param name="folder">Where it lies.</param>
    /// <param name="options">How to read it.</param>
    /// <exception cref="CorpusException">There is no usable clip.</exception>
    public static IDataView LoadCorpus(this DataOperationsCatalog catalog, string name, string folder, CorpusLoadOptions? options = null) =>
        catalog.LoadCorpus(CorpusLoader.Load(name, folder, options));

    /// <summary>
    /// The rows of a corpus that is already read; see
    /// <see cref="LoadCorpus(DataOperationsCatalog, string, string, CorpusLoadOptions?)"/>.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="corpus">The corpus.</param>
    public static IDataView LoadCorpus(this DataOperationsCatalog catalog, Corpus corpus)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(corpus);
        MemoryView.Column Column(string name, Func<CorpusClip, string?> value, DataViewSchema.Annotations? annotations = null) =>
            MemoryView.Text(name, [.. corpus.Clips.Select(value)], annotations);
        MemoryView.Column[] given = corpus.Clips.Any(c => c.Split is not null) ? [Column(SplitRows.SplitColumn, c => c.Split)] : [];
        return new MemoryView(corpus.Clips.Count,
        [
            Column("Path", c => c.Path), Column("RelativePath", c => c.RelativePath), Column(Label, c => c.Label, Ordered(corpus.Labels)),
            Column(Speaker, c => c.Speaker), Column("Sex", c => c.Sex), Column("Corpus", c => c.Corpus), .. given,
        ]);
    }

    /// <summary>Files to predict on: one row a file, with the text column Path.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="paths">The files.</param>
    public static IDataView LoadFiles(this DataOperationsCatalog catalog, IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        string[] all = [.. paths];
        return new MemoryView(all.Length, [MemoryView.Text("Path", all)]);
    }

    /// <summary>
    /// Reads a matrix of features and the class of each of its rows from NumPy files: one row each, with the columns Features (a vector
    /// whose slots are named
    /// <c>mfcc_00</c> and so on), Label (text) and Row (Int32, from 0).
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="xPath">A <c>.npy</c> file of float32 or float64, <c>[rows, features]</c>.</param>
    /// <param name="yPath">A <c>.npy</c> file of int32 or int64, <c>[rows]</c>: positions among <paramref name="labels"/>, from 0.</param>
    /// <param name="labels">The names of the classes.</param>
    /// <param name="columns">How many features a row must have; null allows any number.</param>
    /// <exception cref="FeatureFileException">
    /// A file is absent or malformed, the two do not fit each other, a label is out of range, or a feature is no finite number.
    /// </exception>
    public static IDataView LoadFeatures(this DataOperationsCatalog catalog, string xPath, string yPath, IReadOnlyList<string> labels,
        int? columns = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0 || labels.Distinct(StringComparer.Ordinal).Count() != labels.Count)
            throw new ArgumentException("Expected one or more class names, all different.", nameof(labels));
        FeatureMatrix matrix = FeatureMatrix.Read(xPath, yPath, labels, columns);
        return new MemoryView(matrix.Rows,
        [
            Features(matrix),
                MemoryView.Text(Label, [.. Enumerable.Range(0, matrix.Rows).Select(r => labels[matrix.Class(r)])], Ordered(labels)), Rows(),
        ]);
    }

    /// <summary>
    /// The labels in the order that the corpus lists them, for <c>MapValueToKey("Label", keyData: ml.Data.LabelValues(clips))</c>; without
    /// it ML.NET numbers them as
    /// they occur. Labels of a view that lists none come in the order of first sight.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows; no audio is read.</param>
    /// <param name="labelColumnName">Their label, text.</param>
    /// <returns>One row a label that occurs, with the text column Label.</returns>
    /// <exception cref="SchemaException">There is no such column of text.</exception>
    public static IDataView LabelValues(this DataOperationsCatalog catalog, IDataView data, string labelColumnName = Label)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        string[] seen = [.. new SplitRows(data, labelColumnName, Speaker).Items.Select(i => i.Label).Distinct(StringComparer.Ordinal)];
        DataViewSchema.Annotations annotations = data.Schema[labelColumnName].Annotations;
        VBuffer<ReadOnlyMemory<char>> listed = default;
        if (annotations.Schema.GetColumnOrNull(LabelOrder) is not null) annotations.GetValue(LabelOrder, ref listed);
        string[] inOrder = [.. listed.DenseValues().Select(v => v.ToString()).Intersect(seen, StringComparer.Ordinal)];
        string[] all = [.. inOrder, .. seen.Except(inOrder, StringComparer.Ordinal)];
        return new MemoryView(all.Length, [MemoryView.Text(Label, all)]);
    }

    /// <summary>
    /// Divides rows so that no speaker is on both sides. The speaker column of both parts is annotated <c>SamplingKey</c>, so that
    /// trainers keep that promise for their validation part too, and refuse rows that lost the column on the way, as by
    /// <c>SelectColumns</c>. Two corpora's speaker of one name are two people.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows; no audio is read.</param>
    /// <param name="testFraction">
    /// The share of speakers to test on, used when none is named; evenly from each sex where a column Sex tells it.
    /// </param>
    /// <param name="testSpeakers">The speakers to test on; numbers may leave out leading zeros.</param>
    /// <param name="seed">Decides who is drawn; null for 42.</param>
    /// <param name="labelColumnName">Text, or a key with its values.</param>
    /// <param name="speakerColumnName">The same.</param>
    /// <exception cref="CorpusException">A row has no speaker, a name is no speaker, or a side would be empty.</exception>
    /// <exception cref="SchemaException">A column is missing or of another type.</exception>
    public static TrainTestData SpeakerSplit(
        this DataOperationsCatalog catalog, IDataView data, double testFraction = 0.2, IReadOnlyCollection<string>? testSpeakers = null,
            int? seed = null,
        string labelColumnName = Label, string speakerColumnName = Speaker)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var rows = new SplitRows(data, labelColumnName, speakerColumnName);
        return rows.Divide(testSpeakers is null
            ? Splits.SpeakerSplit.Create(rows.Items, testFraction, seed ?? 42)
            : Splits.SpeakerSplit.HoldOut(rows.Items, testSpeakers));
    }

    /// <summary>Divides rows as a protocol says: one part to train on and one to test on for each of its folds.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows; no audio is read. Columns Sex, RelativePath and Corpus are used where there are any.</param>
    /// <param name="protocol">
    /// One of <see cref="SplitProtocol"/>, or shorter: <c>random</c>, <c>paper</c>, <c>kfold</c>, <c>speaker</c>, <c>speaker-5fold</c>,
    /// <c>loso</c>, <c>cross</c>, <c>given</c>.
    /// </param>
    /// <param name="numberOfFolds">The folds of <c>kfold</c>, at least 2.</param>
    /// <param name="testFraction">What <c>random</c> and <c>speaker</c> test on.</param>
    /// <param name="seed">Decides every draw; null for 42.</param>
    /// <param name="labelColumnName">Text, or a key with its values.</param>
    /// <param name="speakerColumnName">The same.</param>
    /// <exception cref="OptionsException">There is no such protocol, or a number is out of range.</exception>
    /// <exception cref="CorpusException">
    /// The rows cannot be divided so, a fold leaks, or a label has test rows without a training row.
    /// </exception>
    /// <exception cref="SchemaException">A column is missing or of another type.</exception>
    public static IReadOnlyList<TrainTestData> Folds(
        this DataOperationsCatalog catalog, IDataView data, string protocol, int numberOfFolds = 5, double testFraction = 0.2,
            int? seed = null,
        string labelColumnName = Label, string speakerColumnName = Speaker)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        string name = SplitProtocol.All.FirstOrDefault(known => known.Short == protocol).Name ?? protocol;
        var request = new SplitRequest { Protocol = name, Folds = numberOfFolds, TestFraction = testFraction, Seed = seed ?? 42 };
        return catalog.Folds(data, request, labelColumnName, speakerColumnName);
    }

    /// <inheritdoc cref="Folds(DataOperationsCatalog, IDataView, string, int, double, int?, string, string)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows.</param>
    /// <param name="request">The protocol and its settings.</param>
    /// <param name="labelColumnName">Text, or a key with its values.</param>
    /// <param name="speakerColumnName">The same.</param>
    public static IReadOnlyList<TrainTestData> Folds(
        this DataOperationsCatalog catalog, IDataView data, SplitRequest request, string labelColumnName = Label,
            string speakerColumnName = Speaker)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(request);
        request.Validate();
        var rows = new SplitRows(data, labelColumnName, speakerColumnName);
        return [.. SplitPlanner.Create(rows.Items, rows.Corpora, request).Folds.Select(fold => rows.Divide(fold.Split))];
    }

    /// <summary>Divides rows as a split made elsewhere says.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows the split was made of, in the same order.</param>
    /// <param name="split">The split.</param>
    /// <param name="labelColumnName">Text, or a key with its values.</param>
    /// <param name="speakerColumnName">The same.</param>
    /// <exception cref="CorpusException">
    /// The split was made of other rows, or leaks: a clip on both sides, or under a speaker protocol a speaker.
    /// </exception>
    /// <exception cref="SchemaException">A column is missing or of another type.</exception>
    public static TrainTestData ApplySplit(
        this DataOperationsCatalog catalog, IDataView data, Split split, string labelColumnName = Label, string speakerColumnName = Speaker)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(split);
        return new SplitRows(data, labelColumnName, speakerColumnName).Divide(split);
    }

    /// <summary>Some rows of a view, in the view's order; stages of this library compute no other.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows.</param>
    /// <param name="rows">Positions from 0; one that is named twice counts once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A position is negative or, where the view knows its rows, behind the last.</exception>
    public static IDataView SelectRows(this DataOperationsCatalog catalog, IDataView data, IEnumerable<int> rows)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(rows);
        return RowSubsetView.Create(data, rows);
    }

    internal static MemoryView.Column Features(FeatureMatrix matrix) => MemoryView.Vector(
        "Features", matrix.Columns, (row, values) => matrix.Row(row).CopyTo(values),
            Waveform.SlotAnnotations(PaperMfcc.SlotNames(matrix.Columns)));

    internal static MemoryView.Column Rows() => MemoryView.Of("Row", NumberDataViewType.Int32, row => row);

    // Text columns have no key values: the order that reports use goes by a name of its own.
    internal static DataViewSchema.Annotations Ordered(IReadOnlyList<string> labels) => Waveform.TextAnnotation(LabelOrder, labels);
}
