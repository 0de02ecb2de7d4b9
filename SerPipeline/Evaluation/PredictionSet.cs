namespace SerPipeline.Evaluation;

/// <summary>A model's prediction for one clip, and the clip's true label.</summary>
public sealed record ClipPrediction
{
    /// <summary>The clip's path, as a report should show it.</summary>
    public required string Path { get; init; }

    /// <summary>The speaker's identifier, or null when the corpus does not name speakers.</summary>
    public string? Speaker { get; init; }

    /// <summary>The speaker's sex as the corpus states it, or null.</summary>
    public string? Sex { get; init; }

    /// <summary>The true label.</summary>
    public required string Label { get; init; }

    /// <summary>The label the model chose.</summary>
    public required string Predicted { get; init; }

    /// <summary>
    /// One probability per class, in the order of the set's labels; they sum to 1. Empty when the model gives none: log-loss and top-k
    /// accuracy are then not a number.
    /// </summary>
    public float[] Probabilities { get; init; } = [];
}

/// <summary>The predictions of one evaluation, over one list of labels.</summary>
public sealed class PredictionSet
{
    private readonly MetricsAccumulator _counted;

    /// <summary>Creates a set and checks that every row belongs to it.</summary>
    /// <param name="labels">The classes, in the order of every row's probabilities.</param>
    /// <param name="rows">One row per clip; all with probabilities or all without.</param>
    /// <exception cref="EvaluationException">A label is empty, repeated or unknown, or a row's probabilities do not sum to 1.</exception>
    public PredictionSet(IReadOnlyList<string> labels, IReadOnlyList<ClipPrediction> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Rows = [.. rows];
        _counted = new MetricsAccumulator(labels);
        foreach (ClipPrediction row in Rows) _counted.Add(row);
    }

    /// <summary>The classes, in the order of every row's probabilities.</summary>
    public IReadOnlyList<string> Labels => _counted.Labels;

    /// <summary>One row per clip, in the order given.</summary>
    public IReadOnlyList<ClipPrediction> Rows { get; }

    /// <summary>The metrics of the whole set.</summary>
    /// <exception cref="EvaluationException">The set has no rows.</exception>
    public ClassificationReport ToReport() => _counted.ToReport();

    /// <summary>The place of a label of one of the rows.</summary>
    internal int Place(string label) => _counted.Place(label);

    /// <summary>
    /// The metrics of each group of clips, such as each speaker, in ordinal order of the group's name. Clips without a group are left
    /// out.
    /// </summary>
    /// <param name="group">Gives a clip's group, or null for none.</param>
    public IReadOnlyList<GroupMetrics> ByGroup(Func<ClipPrediction, string?> group)
    {
        ArgumentNullException.ThrowIfNull(group);
        return [.. Rows.Where(row => group(row) is not null)
            .GroupBy(row => group(row)!, StringComparer.Ordinal)
            .OrderBy(rows => rows.Key, StringComparer.Ordinal)
            .Select(rows => new GroupMetrics(rows.Key, new PredictionSet(Labels, [.. rows]).ToReport()))];
    }

    /// <summary>The metrics of each speaker.</summary>
    public IReadOnlyList<GroupMetrics> BySpeaker() => ByGroup(row => row.Speaker);

    /// <summary>The metrics of each sex, as the corpus states it.</summary>
    public IReadOnlyList<GroupMetrics> BySex() => ByGroup(row => row.Sex);
}

/// <summary>The metrics of one group of clips.</summary>
/// <param name="Group">The group's name, such as a speaker's identifier.</param>
/// <param name="Report">Its metrics.</param>
public sealed record GroupMetrics(string Group, ClassificationReport Report);

/// <summary>Finds a label's place in a list of labels.</summary>
internal sealed class LabelIndex
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    public LabelIndex(IReadOnlyList<string> labels)
    {
        Labels = Check(labels);
        for (int i = 0; i < Labels.Count; i++) _places[Labels[i]] = i;
    }

    public IReadOnlyList<string> Labels { get; }

    /// <summary>The label's place; raises a clear error when the list does not have it.</summary>
    public int Of(string? label, string role, string where)
    {
        if (label is not null && _places.TryGetValue(label, out int place)) return place;
        throw new EvaluationException($"Expected the {role} of {where} to be one of {string.Join(", ", Labels)}; found "
            + $"'{label ?? "null"}'. Map the corpus's labels to the model's before evaluating, or leave such clips out.");
    }

    public static IReadOnlyList<string> Check(IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0)
            throw new EvaluationException("Expected at least one label; found none. Give the classes the model was trained on.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < labels.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(labels[i]))
                throw new EvaluationException($"Expected every label to have a name; label number {i + 1} of {labels.Count} is empty.");
            if (!seen.Add(labels[i]))
                throw new EvaluationException($"Expected every label once; '{labels[i]}' is there twice. Remove the duplicate.");
        }
        return [.. labels];
    }
}

/// <summary>Pools the test predictions of a cross-validation's folds, so that metrics cover every clip once.</summary>
public static class PredictionPool
{
    /// <summary>Pools the test predictions of folds, in their order.</summary>
    /// <param name="folds">The folds, at least one.</param>
    /// <exception cref="EvaluationException">
    /// There is no fold, the folds' labels differ, or a clip is in two of them or twice in one.
    /// </exception>
    public static PredictionSet Pool(IReadOnlyList<PredictionSet> folds)
    {
        ArgumentNullException.ThrowIfNull(folds);
        if (folds.Count == 0) throw new EvaluationException("Expected at least one fold to put together; found none.");
        var foldOf = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int fold = 0; fold < folds.Count; fold++)
        {
            if (!folds[fold].Labels.SequenceEqual(folds[0].Labels, StringComparer.Ordinal))
                throw new EvaluationException($"Expected the labels {string.Join(", ", folds[0].Labels)} in every fold, in this order; "
                    + $"fold {fold + 1} has {string.Join(", ", folds[fold].Labels)}. Put folds of one cross-validation together only.");
            foreach (ClipPrediction row in folds[fold].Rows)
                if (!foldOf.TryAdd(row.Path, fold))
                    throw new EvaluationException($"Expected every clip in one test fold only; '{row.Path}' is in fold "
                        + $"{foldOf[row.Path] + 1} and again in fold {fold + 1}. Folds of several seeds are summarised, not put together.");
        }
        return new PredictionSet(folds[0].Labels, [.. folds.SelectMany(fold => fold.Rows)]);
    }
}
