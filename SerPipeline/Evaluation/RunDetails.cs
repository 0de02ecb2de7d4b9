namespace SerPipeline.Evaluation;

/// <summary>What the leak check found before training: test clips that repeat clips or speakers of the training part.</summary>
public sealed record RunLeakCheck
{
    /// <summary>Test clips of speakers who are in training or validation; null when not every speaker is known.</summary>
    public required long? OfTrainingSpeakers { get; init; }

    /// <summary>Test clips whose decoded audio is also a training clip's, sample for sample.</summary>
    public required long SameContent { get; init; }

    /// <summary>
    /// Test clips that sound like a training clip without being the same samples: the same take at another level, rate, length or coding,
    /// or stretches of one file that overlap.
    /// </summary>
    public required long NearDuplicates { get; init; }

    /// <summary>Test clips with the same content or near-duplicates, each counted once.</summary>
    public required long Touched { get; init; }

    /// <summary>Clips of either part that could not be decoded, and so neither compared nor used.</summary>
    public long Unreadable { get; init; }

    /// <summary>Some of the pairs, the most similar first.</summary>
    public IReadOnlyList<RunTwin> Examples { get; init; } = [];
}

/// <summary>A test clip and the training clip that it repeats.</summary>
/// <param name="Test">The test clip's relative path.</param>
/// <param name="Train">The training clip's relative path.</param>
/// <param name="Kind"><c>same-content</c> or <c>near-duplicate</c>.</param>
/// <param name="Similarity">1 for the same samples and for stretches that overlap; else the share of fingerprint bits that agree.</param>
public sealed record RunTwin(string Test, string Train, string Kind, double Similarity);

/// <summary>Intervals of a run's metrics by resampling.</summary>
public sealed record RunIntervals
{
    /// <summary>Their confidence, such as 0.95.</summary>
    public required double Confidence { get; init; }

    /// <summary>What was drawn with replacement: <c>speaker</c>, or <c>clip</c> where speakers are unknown.</summary>
    public required string Unit { get; init; }

    /// <summary>How many units there were to draw from.</summary>
    public required int Units { get; init; }

    /// <summary>How often was drawn.</summary>
    public required int Draws { get; init; }

    /// <summary>The seed of the draws.</summary>
    public required long Seed { get; init; }

    /// <summary>Why the intervals are unreliable, such as too few speakers; null when they are not.</summary>
    public string? Caution { get; init; }

    /// <summary>Low and high end of the UAR.</summary>
    public required IReadOnlyList<double> Uar { get; init; }

    /// <summary>Low and high end of the accuracy.</summary>
    public required IReadOnlyList<double> Accuracy { get; init; }

    /// <summary>Low and high end of the macro F1.</summary>
    public required IReadOnlyList<double> MacroF1 { get; init; }
}

/// <summary>The calibration of a run's probabilities: how well they match the share of clips recognised.</summary>
public sealed record RunCalibration
{
    /// <summary>The number of bins of equal width from confidence 0 to 1.</summary>
    public required int Bins { get; init; }

    /// <summary>The expected calibration error of the unscaled probabilities, 0 to 1 (Guo et al. 2017).</summary>
    public required double Ece { get; init; }

    /// <summary>The temperature fitted on the validation part; null without one. Several folds: their mean.</summary>
    public double? Temperature { get; init; }

    /// <summary>The expected calibration error after temperature scaling; null without a temperature.</summary>
    public double? ScaledEce { get; init; }

    /// <summary>The log-loss after temperature scaling; null without a temperature.</summary>
    public double? ScaledLogLoss { get; init; }

    /// <summary>The reliability diagram of the unscaled probabilities.</summary>
    public IReadOnlyList<RunReliabilityBin> Reliability { get; init; } = [];

    /// <summary>The reliability diagram after temperature scaling; empty without a temperature.</summary>
    public IReadOnlyList<RunReliabilityBin> ScaledReliability { get; init; } = [];
}

/// <summary>One bin of a reliability diagram.</summary>
/// <param name="Low">The least confidence of the bin.</param>
/// <param name="High">The greatest.</param>
/// <param name="Clips">Clips whose greatest probability lies in it.</param>
/// <param name="Confidence">Their mean greatest probability; 0 for an empty bin.</param>
/// <param name="Accuracy">The share of them recognised; 0 for an empty bin.</param>
public sealed record RunReliabilityBin(double Low, double High, long Clips, double Confidence, double Accuracy);

/// <summary>A run's metrics for one speaker or one sex.</summary>
/// <param name="Name">Who.</param>
/// <param name="Clips">Test clips.</param>
/// <param name="Uar">The mean recall over the classes present.</param>
/// <param name="Accuracy">The share recognised.</param>
/// <param name="MacroF1">The mean F1 over all labels.</param>
public sealed record RunGroup(string Name, long Clips, double Uar, double Accuracy, double MacroF1)
{
    internal static RunGroup Of(GroupMetrics group) =>
        new(group.Group, group.Report.Support, group.Report.Uar, group.Report.Accuracy, group.Report.Macro.F1);
}

/// <summary>How well people recognise the same corpus's emotions from sound alone, where that was published.</summary>
/// <param name="Accuracy">The share of judgements that matched the intended emotion.</param>
/// <param name="Source">Who published it, and what listeners chose from.</param>
public sealed record RunPeople(double Accuracy, string Source);

/// <summary>Adds intervals and the results of each speaker and sex to a run's metrics.</summary>
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
        bool same = metrics.Labels.SequenceEqual(found.Labels, StringComparer.Ordinal)
            && metrics.Confusion.SelectMany(row => row).SequenceEqual(found.Counts.SelectMany(row => row));
        if (!same)
            throw new EvaluationException($"Expected the predictions that the metrics of {metrics.Trainer} on {metrics.Dataset} come from "
                + $"({metrics.TestClips} clips); found {predictions.Rows.Count} with another confusion matrix.");
        return metrics with
        {
            Intervals = SpeakerBootstrap.Compute(predictions, options),
            BySpeaker = [.. predictions.BySpeaker().Select(RunGroup.Of)],
            BySex = [.. predictions.BySex().Select(RunGroup.Of)],
        };
    }

    /// <summary>
    /// The group with the lowest UAR; of several, the one with most clips, then the first by name. Null when there is no group.
    /// </summary>
    /// <param name="groups">The groups, such as <see cref="RunMetrics.BySpeaker"/>.</param>
    public static RunGroup? WorstGroup(this IReadOnlyList<RunGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        return groups.FromWorst().FirstOrDefault();
    }

    /// <summary>The groups in that order.</summary>
    internal static IEnumerable<RunGroup> FromWorst(this IReadOnlyList<RunGroup> groups) =>
        groups.OrderBy(group => group.Uar).ThenByDescending(group => group.Clips).ThenBy(group => group.Name, NumbersFirst.Instance);
}
