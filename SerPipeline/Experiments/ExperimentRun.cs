using SerPipeline.Evaluation;
using SerPipeline.Old.Pipeline;
using SerPipeline.Reports.Plots;
using SerPipeline.Splits;

namespace SerPipeline.Experiments;

/// <summary>What stays of a fold once its model is saved and freed.</summary>
/// <param name="Name">What the fold is called.</param>
/// <param name="Predictions">What its model said.</param>
/// <param name="Metrics">Its scores.</param>
/// <param name="Curves">How its training went.</param>
/// <param name="Temperature">The temperature fitted on its validation part, or null.</param>
/// <param name="Parameters">The network's trainable parameters.</param>
/// <param name="Record">How to repeat it.</param>
/// <param name="Note">What chose its weights.</param>
internal sealed record FoldOutcome(
    string Name, PredictionSet Predictions, IReadOnlyList<RunMetrics> Metrics, TrainingCurves Curves, double? Temperature, long Parameters, RunRecord Record, string Note);

/// <summary>Trains every fold of an experiment, and leaves its folder.</summary>
/// <param name="settings">What the user set.</param>
/// <param name="progress">Where progress shows.</param>
/// <param name="time">The clock.</param>
/// <param name="commandLine">The command line, program first.</param>
internal sealed class ExperimentRun(ExperimentSettings settings, IRunProgress progress, TimeProvider time, IReadOnlyList<string> commandLine)
{
    /// <summary>Runs it.</summary>
    /// <param name="experiment">What to do.</param>
    /// <param name="data">Its clips.</param>
    /// <param name="ser">The context, with the experiment's seed.</param>
    /// <param name="folder">The folder to leave.</param>
    /// <param name="cancellation">Stops it; folds that are complete stay.</param>
    public FinishedExperiment Run(Experiment experiment, CorpusData data, SerContext ser, string folder, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        var outcomes = new List<FoldOutcome>();
        foreach (CheckedFold fold in experiment.Plan.Folds)
        {
            bool alone = !experiment.HasFolds;
            using TrainingResult result = progress.Run(scope => new TrainingRun(ser, experiment, data, settings, time).Run(fold, scope, cancellation));
            var files = new FoldFolder(experiment, data, settings, commandLine);
            outcomes.Add(files.Write(alone ? folder : Path.Combine(folder, FoldNames.FolderOf(fold.Fold)), ser, result));
        }
        RunMetrics[] runs = [.. outcomes.SelectMany(outcome => outcome.Metrics)];
        (PredictionSet? pooledClips, RunMetrics? pooled) = Pool(experiment, data, outcomes);
        new ExperimentFolder(experiment, data).Write(folder, outcomes, pooledClips, pooled);
        return new FinishedExperiment(experiment, runs, pooled, time.GetElapsedTime(start));
    }

    // Folds test different clips, so their clips together are one evaluation; the pairs of a cross-corpus matrix are not.
    private static (PredictionSet? Clips, RunMetrics? Metrics) Pool(Experiment experiment, CorpusData data, List<FoldOutcome> folds)
    {
        if (!experiment.HasFolds || experiment.Plan.Plan.Protocol == SplitProtocol.CrossCorpus) return (null, null);
        PredictionSet all = PredictionPool.Pool([.. folds.Select(fold => fold.Predictions)]);
        RunMetrics[] runs = [.. folds.SelectMany(fold => fold.Metrics)];
        RunMetrics first = runs[0];
        bool known = runs.All(run => run.SharedSpeakers is not null);
        var protocol = new RunProtocol
        {
            Dataset = first.Dataset,
            Trainer = first.Trainer,
            Protocol = first.Protocol,
            Seed = first.Seed,
            // Each fold trains on its own clips: the mean says how many a model of this evaluation had.
            TrainClips = (long)Math.Round(runs.Average(run => run.TrainClips)),
            ValidationClips = (long)Math.Round(runs.Average(run => run.ValidationClips)),
            HeldOutSpeakers = [.. runs.SelectMany(run => run.HeldOutSpeakers).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            SharedSpeakers = known ? [.. runs.SelectMany(run => run.SharedSpeakers!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)] : null,
            Synthetic = data.Corpus.IsSynthetic,
            LeakCheck = LeakMapping.Sum([.. runs.Select(run => run.LeakCheck).OfType<RunLeakCheck>()]),
        };
        RunMetrics pooled = RunMetrics.From(protocol, all.ToReport()).WithDetails(all) with
        {
            Calibration = Calibration.Of([.. folds.Select(fold => (fold.Predictions, fold.Temperature))]),
            People = first.People,
        };
        return (all, pooled);
    }
}
