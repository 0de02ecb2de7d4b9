using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>Turns what a fold's model said into the entries of metrics.json.</summary>
/// <param name="experiment">What the fold belongs to.</param>
/// <param name="corpus">The clips.</param>
/// <param name="fold">The parts.</param>
/// <param name="history">How the training went.</param>
/// <param name="draws">What the model said in each draw of enrolled clips; null without them.</param>
internal sealed class FoldScores(Experiment experiment, Corpus corpus, CheckedFold fold, TrainingHistory history,
    IReadOnlyList<PredictionSet>? draws = null)
{
    /// <summary>One entry; under cross-corpus one for each corpus tested.</summary>
    /// <param name="predictions">What the model said about the test clips.</param>
    public IReadOnlyList<RunMetrics> Of(PredictionSet predictions)
    {
        if (fold.Fold.TrainCorpora is not { } trained) return [Score(predictions, experiment.Data.Name, null)];
        Dictionary<string, string> corpora = corpus.Clips.ToDictionary(clip => clip.RelativePath, clip => clip.Corpus,
            StringComparer.Ordinal);
        return [.. predictions.Rows.GroupBy(row => corpora[row.Path], StringComparer.Ordinal)
            .Select(rows => Score(new PredictionSet(predictions.Labels, [.. rows]), rows.Key, trained))];
    }

    private RunMetrics Score(PredictionSet predictions, string dataset, string? trainDataset)
    {
        RunMetrics metrics = RunMetrics.From(Protocol(predictions, dataset, trainDataset), predictions.ToReport()).WithDetails(predictions);
        var tested = predictions.Rows.Select(row => row.Path).ToHashSet(StringComparer.Ordinal);
        return metrics with
        {
            Calibration = Calibration.Of(predictions, history.Temperature),
            People = PeopleOf(dataset),
            Adaptation = RunAdaptation.Of(experiment.Plan.Enrolled, [.. (draws ?? []).Select(draw =>
                new PredictionSet(draw.Labels, [.. draw.Rows.Where(row => tested.Contains(row.Path))]))]),
        };
    }

    private RunProtocol Protocol(PredictionSet predictions, string dataset, string? trainDataset)
    {
        Split split = fold.Fold.Split;
        // Speakers of clips that could not be read are not tested.
        string[] tested = [.. predictions.Rows.Select(row => row.Speaker).OfType<string>().Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)];
        bool known = split.Train.Concat(split.Test).All(i => corpus.Clips[i].Speaker is not null);
        var heard = split.Train.Select(i => corpus.Clips[i].Speaker).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return new RunProtocol
        {
            Dataset = dataset,
            TrainDataset = trainDataset,
            Trainer = experiment.Trainer,
            Protocol = experiment.Plan.Protocol,
            Fold = experiment.HasFolds ? fold.Fold.Number : null,
            Seed = experiment.Plan.Seed,
            TrainClips = history.TrainExamples,
            ValidationClips = history.ValidationExamples,
            HeldOutSpeakers = known ? [.. tested.Where(speaker => !heard.Contains(speaker))] : [],
            SharedSpeakers = known ? [.. tested.Where(heard.Contains)] : null,
            Synthetic = corpus.IsSynthetic,
            // Clips that could not be read are not scored, so they are not counted either.
            LeakCheck = LeakMapping.Of(fold.Leak, known ? predictions.Rows.Count(row => heard.Contains(row.Speaker!)) : null),
        };
    }

    private RunPeople? PeopleOf(string dataset) =>
        corpus.People is { } people && dataset == experiment.Data.Name && experiment.Plan.Condition == default
            ? new RunPeople(people.Rate, people.Source) : null;
}

/// <summary>What the leak check found, as metrics.json and reports tell it.</summary>
internal static class LeakMapping
{
    private const int ExamplesKept = 10;

    /// <summary>One fold's findings.</summary>
    /// <param name="leak">The findings.</param>
    /// <param name="ofTrainingSpeakers">How many clips scored are of speakers heard in training; null when not every speaker is
    /// known.</param>
    public static RunLeakCheck Of(LeakReport leak, long? ofTrainingSpeakers) => new()
    {
        OfTrainingSpeakers = ofTrainingSpeakers,
        SameContent = leak.SameContent,
        NearDuplicates = leak.NearDuplicates,
        Touched = leak.Touched,
        Unreadable = leak.Unreadable,
        Examples = [.. leak.Examples.Take(ExamplesKept).Select(twin => new RunTwin(twin.Test, twin.Train, twin.Kind, twin.Similarity))],
    };

    /// <summary>All folds' findings together.</summary>
    public static RunLeakCheck Sum(IReadOnlyList<RunLeakCheck> folds) => new()
    {
        OfTrainingSpeakers = folds.All(fold => fold.OfTrainingSpeakers is not null) ? folds.Sum(fold => fold.OfTrainingSpeakers!.Value)
            : null,
        SameContent = folds.Sum(fold => fold.SameContent),
        NearDuplicates = folds.Sum(fold => fold.NearDuplicates),
        Touched = folds.Sum(fold => fold.Touched),
        // Every fold looks at all clips.
        Unreadable = folds.Max(fold => fold.Unreadable),
        Examples = [.. folds.SelectMany(fold => fold.Examples).OrderByDescending(twin => twin.Similarity).Take(ExamplesKept)],
    };
}
