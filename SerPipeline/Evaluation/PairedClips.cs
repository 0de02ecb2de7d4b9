namespace SerPipeline.Evaluation;

/// <summary>Two systems' predictions for the same clips.</summary>
/// <param name="A">The first system's.</param>
/// <param name="B">The second's, in the same order.</param>
/// <param name="Speakers">Each clip's speaker, or null.</param>
/// <param name="OnlyInA">Number of clips left out because B lacks them.</param>
/// <param name="OnlyInB">Number of clips left out because A lacks them.</param>
internal sealed record PairedClips(IReadOnlyList<ClipPrediction> A, IReadOnlyList<ClipPrediction> B, IReadOnlyList<string?> Speakers,
    int OnlyInA, int OnlyInB)
{
    public static PairedClips Of(PredictionSet a, PredictionSet b, bool allowPartial)
    {
        Dictionary<string, ClipPrediction> rowsA = ByPath(a, "A"), rowsB = ByPath(b, "B");
        ClipPrediction[] onlyA = [.. a.Rows.Where(row => !rowsB.ContainsKey(row.Path))],
            onlyB = [.. b.Rows.Where(row => !rowsA.ContainsKey(row.Path))];
        ClipPrediction[] paired = [.. a.Rows.Where(row => rowsB.ContainsKey(row.Path)).OrderBy(row => row.Path, StringComparer.Ordinal)];
        if (paired.Length == 0)
            throw new EvaluationException($"Expected predictions for the same clips; A's {a.Rows.Count} and B's {b.Rows.Count} have no "
                + $"path in common{Prefixes(a, b)}. Compare runs with the same test part.");
        if (!allowPartial && onlyA.Length + onlyB.Length > 0)
            throw new EvaluationException($"Expected predictions for the same clips; {onlyA.Length} are only in A and {onlyB.Length} only "
                + $"in B, such as '{onlyA.Concat(onlyB).First().Path}'. Compare runs with the same test part, or allow a partial "
                + "comparison over the clips that both have.");
        ClipPrediction[] other = [.. paired.Select(row => rowsB[row.Path])];
        return new PairedClips(paired, other, [.. paired.Zip(other, Speaker)], onlyA.Length, onlyB.Length);
    }

    // Paths of combined corpora begin with the corpus's name.
    private static string Prefixes(PredictionSet a, PredictionSet b)
    {
        bool Within(PredictionSet combined, PredictionSet alone) =>
            combined.Rows.Any(row => row.Path.Contains('/', StringComparison.Ordinal)
                && alone.Rows.Any(other => row.Path.EndsWith('/' + other.Path, StringComparison.Ordinal)));
        return Within(a, b) || Within(b, a)
            ? ", because one of them scored a combination of corpora, whose paths begin with the corpus's name" : "";
    }

    private static Dictionary<string, ClipPrediction> ByPath(PredictionSet set, string name)
    {
        var rows = new Dictionary<string, ClipPrediction>(StringComparer.Ordinal);
        foreach (ClipPrediction row in set.Rows)
            if (!rows.TryAdd(row.Path, row))
                throw new EvaluationException($"Expected every clip once in {name}; '{row.Path}' is there twice. Clips are paired by path, "
                    + "so compare one run, or folds whose test parts have no clip in common.");
        return rows;
    }

    private static string? Speaker(ClipPrediction a, ClipPrediction b)
    {
        if (a.Label != b.Label)
            throw new EvaluationException($"Expected one true label for '{a.Path}'; A has '{a.Label}', B has '{b.Label}'. The runs used "
                + "different labels: repeat one of them.");
        if (a.Speaker is not null && b.Speaker is not null && a.Speaker != b.Speaker)
            throw new EvaluationException($"Expected one speaker for '{a.Path}'; A has '{a.Speaker}', B has '{b.Speaker}'. The runs used "
                + "different clips or speakers: repeat one of them.");
        return a.Speaker ?? b.Speaker;
    }
}

/// <summary>Each clip's class, and which of two systems recognised it.</summary>
internal sealed class PairedCounts
{
    private readonly int[] _truth;
    private readonly bool[] _rightA, _rightB;
    private readonly int _classes;

    public PairedCounts(PairedClips clips)
    {
        string[] labels = [.. clips.A.Select(row => row.Label).Distinct(StringComparer.Ordinal)];
        Dictionary<string, int> places = labels.Index().ToDictionary(label => label.Item, label => label.Index, StringComparer.Ordinal);
        _classes = labels.Length;
        _truth = [.. clips.A.Select(row => places[row.Label])];
        _rightA = [.. clips.A.Select(row => row.Predicted == row.Label)];
        _rightB = [.. clips.B.Select(row => row.Predicted == row.Label)];
    }

    /// <summary>Clips that one of the two alone recognised.</summary>
    public long OnlyRight(bool inA) => Enumerable.Range(0, _truth.Length).LongCount(i => _rightA[i] == inA && _rightB[i] == !inA);

    /// <summary>Both systems' scores over all clips.</summary>
    public (ComparedScore A, ComparedScore B) Scores()
    {
        ClassCounts[] sums = new ClassCounts[_classes];
        Add(sums, Count([.. Enumerable.Range(0, _truth.Length)]));
        return (Score(sums, c => c.RightA), Score(sums, c => c.RightB));
    }

    /// <summary>
    /// What each unit adds to the difference in UAR, B - A. The classes' sizes are those of all clips, which swaps do not change.
    /// </summary>
    public double[] Parts(IReadOnlyList<int[]> units)
    {
        long[] support = new long[_classes];
        foreach (int c in _truth) support[c]++;
        return [.. units.Select(rows => rows.Sum(i => ((_rightB[i] ? 1.0 : 0) - (_rightA[i] ? 1.0 : 0)) / support[_truth[i]] / _classes))];
    }

    /// <summary>Percentile intervals of the differences; UAR runs over the classes present in a draw.</summary>
    public DifferenceIntervals Intervals(ResamplingUnits units, ComparisonOptions options, SeededRandom random)
    {
        ClassCounts[][] added = [.. units.Rows.Select(Count)];
        double[] uar = new double[options.Draws], accuracy = new double[options.Draws];
        ClassCounts[] sums = new ClassCounts[_classes];
        for (int draw = 0; draw < options.Draws; draw++)
        {
            Array.Clear(sums);
            units.Draw(random, unit => Add(sums, added[unit]));
            ComparedScore a = Score(sums, c => c.RightA), b = Score(sums, c => c.RightB);
            uar[draw] = b.Uar - a.Uar;
            accuracy[draw] = b.Accuracy - a.Accuracy;
        }
        return new DifferenceIntervals(options.Confidence, units.Name, units.Rows.Count, options.Draws,
            ResamplingUnits.Interval(uar, options.Confidence), ResamplingUnits.Interval(accuracy, options.Confidence), units.Caution);
    }

    private ClassCounts[] Count(int[] rows) => [.. rows.GroupBy(i => _truth[i]).Select(group =>
        new ClassCounts(group.Key, group.Count(), group.LongCount(i => _rightA[i]), group.LongCount(i => _rightB[i])))];

    private static void Add(ClassCounts[] sums, ClassCounts[] counts)
    {
        foreach ((int c, long clips, long rightA, long rightB) in counts)
            sums[c] = new(c, sums[c].Clips + clips, sums[c].RightA + rightA, sums[c].RightB + rightB);
    }

    private static ComparedScore Score(ClassCounts[] sums, Func<ClassCounts, long> right)
    {
        double uar = sums.Where(c => c.Clips > 0).Average(c => (double)right(c) / c.Clips);
        return new ComparedScore(uar, (double)sums.Sum(right) / sums.Sum(c => c.Clips));
    }

    // Clips of a class, and those that each system recognised.
    private readonly record struct ClassCounts(int Class, long Clips, long RightA, long RightB);
}
