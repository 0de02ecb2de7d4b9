namespace SerPipeline.Evaluation;

/// <summary>Puts the folds of one cross-validation together, so that metrics run over every clip once.</summary>
public static class PredictionPool
{
    /// <summary>Puts the test predictions of folds together, in their order.</summary>
    /// <param name="folds">The folds, at least one.</param>
    /// <exception cref="EvaluationException">There is no fold, the folds' labels differ, or a clip is in two of them or twice in one.</exception>
    public static PredictionSet Pool(IReadOnlyList<PredictionSet> folds)
    {
        ArgumentNullException.ThrowIfNull(folds);
        if (folds.Count == 0) throw new EvaluationException("Expected at least one fold to put together; found none.");
        var foldOf = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int fold = 0; fold < folds.Count; fold++)
        {
            if (!folds[fold].Labels.SequenceEqual(folds[0].Labels, StringComparer.Ordinal))
                throw new EvaluationException(
                    $"Expected the labels {string.Join(", ", folds[0].Labels)} in every fold, in this order; fold {fold + 1} has {string.Join(", ", folds[fold].Labels)}. Put folds of one cross-validation together only.");
            foreach (ClipPrediction row in folds[fold].Rows)
                if (!foldOf.TryAdd(row.Path, fold))
                    throw new EvaluationException(
                        $"Expected every clip in one test fold only; '{row.Path}' is in fold {foldOf[row.Path] + 1} and again in fold {fold + 1}. Folds of several seeds are summarised, not put together.");
        }
        return new PredictionSet(folds[0].Labels, [.. folds.SelectMany(fold => fold.Rows)]);
    }
}
