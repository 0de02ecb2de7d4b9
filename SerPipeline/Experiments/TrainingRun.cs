using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;
using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Prediction;
using SerPipeline.Splits;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Experiments;

/// <summary>A trained model, what it said about the test clips, and how it came about. Dispose it to free the network.</summary>
/// <param name="Fold">The parts.</param>
/// <param name="Fitted">The model.</param>
/// <param name="InputSchema">The columns it was fitted on.</param>
/// <param name="Predictions">What the model said about the test clips.</param>
/// <param name="Metrics">The scores: one entry, or under cross-corpus one for each corpus tested.</param>
/// <param name="Started">When the run began.</param>
/// <param name="Finished">When it ended.</param>
/// <param name="Draws">What it said in each draw of enrolled clips; empty without them.</param>
internal sealed record TrainingResult(
    CheckedFold Fold, FittedModel Fitted, DataViewSchema InputSchema,
    PredictionSet Predictions, IReadOnlyList<RunMetrics> Metrics, DateTimeOffset Started, DateTimeOffset Finished,
    IReadOnlyList<PredictionSet> Draws) : IDisposable
{
    /// <summary>The trainer's options.</summary>
    public object Options => Fitted.Options;

    /// <summary>The fitted chain.</summary>
    public TransformerChain<ITransformer> Model => Fitted.Model;

    /// <summary>How the training went; without epochs where nothing is trained in epochs.</summary>
    public TrainingHistory History => Fitted.History;

    /// <summary>Networks whose probabilities are averaged.</summary>
    public int Networks => Math.Max(1, Model.OfType<NeuralModel>().SingleOrDefault()?.Members.Count ?? 1);

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}

/// <summary>A fitted chain.</summary>
/// <param name="Model">Its scoring stages.</param>
/// <param name="Options">The trainer's options.</param>
/// <param name="History">How the training went.</param>
internal sealed record FittedModel(TransformerChain<ITransformer> Model, object Options, TrainingHistory History)
{
    /// <summary>What it said about its test clips as unknown voices, by how they sound, once it was asked.</summary>
    public Dictionary<RecordingCondition, PredictionSet> Plain { get; } = [];

    /// <summary>The model for clips that sound so.</summary>
    public ITransformer Under(RecordingCondition condition) => condition == default ? Model : new TransformerChain<ITransformer>(
        [.. ChainStages.Flatten(Model).Select(stage => stage is LoadAudioTransformer audio ? audio.Under(condition) : stage)]);
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
    /// <param name="fitted">The model of another run on the same training part, to score alone; null to train.</param>
    /// <param name="progress">Where progress shows.</param>
    /// <param name="checkpoint">The file of the training's checkpoint.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="CorpusException">Clips are gone that could be read when the run began.</exception>
    public TrainingResult Run(CheckedFold fold, FittedModel? fitted, IProgressScope progress, string checkpoint,
        CancellationToken cancellation)
    {
        try
        {
            return Train(fold, fitted, progress, checkpoint, cancellation);
        }
        // ML.NET's cache of rows makes an error of its own of whatever ends its reading.
        catch (Exception e) when (e is not OperationCanceledException && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException && Vanished(fold.Fold.Split) is { } vanished)
        {
            throw new CorpusException(vanished, e);
        }
    }

    private TrainingResult Train(CheckedFold fold, FittedModel? fitted, IProgressScope progress, string checkpoint,
        CancellationToken cancellation)
    {
        DateTimeOffset started = time.GetUtcNow();
        Split split = fold.Fold.Split;
        string name = experiment.HasFolds ? $"{experiment.Title}, {FoldNames.Of(fold.Fold, experiment.Plan.Folds.Count)}"
            : experiment.Title;
        MLContext ml = context.Ml;
        IDataView clips = ml.Data.LoadCorpus(data.Corpus);
        // The final training is on every clip, with nothing left to score; what is calibrated within it keeps speakers apart as folds do.
        DataOperationsCatalog.TrainTestData? parts = split.Test.Count == 0 ? null : ml.Data.ApplySplit(clips, split);
        IDataView training = parts?.TrainSet ?? RowSubsetView.Create(clips, split.Train,
            SplitProtocol.KeepsSpeakersApart(split.Protocol) ? "Speaker" : null);

        // 1. Train: the first reading of the clips fills the feature cache, then the epochs follow.
        fitted ??= Fit(name, split, training, ml.Data.LabelValues(clips), progress, checkpoint, cancellation);
        try
        {
            // 2. Score the test part.
            if (parts is not { } both)
                return new TrainingResult(fold, fitted, clips.Schema, new PredictionSet(data.Corpus.Labels, []), [], started,
                    time.GetUtcNow(), []);
            IProgressStage testing = progress.Start($"{name}: test clips", split.Test.Count, ProgressUnits.Clips);
            var test = new WatchedDataView(both.TestSet, "Path", done => testing.Report(done), cancellation);
            ITransformer hearing = fitted.Under(experiment.Plan.Condition);
            if (!fitted.Plain.TryGetValue(experiment.Plan.Condition, out PredictionSet? predictions))
                predictions = fitted.Plain[experiment.Plan.Condition] =
                    ml.MulticlassClassification.Predictions(hearing.Transform(test));
            IReadOnlyList<PredictionSet> draws = [];
            if (experiment.Plan.Enrolled > 0)
                (predictions, draws) = new SpeakerEnrolment(experiment.Plan.Enrolled, experiment.Plan.Seed).Score(hearing, test,
                    predictions, RecordingsOf(predictions));
            testing.Complete();
            // Clips that nobody can read are left out from the start; of others none may be missing.
            int read = fitted.History.TrainExamples + fitted.History.ValidationExamples + predictions.Rows.Count;
            if (read < split.Train.Concat(split.Test).Count(IsReadable) && Vanished(split) is { } vanished)
                throw new CorpusException(vanished);
            var scores = new FoldScores(experiment, data.Corpus, fold, fitted.History, draws);
            return new TrainingResult(fold, fitted, clips.Schema, predictions, scores.Of(predictions), started, time.GetUtcNow(), draws);
        }
        catch
        {
            fitted.Model.Dispose();
            throw;
        }
    }

    // Equal numbers are clips of one recording, which hearing one tells about the other.
    private int[] RecordingsOf(PredictionSet predictions)
    {
        Dictionary<string, int> clips = data.Corpus.Clips.Index().ToDictionary(clip => clip.Item.RelativePath, clip => clip.Index,
            StringComparer.Ordinal);
        IReadOnlyList<int> recordings = data.Twins.Recordings;
        return [.. predictions.Rows.Select(row => recordings[clips[row.Path]])];
    }

    private bool IsReadable(int clip) => data.Hashes[clip] is not null;

    // In words; null where all are still there.
    private string? Vanished(Split split)
    {
        string[] gone = [.. split.Train.Concat(split.Test).Where(IsReadable).Select(i => data.Corpus.Clips[i].Path)
            .Where(path => !File.Exists(path))];
        return gone.Length == 0 ? null
            : $"{Format.Count(gone.Length, "clip")} of '{data.Corpus.Name}' {(gone.Length == 1 ? "is" : "are")} gone that could be read "
                + $"when the run began, such as {gone[0]}. Bring the files back and resume the run.";
    }

    private FittedModel Fit(string name, Split split, IDataView train, IDataView labels, IProgressScope progress,
        string checkpoint, CancellationToken cancellation)
    {
        bool speakers = split.Train.All(i => data.Corpus.Clips[i].Speaker is not null);
        TrainingStages? stages = null;
        TrainerChain chain = TrainerChains.Create(context, experiment.Trainer, SettingsOf(split), labels,
            epoch => stages!.EpochEnded(epoch), cancellation, speakers, checkpoint);
        stages = new TrainingStages(progress, name, split.Train.Count, chain.Epochs);
        TransformerChain<KeyToValueMappingTransformer> model = chain.Estimator.Fit(
            new WatchedDataView(train, "Path", stages.ClipsRead, cancellation));
        stages.Complete();
        TrainingHistory history = model.OfType<NeuralModel>().SingleOrDefault()?.History ?? new TrainingHistory
        {
            Epochs = [],
            ChosenEpoch = 0,
            // Clips that cannot be read teach nothing.
            TrainExamples = split.Train.Count(i => data.Hashes[i] is not null),
            ValidationExamples = 0,
            ValidationGroups = [],
            Parameters = model.OfType<MulticlassPredictionTransformer<MaximumEntropyModelParameters>>().Sum(ParametersOf),
        };
        // What the training alone read, such as copies at other speeds, is no part of the model.
        return new FittedModel(model.GetModelFor(TransformerScope.Scoring), chain.Options, history);
    }

    private static long ParametersOf(MulticlassPredictionTransformer<MaximumEntropyModelParameters> linear)
    {
        VBuffer<float>[]? weights = null;
        linear.Model.GetWeights(ref weights!, out _);
        return weights.Sum(row => row.Length + 1L);
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
        : fold.Split.Test.Count == 0 ? "all clips" : $"fold {fold.Number} of {folds}";

    /// <summary>A fold's folder.</summary>
    public static string FolderOf(PlannedFold fold) =>
        fold.TrainCorpora is { } corpora ? $"{ModelPath.CorpusFold}{corpora}"
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{ModelPath.NumberedFold}{fold.Number ?? 1:00}");
}

/// <summary>
/// The progress of a training: first its clips are read, then the epochs of one network after another follow. Each has a stage of its own,
/// so that the time left is told from its own epochs: those of another may take fifty times as long.
/// </summary>
/// <param name="progress">Where it shows.</param>
/// <param name="name">What is trained.</param>
/// <param name="clips">How many clips there are.</param>
/// <param name="epochs">The epochs at most of each network, in their order.</param>
internal sealed class TrainingStages(IProgressScope progress, string name, int clips, IReadOnlyList<int> epochs)
{
    private readonly IProgressStage _reading = progress.Start($"{name}: reading clips", clips, ProgressUnits.Clips);
    private IProgressStage? _epochs;
    private int _begun, _done;

    /// <summary>Clips are read; a stage that looks at all of them before the trainer does reads them twice, the second time from the
    /// cache.</summary>
    /// <param name="done">How many of this reading.</param>
    public void ClipsRead(long done)
    {
        if (_epochs is not null) return;
        _reading.Report(done);
        if (done == clips && epochs.Count > 0) StartNetwork();
    }

    /// <summary>An epoch has ended.</summary>
    /// <param name="epoch">Its figures.</param>
    public void EpochEnded(TrainingMetrics epoch)
    {
        // The network before may have stopped early.
        if (_epochs is null || (epoch.Epoch == 1 && _done > 0)) StartNetwork();
        _done = epoch.Epoch;
        _epochs!.Report(_done, Describe(epoch));
        if (_done == epoch.Epochs && _begun < epochs.Count) StartNetwork();
    }

    /// <summary>The training has ended.</summary>
    public void Complete() => (_epochs ?? _reading).Complete();

    // What matters most comes first: a narrow terminal shows only the beginning.
    private static string Describe(TrainingMetrics epoch)
    {
        string loss = epoch.TrainLoss.ToString("0.000", CultureInfo.InvariantCulture);
        string rate = epoch.ExamplesPerSecond.ToString("0", CultureInfo.InvariantCulture);
        if (epoch.ValidationLoss is not { } validation || epoch.ValidationUar is not { } uar) return $"loss {loss}, {rate} clips/s";
        return string.Create(CultureInfo.InvariantCulture,
            $"validation UAR {Format.Score(uar)}, {rate} clips/s, loss {loss}, validation loss {validation:0.000}");
    }

    private void StartNetwork()
    {
        Complete();
        string which = epochs.Count == 1 ? "" : FormattableString.Invariant($" network {_begun + 1} of {epochs.Count}");
        _epochs = progress.Start($"{name}: training{which}", epochs[_begun], ProgressUnits.Epochs);
        _begun++;
        _done = 0;
    }
}

/// <summary>A view that counts the rows read and stops on cancellation.</summary>
/// <param name="source">The rows.</param>
/// <param name="watched">Rows are counted for cursors over this column alone, so that a pass over labels is none.</param>
/// <param name="rowRead">Called after each row with the number of rows read so far.</param>
/// <param name="cancellation">Stops the reading.</param>
internal sealed class WatchedDataView(IDataView source, string watched, Action<long> rowRead, CancellationToken cancellation)
    : ViewOver(source, source.Schema)
{
    public override bool CanShuffle => Source.CanShuffle;

    public override DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return new Cursor(this, Source.GetRowCursor(needed, rand), needed.Any(column => column.Name == watched));
    }

    private void Row(long position, bool counts)
    {
        cancellation.ThrowIfCancellationRequested();
        if (counts) rowRead(position + 1);
    }

    private sealed class Cursor(WatchedDataView view, DataViewRowCursor source, bool counts) : CursorOver(view.Schema, source)
    {
        public override bool MoveNext()
        {
            if (!Source.MoveNext()) return false;
            view.Row(Source.Position, counts);
            return true;
        }
    }
}
