using SerPipeline.Evaluation;
using SerPipeline.Splits;

namespace SerPipeline.Experiments;

/// <summary>What the leak check found, as metrics.json and reports tell it.</summary>
internal static class LeakMapping
{
    private const int ExamplesKept = 10;

    /// <summary>One fold's findings.</summary>
    /// <param name="leak">The findings.</param>
    /// <param name="ofTrainingSpeakers">How many clips scored are of speakers heard in training; null when not every speaker is known.</param>
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
        OfTrainingSpeakers = folds.All(fold => fold.OfTrainingSpeakers is not null) ? folds.Sum(fold => fold.OfTrainingSpeakers!.Value) : null,
        SameContent = folds.Sum(fold => fold.SameContent),
        NearDuplicates = folds.Sum(fold => fold.NearDuplicates),
        Touched = folds.Sum(fold => fold.Touched),
        // Every fold looks at all clips.
        Unreadable = folds.Max(fold => fold.Unreadable),
        Examples = [.. folds.SelectMany(fold => fold.Examples).OrderByDescending(twin => twin.Similarity).Take(ExamplesKept)],
    };
}
