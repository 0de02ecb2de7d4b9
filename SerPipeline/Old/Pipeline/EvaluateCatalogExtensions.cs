using SerPipeline.Evaluation;

// In the namespace of the grammar, so that one using brings every catalog method.
namespace SerPipeline.Old.Pipeline;

/// <summary>Evaluates scored rows.</summary>
public static class EvaluateCatalogExtensions
{
    /// <summary>Metrics over scored rows, exact whatever the batching.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">What a trained chain's <c>Transform</c> gave.</param>
    /// <param name="labelColumnName">The truth: a key column, or text.</param>
    /// <param name="scoreColumnName">One probability a class.</param>
    /// <param name="predictedLabelColumnName">The predicted class: a key column, or text.</param>
    /// <exception cref="SchemaException">A column is missing or of another type.</exception>
    /// <exception cref="EvaluationException">There is no row, or a label that the model does not know.</exception>
    public static MulticlassClassificationMetrics Evaluate(
        this MulticlassClassificationCatalog catalog, IDataView data, string labelColumnName = "Label", string scoreColumnName = "Score",
        string predictedLabelColumnName = "PredictedLabel") =>
        new(catalog.Predictions(data, labelColumnName, scoreColumnName, predictedLabelColumnName).ToReport());

    /// <summary>Scored rows as one prediction a clip, with path, speaker and sex where the rows have them.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">What a trained chain's <c>Transform</c> gave.</param>
    /// <param name="labelColumnName">The truth: a key column, or text.</param>
    /// <param name="scoreColumnName">One probability a class; its slot names are the labels.</param>
    /// <param name="predictedLabelColumnName">The predicted class: a key column, or text.</param>
    /// <exception cref="SchemaException">A column is missing or of another type.</exception>
    public static PredictionSet Predictions(
        this MulticlassClassificationCatalog catalog, IDataView data, string labelColumnName = "Label", string scoreColumnName = "Score",
        string predictedLabelColumnName = "PredictedLabel")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        DataViewSchema schema = data.Schema;
        DataViewSchema.Column label = schema[labelColumnName], score = schema[scoreColumnName], predicted = schema[predictedLabelColumnName];
        DataViewSchema.Column? path = schema.GetColumnOrNull("RelativePath") ?? schema.GetColumnOrNull("Path");
        DataViewSchema.Column? speaker = schema.GetColumnOrNull("Speaker"), sex = schema.GetColumnOrNull("Sex");
        IReadOnlyList<string> labels = score.Annotations.SlotNames
            ?? throw new SchemaException($"Column '{scoreColumnName}' carries no slot names, so its scores cannot be told apart by label.");
        var needed = new[] { label, score, predicted, path, speaker, sex }.OfType<DataViewSchema.Column>();
        using DataViewRowCursor cursor = data.GetRowCursor(needed);
        var rows = new List<ClipPrediction>();
        VBuffer<float> scores = default;
        ValueGetter<VBuffer<float>> getScores = cursor.GetGetter<VBuffer<float>>(score);
        Func<string> getLabel = TextReader(cursor, label), getPredicted = TextReader(cursor, predicted);
        Func<string>? getPath = path is null ? null : TextReader(cursor, path), getSpeaker = speaker is null ? null : TextReader(cursor, speaker);
        Func<string>? getSex = sex is null ? null : TextReader(cursor, sex);
        while (cursor.MoveNext())
        {
            getScores(ref scores);
            rows.Add(new ClipPrediction
            {
                Path = getPath?.Invoke() ?? "",
                Speaker = NullIfEmpty(getSpeaker?.Invoke()),
                Sex = NullIfEmpty(getSex?.Invoke()),
                Label = getLabel(),
                Predicted = getPredicted(),
                Probabilities = scores.GetValues().ToArray(),
            });
        }
        return new PredictionSet(labels, rows);
    }

    internal static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    internal static Func<string> TextReader(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        if (column.Type is not KeyDataViewType)
        {
            ValueGetter<string> getter = cursor.GetGetter<string>(column);
            string text = "";
            return () =>
            {
                getter(ref text);
                return text;
            };
        }
        IReadOnlyList<string> values = column.Annotations.KeyValues
            ?? throw new SchemaException($"Column '{column.Name}' carries no key values, so its keys cannot be read as labels.");
        ValueGetter<uint> keys = cursor.GetGetter<uint>(column);
        uint key = 0;
        return () =>
        {
            keys(ref key);
            return key == 0 ? "" : values[(int)key - 1];
        };
    }
}
