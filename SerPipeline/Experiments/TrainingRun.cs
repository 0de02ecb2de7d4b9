using SerPipeline.Evaluation;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Trainers;
using SerPipeline.Old.Transforms;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>A trained model, what it said about the test clips, and how it came about. Dispose it to free the network.</summary>
/// <param name="Fold">The parts.</param>
/// <param name="Options">The trainer's options.</param>
/// <param name="Model">The fitted chain.</param>
/// <param name="InputSchema">The columns it was fitted on.</param>
/// <param name="History">How the training went.</param>
/// <param name="Predictions">What the model said about the test clips.</param>
/// <param name="Metrics">The scores: one entry, or under cross-corpus one for each corpus tested.</param>
/// <param name="Started">When the run began.</param>
/// <param name="Finished">When it ended.</param>
internal sealed record TrainingResult(
    CheckedFold Fold, NeuralTrainerOptions Options, TransformerChain<KeyToValueMappingTransformer> Model, DataViewSchema InputSchema, TrainingHistory History,
    PredictionSet Predictions, IReadOnlyList<RunMetrics> Metrics, DateTimeOffset Started, DateTimeOffset Finished) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}

/// <summary>One training: fits the chain on a fold's training part and scores its test part.</summary>
/// <param name="ser">The context.</param>
/// <param name="experiment">What the fold belongs to.</param>
/// <param name="data">The clips.</param>
/// <param name="settings">What the user set.</param>
/// <param name="time">The clock.</param>
internal sealed class TrainingRun(SerContext ser, Experiment experiment, CorpusData data, ExperimentSettings settings, TimeProvider time)
{
    /// <summary>Runs it.</summary>
    /// <param name="fold">The parts.</param>
    /// <param name="progress">Where progress shows.</param>
    /// <param name="cancellation">Stops it.</param>
    public TrainingResult Run(CheckedFold fold, IProgressScope progress, CancellationToken cancellation)
    {
        DateTimeOffset started = time.GetUtcNow();
        Split split = fold.Fold.Split;
        string name = experiment.HasFolds ? $"{experiment.Title}, {FoldNames.Of(fold.Fold, experiment.Plan.Folds.Count)}" : experiment.Title;
        IDataView clips = ser.Data.LoadCorpus(data.Corpus);
        TrainTestData parts = ser.Data.ApplySplit(clips, split);

        // 1. Train: the first reading of the clips fills the feature cache, then the epochs follow.
        var stages = new TrainingStages(progress, name, split.Train.Count, settings.Ensemble);
        TrainerChain chain = TrainerChains.Create(ser, experiment.Trainer, SettingsOf(split), stages.EpochEnded, cancellation);
        TransformerChain<KeyToValueMappingTransformer> model = chain.Estimator.Fit(
            new WatchedDataView(parts.TrainSet, "Path", done => stages.ClipsRead(done, chain.Options.Epoch), cancellation));
        stages.Complete();
        try
        {
            // 2. Score the test part.
            IProgressStage testing = progress.Start($"{name}: test clips", split.Test.Count, ProgressUnits.Clips);
            PredictionSet predictions = ser.MulticlassClassification.Predictions(model.Transform(
                new WatchedDataView(parts.TestSet, "Path", done => testing.Report(done), cancellation)));
            testing.Complete();
            TrainingHistory history = model.Transformers.OfType<IClassificationModel>().Single().History;
            var scores = new FoldScores(experiment, data.Corpus, fold, history);
            return new TrainingResult(fold, chain.Options, model, clips.Schema, history, predictions, scores.Of(predictions), started, time.GetUtcNow());
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private ExperimentSettings SettingsOf(Split split) => settings with
    {
        Oversampling = settings.Oversampling ?? (experiment.Data.OversampleInTraining ? Oversampling.Minority : Oversampling.None),
        ValidationSpeakers = split.ValidationSpeakers,
    };
}

/// <summary>What folds are called.</summary>
internal static class FoldNames
{
    /// <summary>A fold's name for people: its number, or the corpora it trains on.</summary>
    public static string Of(PlannedFold fold, int folds) => fold.TrainCorpora is { } corpora ? $"from {corpora}" : $"fold {fold.Number} of {folds}";

    /// <summary>A fold's folder.</summary>
    public static string FolderOf(PlannedFold fold) =>
        fold.TrainCorpora is { } corpora ? $"from-{corpora}" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"fold-{fold.Number ?? 1:00}");
}
