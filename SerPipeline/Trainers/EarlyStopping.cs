namespace SerPipeline.Trainers;

/// <summary>When training ends before its last epoch, judged on the validation part alone.</summary>
public sealed record EarlyStoppingCriteria
{
    /// <summary>Epochs without a better value before training stops.</summary>
    public int Patience { get; init; } = 15;

    /// <summary>By how much a value must be better to count.</summary>
    public double MinDelta { get; init; }

    /// <summary>What is watched; the weights of its best epoch are the ones kept.</summary>
    public EarlyStoppingMetric Metric { get; init; } = EarlyStoppingMetric.Loss;

    internal void Check(OptionsCheck check, string owner)
    {
        check.Require(Patience >= 1, Patience, "be at least 1", $"{owner}.{nameof(Patience)}")
            .Require(MinDelta >= 0 && double.IsFinite(MinDelta), MinDelta, "be 0 or more", $"{owner}.{nameof(MinDelta)}")
            .Require(Enum.IsDefined(Metric), Metric, "be Loss, Accuracy or UnweightedAverageRecall", $"{owner}.{nameof(Metric)}");
    }
}

/// <summary>What early stopping watches, on the validation part.</summary>
public enum EarlyStoppingMetric
{
    /// <summary>Cross entropy: lower is better.</summary>
    Loss,

    /// <summary>Accuracy: higher is better.</summary>
    Accuracy,

    /// <summary>UAR: higher is better.</summary>
    UnweightedAverageRecall,
}

/// <summary>Follows one value over the epochs.</summary>
internal sealed class EarlyStoppingMonitor(EarlyStoppingCriteria criteria)
{
    private double _best = double.PositiveInfinity;
    private int _epochsSince;

    /// <summary>Takes one epoch's validation figures.</summary>
    /// <returns>Whether it is the best so far, and whether to stop.</returns>
    public (bool IsBest, bool Stop) Observe(double loss, double accuracy, double uar)
    {
        double value = criteria.Metric switch
        {
            EarlyStoppingMetric.Loss => loss,
            EarlyStoppingMetric.Accuracy => -accuracy,
            _ => -uar,
        };
        // Written so that NaN is never better: a diverged epoch cannot become the one that is kept.
        bool best = value < _best - (double.IsInfinity(_best) ? 0 : criteria.MinDelta);
        if (best) _best = value;
        _epochsSince = best ? 0 : _epochsSince + 1;
        return (best, _epochsSince >= criteria.Patience);
    }
}

/// <summary>
/// Ends a training whose training loss no longer falls, by the rule of scikit-learn's MLPClassifier: an epoch counts as without change when
/// its loss is not
/// below the least one by the tolerance, and training ends after more than so many of them in a row.
/// </summary>
internal sealed class TrainingLossMonitor(double tolerance, int noChangeEpochs)
{
    private double _best = double.PositiveInfinity;
    private int _noChange;

    /// <summary>Takes one epoch's training loss.</summary>
    /// <returns>Whether to stop.</returns>
    public bool Observe(double loss)
    {
        _noChange = loss > _best - tolerance ? _noChange + 1 : 0;
        _best = Math.Min(_best, loss);
        return _noChange > noChangeEpochs;
    }
}
