namespace SerPipeline.Evaluation;

/// <summary>Two systems' predictions for the same clips.</summary>
/// <param name="A">The first system's.</param>
/// <param name="B">The second's, in the same order.</param>
/// <param name="Speakers">Each clip's speaker, or null.</param>
/// <param name="OnlyInA">Clips left out because B has none of them.</param>
/// <param name="OnlyInB">Clips left out because A has none of them.</param>
internal sealed record PairedClips(IReadOnlyList<ClipPrediction> A, IReadOnlyList<ClipPrediction> B, IReadOnlyList<string?> Speakers, int OnlyInA, int OnlyInB)
{
    public static PairedClips Of(PredictionSet a, PredictionSet b, bool allowPartial)
    {
        Dictionary<string, ClipPrediction> rowsA = ByPath(a, "A"), rowsB = ByPath(b, "B");
        ClipPrediction[] onlyA = [.. a.Rows.Where(row => !rowsB.ContainsKey(row.Path))], onlyB = [.. b.Rows.Where(row => !rowsA.ContainsKey(row.Path))];
        ClipPrediction[] paired = [.. a.Rows.Where(row => rowsB.ContainsKey(row.Path)).OrderBy(row => row.Path, StringComparer.Ordinal)];
        if (paired.Length == 0)
            throw new EvaluationException($"Expected predictions for the same clips; A's {a.Rows.Count} and B's {b.Rows.Count} have no path in common{Prefixes(a, b)}. Compare runs with the same test part.");
        if (!allowPartial && onlyA.Length + onlyB.Length > 0)
            throw new EvaluationException(
                $"Expected predictions for the same clips; {onlyA.Length} are only in A and {onlyB.Length} only in B, such as '{onlyA.Concat(onlyB).First().Path}'. "
                + "Compare runs with the same test part, or allow a partial comparison over the clips that both have.");
        ClipPrediction[] other = [.. paired.Select(row => rowsB[row.Path])];
        return new PairedClips(paired, other, [.. paired.Zip(other, Speaker)], onlyA.Length, onlyB.Length);
    }

    // Paths of combined corpora begin with the corpus's name.
    private static string Prefixes(PredictionSet a, PredictionSet b)
    {
        bool Within(PredictionSet combined, PredictionSet alone) =>
            combined.Rows.Any(row => row.Path.Contains('/', StringComparison.Ordinal) && alone.Rows.Any(other => row.Path.EndsWith('/' + other.Path, StringComparison.Ordinal)));
        return Within(a, b) || Within(b, a) ? ", because one of them scored a combination of corpora, whose paths begin with the corpus's name" : "";
    }

    private static Dictionary<string, ClipPrediction> ByPath(PredictionSet set, string name)
    {
        var rows = new Dictionary<string, ClipPrediction>(StringComparer.Ordinal);
        foreach (ClipPrediction row in set.Rows)
            if (!rows.TryAdd(row.Path, row))
                throw new EvaluationException($"Expected every clip once in {name}; '{row.Path}' is there twice. Clips are paired by path, so compare one run, or folds whose test parts have no clip in common.");
        return rows;
    }

    private static string? Speaker(ClipPrediction a, ClipPrediction b)
    {
        if (a.Label != b.Label)
            throw new EvaluationException($"Expected one true label for '{a.Path}'; A has '{a.Label}', B has '{b.Label}'. The runs used different labels: repeat one of them.");
        if (a.Speaker is not null && b.Speaker is not null && a.Speaker != b.Speaker)
            throw new EvaluationException($"Expected one speaker for '{a.Path}'; A has '{a.Speaker}', B has '{b.Speaker}'. The runs used different clips or speakers: repeat one of them.");
        return a.Speaker ?? b.Speaker;
    }
}
