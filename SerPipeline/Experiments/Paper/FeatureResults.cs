using SerPipeline.Evaluation;
using SerPipeline.Evaluation.Baselines;
using SerPipeline.Old.Pipeline;
using SerPipeline.Splits;

namespace SerPipeline.Experiments.Paper;

/// <summary>The outcomes of one set's cells, and its baselines.</summary>
/// <param name="Set">The rows.</param>
/// <param name="Cells">Its cells.</param>
/// <param name="Outcomes">All outcomes, by cell.</param>
internal sealed record FeatureResults(PaperSet Set, PaperCells Cells, IReadOnlyDictionary<string, CellOutcome> Outcomes)
{
    /// <summary>A model's outcomes under the paper's split, in the order of seeds.</summary>
    public IReadOnlyList<CellOutcome> OfPaperSplit(string model) => [.. Cells.OfPaperSplit(model).Select(cell => Outcomes[cell.Id])];

    /// <summary>A model's reports with speakers held out, one a seed, each over all held-out rows together.</summary>
    public IReadOnlyList<ClassificationReport> OfSpeakers(string model)
    {
        CellOutcome[] cells = [.. Cells.OfSpeakers(model).Select(cell => Outcomes[cell.Id])];
        int folds = Cells.HeldOut.Count;
        if (folds == 0) return [];
        int seeds = cells.Length / folds;
        return [.. Enumerable.Range(0, seeds).Select(seed => Pool([.. Enumerable.Range(0, folds).Select(fold => cells[(fold * seeds) + seed].ToPredictions())]))];
    }

    /// <summary>A baseline under the paper's split.</summary>
    public ClassificationReport PaperBaseline(Func<IDataView, IDataView, PredictionSet> baseline) => Score(Cells.PaperSplit, baseline).ToReport();

    /// <summary>A baseline over all held-out rows together.</summary>
    public ClassificationReport? SpeakerBaseline(Func<IDataView, IDataView, PredictionSet> baseline) =>
        Cells.HeldOut is { Count: > 0 } folds ? Pool([.. folds.Select(split => Score(split, baseline))]) : null;

    /// <summary>Test rows under the paper's split that equal a training row in every number, and all test rows.</summary>
    public (int Twins, int Rows) Leak()
    {
        TrainTestData parts = Parts(Cells.PaperSplit);
        return (ExactTwins.Find(parts.TrainSet, parts.TestSet).Count, Cells.PaperSplit.Test.Count);
    }

    /// <summary>The nearest neighbour.</summary>
    public static PredictionSet Nearest(IDataView train, IDataView test) => Baseline.NearestNeighbor(train, test);

    /// <summary>The commonest label.</summary>
    public static PredictionSet Majority(IDataView train, IDataView test) => Baseline.Majority(train, test);

    private PredictionSet Score(Split split, Func<IDataView, IDataView, PredictionSet> baseline)
    {
        TrainTestData parts = Parts(split);
        return baseline(parts.TrainSet, parts.TestSet);
    }

    private TrainTestData Parts(Split split) => new SerContext(0).Data.ApplySplit(Set.Data, split);

    // PredictionPool tells clips apart by their paths, and the rows of new have none.
    private static ClassificationReport Pool(IReadOnlyList<PredictionSet> folds) => new PredictionSet(folds[0].Labels, [.. folds.SelectMany(fold => fold.Rows)]).ToReport();
}
