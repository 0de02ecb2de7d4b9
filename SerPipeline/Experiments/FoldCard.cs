using System.Globalization;
using SerPipeline.Evaluation;
using SerPipeline.Old.Models;
using SerPipeline.Old.Transforms;
using SerPipeline.Reports;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>Collects what the card of a fold's model tells; every figure is the run's.</summary>
/// <param name="experiment">What the fold belongs to.</param>
/// <param name="data">The clips.</param>
internal sealed class FoldCard(Experiment experiment, CorpusData data)
{
    /// <summary>The card.</summary>
    /// <param name="result">The training.</param>
    /// <param name="document">The model.</param>
    /// <param name="record">How to repeat the run.</param>
    /// <param name="note">How the training went, in sentences.</param>
    public CardContent Of(TrainingResult result, ModelDocument document, RunRecord record, string note)
    {
        IReadOnlyList<TrainingSource> sources = TrainingSource.Of(data, result.Fold.Fold.Split);
        var facts = new ModelCardFacts
        {
            Model = TrainerChains.Describe(experiment.Trainer),
            Data = [.. sources.SelectMany(source => source.Parts)],
            Training = [.. Facts(result, record)],
            OutOfScope = [.. OtherLanguages(sources)],
        };
        return new CardContent
        {
            Title = $"Speech emotion recognition: {experiment.Trainer} trained on {Trained(result)}",
            Runs = result.Metrics,
            Cards = [.. result.Metrics.Select(run => ModelCard.From(run, facts))],
            Sources = sources,
            FoldNote = FoldNote(result),
            Warnings = [.. Warnings(result)],
            TrainingNote = note,
            SampleRateHz = result.Model.Transformers.OfType<LoadAudioTransformer>().Single().Options.SampleRateHz,
            Document = document,
        };
    }

    private static IEnumerable<string> OtherLanguages(IReadOnlyList<TrainingSource> sources)
    {
        TrainingSource[] heard = [.. sources.Where(source => source.Trains)];
        if (heard.All(source => source.Facts is not null))
            yield return $"Speech in another language than {string.Join(" or ", heard.Select(source => source.Facts!.Language).Distinct(StringComparer.Ordinal))}: the model heard no other.";
    }

    private string Trained(TrainingResult result) => result.Fold.Fold.TrainCorpora is { } corpora ? corpora + (data.Corpus.IsSynthetic ? " (synthetic)" : "") : data.Corpus.DisplayName;

    private string? FoldNote(TrainingResult result)
    {
        if (!experiment.HasFolds) return null;
        return result.Fold.Fold.TrainCorpora is { } corpora
            ? $"This is one of {Format.Whole(experiment.Plan.Folds.Count)} models, each trained on other corpora: this one on {corpora}. The scores below are its own."
            : $"This is the model of {FoldNames.Of(result.Fold.Fold, experiment.Plan.Folds.Count)}; each fold's model was trained on other parts of the data. The scores below are its own, on its own test clips; those of all folds together, which vary less, are in the run's report.";
    }

    private IEnumerable<string> Warnings(TrainingResult result)
    {
        // Of this fold alone: the note of the experiment counts the copies of all folds.
        if (experiment.Data.LeaksByDesign)
            yield return result.Fold.Leak.SameContent > 0
                ? "Clips of this data set were copied before the split, so that some test clips have a twin in training."
                : "Clips of this data set were copied before the split. None of these test clips has a copy in training, but copied clips count more than once in the scores.";
        foreach (RunMetrics run in result.Metrics)
            if (run.LeakCheck is { Touched: > 0 } leak)
                yield return $"{Format.Whole(leak.Touched)} of {Format.Count(run.TestClips, "test clip")} of {run.Dataset} repeat a training clip, the same samples or the same take at another level, length or coding. Scores on such clips are too high.";
    }

    private IEnumerable<KeyValuePair<string, string>> Facts(TrainingResult result, RunRecord record)
    {
        TrainingHistory history = result.History;
        yield return new("trainer", experiment.Trainer);
        yield return new("protocol", $"{record.Protocol}; parts: {experiment.Plan.Plan.Origin}");
        if (result.Fold.Fold.TrainCorpora is { } corpora) yield return new("trained on", corpora);
        else if (experiment.HasFolds) yield return new("fold", FoldNames.Of(result.Fold.Fold, experiment.Plan.Folds.Count));
        yield return new("seed", Format.Whole(record.Seed));
        yield return new("clips learned from", Format.Whole(history.TrainExamples));
        yield return new("validation clips", Format.Whole(history.ValidationExamples));
        if (history.ValidationGroups.Count > 0) yield return new("validation speakers", Format.Names(history.ValidationGroups));
        yield return new("epoch kept", $"{Format.Whole(history.ChosenEpoch)} of {Format.Whole(history.Epochs.Count)}");
        yield return new("parameters", Format.Whole(history.Parameters));
        yield return new("trained", record.Finished.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC");
        yield return new("versions", $"SerPipeline {record.Environment.Library}, {record.Environment.Runtime}, libtorch {record.Environment.LibTorch}, {record.Environment.Device}");
        foreach ((string name, DataFingerprint print) in record.Data)
            yield return new("data fingerprint", $"SHA-256 {print.Sha256} over {Format.Count(print.Clips, "clip")} of {name}");
    }
}
