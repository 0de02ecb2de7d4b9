using SerPipeline.Evaluation;

namespace SerPipeline;

/// <summary>
/// Evaluation of scored rows beyond ML.NET's <c>Evaluate</c>: UAR, intervals by speaker, calibration, results by speaker and sex.
/// </summary>
public static class EvaluateCatalog
{
    /// <summary>Computes the metrics of scored test rows.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">
    /// What a trained chain's <c>Transform</c> gave. Further columns that are used where present: <c>RelativePath</c> or <c>Path</c>, and
    /// <c>Sex</c>.
    /// </param>
    /// <param name="labelColumnName">The true label: text, or a key with text values.</param>
    /// <param name="scoreColumnName">
    /// One number per class, <c>Vector&lt;Single&gt;</c>, whose slot names are the labels. Where not every row holds probabilities (from
    /// 0 to 1, summing to 1 within 0.001), such as the margins of <c>OneVersusAll</c> without calibration, log-loss, top-2 accuracy and
    /// calibration are null, and <see cref="SpeechMetrics.NotProbabilities"/> says why.
    /// </param>
    /// <param name="predictedLabelColumnName">The predicted label: text, or a key with text values.</param>
    /// <param name="speakerColumnName">
    /// The speaker, whose clips are resampled together: text, or a key with text values. Default: <c>Speaker</c> where there is one;
    /// without speakers clips are resampled, and <see cref="RunIntervals.Caution"/> says so.
    /// </param>
    /// <param name="bootstrap">Draws, confidence and seed of the intervals; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is absent, of another type, or without slot names or key values.</exception>
    /// <exception cref="EvaluationException">There is no row, a score is not finite, or a row's label is none of the model's.</exception>
    /// <exception cref="OptionsException">An option of <paramref name="bootstrap"/> is out of range.</exception>
    public static SpeechMetrics EvaluateSpeech(
        this MulticlassClassificationCatalog catalog, IDataView data, string labelColumnName = "Label", string scoreColumnName = "Score",
        string predictedLabelColumnName = "PredictedLabel", string? speakerColumnName = null, SpeakerBootstrapOptions? bootstrap = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        (PredictionSet predictions, string? reason) = Read(data, labelColumnName, scoreColumnName, predictedLabelColumnName,
            speakerColumnName);
        return new SpeechMetrics(predictions, reason, bootstrap);
    }

    /// <summary>
    /// Reads scored rows as one prediction per clip, in their order, with path, speaker and sex where the rows have them.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">What a trained chain's <c>Transform</c> gave.</param>
    /// <param name="labelColumnName">The true label: text, or a key with text values.</param>
    /// <param name="scoreColumnName">
    /// One number per class, <c>Vector&lt;Single&gt;</c>, whose slot names are the labels. Where not every row holds probabilities, as
    /// <see cref="EvaluateSpeech"/> checks them, every <see cref="ClipPrediction.Probabilities"/> is empty.
    /// </param>
    /// <param name="predictedLabelColumnName">The predicted label: text, or a key with text values.</param>
    /// <param name="speakerColumnName">The speaker: text, or a key with text values. Default: <c>Speaker</c> where there is one.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is absent, of another type, or without slot names or key values.</exception>
    /// <exception cref="EvaluationException">A score is not finite, or a row's label is none of the model's.</exception>
    public static PredictionSet Predictions(
        this MulticlassClassificationCatalog catalog, IDataView data, string labelColumnName = "Label", string scoreColumnName = "Score",
        string predictedLabelColumnName = "PredictedLabel", string? speakerColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Read(data, labelColumnName, scoreColumnName, predictedLabelColumnName, speakerColumnName).Predictions;
    }

    private static (PredictionSet Predictions, string? NotProbabilities) Read(
        IDataView data, string label, string score, string predicted, string? speaker)
    {
        ArgumentNullException.ThrowIfNull(data);
        IReadOnlyList<string> labels = LabelledRows.SlotNames(data.Schema[score]);
        LabelledRows rows = LabelledRows.Read(data, label, score, predicted, speaker);
        string? reason = rows.Rows.Select((row, i) => NotProbabilities(row.Values, i)).FirstOrDefault(found => found is not null);
        return (new PredictionSet(labels, [.. rows.Rows.Select(row => row.ToPrediction(row.Predicted, reason is null ? row.Values : []))]),
            reason);
    }

    private static string? NotProbabilities(float[] scores, int row)
    {
        string found = FormattableString.Invariant(
            $"row {row + 1} has {string.Join(", ", scores.Select(s => FormattableString.Invariant($"{s:0.####}")))}");
        if (!scores.All(float.IsFinite))
            throw new EvaluationException($"Expected finite scores; {found}. Training that diverged gives NaN: lower the learning rate.");
        return scores.All(s => s >= 0) && Math.Abs(scores.Sum(s => (double)s) - 1) <= MetricsAccumulator.SumTolerance ? null
            : $"The scores are no probabilities from 0 to 1 that sum to 1: {found}. Log-loss and calibration need a calibrated trainer.";
    }
}
