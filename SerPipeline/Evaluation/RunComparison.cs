namespace SerPipeline.Evaluation;

/// <summary>Options of <see cref="RunComparison"/>.</summary>
public sealed record ComparisonOptions
{
    /// <summary>Whether clips that only one of the two has are left out and counted. Default: false, which makes them an error.</summary>
    public bool AllowPartial { get; init; }

    /// <summary>
    /// The most swaps the permutation test tries, 100 to 1,000,000; with fewer possible ones it tries them all. Default: 10,000.
    /// </summary>
    public int Permutations { get; init; } = 10_000;

    /// <summary>How often speakers are drawn for the intervals, 100 to 1,000,000. Default: 2,000.</summary>
    public int Draws { get; init; } = 2000;

    /// <summary>The intervals' confidence, between 0 and 1. Default: 0.95.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>The seed of swaps and draws. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="OptionsException">An option is out of range; all problems are listed.</exception>
    public void Validate() => new OptionsCheck(nameof(ComparisonOptions))
        .Require(Permutations is >= 100 and <= 1_000_000, Permutations, "be between 100 and 1000000")
        .Require(Draws is >= 100 and <= 1_000_000, Draws, "be between 100 and 1000000")
        .Require(Confidence is > 0 and < 1, Confidence, "be between 0 and 1, both excluded")
        .ThrowIfAny();
}

/// <summary>How a clip's prediction changed from A to B.</summary>
public enum ClipChange
{
    /// <summary>A was wrong, B is right.</summary>
    Fixed,

    /// <summary>A was right, B is wrong.</summary>
    Broken,

    /// <summary>Both are wrong, with different labels.</summary>
    StillWrong,
}

/// <summary>A clip that two systems predict differently.</summary>
/// <param name="Path">The clip's path.</param>
/// <param name="Speaker">Its speaker, or null.</param>
/// <param name="Label">Its true label.</param>
/// <param name="Change">How the prediction changed.</param>
/// <param name="PredictedA">The label A predicts.</param>
/// <param name="ConfidenceA">A's probability of its label; null without probabilities.</param>
/// <param name="PredictedB">The label B predicts.</param>
/// <param name="ConfidenceB">B's probability of its label; null without probabilities.</param>
public sealed record ChangedClip(string Path, string? Speaker, string Label, ClipChange Change, string PredictedA, double? ConfidenceA,
    string PredictedB, double? ConfidenceB);

/// <summary>The totals of one side of a comparison, over the clips that both have.</summary>
/// <param name="Uar">The mean recall over the classes present.</param>
/// <param name="Accuracy">The share recognised.</param>
public sealed record ComparedScore(double Uar, double Accuracy);

/// <summary>
/// Intervals of the differences B - A, by drawing speakers with replacement, both systems' predictions of a speaker together.
/// </summary>
/// <param name="Confidence">Their confidence, such as 0.95.</param>
/// <param name="Unit">What was drawn: <c>speaker</c> or <c>clip</c>.</param>
/// <param name="Units">How many there were to draw from.</param>
/// <param name="Draws">How often was drawn.</param>
/// <param name="Uar">Low and high end of the difference in UAR.</param>
/// <param name="Accuracy">Low and high end of the difference in accuracy.</param>
/// <param name="Caution">Why they are unreliable; null when they are not.</param>
public sealed record DifferenceIntervals(double Confidence, string Unit, int Units, int Draws, IReadOnlyList<double> Uar,
    IReadOnlyList<double> Accuracy, string? Caution);

/// <summary>
/// Two systems on the same clips: their difference, its interval and significance, and the clips that they predict differently.
/// </summary>
public sealed record RunComparison
{
    /// <summary>Clips that both have.</summary>
    public required int Clips { get; init; }

    /// <summary>Clips left out because only A has them.</summary>
    public required int OnlyInA { get; init; }

    /// <summary>Clips left out because only B has them.</summary>
    public required int OnlyInB { get; init; }

    /// <summary>A's scores.</summary>
    public required ComparedScore A { get; init; }

    /// <summary>B's scores.</summary>
    public required ComparedScore B { get; init; }

    /// <summary>B's UAR less A's.</summary>
    public required double UarDifference { get; init; }

    /// <summary>B's accuracy less A's.</summary>
    public required double AccuracyDifference { get; init; }

    /// <summary>Intervals of the differences.</summary>
    public required DifferenceIntervals Intervals { get; init; }

    /// <summary>The test of the difference in UAR that swaps whole speakers.</summary>
    public required PermutationTest Permutation { get; init; }

    /// <summary>The test that counts clips: a second opinion.</summary>
    public required McNemarTest McNemar { get; init; }

    /// <summary>The seed of swaps and draws.</summary>
    public required long Seed { get; init; }

    /// <summary>
    /// The clips that the two predict differently: fixed, broken, still wrong; within each by B's probability, highest first.
    /// </summary>
    public required IReadOnlyList<ChangedClip> Changed { get; init; }

    /// <summary>Compares two systems, clips paired by path.</summary>
    /// <param name="a">The first system's predictions.</param>
    /// <param name="b">The second's; differences are B - A.</param>
    /// <param name="options">The options, or null for the defaults.</param>
    /// <exception cref="EvaluationException">
    /// The two have no clip in common, other clips or labels to choose from (unless allowed), or another label or speaker for the same
    /// clip.
    /// </exception>
    /// <exception cref="OptionsException">An option is out of range.</exception>
    public static RunComparison Compare(PredictionSet a, PredictionSet b, ComparisonOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        options ??= new ComparisonOptions();
        options.Validate();
        if (!options.AllowPartial && !SameLabels(a, b))
            throw new EvaluationException($"Expected two runs that choose among the same labels; A has {string.Join(", ", a.Labels)}, B "
                + $"has {string.Join(", ", b.Labels)}. Guessing gives them different scores: repeat one of them, or allow a partial "
                + "comparison.");
        PairedClips clips = PairedClips.Of(a, b, options.AllowPartial);
        var counts = new PairedCounts(clips);
        var random = new SeededRandom(options.Seed);
        ResamplingUnits units = ResamplingUnits.Of(clips.Speakers);
        // With one speaker the smallest p-value is 1, which the test reports. Single clips are swapped only where speakers are unknown.
        bool known = clips.Speakers.All(speaker => speaker is not null);
        IReadOnlyList<int[]> swapped = known ? ResamplingUnits.BySpeaker(clips.Speakers) : units.Rows;
        (ComparedScore scoreA, ComparedScore scoreB) = counts.Scores();
        return new RunComparison
        {
            Clips = clips.A.Count,
            OnlyInA = clips.OnlyInA,
            OnlyInB = clips.OnlyInB,
            A = scoreA,
            B = scoreB,
            UarDifference = scoreB.Uar - scoreA.Uar,
            AccuracyDifference = scoreB.Accuracy - scoreA.Accuracy,
            Intervals = counts.Intervals(units, options, random.Fork("bootstrap")),
            Permutation = PermutationTest.Run(known ? ResamplingUnits.Speaker : ResamplingUnits.Clip, counts.Parts(swapped),
                options.Permutations, random.Fork("permutation")),
            McNemar = McNemarTest.Of(counts.OnlyRight(inA: true), counts.OnlyRight(inA: false)),
            Seed = options.Seed,
            Changed = ChangedClips(clips, a, b),
        };
    }

    /// <summary>
    /// Whether two systems choose among the same labels. Without probabilities only the labels that occur are known, and nothing speaks
    /// against it.
    /// </summary>
    /// <param name="a">The first system's predictions.</param>
    /// <param name="b">The second's.</param>
    public static bool SameLabels(PredictionSet a, PredictionSet b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        bool known = a.Rows.Concat(b.Rows).All(row => row.Probabilities.Length > 0);
        return !known || a.Labels.ToHashSet(StringComparer.Ordinal).SetEquals(b.Labels);
    }

    private static ChangedClip[] ChangedClips(PairedClips clips, PredictionSet setA, PredictionSet setB)
    {
        IEnumerable<ChangedClip> changed = clips.A.Zip(clips.B).Where(pair => pair.First.Predicted != pair.Second.Predicted).Select(pair =>
        {
            (ClipPrediction a, ClipPrediction b) = pair;
            ClipChange change = b.Predicted == b.Label ? ClipChange.Fixed
                : a.Predicted == a.Label ? ClipChange.Broken : ClipChange.StillWrong;
            return new ChangedClip(a.Path, a.Speaker ?? b.Speaker, a.Label, change, a.Predicted, Confidence(a, setA), b.Predicted,
                Confidence(b, setB));
        });
        return [.. changed.OrderBy(clip => clip.Change).ThenByDescending(clip => clip.ConfidenceB)
            .ThenBy(clip => clip.Path, StringComparer.Ordinal)];
    }

    private static double? Confidence(ClipPrediction row, PredictionSet set) =>
        row.Probabilities.Length == 0 ? null : row.Probabilities[set.Place(row.Predicted)];
}
