using System.Globalization;

namespace SerPipeline.Evaluation;

/// <summary>Fills in what a run's metrics say beyond their totals.</summary>
public static class RunDetailsExtensions
{
    /// <summary>The metrics with intervals, and with each speaker's and each sex's metrics where these are known.</summary>
    /// <param name="metrics">The run's metrics.</param>
    /// <param name="predictions">The predictions that they were computed from.</param>
    /// <param name="options">The options of the intervals, or null for the defaults.</param>
    /// <exception cref="EvaluationException">The predictions are not those of the metrics.</exception>
    public static RunMetrics WithDetails(this RunMetrics metrics, PredictionSet predictions, SpeakerBootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(predictions);
        ConfusionMatrix found = predictions.ToReport().Confusion;
        bool same = metrics.Labels.SequenceEqual(found.Labels, StringComparer.Ordinal) && metrics.Confusion.SelectMany(row => row).SequenceEqual(found.Counts.SelectMany(row => row));
        if (!same)
            throw new EvaluationException(string.Create(CultureInfo.InvariantCulture,
                $"Expected the predictions that the metrics of {metrics.Trainer} on {metrics.Dataset} come from ({metrics.TestClips} clips); found {predictions.Rows.Count} with another confusion matrix."));
        return metrics with
        {
            Intervals = SpeakerBootstrap.Compute(predictions, options),
            BySpeaker = [.. predictions.BySpeaker().Select(Group)],
            BySex = [.. predictions.BySex().Select(Group)],
        };
    }

    /// <summary>The group with the lowest UAR; of several, the one with most clips, then the first by name. Null when there is no group.</summary>
    /// <param name="groups">The groups, such as <see cref="RunMetrics.BySpeaker"/>.</param>
    public static RunGroup? WorstGroup(this IReadOnlyList<RunGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        return groups.OrderBy(group => group.Uar).ThenByDescending(group => group.Clips).ThenBy(group => group.Name, StringComparer.Ordinal).FirstOrDefault();
    }

    private static RunGroup Group(GroupMetrics group) => new(group.Group, group.Report.Support, group.Report.Uar, group.Report.Accuracy, group.Report.Macro.F1);
}
