namespace SerPipeline.Evaluation;

/// <summary>The metrics of one class.</summary>
/// <param name="Label">The class.</param>
/// <param name="Precision">The share of clips predicted as the class that are of it; 0 when none was.</param>
/// <param name="Recall">The share of the class's clips that were recognised; 0 when it has none.</param>
/// <param name="F1">The harmonic mean of precision and recall; 0 when both are 0.</param>
/// <param name="Support">The class's clips.</param>
public sealed record ClassMetrics(string Label, double Precision, double Recall, double F1, long Support);

/// <summary>Precision, recall and F1 averaged over classes.</summary>
/// <param name="Precision">The mean precision.</param>
/// <param name="Recall">The mean recall.</param>
/// <param name="F1">The mean of the classes' F1, not the F1 of the means.</param>
public sealed record AverageMetrics(double Precision, double Recall, double F1);

/// <summary>The scores of predictors without skill on the same clips, to compare a model with.</summary>
/// <param name="MajorityLabel">The most frequent true class; the first in label order of those equally frequent.</param>
/// <param name="MajorityAccuracy">The accuracy of always predicting it.</param>
/// <param name="MajorityUar">The UAR of always predicting it: 1 divided by the number of classes present in the truth.</param>
/// <param name="ChanceAccuracy">
/// The expected accuracy, and UAR, of drawing a label at random, each equally often: 1 divided by the number of labels.
/// </param>
public sealed record BaselineMetrics(string MajorityLabel, double MajorityAccuracy, double MajorityUar, double ChanceAccuracy);

/// <summary>
/// The metrics of a set of predictions, with the definitions of scikit-learn's classification_report, balanced_accuracy_score and
/// log_loss. A division by zero gives 0. <see cref="Macro"/> and <see cref="Weighted"/> run over every label of the set, also those
/// without clips, as classification_report does when it is given labels; <see cref="Uar"/> runs over the classes present in the truth
/// only, as balanced_accuracy_score does.
/// </summary>
public sealed class ClassificationReport
{
    private readonly long[] _ranks;

    internal ClassificationReport(ConfusionMatrix confusion, double totalLoss, long[] ranks)
    {
        _ranks = ranks;
        Confusion = confusion;
        Classes = [.. confusion.Labels.Select((label, i) => ClassOf(confusion, i))];
        Accuracy = (double)confusion.Trace / confusion.Total;
        LogLoss = totalLoss / confusion.Total;

        ClassMetrics[] present = [.. Classes.Where(c => c.Support > 0)];
        Uar = present.Average(c => c.Recall);
        Macro = new AverageMetrics(Classes.Average(c => c.Precision), Classes.Average(c => c.Recall), Classes.Average(c => c.F1));
        Weighted = new AverageMetrics(ByWeight(c => c.Precision), ByWeight(c => c.Recall), ByWeight(c => c.F1));

        ClassMetrics majority = present.MaxBy(c => c.Support)!;
        Baseline = new BaselineMetrics(majority.Label, (double)majority.Support / confusion.Total, 1.0 / present.Length,
            1.0 / Classes.Count);
    }

    /// <summary>The metrics of each label, in the set's order.</summary>
    public IReadOnlyList<ClassMetrics> Classes { get; }

    /// <summary>Clips by true and predicted class.</summary>
    public ConfusionMatrix Confusion { get; }

    /// <summary>The labels, in the set's order.</summary>
    public IReadOnlyList<string> Labels => Confusion.Labels;

    /// <summary>All clips.</summary>
    public long Support => Confusion.Total;

    /// <summary>The share of clips recognised (weighted average recall, WAR).</summary>
    public double Accuracy { get; }

    /// <summary>Unweighted average recall: the mean recall over the classes present in the truth.</summary>
    public double Uar { get; }

    /// <summary>The plain means over all labels.</summary>
    public AverageMetrics Macro { get; }

    /// <summary>Why <see cref="Macro"/> and <see cref="Uar"/> differ where labels have no clips; null where all have some.</summary>
    internal string? UntestedNote => Classes.Count(c => c.Support == 0) is > 0 and var without
        ? $"{Format.Count(without, "label")} without a test clip count{(without == 1 ? "s" : "")} as 0 in the macro averages; UAR leaves "
            + $"{(without == 1 ? "it" : "them")} out."
        : null;

    /// <summary>The means weighted by support.</summary>
    public AverageMetrics Weighted { get; }

    /// <summary>
    /// The mean negative natural logarithm of the true class's probability, clipped by <see cref="MetricsAccumulator.LogLossEpsilon"/>.
    /// Probabilities are used as they are, not normalised again. Not a number when the predictions have no probabilities.
    /// </summary>
    public double LogLoss { get; }

    /// <summary>
    /// The share of clips whose true class is among the two most probable; ties go to the label that comes first. Not a number without
    /// probabilities.
    /// </summary>
    public double Top2Accuracy => TopKAccuracy(2);

    /// <summary>The scores of predictors without skill.</summary>
    public BaselineMetrics Baseline { get; }

    /// <summary>
    /// The share of clips whose true class is among the <paramref name="k"/> most probable; not a number without probabilities.
    /// </summary>
    /// <param name="k">How many guesses count, at least 1; more than there are labels gives 1.</param>
    public double TopKAccuracy(int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        return _ranks.Length == 0 ? double.NaN : (double)_ranks.Take(k).Sum() / Support;
    }

    /// <summary>The metrics that follow from counts alone; log-loss and top-k accuracy are not numbers.</summary>
    internal static ClassificationReport FromCounts(IReadOnlyList<string> labels, long[] counts) =>
        new(new ConfusionMatrix(labels, counts), double.NaN, []);

    private static ClassMetrics ClassOf(ConfusionMatrix confusion, int i)
    {
        // F1 from whole numbers, 2 tp / (predicted + support): the harmonic mean without a second rounding.
        long either = confusion.PredictedCounts[i] + confusion.Support[i];
        double f1 = either == 0 ? 0 : 2.0 * confusion.Counts[i][i] / either;
        return new ClassMetrics(confusion.Labels[i], confusion.PerClassPrecision[i], confusion.PerClassRecall[i], f1, confusion.Support[i]);
    }

    private double ByWeight(Func<ClassMetrics, double> metric) => Classes.Sum(c => metric(c) * c.Support) / Support;
}
