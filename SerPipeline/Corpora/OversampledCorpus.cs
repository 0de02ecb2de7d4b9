using System.Globalization;
using SerPipeline.Splits;

namespace SerPipeline.Corpora;

/// <summary>
/// Doubles clips of the rarest label before anything is divided. That is how published figures came about which this reproduces, and it leaks: a clip and its copy
/// end up on both sides of a split, so that scores are too good. Oversample inside training instead wherever a score is to mean something.
/// </summary>
public static class OversampledCorpus
{
    /// <summary>The attribute by which a copy names the relative path of its original.</summary>
    public const string CopyOf = "copyOf";

    /// <summary>Adds copies of the least frequent label's clips, drawn with replacement, until it has as many clips as the most frequent one.</summary>
    /// <remarks>
    /// The rule is that of imbalanced-learn's RandomOverSampler with <c>sampling_strategy="minority"</c>; the draws are this library's own. Where several labels are
    /// equally rare the first of <see cref="Corpus.Labels"/> is meant. The copies come behind all other clips, the latest drawn last.
    /// </remarks>
    /// <param name="corpus">The corpus; one whose labels are all equally frequent is returned as it is.</param>
    /// <param name="seed">The same seed draws the same clips.</param>
    /// <exception cref="CorpusException">The corpus holds copies already.</exception>
    public static Corpus BeforeSplit(Corpus corpus, long seed)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        RequireNoCopies(corpus);
        Dictionary<string, int> counts = corpus.Clips.CountBy(clip => clip.Label).ToDictionary(StringComparer.Ordinal);
        string rarest = corpus.Labels.MinBy(label => counts.GetValueOrDefault(label))!;
        CorpusClip[] originals = [.. corpus.Clips.Where(clip => clip.Label == rarest)];
        int missing = counts.Values.Max() - originals.Length;
        if (missing == 0) return corpus;
        if (originals.Length == 0)
            throw new CorpusException($"The label '{rarest}' of the corpus '{corpus.Name}' has no clip, so there is nothing to copy: expected labels that occur, {string.Join(", ", counts.Keys)}.");
        SeededRandom random = new SeededRandom(seed).Fork("oversample before the split");
        return WithCopies(corpus, [.. Enumerable.Range(0, missing).Select(_ => originals[random.Next(originals.Length)])]);
    }

    /// <summary>Adds the very copies that the paper drew, so that its split of them is the paper's clip by clip.</summary>
    /// <param name="corpus">The whole of RAVDESS speech; see <see cref="PaperRows.AreOf"/>.</param>
    /// <exception cref="CorpusException">The corpus lacks one of the clips, or holds copies already.</exception>
    public static Corpus AsInThePaper(Corpus corpus)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        RequireNoCopies(corpus);
        return WithCopies(corpus, PaperRows.CopiesOf(corpus));
    }

    private static void RequireNoCopies(Corpus corpus)
    {
        if (corpus.Clips.Any(clip => clip.Attributes.ContainsKey(CopyOf)))
            throw new CorpusException($"The corpus '{corpus.Name}' is oversampled already: oversample it once.");
    }

    private static Corpus WithCopies(Corpus corpus, IReadOnlyList<CorpusClip> drawn)
    {
        // Numbers of one width keep the order of the draws.
        int digits = drawn.Count.ToString(CultureInfo.InvariantCulture).Length;
        return corpus.Derive(clips: [.. corpus.Clips, .. drawn.Select((clip, i) => Copy(clip, i + 1, digits))], people: corpus.People);
    }

    private static CorpusClip Copy(CorpusClip original, int number, int digits) => original with
    {
        RelativePath = $"{original.RelativePath}#copy-{number.ToString("D" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)}",
        Attributes = new SortedDictionary<string, string>(original.Attributes.ToDictionary(), StringComparer.Ordinal) { [CopyOf] = original.RelativePath },
    };
}
