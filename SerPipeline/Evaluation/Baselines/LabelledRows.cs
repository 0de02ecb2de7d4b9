using System.Globalization;
using SerPipeline.Old.Pipeline;

namespace SerPipeline.Evaluation.Baselines;

/// <summary>Rows of a view in memory: features, label, and what a prediction names them by.</summary>
internal sealed class LabelledRows
{
    private LabelledRows(IReadOnlyList<string> labels, IReadOnlyList<LabelledRow> rows)
    {
        Labels = labels;
        Rows = rows;
    }

    /// <summary>The classes: those that the label column names, else those that occur, in ordinal order.</summary>
    public IReadOnlyList<string> Labels { get; }

    public IReadOnlyList<LabelledRow> Rows { get; }

    /// <param name="view">The rows.</param>
    /// <param name="labelColumn">The truth.</param>
    /// <param name="featureColumn">A vector of floats; null reads none.</param>
    public static LabelledRows Read(IDataView view, string labelColumn, string? featureColumn)
    {
        ArgumentNullException.ThrowIfNull(view);
        DataViewSchema schema = view.Schema;
        DataViewSchema.Column label = schema[labelColumn];
        DataViewSchema.Column? feature = featureColumn is null ? null : FeatureColumn(view, featureColumn);
        DataViewSchema.Column? path = schema.GetColumnOrNull("RelativePath") ?? schema.GetColumnOrNull("Path"), speaker = schema.GetColumnOrNull("Speaker"), sex = schema.GetColumnOrNull("Sex");
        using DataViewRowCursor cursor = view.GetRowCursor(new[] { label, feature, path, speaker, sex }.OfType<DataViewSchema.Column>());
        Func<string> getLabel = EvaluateCatalogExtensions.TextReader(cursor, label);
        Func<string>? getPath = Optional(cursor, path), getSpeaker = Optional(cursor, speaker), getSex = Optional(cursor, sex);
        Func<float[]>? getFeatures = feature is null ? null : VectorReader(cursor, feature);
        var rows = new List<LabelledRow>();
        while (cursor.MoveNext())
            rows.Add(new LabelledRow(getFeatures?.Invoke() ?? [], getLabel(), getPath?.Invoke() ?? "", EvaluateCatalogExtensions.NullIfEmpty(getSpeaker?.Invoke()), EvaluateCatalogExtensions.NullIfEmpty(getSex?.Invoke())));
        return new LabelledRows(label.Annotations.KeyValues ?? [.. rows.Select(row => row.Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], rows);
    }

    /// <summary>The vectors of a column, one row after another.</summary>
    public static IEnumerable<float[]> ReadFeatures(IDataView view, string column)
    {
        ArgumentNullException.ThrowIfNull(view);
        DataViewSchema.Column feature = FeatureColumn(view, column);
        using DataViewRowCursor cursor = view.GetRowCursor([feature]);
        Func<float[]> read = VectorReader(cursor, feature);
        while (cursor.MoveNext()) yield return read();
    }

    public void RequireSome(string part)
    {
        if (Rows.Count == 0) throw new EvaluationException($"Expected at least one {part} row; found none.");
    }

    public void RequireVectors(int size, string part)
    {
        for (int i = 0; i < Rows.Count; i++)
        {
            float[] features = Rows[i].Features;
            if (features.Length != size || size == 0)
                throw new EvaluationException(string.Create(CultureInfo.InvariantCulture, $"Expected vectors of one length, that of the first training row, {size}, and at least 1; found {features.Length} in {part} row {i}, counted from 0."));
            if (!features.All(float.IsFinite))
                throw new EvaluationException(string.Create(CultureInfo.InvariantCulture, $"Expected finite features; found another in {part} row {i}, counted from 0."));
        }
    }

    /// <summary>Predictions for other rows, over the classes of these.</summary>
    public PredictionSet Predict(LabelledRows asked, Func<LabelledRow, string> predict) => new(Labels,
        [.. asked.Rows.Select(row => new ClipPrediction { Path = row.Path, Speaker = row.Speaker, Sex = row.Sex, Label = row.Label, Predicted = predict(row) })]);

    private static DataViewSchema.Column FeatureColumn(IDataView view, string name)
    {
        DataViewSchema.Column column = view.Schema[name];
        return column.Type is VectorDataViewType ? column : throw new SchemaException($"Expected column '{name}' to be a vector of floats, but it is {column.Type}.");
    }

    private static Func<float[]> VectorReader(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> vector = default;
        return () =>
        {
            getter(ref vector);
            return vector.GetValues().ToArray();
        };
    }

    private static Func<string>? Optional(DataViewRowCursor cursor, DataViewSchema.Column? column) => column is null ? null : EvaluateCatalogExtensions.TextReader(cursor, column);
}

/// <summary>One row.</summary>
internal sealed record LabelledRow(float[] Features, string Label, string Path, string? Speaker, string? Sex);
