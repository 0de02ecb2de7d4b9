namespace SerPipeline.Corpora;

/// <summary>Labelled clips in a fixed order, and what is known about them.</summary>
public sealed class Corpus
{
    /// <summary>Creates a corpus; the clips are put in ordinal order of their relative paths.</summary>
    /// <param name="name">The name that scores are reported under.</param>
    /// <param name="root">The folder the relative paths start from.</param>
    /// <param name="clips">The clips, in any order.</param>
    /// <param name="labels">The labels in the order reports use; every clip's label must be among them.</param>
    /// <param name="problems">What was wrong with files that were left out or are incomplete.</param>
    /// <exception cref="CorpusException">No clips, a label missing from <paramref name="labels"/>, or two clips with one path.</exception>
    public Corpus(string name, string root, IEnumerable<CorpusClip> clips, IReadOnlyList<string> labels, IReadOnlyList<CorpusProblem>? problems = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentNullException.ThrowIfNull(clips);
        ArgumentNullException.ThrowIfNull(labels);
        Name = name;
        Root = root;
        CorpusClip[] ordered = [.. clips];
        Array.Sort(ordered, (a, b) => string.CompareOrdinal(a.RelativePath, b.RelativePath));
        Clips = ordered;
        Labels = labels;
        Problems = problems ?? [];
        RequireConsistency();
    }

    /// <summary>The name that scores are reported under.</summary>
    public string Name { get; }

    /// <summary>The name for people: it says <c>(synthetic)</c> where the recordings are no human speech.</summary>
    public string DisplayName => IsSynthetic && !Name.Contains("synthetic", StringComparison.OrdinalIgnoreCase) ? $"{Name} (synthetic)" : Name;

    /// <summary>The folder the relative paths start from.</summary>
    public string Root { get; }

    /// <summary>The clips in ordinal order of their relative paths, the same on every system.</summary>
    public IReadOnlyList<CorpusClip> Clips { get; }

    /// <summary>The labels that occur, in the order reports use.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The speakers that occur, in ordinal order; empty when none is known.</summary>
    public IReadOnlyList<string> Speakers => [.. Clips.Select(clip => clip.Speaker).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Files left out or incomplete, and why.</summary>
    public IReadOnlyList<CorpusProblem> Problems { get; }

    /// <summary>The corpus's licence, or null when it is not known.</summary>
    public string? Licence { get; init; }

    /// <summary>What a reader of scores should know about the corpus, or null.</summary>
    public string? Note { get; init; }

    /// <summary>Whether the clips were made by <see cref="Synthesis.DemoCorpus"/> rather than recorded from people.</summary>
    public bool IsSynthetic { get; init; }

    private void RequireConsistency()
    {
        if (Clips.Count == 0)
            throw new CorpusException($"The corpus '{Name}' has no clips: expected labelled audio files below {Root}.");
        var known = Labels.ToHashSet(StringComparer.Ordinal);
        foreach (CorpusClip clip in Clips)
            if (!known.Contains(clip.Label))
                throw new CorpusException($"{clip.RelativePath} is labelled '{clip.Label}', which is none of: {string.Join(", ", Labels)}.");
        for (int i = 1; i < Clips.Count; i++)
            if (Clips[i].RelativePath == Clips[i - 1].RelativePath)
                throw new CorpusException($"{Clips[i].RelativePath} is listed twice in the corpus '{Name}': list every clip once.");
    }
}
