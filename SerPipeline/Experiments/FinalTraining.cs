using SerPipeline.Evaluation;
using SerPipeline.Prediction;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>The model that was trained on every clip after the folds.</summary>
/// <param name="Clips">Clips it learned from.</param>
/// <param name="Epochs">For how many epochs; null where the folds' schedule was fixed, or nothing is trained in epochs.</param>
internal sealed record FinalModel(int Clips, int? Epochs)
{
    /// <summary>What its scores are, the same in card, report and record.</summary>
    public const string ScoresOf = "The scores are those of the folds, whose models were tested on clips that they had not learned from; "
        + "this model was tested on none, for it has learned from all.";

    /// <summary>How it came about, in sentences.</summary>
    public string Note => $"{ModelPath.FileName} at the top of this folder was trained on all {Format.Count(Clips, "clip")}"
        + $"{(Epochs is { } epochs ? $", for {Format.Count(epochs, "epoch")} (the median of those that the folds kept)" : "")}, without "
        + $"a validation part. {ScoresOf}";
}

/// <summary>After folds: one training on all clips, for as many epochs as the folds' models kept.</summary>
/// <param name="settings">What the user set.</param>
/// <param name="progress">Where progress shows.</param>
/// <param name="time">The clock.</param>
/// <param name="resumes">Whether an interrupted run goes on.</param>
internal sealed class FinalTraining(ExperimentSettings settings, IRunProgress progress, TimeProvider time, bool resumes)
{
    /// <summary>
    /// Whether an experiment gets one: each pair of a cross-corpus matrix stands for itself, enrolled clips and conditions change what is
    /// scored, not what is trained, so that beside the same protocol without them there is nothing to train again.
    /// </summary>
    public static bool IsWanted(Experiment experiment, ExperimentSettings settings) =>
        settings.Final && experiment.HasFolds && experiment.Plan.Plan.Protocol != SplitProtocol.CrossCorpus
        && (!experiment.Plan.IsQualified || !settings.Protocols.Contains(experiment.Plan.Plan.Protocol));

    /// <summary>Trains it and leaves its zip; one that lies there whole, of a run that was interrupted, is kept.</summary>
    /// <param name="experiment">What the folds belong to.</param>
    /// <param name="data">The clips.</param>
    /// <param name="context">The context.</param>
    /// <param name="folder">The experiment's folder.</param>
    /// <param name="folds">The folds.</param>
    /// <param name="scores">The scores of all folds together.</param>
    /// <param name="cancellation">Stops it.</param>
    public FinalModel Run(Experiment experiment, CorpusData data, ExperimentContext context, string folder,
        IReadOnlyList<FoldOutcome> folds, RunMetrics scores, CancellationToken cancellation)
    {
        // Where no validation part chose an epoch the schedule is fixed, and is what it was in the folds.
        int[] kept = [.. folds.Where(fold => fold.Curves.ValidationLoss.Count > 0).Select(fold => fold.Curves.BestEpoch).OfType<int>()
            .Order()];
        int? epochs = kept.Length == 0 ? null : (kept[(kept.Length - 1) / 2] + kept[kept.Length / 2] + 1) / 2;
        string path = Path.Combine(folder, ModelPath.FileName), checkpoint = Path.Combine(folder, FoldFolder.CheckpointName);
        if (!resumes) Checkpoint.Delete(checkpoint);
        else if (Found(path) is { } found)
        {
            Checkpoint.Delete(checkpoint);
            return new FinalModel(found.TrainExamples, epochs);
        }
        var split = new Split
        { Train = [.. Enumerable.Range(0, data.Corpus.Clips.Count)], Test = [], Protocol = experiment.Plan.Plan.Protocol };
        ExperimentSettings whole = settings with
        { Epochs = epochs ?? settings.Epochs, ValidationFraction = 0, KeepLastEpoch = true, EarlyStoppingPatience = null };
        // Its card says whether test clips of any fold had copies in training.
        LeakReport leak = experiment.Plan.Folds.Select(one => one.Leak).MaxBy(one => one.SameContent)!;
        var fold = new CheckedFold(new PlannedFold(null, split, null), leak);
        using TrainingResult result = progress.Run(scope =>
            new TrainingRun(context, experiment, data, whole, time).Run(fold, null, scope, checkpoint, cancellation));
        var model = new FinalModel(result.History.TrainExamples, epochs);
        Save(experiment, data, context, path, result with { Metrics = [scores] }, folds[0].Record, model);
        Checkpoint.Delete(checkpoint);
        return model;
    }

    private void Save(Experiment experiment, CorpusData data, ExperimentContext context, string path, TrainingResult result,
        RunRecord first, FinalModel model)
    {
        var files = new FoldFolder(experiment, data, settings, []);
        IReadOnlyDictionary<string, string> notes = (files.RecordOf(result) with { IsFinal = true }).ToNotes();
        PortableModel saved = context.Ml.Model.SavePortable(result.Model, result.InputSchema, path, notes, files.Attachments(result));
        RunRecord record = first with { Started = result.Started, Finished = result.Finished };
        CardContent card = new FoldCard(experiment, data).Of(result, saved, record, model.Note) with
        {
            FoldNote = $"This model was trained on all {Format.Count(model.Clips, "clip")}, after "
                + $"{Format.Count(experiment.Plan.Folds.Count, "fold")} of the same. {FinalModel.ScoresOf}",
        };
        // The card comes last: a model without one is of a training that was interrupted.
        saved.Attach(files.Attachments(result, MetricsFile.From(result.Metrics).ToBytes(), CardPage.Render(card)));
    }

    private static TrainingHistory? Found(string path) => File.Exists(path) && ModelRecord.Read(path) is { } record
        && record.Attachments.ContainsKey(CardPage.FileName) ? HistoryFile.Find(record.Attachments, path) : null;
}
