namespace SerPipeline.Evaluation;

/// <summary>The totals of one side of a comparison, over the clips that both have.</summary>
/// <param name="Uar">The mean recall over the classes present.</param>
/// <param name="Accuracy">The share recognised.</param>
public sealed record ComparedScore(double Uar, double Accuracy);

/// <summary>Intervals of the differences B - A, by drawing speakers with replacement, both systems' predictions of a speaker together.</summary>
/// <param name="Confidence">Their confidence, such as 0.95.</param>
/// <param name="Unit">What was drawn: <c>speaker</c> or <c>clip</c>.</param>
/// <param name="Units">How many there were to draw from.</param>
/// <param name="Draws">How often was drawn.</param>
/// <param name="Uar">Low and high end of the difference in UAR.</param>
/// <param name="Accuracy">Low and high end of the difference in accuracy.</param>
/// <param name="Caution">Why they should not be trusted; null when nothing speaks against them.</param>
public sealed record DifferenceIntervals(double Confidence, string Unit, int Units, int Draws, IReadOnlyList<double> Uar, IReadOnlyList<double> Accuracy, string? Caution);

/// <summary>Two systems on the same clips: how much they differ, whether the data shows it, and on which clips.</summary>
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

    /// <summary>The clips that the two say different things about: fixed, broken, still wrong; in each the ones B is surest of first.</summary>
    public required IReadOnlyList<ChangedClip> Changed { get; init; }

    /// <summary>Compares two systems, clips paired by path.</summary>
    /// <param name="a">The first system's predictions.</param>
    /// <param name="b">The second's; differences are B - A.</param>
    /// <param name="options">The options, or null for the defaults.</param>
    /// <exception cref="EvaluationException">The two have no clip in common, other clips or labels to choose from (unless allowed), or another label or speaker for the same clip.</exception>
    /// <exception cref="OptionsException">An option is out of range.</exception>
    public static RunComparison Compare(PredictionSet a, PredictionSet b, ComparisonOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        options ??= new ComparisonOptions();
        options.Validate();
        if (!options.AllowPartial && !SameLabels(a, b))
            throw new EvaluationException($"Expected two runs that choose among the same labels; A has {string.Join(", ", a.Labels)}, B has {string.Join(", ", b.Labels)}. Guessing gives them different scores: repeat one of them, or allow a partial comparison.");
        PairedClips clips = PairedClips.Of(a, b, options.AllowPartial);
        var counts = new PairedCounts(clips);
        var random = new SeededRandom(options.Seed);
        ResamplingUnits units = ResamplingUnits.Of(clips.Speakers);
        // One speaker can be swapped, to no avail: the test then says so by its smallest p-value of 1. Single clips are swapped only where speakers are unknown.
        bool known = clips.Speakers.All(speaker => speaker is not null);
        IReadOnlyList<int[]> swapped = known ? ResamplingUnits.BySpeaker(clips.Speakers) : units.Rows;
        (ComparedScore scoreA, ComparedScore scoreB) = counts.Scores(Enumerable.Range(0, clips.A.Count));
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
            Permutation = PermutationTest.Run(known ? ResamplingUnits.Speaker : ResamplingUnits.Clip, counts.Parts(swapped), options.Permutations, random.Fork("permutation")),
            McNemar = McNemarTest.Of(counts.OnlyRight(inA: true), counts.OnlyRight(inA: false)),
            Seed = options.Seed,
            Changed = ChangedClips(clips, a.Labels, b.Labels),
        };
    }

    /// <summary>Whether two systems choose among the same labels. Without probabilities only the labels that occur are known, and nothing speaks against it.</summary>
    /// <param name="a">The first system's predictions.</param>
    /// <param name="b">The second's.</param>
    public static bool SameLabels(PredictionSet a, PredictionSet b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        bool known = a.Rows.Concat(b.Rows).All(row => row.Probabilities.Length > 0);
        return !known || a.Labels.ToHashSet(StringComparer.Ordinal).SetEquals(b.Labels);
    }

    private static ChangedClip[] ChangedClips(PairedClips clips, IReadOnlyList<string> labelsA, IReadOnlyList<string> labelsB)
    {
        IEnumerable<ChangedClip> changed = clips.A.Zip(clips.B).Where(pair => pair.First.Predicted != pair.Second.Predicted).Select((pair, _) =>
        {
            (ClipPrediction a, ClipPrediction b) = pair;
            ClipChange change = b.Predicted == b.Label ? ClipChange.Fixed : a.Predicted == a.Label ? ClipChange.Broken : ClipChange.StillWrong;
            return new ChangedClip(a.Path, a.Speaker ?? b.Speaker, a.Label, change, a.Predicted, Confidence(a, labelsA), b.Predicted, Confidence(b, labelsB));
        });
        return [.. changed.OrderBy(clip => clip.Change).ThenByDescending(clip => clip.ConfidenceB).ThenBy(clip => clip.Path, StringComparer.Ordinal)];
    }

    private static double? Confidence(ClipPrediction row, IReadOnlyList<string> labels) =>
        row.Probabilities.Length == 0 ? null : row.Probabilities[labels.Index().First(label => label.Item == row.Predicted).Index];
}
