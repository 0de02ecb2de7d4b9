namespace SerPipeline.Corpora;

/// <summary>Which labels a combination of corpora keeps.</summary>
public enum LabelCombination
{
    /// <summary>Every label that any of them has.</summary>
    Union,

    /// <summary>The labels that all of them have; clips of others are left out.</summary>
    Common,
}

/// <summary>Makes one corpus of several.</summary>
public static class CorpusCombination
{
    /// <summary>
    /// Combines corpora. Speakers and relative paths get the corpus's name before them, <c>tess/OAF</c> and
    /// <c>tess/OAF_fear/OAF_back_fear.wav</c>: two corpora's speaker 01 are two people. Clips keep the name of their corpus.
    /// </summary>
    /// <param name="corpora">Two or more corpora of different names.</param>
    /// <param name="labels">Which labels to keep. Under <see cref="LabelCombination.Union"/> a label that only one corpus has becomes a
    /// problem in the result, under <see cref="LabelCombination.Common"/> the clips left out are counted in one. Speakers that two parts
    /// name alike become one too, where they may be the same people.</param>
    /// <param name="name">The name scores are reported under; null joins the names with <c>+</c>.</param>
    /// <exception cref="CorpusException">Fewer than two corpora, two of one name, two that record the same people, one file in two of them,
    /// or no common label.</exception>
    public static Corpus Combine(IReadOnlyList<Corpus> corpora, LabelCombination labels = LabelCombination.Union, string? name = null)
    {
        RequireDifferent(corpora);
        string[] kept = [.. Emotions.InOrder(corpora.SelectMany(corpus => corpus.Labels))
            .Where(label => labels == LabelCombination.Union || corpora.All(Has(label)))];
        if (kept.Length == 0) throw new CorpusException($"The corpora {Names(corpora)} have no label in common: {LabelsOf(corpora)}.");
        return Combine(corpora, kept, name);
    }

    /// <summary>
    /// Combines corpora and keeps the labels named, in the order given. Otherwise like
    /// <see cref="Combine(IReadOnlyList{Corpus}, LabelCombination, string?)"/>.
    /// </summary>
    /// <param name="corpora">Two or more corpora of different names.</param>
    /// <param name="labels">The labels wanted, in the order reports are to use; clips of others are left out, and counted in
    /// problems.</param>
    /// <param name="name">The name scores are reported under; null joins the names with <c>+</c>.</param>
    /// <exception cref="CorpusException">As above, or a label that no corpus has, or a corpus with none of the labels.</exception>
    public static Corpus Combine(IReadOnlyList<Corpus> corpora, IReadOnlyList<string> labels, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        RequireDifferent(corpora);
        RequireUsed(corpora, labels);
        Corpus[] parts = [.. corpora.Select(corpus => corpus.WithLabels([.. corpus.Labels.Where(label => labels.Contains(label))]))];
        CorpusClip[] clips = [.. parts.SelectMany(part => part.Clips.Select(clip => Prefixed(part.Name, clip)))];
        RequireDifferentFiles(clips);
        CorpusProblem[] problems = [.. parts.SelectMany(part => part.Problems.Select(problem => Prefixed(part.Name, problem))),
            .. OfOneCorpus(parts, labels), .. SpeakerProblems.OfParts(parts)];
        return new Corpus(name ?? string.Join('+', corpora.Select(corpus => corpus.Name)), RootOf(parts), clips, labels, problems)
        {
            Licence = Joined(parts, part => part.Licence, missing: "unknown"),
            Note = Joined(parts, part => part.Note, missing: null),
            Remarks = [.. parts.SelectMany(part => part.Remarks.Select(remark => $"{part.Name}: {remark}"))],
            IsSynthetic = parts.Any(part => part.IsSynthetic),
        };
    }

    private static Func<Corpus, bool> Has(string label) => corpus => corpus.Labels.Contains(label);

    private static string LabelsOf(IReadOnlyList<Corpus> corpora) =>
        string.Join("; ", corpora.Select(corpus => $"{corpus.Name} has {string.Join(", ", corpus.Labels)}"));

    private static void RequireUsed(IReadOnlyList<Corpus> corpora, IReadOnlyList<string> labels)
    {
        if (labels.FirstOrDefault(label => !corpora.Any(Has(label))) is { } unknown)
            throw new CorpusException($"None of the corpora {Names(corpora)} has the label '{unknown}': {LabelsOf(corpora)}.");
        if (corpora.FirstOrDefault(corpus => !corpus.Labels.Intersect(labels).Any()) is { } unused)
            throw new CorpusException($"The corpus '{unused.Name}' has none of the labels {string.Join(", ", labels)}: leave it out, or "
                + $"keep one of its labels {string.Join(", ", unused.Labels)}.");
    }

    private static void RequireDifferent(IReadOnlyList<Corpus> corpora)
    {
        ArgumentNullException.ThrowIfNull(corpora);
        if (corpora.Count < 2) throw new CorpusException($"Expected two or more corpora to combine, got "
            + $"{(corpora.Count == 0 ? "none" : $"'{corpora[0].Name}' alone")}.");
        if (corpora.GroupBy(corpus => corpus.Name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new CorpusException($"Two of the corpora to combine are named '{twice.Key}': list every corpus once, and give different "
                + "ones different names.");
        foreach (IGrouping<string, Corpus> family in corpora.Where(corpus => corpus.Facts is not null)
            .GroupBy(corpus => corpus.Facts!.Speakers))
            if (family.Count() > 1)
                throw new CorpusException($"The corpora {Names([.. family])} are recorded from the same people, who would count as "
                    + $"different speakers. Put them below one folder and load that as one corpus, '{family.Key}'.");
    }

    private static void RequireDifferentFiles(CorpusClip[] clips)
    {
        var owner = new Dictionary<string, string>();
        foreach (CorpusClip clip in clips.Where(clip => !clip.Attributes.ContainsKey(OversampledCorpus.CopyOf)))
            if (!owner.TryAdd(clip.Path, clip.Corpus) && owner[clip.Path] != clip.Corpus)
                throw new CorpusException($"The file {clip.Path} belongs to two of the corpora to combine, '{owner[clip.Path]}' and "
                    + $"'{clip.Corpus}': list every recording once.");
    }

    private static CorpusClip Prefixed(string corpus, CorpusClip clip) => clip with
    {
        RelativePath = $"{corpus}/{clip.RelativePath}",
        Speaker = clip.Speaker is null ? null : $"{corpus}/{clip.Speaker}",
        Attributes = clip.Attributes.TryGetValue(OversampledCorpus.CopyOf, out string? original)
            ? clip.AttributesWith(OversampledCorpus.CopyOf, $"{corpus}/{original}") : clip.Attributes,
    };

    private static CorpusProblem Prefixed(string corpus, CorpusProblem problem) =>
        problem.Kind == CorpusProblemKind.LabelLeftOut ? problem : problem with { RelativePath = $"{corpus}/{problem.RelativePath}" };

    private static IEnumerable<CorpusProblem> OfOneCorpus(Corpus[] parts, IReadOnlyList<string> kept) =>
        from label in kept
        let having = parts.Where(Has(label)).ToArray()
        where having.Length == 1
        select new CorpusProblem(CorpusProblemKind.LabelOfOneCorpus, having[0].Name,
            $"of the corpora combined only '{having[0].Name}' has the label '{label}': a model can tell it by how that corpus sounds, so "
            + "its score says little about the voice");

    // The deepest folder that holds them all; the root of the first where there is none, as on two drives.
    private static string RootOf(Corpus[] parts)
    {
        string[] common = parts[0].Root.Split(Path.DirectorySeparatorChar);
        foreach (Corpus part in parts.Skip(1))
            common = [.. common.Zip(part.Root.Split(Path.DirectorySeparatorChar)).TakeWhile(pair => pair.First == pair.Second)
                .Select(pair => pair.First)];
        string root = string.Join(Path.DirectorySeparatorChar, common);
        return root.Length > 0 ? root : Path.GetPathRoot(parts[0].Root) is { Length: > 0 } drive ? drive : parts[0].Root;
    }

    // Unknown licences are listed; missing notes are not.
    private static string? Joined(Corpus[] parts, Func<Corpus, string?> text, string? missing)
    {
        (string Name, string? Text)[] texts = [.. parts.Select(part => (part.Name, text(part)))];
        if (texts.All(part => part.Text == texts[0].Text)) return texts[0].Text;
        return string.Join("; ", texts.Where(part => (part.Text ?? missing) is not null)
            .Select(part => $"{part.Name}: {part.Text ?? missing}"));
    }

    private static string Names(IReadOnlyList<Corpus> corpora) => string.Join(", ", corpora.Select(corpus => $"'{corpus.Name}'"));
}
