namespace SerPipeline.Splits;

/// <summary>One fold of a plan.</summary>
/// <param name="Number">Its number from 1; null where the protocol has a single split.</param>
/// <param name="Split">The parts.</param>
/// <param name="TrainCorpora">Under <c>cross-corpus</c> the corpora that train, such as <c>ravdess</c> or <c>ravdess+tess</c>; else null.</param>
public sealed record PlannedFold(int? Number, Split Split, string? TrainCorpora);

/// <summary>The folds of a protocol over one corpus, checked before any audio is read.</summary>
public sealed record SplitPlan
{
    /// <summary>One of the names in <see cref="SplitProtocol"/>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The folds, at least one.</summary>
    public required IReadOnlyList<PlannedFold> Folds { get; init; }

    /// <summary>Where the folds come from, in words that fit behind "Folds:".</summary>
    public required string Origin { get; init; }

    /// <summary>What a reader of the scores should know, such as a label without a test clip in some fold.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
