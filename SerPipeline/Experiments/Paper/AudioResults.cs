using SerPipeline.Evaluation;

namespace SerPipeline.Experiments.Paper;

/// <summary>What was made from audio.</summary>
internal sealed record AudioResults
{
    /// <summary>The paper's models on features computed from audio by its recipe.</summary>
    public required FeatureResults Features { get; init; }

    /// <summary>How close these features are to the paper's matrix, or null where that was not given.</summary>
    public FeatureMatch? Match { get; init; }

    /// <summary>The recipe's members on <c>original</c>, in order: networks over images, then perceptrons.</summary>
    public required IReadOnlyList<CellOutcome> Original { get; init; }

    /// <summary>The same on <c>over-train</c>.</summary>
    public required IReadOnlyList<CellOutcome> OverTrain { get; init; }

    /// <summary>How many of the members are networks over images.</summary>
    public required int ImageMembers { get; init; }

    /// <summary>What the mean of some members scores.</summary>
    public static ClassificationReport Report(IEnumerable<CellOutcome> members) => RecipeCells.Mean([.. members]).ToReport();
}

/// <summary>How close features from audio are to the paper's matrix, over all rows: the greatest difference of a row's 40 numbers is the row's error.</summary>
/// <param name="Rows">Rows compared.</param>
/// <param name="Within">The share within 0.05.</param>
/// <param name="Median">The median error.</param>
/// <param name="Greatest">The greatest.</param>
internal sealed record FeatureMatch(int Rows, double Within, double Median, double Greatest);
