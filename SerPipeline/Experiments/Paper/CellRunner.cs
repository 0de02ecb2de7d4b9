using System.Globalization;
using SerPipeline.Old.Torch;

namespace SerPipeline.Experiments.Paper;

/// <summary>Trains the cells that are not kept yet, one on each core at a time.</summary>
/// <param name="store">Where outcomes are kept.</param>
/// <param name="progress">Where progress shows.</param>
internal sealed class CellRunner(CellStore store, IRunProgress progress)
{
    /// <summary>Runs them.</summary>
    /// <param name="cells">The cells, the longest best first.</param>
    /// <param name="cancellation">Stops the trainings under way; outcomes that are kept stay.</param>
    /// <returns>Every cell's outcome, by its id.</returns>
    public IReadOnlyDictionary<string, CellOutcome> Run(IReadOnlyList<Cell> cells, CancellationToken cancellation)
    {
        var outcomes = new Dictionary<string, CellOutcome>(StringComparer.Ordinal);
        foreach (Cell cell in cells)
            if (store.Read(cell) is { } kept) outcomes[cell.Id] = kept;
        Cell[] open = [.. cells.Where(cell => !outcomes.ContainsKey(cell.Id))];
        progress.Message(string.Create(CultureInfo.InvariantCulture, $"{cells.Count} trainings, {outcomes.Count} of them kept in {store.Folder}, {open.Length} to do, {Environment.ProcessorCount} at a time."));
        if (open.Length == 0) return outcomes;
        store.Open();
        // These networks are small: two trainings of one thread each are far faster than one of two threads. It also makes each outcome independent of its company.
        int threads = TorchLibrary.ThreadCount;
        TorchLibrary.ThreadCount = 1;
        TorchLibrary.KeepFreedMemory();
        try
        {
            Train(cells, open, outcomes, cancellation);
        }
        finally
        {
            TorchLibrary.ThreadCount = threads;
        }
        return outcomes;
    }

    private void Train(IReadOnlyList<Cell> cells, Cell[] open, Dictionary<string, CellOutcome> outcomes, CancellationToken cancellation) =>
        progress.Run(scope =>
        {
            IProgressStage stage = scope.Start("trainings", cells.Count, "trainings");
            Parallel.ForEach(System.Collections.Concurrent.Partitioner.Create(open, System.Collections.Concurrent.EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation }, cell =>
                {
                    CellOutcome outcome = cell.Train(cancellation);
                    store.Write(cell, outcome);
                    lock (outcomes)
                    {
                        outcomes[cell.Id] = outcome;
                        stage.Report(outcomes.Count, string.Create(CultureInfo.InvariantCulture, $"{cell.Id}: accuracy {outcome.ToPredictions().ToReport().Accuracy:0.000} in {outcome.Seconds:0} s"));
                    }
                });
            stage.Complete();
            return 0;
        });
}
