namespace SerPipeline.Evaluation;

/// <summary>The folds and seeds of one data set, trainer and protocol together: an entry of <c>summary</c> in <c>metrics.json</c>.</summary>
public sealed record RunSummary
{
    /// <summary>The data set's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>The trainer's name.</summary>
    public required string Trainer { get; init; }

    /// <summary>How training and test clips were parted.</summary>
    public required string Protocol { get; init; }

    /// <summary>The data set trained on where it is another than the one tested; else null.</summary>
    public string? TrainDataset { get; init; }

    /// <summary>How many runs.</summary>
    public required int Runs { get; init; }

    /// <summary>How many different folds among them.</summary>
    public required int Folds { get; init; }

    /// <summary>How many different seeds among them.</summary>
    public required int Seeds { get; init; }

    /// <summary>Test clips of all runs together.</summary>
    public required long TestClips { get; init; }

    /// <summary>The accuracies.</summary>
    public required MetricSummary Accuracy { get; init; }

    /// <summary>The unweighted average recalls.</summary>
    public required MetricSummary Uar { get; init; }

    /// <summary>The macro F1s.</summary>
    public required MetricSummary MacroF1 { get; init; }

    /// <summary>The log-losses; null when a run has none.</summary>
    public MetricSummary? LogLoss { get; init; }

    /// <summary>Summarises every data set, trainer and protocol that has at least two runs, in the order of their first runs.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="confidence">The intervals' confidence.</param>
    public static IReadOnlyList<RunSummary> Of(IReadOnlyList<RunMetrics> runs, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return [.. runs.GroupBy(run => (run.Dataset, run.TrainDataset, run.Trainer, run.Protocol)).Where(group => group.Count() > 1).Select(group => Of([.. group]))];

        RunSummary Of(RunMetrics[] group) => new()
        {
            Dataset = group[0].Dataset,
            Trainer = group[0].Trainer,
            Protocol = group[0].Protocol,
            TrainDataset = group[0].TrainDataset,
            Runs = group.Length,
            Folds = group.Select(run => run.Fold).Distinct().Count(),
            Seeds = group.Select(run => run.Seed).Distinct().Count(),
            TestClips = group.Sum(run => run.TestClips),
            Accuracy = MetricSummary.Of([.. group.Select(run => run.Accuracy)], confidence),
            Uar = MetricSummary.Of([.. group.Select(run => run.Uar)], confidence),
            MacroF1 = MetricSummary.Of([.. group.Select(run => run.MacroF1)], confidence),
            LogLoss = group.All(run => run.LogLoss is not null) ? MetricSummary.Of([.. group.Select(run => run.LogLoss!.Value)], confidence) : null,
        };
    }
}
