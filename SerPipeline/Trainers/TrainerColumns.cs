using SerPipeline.Transforms;

namespace SerPipeline.Trainers;

/// <summary>The columns of a trainer: what it requires, and what it adds.</summary>
internal static class TrainerColumns
{
    /// <summary>What ML.NET's head calls its scores; under another name they are copied, and this column is dropped.</summary>
    public const string StockScore = "Score";

    /// <summary>Requires added columns that hide neither each other nor the truth, nor a column that is there for a moment only.</summary>
    public static void CheckNames(OptionsCheck check, string label, string score, string predictedLabel) => check
        .Require(score != label, score, "differ from LabelColumnName", "ScoreColumnName")
        .Require(score != TrainedNetwork.Logits, score, $"not be {TrainedNetwork.Logits}, which the trainer needs for itself",
        "ScoreColumnName")
        .Require(predictedLabel != label, predictedLabel, "differ from LabelColumnName", "PredictedLabelColumnName")
        .Require(predictedLabel != score, predictedLabel, "differ from ScoreColumnName", "PredictedLabelColumnName")
        .Require(predictedLabel is not (StockScore or TrainedNetwork.Logits), predictedLabel,
            $"be neither {StockScore} nor {TrainedNetwork.Logits}, which the trainer needs for itself", "PredictedLabelColumnName");

    /// <summary>Requires the options' columns in the shape that a chain has before any data.</summary>
    public static void Check(NeuralTrainerOptions options, SchemaShape shape) =>
        Check(options.Stage, [.. options.InputColumnNames, .. options.TrainingOnlyColumnNames], options.LabelColumnName,
            options.SamplingKeyColumnName, shape);

    /// <inheritdoc cref="Check(NeuralTrainerOptions, SchemaShape)"/>
    public static void Check(string stage, IReadOnlyList<string> inputs, string labelColumn, string? samplingKey, SchemaShape shape)
    {
        foreach (string name in inputs)
        {
            SchemaShape.Column column = Find(stage, shape, name);
            if (column.Kind != SchemaShape.Column.VectorKind.Vector || column.ItemType != NumberDataViewType.Single || column.IsKey)
                throw InputColumn.WrongType(stage, name, Describe(column));
        }
        SchemaShape.Column label = Find(stage, shape, labelColumn);
        if (!label.IsKey || label.Kind != SchemaShape.Column.VectorKind.Scalar) throw LabelNotKey(stage, labelColumn, Describe(label));
        if (samplingKey is { } key) Find(stage, shape, key);
    }

    /// <summary>Refuses what would drop a column of the caller's.</summary>
    public static void CheckScoreName(string stage, string score, IEnumerable<string> columns)
    {
        if (score != StockScore && columns.Contains(StockScore))
            throw new SchemaException($"{stage} gives its scores as column '{score}' by way of a column '{StockScore}', and there is "
                + "one of that name already. "
                + $"Rename that with CopyColumns and DropColumns first, or leave ScoreColumnName at '{StockScore}'.");
        if (columns.Contains(TrainedNetwork.Logits))
            throw new SchemaException($"{stage} needs the column name '{TrainedNetwork.Logits}' for itself, and there is a column of "
                + "that name already. Rename it first.");
    }

    /// <summary>Requires the options' columns in a view, with their sizes and key values.</summary>
    public static (InputColumn[] Inputs, IReadOnlyList<string> Labels) Bind(NeuralTrainerOptions options, DataViewSchema schema) =>
        Bind(options.Stage, options.InputColumnNames, options.LabelColumnName, options.SamplingKeyColumnName, schema);

    /// <inheritdoc cref="Bind(NeuralTrainerOptions, DataViewSchema)"/>
    public static (InputColumn[] Inputs, IReadOnlyList<string> Labels) Bind(string stage, IReadOnlyList<string> columns, string labelColumn,
        string? samplingKey, DataViewSchema schema)
    {
        (InputColumn[] inputs, IReadOnlyList<string> labels) = Find(stage, columns, labelColumn, samplingKey, schema);
        return labels.Count >= 2 ? (inputs, labels)
            : throw new SchemaException($"{stage} needs at least 2 classes, but the only value of column '{labelColumn}' is "
                + $"{string.Join(", ", labels)}. Train on rows of two classes or more.");
    }

    private static (InputColumn[] Inputs, IReadOnlyList<string> Labels) Find(string stage, IReadOnlyList<string> columns,
        string labelColumn, string? samplingKey, DataViewSchema schema)
    {
        InputColumn[] inputs = [.. columns.Select(name => InputColumn.Find(stage, name, schema))];
        DataViewSchema.Column label = schema.GetColumnOrNull(labelColumn)
            ?? throw InputColumn.Missing(stage, labelColumn, schema);
        if (label.Type is not KeyDataViewType) throw LabelNotKey(stage, labelColumn, label.Type.ToString()!);
        if (samplingKey is { } key && schema.GetColumnOrNull(key) is null)
            throw InputColumn.Missing(stage, key, schema);
        IReadOnlyList<string> labels = RowValues.KeyNames(label)
            ?? throw new SchemaException($"{stage} needs column '{label.Name}' to carry its key values as texts or numbers, but it is "
            + $"{label.Type} without them. "
                + "Make it with Conversion.MapValueToKey from text, fitted on at least one row that has a label.");
        return (inputs, labels);
    }

    /// <summary>Requires a validation set of the same columns and label values.</summary>
    public static void CheckValidation(NeuralTrainerOptions options, DataViewSchema validation, IReadOnlyList<InputColumn> inputs,
        IReadOnlyList<string> labels)
    {
        (InputColumn[] own, IReadOnlyList<string> ownLabels) = Find($"{options.Stage}: ValidationSet", options.InputColumnNames,
            options.LabelColumnName, options.SamplingKeyColumnName, validation);
        foreach ((InputColumn trained, InputColumn watched) in inputs.Zip(own))
            if (trained.Size != watched.Size)
                throw new SchemaException($"{options.Stage} trains on column '{trained.Name}' of {trained.Type}, but in ValidationSet "
                    + $"it is {watched.Type}.");
        // A key is only a position: under another list of values it would stand for another label.
        if (!ownLabels.SequenceEqual(labels, StringComparer.Ordinal))
            throw new SchemaException($"{options.Stage} trains on labels {string.Join(", ", labels)}, but in ValidationSet column "
                + $"'{options.LabelColumnName}' has "
                + $"{string.Join(", ", ownLabels)}. Transform both with the same fitted MapValueToKey.");
    }

    /// <summary>The shape with the columns that a multiclass trainer of ML.NET adds, under the given names.</summary>
    public static SchemaShape WithScores(string stage, SchemaShape input, string label, string score, string predictedLabel)
    {
        CheckScoreName(stage, score, input.Select(column => column.Name));
        SchemaShape.Column labels = input.First(column => column.Name == label);
        bool named = labels.Annotations is not null && labels.Annotations.Any(a => a.Name == "KeyValues");
        SchemaShape.Column[] added =
        [
            named ? Waveform.NamedSlotsShape(score)
                : MlNetInternals.ShapeColumn(score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, null),
            MlNetInternals.ShapeColumn(predictedLabel, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true,
                labels.Annotations),
        ];
        return new SchemaShape(input.Where(column => added.All(own => own.Name != column.Name)).Concat(added));
    }

    private static SchemaShape.Column Find(string stage, SchemaShape shape, string name)
    {
        foreach (SchemaShape.Column column in shape)
            if (column.Name == name) return column;
        throw InputColumn.Missing(stage, name, shape.Select(column => column.Name));
    }

    private static SchemaException LabelNotKey(string stage, string label, string found) =>
        new($"{stage} needs column '{label}' to be a key, but it is {found}. Put Conversion.MapValueToKey(\"{label}\") before it.");

    private static string Describe(SchemaShape.Column column) => column.Kind switch
    {
        _ when column.IsKey => $"Key<{column.ItemType}>",
        SchemaShape.Column.VectorKind.Scalar => $"{column.ItemType}",
        SchemaShape.Column.VectorKind.Vector => $"Vector<{column.ItemType}>",
        _ => $"Vector<{column.ItemType}> of unknown length",
    };
}
