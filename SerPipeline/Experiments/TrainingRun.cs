using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Reports;
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
    CheckedFold Fold, NeuralTrainerOptions Options, TransformerChain<KeyToValueMappingTransformer> Model, DataViewSchema InputSchema,
    TrainingHistory History,
    PredictionSet Predictions, IReadOnlyList<RunMetrics> Metrics, DateTimeOffset Started, DateTimeOffset Finished) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}

/// <summary>One training: fits the chain on a fold's training part and scores its test part.</summary>
/// <param name="context">The context, with the experiment's seed.</param>
/// <param name="experiment">What the fold belongs to.</param>
/// <param name="data">The clips.</param>
/// <param name="settings">What the user set.</param>
/// <param name="time">The clock.</param>
internal sealed class TrainingRun(ExperimentContext context, Experiment experiment, CorpusData data, ExperimentSettings settings,
    TimeProvider time)
{
    /// <summary>Runs it.</summary>
    /// <param name="fold">The parts.</param>
    /// <param name="progress">Where progress shows.</param>
    /// <param name="cancellation">Stops it.</param>
    public TrainingResult Run(CheckedFold fold, IProgressScope progress, CancellationToken cancellation)
    {
        DateTimeOffset started = time.GetUtcNow();
        Split split = fold.Fold.Split;
        string name = experiment.HasFolds ? $"{experiment.Title}, {FoldNames.Of(fold.Fold, experiment.Plan.Folds.Count)}"
            : experiment.Title;
        MLContext ml = context.Ml;
        IDataView clips = ml.Data.LoadCorpus(data.Corpus);
        DataOperationsCatalog.TrainTestData parts = ml.Data.ApplySplit(clips, split);

        // 1. Train: the first reading of the clips fills the feature cache, then the epochs follow.
        var stages = new TrainingStages(progress, name, split.Train.Count, settings.Ensemble);
        TrainerChain chain = TrainerChains.Create(context, experiment.Trainer, SettingsOf(split), ml.Data.LabelValues(clips),
            stages.EpochEnded, cancellation);
        TransformerChain<KeyToValueMappingTransformer> model = chain.Estimator.Fit(
            new WatchedDataView(parts.TrainSet, "Path", done => stages.ClipsRead(done, chain.Options.Epoch), cancellation));
        stages.Complete();
        try
        {
            // 2. Score the test part.
            IProgressStage testing = progress.Start($"{name}: test clips", split.Test.Count, ProgressUnits.Clips);
            PredictionSet predictions = ml.MulticlassClassification.Predictions(model.Transform(
                new WatchedDataView(parts.TestSet, "Path", done => testing.Report(done), cancellation)));
            testing.Complete();
            TrainingHistory history = model.OfType<NeuralModel>().Single().History;
            var scores = new FoldScores(experiment, data.Corpus, fold, history);
            return new TrainingResult(fold, chain.Options, model, clips.Schema, history, predictions, scores.Of(predictions), started,
                time.GetUtcNow());
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
        ValidationSpeakers = split.Validation.Count > 0 ? [GivenSplits.Validation] : split.ValidationSpeakers,
    };
}

/// <summary>What folds are called.</summary>
internal static class FoldNames
{
    /// <summary>A fold's name for people: its number, or the corpora it trains on.</summary>
    public static string Of(PlannedFold fold, int folds) => fold.TrainCorpora is { } corpora ? $"from {corpora}"
        : $"fold {fold.Number} of {folds}";

    /// <summary>A fold's folder.</summary>
    public static string FolderOf(PlannedFold fold) =>
        fold.TrainCorpora is { } corpora ? $"from-{corpora}"
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"fold-{fold.Number ?? 1:00}");
}

/// <summary>The progress of a training: first its clips are read, then the epochs follow.</summary>
/// <param name="progress">Where it shows.</param>
/// <param name="name">What is trained.</param>
/// <param name="clips">How many clips there are.</param>
/// <param name="networks">Networks trained one after another.</param>
internal sealed class TrainingStages(IProgressScope progress, string name, int clips, int networks = 1)
{
    private readonly IProgressStage _reading = progress.Start($"{name}: reading clips", clips, ProgressUnits.Clips);
    private IProgressStage? _epochs;
    private int _begun;

    /// <summary>Clips are read; a stage that looks at all of them before the trainer does reads them twice, the second time from the
    /// cache.</summary>
    /// <param name="done">How many of this reading.</param>
    /// <param name="epochs">How many epochs follow at most.</param>
    public void ClipsRead(long done, int epochs)
    {
        if (_epochs is not null) return;
        _reading.Report(done);
        if (done == clips) StartEpochs(epochs);
    }

    /// <summary>An epoch has ended.</summary>
    /// <param name="epoch">Its figures.</param>
    public void EpochEnded(TrainingMetrics epoch)
    {
        if (_epochs is null) StartEpochs(epoch.Epochs);
        // The networks of an ensemble follow each other, each from its first epoch on.
        if (epoch.Epoch == 1) _begun++;
        _epochs!.Report(((_begun - 1) * epoch.Epochs) + epoch.Epoch, Describe(epoch));
    }

    /// <summary>The training has ended.</summary>
    public void Complete() => _epochs?.Complete();

    // What matters most comes first: a narrow terminal shows only the beginning.
    private static string Describe(TrainingMetrics epoch)
    {
        string loss = epoch.TrainLoss.ToString("0.000", CultureInfo.InvariantCulture);
        string rate = epoch.ExamplesPerSecond.ToString("0", CultureInfo.InvariantCulture);
        if (epoch.ValidationLoss is not { } validation || epoch.ValidationUar is not { } uar) return $"loss {loss}, {rate} clips/s";
        return string.Create(CultureInfo.InvariantCulture,
            $"validation UAR {Format.Score(uar)}, {rate} clips/s, loss {loss}, validation loss {validation:0.000}");
    }

    private void StartEpochs(int epochs)
    {
        _reading.Complete();
        _epochs = progress.Start($"{name}: training", (long)epochs * networks, ProgressUnits.Epochs);
    }
}

/// <summary>A view that counts the rows read and stops on cancellation.</summary>
/// <param name="source">The rows.</param>
/// <param name="watched">Rows are counted for cursors over this column alone, so that a pass over labels is none.</param>
/// <param name="rowRead">Called after each row with the number of rows read so far.</param>
/// <param name="cancellation">Stops the reading.</param>
internal sealed class WatchedDataView(IDataView source, string watched, Action<long> rowRead, CancellationToken cancellation) : IDataView
{
    public DataViewSchema Schema => source.Schema;

    public bool CanShuffle => source.CanShuffle;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return new Cursor(this, source.GetRowCursor(needed, rand), needed.Any(column => column.Name == watched));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private void Row(long position, bool counts)
    {
        cancellation.ThrowIfCancellationRequested();
        if (counts) rowRead(position + 1);
    }

    private sealed class Cursor(WatchedDataView view, DataViewRowCursor source, bool counts) : DataViewRowCursor
    {
        public override long Position => source.Position;

        public override long Batch => source.Batch;

        public override DataViewSchema Schema => source.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => source.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => source.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        public override bool MoveNext()
        {
            if (!source.MoveNext()) return false;
            view.Row(source.Position, counts);
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) source.Dispose();
            base.Dispose(disposing);
        }
    }
}
