namespace SerPipeline.Corpora;

/// <summary>Finds speakers that differ in spelling alone.</summary>
internal static partial class SpeakerNames
{
    /// <summary>
    /// What stays of a name without leading zeros and as <see cref="ComposedLetters.Fold"/> leaves it: <c>03</c> and <c>3</c>, <c>Anna</c>
    /// and <c>anna</c>, names that differ in spaces or in what does not show are alike.
    /// </summary>
    /// <param name="speaker">The name; a corpus's name before its last <c>/</c> stays as it is, because different corpora have different
    /// people.</param>
    public static string Key(string speaker)
    {
        int own = speaker.LastIndexOf('/') + 1;
        return speaker[..own] + LeadingZeros().Replace(ComposedLetters.Fold(speaker[own..]), "");
    }

    /// <summary>The names that are alike without being equal, each group in ordinal order.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Alike(IEnumerable<string> speakers) =>
        [.. speakers.Distinct().Order(StringComparer.Ordinal).GroupBy(Key)
            .Where(group => group.Count() > 1).Select(group => group.ToArray())];

    /// <summary>The names of a group, with code points where they look the same.</summary>
    public static string Shown(IReadOnlyList<string> alike)
    {
        bool printAlike = alike.Select(name => ComposedLetters.Decompose(ComposedLetters.Plain(name))).Distinct().Count() < alike.Count;
        return string.Join(" and ", alike.Select(name => printAlike ? $"'{name}' ({Codes(name)})" : $"'{name}'"));
    }

    /// <summary>Requires that no two of the speakers are one person written in two ways.</summary>
    /// <param name="speakers">The names.</param>
    /// <param name="purpose">What needs them told apart, for the message.</param>
    /// <exception cref="CorpusException">Some are alike.</exception>
    public static void RequireOneSpelling(IEnumerable<string> speakers, string purpose)
    {
        IReadOnlyList<IReadOnlyList<string>> alike = Alike(speakers);
        if (alike.Count == 0) return;
        throw new CorpusException($"{purpose} keeps speakers apart by name, but these names seem to be the same people, written "
            + $"differently: {string.Join("; ", alike.Select(Shown))}. Write each speaker in one way; give people who do differ names that "
            + "differ in more than capital letters, spaces, leading zeros or the Unicode form of letters; or use the random protocol.");
    }

    private static string Codes(string name) => string.Join(' ', name.EnumerateRunes().Select(rune => $"U+{rune.Value:X4}"));

    [GeneratedRegex(@"(?<![0-9])0+(?=[0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex LeadingZeros();
}

/// <summary>Finds problems of speakers and sexes; no audio is read.</summary>
internal static class SpeakerProblems
{
    private const int NamesShown = 8;

    /// <summary>The corpus, with a problem for each ambiguous speaker.</summary>
    public static Corpus AddTo(Corpus corpus)
    {
        CorpusProblem[] found = [.. Alike(corpus), .. Sexes(corpus)];
        return found.Length == 0 ? corpus : corpus.Derive(problems: [.. corpus.Problems, .. found], people: corpus.People);
    }

    /// <summary>Speakers whom two parts of a combination name alike, where the parts may have recorded the same people.</summary>
    public static IEnumerable<CorpusProblem> OfParts(IReadOnlyList<Corpus> parts)
    {
        ILookup<string, string>[] names = [.. parts.Select(part => part.Speakers.ToLookup(SpeakerNames.Key))];
        for (int a = 0; a < parts.Count; a++)
        {
            for (int b = a + 1; b < parts.Count; b++)
            {
                if (AreKnownToDiffer(parts[a], parts[b])) continue;
                string[] both = [.. names[a].Where(group => names[b].Contains(group.Key)).SelectMany(group => group)];
                if (both.Length > 0) yield return Both(parts[a], parts[b], both);
            }
        }
    }

    // Published corpora have different speakers, or are refused; synthetic voices are no person's.
    private static bool AreKnownToDiffer(Corpus a, Corpus b) =>
        (a.Facts is not null && b.Facts is not null) || a.IsSynthetic != b.IsSynthetic;

    private static CorpusProblem Both(Corpus a, Corpus b, string[] speakers)
    {
        string shown = string.Join(", ", speakers.Take(NamesShown))
            + (speakers.Length > NamesShown ? $" and {speakers.Length - NamesShown} more" : "");
        return new CorpusProblem(CorpusProblemKind.SpeakerOfTwoCorpora, b.Name,
            $"'{a.Name}' and '{b.Name}' both name the speaker{(speakers.Length == 1 ? "" : "s")} {shown}: they are taken as different "
            + "people. Where they are the same, put the clips into one corpus");
    }

    private static IEnumerable<CorpusProblem> Alike(Corpus corpus) =>
        from alike in SpeakerNames.Alike(corpus.Speakers)
        select new CorpusProblem(CorpusProblemKind.SpeakersAlike, FirstOf(corpus, alike[^1]),
            $"the speakers {SpeakerNames.Shown(alike)} count as {alike.Count} people, although they differ in spelling alone: write a "
            + "speaker in one way");

    private static IEnumerable<CorpusProblem> Sexes(Corpus corpus)
    {
        foreach (IGrouping<string, CorpusClip> odd in corpus.Clips.Where(clip => clip.Sex is not (null or "female" or "male"))
            .GroupBy(clip => clip.Sex!))
            yield return new CorpusProblem(CorpusProblemKind.SexNotUnderstood, odd.First().RelativePath,
                $"expected the sex female or male (or f, m, or nothing), found '{odd.Key}' at "
                + $"{(odd.Count() == 1 ? "this clip" : $"{odd.Count()} clips, of which this is the first")}");
        foreach (IGrouping<string, CorpusClip> speaker in corpus.Clips.Where(clip => clip is { Speaker: not null, Sex: not null })
            .GroupBy(clip => clip.Speaker!))
        {
            IGrouping<string, CorpusClip>[] sexes = [.. speaker.GroupBy(clip => clip.Sex!)];
            if (sexes.Length > 1)
                yield return new CorpusProblem(CorpusProblemKind.SexConflicting, sexes[1].First().RelativePath,
                    $"the speaker '{speaker.Key}' is {string.Join(", and ", sexes.Select(sex => $"{sex.Key} at {sex.Count()}"))} clips: "
                    + "expected one sex");
        }
    }

    private static string FirstOf(Corpus corpus, string speaker) => corpus.Clips.First(clip => clip.Speaker == speaker).RelativePath;
}
