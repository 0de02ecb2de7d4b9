using SerPipeline.Transforms;

namespace SerPipeline.Evaluation;

/// <summary>One row of a data view. <c>Values</c> are its features or scores; empty when none were asked for.</summary>
internal sealed record LabelledRow(float[] Values, string Label, string Predicted, string Path, string? Speaker, string? Sex)
{
    public ClipPrediction ToPrediction(string predicted, float[] probabilities) =>
        new() { Path = Path, Speaker = Speaker, Sex = Sex, Label = Label, Predicted = predicted, Probabilities = probabilities };
}

/// <summary>
/// Rows of a data view in memory, with <c>RelativePath</c> or <c>Path</c>, <c>Speaker</c> and <c>Sex</c> where there are such text
/// columns.
/// </summary>
internal sealed class LabelledRows(IReadOnlyList<string> labels, IReadOnlyList<LabelledRow> rows)
{
    /// <summary>The classes: the label column's key values, else the labels that occur, in ordinal order.</summary>
    public IReadOnlyList<string> Labels => labels;

    public IReadOnlyList<LabelledRow> Rows => rows;

    public static LabelledRows Read(IDataView data, string label, string? vector, string? predicted = null, string? speaker = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        DataViewSchema schema = data.Schema;
        DataViewSchema.Column truth = Labelled(schema, label);
        DataViewSchema.Column? said = predicted is null ? null : Labelled(schema, predicted);
        DataViewSchema.Column? values = vector is null ? null : Vector(schema, vector);
        DataViewSchema.Column? path = Optional(schema, "RelativePath") ?? Optional(schema, "Path"), sex = Optional(schema, "Sex");
        DataViewSchema.Column? who = speaker is null ? Optional(schema, "Speaker") : Labelled(schema, speaker);
        using DataViewRowCursor cursor = data.GetRowCursor(new[] { truth, said, values, path, sex, who }.OfType<DataViewSchema.Column>());
        Func<string> readLabel = TextReader(cursor, truth), readPredicted = TextReader(cursor, said), readPath = TextReader(cursor, path);
        Func<string> readSex = TextReader(cursor, sex), readSpeaker = TextReader(cursor, who);
        Func<float[]> readValues = values is { } column ? VectorReader(cursor, column) : () => [];
        var rows = new List<LabelledRow>();
        while (cursor.MoveNext())
            rows.Add(new(readValues(), readLabel(), readPredicted(), readPath(), NullIfEmpty(readSpeaker()), NullIfEmpty(readSex())));
        return new(truth.Type is KeyDataViewType ? Annotation(truth, "KeyValues")
            : [.. rows.Select(row => row.Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], rows);
    }

    /// <summary>The vectors of a column, one row after another; only this column is computed.</summary>
    public static IEnumerable<float[]> ReadVectors(IDataView data, string name)
    {
        ArgumentNullException.ThrowIfNull(data);
        DataViewSchema.Column column = Vector(data.Schema, name);
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        Func<float[]> read = VectorReader(cursor, column);
        while (cursor.MoveNext()) yield return read();
    }

    /// <summary>A score column's labels.</summary>
    public static IReadOnlyList<string> SlotNames(DataViewSchema.Column column) => Annotation(column, "SlotNames");

    private static DataViewSchema.Column Labelled(DataViewSchema schema, string name) => IsText(schema[name]) ? schema[name]
        : throw Unfit(name, $"to be text, or a key with text values; it is {schema[name].Type}. "
            + "Use MapValueToKey on a text column, or ConvertType");

    private static DataViewSchema.Column Vector(DataViewSchema schema, string name) =>
        schema[name].Type is VectorDataViewType { ItemType: NumberDataViewType type } && type == NumberDataViewType.Single ? schema[name]
            : throw Unfit(name, $"to be a vector of Single; it is {schema[name].Type}. Use Concatenate or ConvertType");

    // A column that nobody asked for by name is used where it can be.
    private static DataViewSchema.Column? Optional(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name) is { } column && IsText(column) ? column : null;

    private static bool IsText(DataViewSchema.Column column) => column.Type is TextDataViewType
        || (column.Type is KeyDataViewType && column.Type.RawType == typeof(uint) && HasText(column, "KeyValues"));

    private static bool HasText(DataViewSchema.Column column, string kind) =>
        column.Annotations.Schema.GetColumnOrNull(kind)?.Type is VectorDataViewType { ItemType: TextDataViewType };

    private static string[] Annotation(DataViewSchema.Column column, string kind)
    {
        if (!HasText(column, kind))
            throw Unfit(column.Name,
                $"to carry the annotation '{kind}' with a text for each class; it has none. "
                + "Train on a key column made by MapValueToKey from text");
        VBuffer<ReadOnlyMemory<char>> texts = default;
        column.Annotations.GetValue(kind, ref texts);
        return [.. texts.DenseValues().Select(text => text.ToString())];
    }

    private static ArgumentOutOfRangeException Unfit(string name, string rule) =>
        new($"Expected column '{name}' {rule}.", innerException: null);

    private static Func<float[]> VectorReader(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> vector = default;
        return () =>
        {
            getter(ref vector);
            return [.. vector.DenseValues()];
        };
    }

    private static Func<string> TextReader(DataViewRowCursor cursor, DataViewSchema.Column? optional) =>
        optional is { } column ? RowValues.Text(nameof(EvaluateCatalog.EvaluateSpeech), cursor, column) : () => "";

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
