namespace SerPipeline.Corpora;

/// <summary>
/// Duplicates clips of the rarest label before the split, as the paper did. This leaks: a clip and its copy end up in training and test, so
/// that scores are too good. To compare models, oversample inside the training part instead.
/// </summary>
public static class OversampledCorpus
{
    /// <summary>The attribute by which a copy names the relative path of its original.</summary>
    public const string CopyOf = "copyOf";

    private const string CopyMark = "#copy-";

    /// <summary>
    /// Adds copies of the least frequent label's clips, drawn with replacement, until it has as many clips as the most frequent one.
    /// </summary>
    /// <remarks>
    /// The rule is that of imbalanced-learn's RandomOverSampler with <c>sampling_strategy="minority"</c>; the draws are this library's own.
    /// Where several labels are equally rare the first of <see cref="Corpus.Labels"/> is meant. The copies come behind all other clips, the
    /// latest drawn last.
    /// </remarks>
    /// <param name="corpus">The corpus; one whose labels are all equally frequent is returned as it is.</param>
    /// <param name="seed">The same seed draws the same clips.</param>
    /// <exception cref="CorpusException">The corpus holds copies already.</exception>
    public static Corpus BeforeSplit(Corpus corpus, long seed)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        RequireNoCopies(corpus);
        Dictionary<string, int> counts = corpus.Clips.CountBy(clip => clip.Label).ToDictionary();
        string rarest = corpus.Labels.MinBy(label => counts.GetValueOrDefault(label))!;
        CorpusClip[] originals = [.. corpus.Clips.Where(clip => clip.Label == rarest)];
        int missing = counts.Values.Max() - originals.Length;
        if (missing == 0) return corpus;
        if (originals.Length == 0)
            throw new CorpusException($"The label '{rarest}' of the corpus '{corpus.Name}' has no clip, so there is nothing to copy: "
                + $"expected labels that occur, {string.Join(", ", counts.Keys)}.");
        SeededRandom random = new SeededRandom(seed).Fork("oversample before the split");
        return WithCopies(corpus, [.. Enumerable.Range(0, missing).Select(_ => originals[random.Next(originals.Length)])]);
    }

    /// <summary>
    /// Adds the copies that the paper drew to the whole of RAVDESS speech, so that its split of them is the paper's clip by clip.
    /// </summary>
    /// <exception cref="CorpusException">The corpus lacks one of the clips, or holds copies already.</exception>
    internal static Corpus AsInThePaper(Corpus corpus)
    {
        RequireNoCopies(corpus);
        return WithCopies(corpus, PaperRows.CopiesOf(corpus));
    }

    /// <summary>Whether a path names a copy that was made before the split.</summary>
    internal static bool IsCopy(string path) => path.Contains(CopyMark, StringComparison.Ordinal);

    /// <summary>The number of the draw that made a copy, from 1; 0 for an original.</summary>
    internal static int CopyNumber(string path) => path.LastIndexOf(CopyMark, StringComparison.Ordinal) is >= 0 and var mark
        && int.TryParse(path.AsSpan(mark + CopyMark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    /// <summary>The path of a copy's original; an original's own.</summary>
    internal static string OriginalOf(string path) =>
        path.LastIndexOf(CopyMark, StringComparison.Ordinal) is >= 0 and var mark ? path[..mark] : path;

    private static void RequireNoCopies(Corpus corpus)
    {
        if (corpus.Clips.Any(clip => clip.Attributes.ContainsKey(CopyOf)))
            throw new CorpusException($"The corpus '{corpus.Name}' is oversampled already: oversample it once.");
    }

    private static Corpus WithCopies(Corpus corpus, IReadOnlyList<CorpusClip> drawn)
    {
        // Numbers of one width keep the order of the draws.
        string format = $"D{$"{drawn.Count}".Length}";
        return corpus.Derive(clips: [.. corpus.Clips,
            .. drawn.Select((clip, i) => Copy(clip, (i + 1).ToString(format, CultureInfo.InvariantCulture)))],
            people: corpus.People);
    }

    private static CorpusClip Copy(CorpusClip original, string number) => original with
    { RelativePath = $"{original.RelativePath}{CopyMark}{number}", Attributes = original.AttributesWith(CopyOf, original.RelativePath) };
}
