namespace SerPipeline.Corpora;

/// <summary>The parts that a corpus divides its clips into itself, by folders or a column.</summary>
internal static class GivenSplits
{
    public const string Train = "train", Validation = "validation", Test = "test";

    private static readonly string[] TrainWords = ["train", "training", "trn", "tr"],
        ValidationWords = ["validation", "valid", "val", "dev", "development", "devel"], TestWords = ["test", "testing", "tst", "heldout"],
        // What others call the test part, and some the validation part beside a test.
        EvaluationWords = ["eval", "evaluation"];

    /// <summary>The part of each word; null unless all are such words and one is the training part.</summary>
    public static Dictionary<string, string>? Of(IEnumerable<string> words)
    {
        var parts = new Dictionary<string, string>();
        string[] all = [.. words.Distinct()];
        bool hasTest = all.Any(word => Is(word, TestWords));
        foreach (string word in all)
        {
            string? part = Is(word, TrainWords) ? Train : Is(word, ValidationWords) ? Validation : Is(word, TestWords) ? Test
                : Is(word, EvaluationWords) ? (hasTest ? Validation : Test) : null;
            if (part is null) return null;
            parts[word] = part;
        }
        return parts.ContainsValue(Train) && parts.Values.Distinct().Count() > 1 ? parts : null;
    }

    /// <summary>Whether a word names a part.</summary>
    public static bool IsPart(string word) => Of([word, Train, Test]) is not null;

    /// <summary>What a corpus's own parts are, in a sentence; null where it has none.</summary>
    public static string? Describe(IReadOnlyList<CorpusClip> clips, string by)
    {
        if (!clips.Any(clip => clip.Split is not null)) return null;
        string[] parts = [.. new[] { Train, Validation, Test }.Where(part => clips.Any(clip => clip.Split == part))
            .Select(part => FormattableString.Invariant($"{part} {clips.Count(clip => clip.Split == part)}"))];
        int rest = clips.Count(clip => clip.Split is null);
        return $"{by} divide the clips: {string.Join(", ", parts)}{(rest > 0 ? FormattableString.Invariant($", none {rest}") : "")}. The "
            + "protocol 'given' (--protocol given) trains and tests as they say.";
    }

    private static bool Is(string word, string[] words) => words.Contains(word.Trim(), StringComparer.OrdinalIgnoreCase);
}
