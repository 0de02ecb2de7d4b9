namespace SerPipeline.Corpora;

/// <summary>Finds what is doubtful about who speaks; no audio is read.</summary>
internal static class SpeakerProblems
{
    private const int NamesShown = 8;

    /// <summary>The corpus, with a problem for each doubtful speaker.</summary>
    public static Corpus AddTo(Corpus corpus)
    {
        CorpusProblem[] found = [.. Alike(corpus), .. Sexes(corpus)];
        return found.Length == 0 ? corpus : corpus.Derive(problems: [.. corpus.Problems, .. found], people: corpus.People);
    }

    /// <summary>Speakers whom two parts of a combination name alike, where the parts may have recorded the same people.</summary>
    public static IEnumerable<CorpusProblem> OfParts(IReadOnlyList<Corpus> parts)
    {
        ILookup<string, string>[] names = [.. parts.Select(part => part.Speakers.ToLookup(SpeakerNames.Key, StringComparer.Ordinal))];
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

    // Published corpora have different people, or are refused; synthetic voices are nobody's.
    private static bool AreKnownToDiffer(Corpus a, Corpus b) => (a.Facts is not null && b.Facts is not null) || a.IsSynthetic != b.IsSynthetic;

    private static CorpusProblem Both(Corpus a, Corpus b, string[] speakers)
    {
        string shown = string.Join(", ", speakers.Take(NamesShown)) + (speakers.Length > NamesShown ? $" and {speakers.Length - NamesShown} more" : "");
        return new CorpusProblem(CorpusProblemKind.SpeakerOfTwoCorpora, b.Name,
            $"'{a.Name}' and '{b.Name}' both name the speaker{(speakers.Length == 1 ? "" : "s")} {shown}: they are taken as different people. Where they are the same, put the clips into one corpus");
    }

    private static IEnumerable<CorpusProblem> Alike(Corpus corpus) =>
        from alike in SpeakerNames.Alike(corpus.Speakers)
        select new CorpusProblem(CorpusProblemKind.SpeakersAlike, FirstOf(corpus, alike[^1]),
            $"the speakers {SpeakerNames.Shown(alike)} count as {alike.Count} people, although they differ in spelling alone: write a speaker in one way");

    private static IEnumerable<CorpusProblem> Sexes(Corpus corpus)
    {
        foreach (IGrouping<string, CorpusClip> odd in corpus.Clips.Where(clip => clip.Sex is not (null or "female" or "male")).GroupBy(clip => clip.Sex!, StringComparer.Ordinal))
            yield return new CorpusProblem(CorpusProblemKind.SexNotUnderstood, odd.First().RelativePath,
                $"expected the sex female or male (or f, m, or nothing), found '{odd.Key}' at {(odd.Count() == 1 ? "this clip" : $"{odd.Count()} clips, of which this is the first")}");
        foreach (IGrouping<string, CorpusClip> speaker in corpus.Clips.Where(clip => clip is { Speaker: not null, Sex: not null }).GroupBy(clip => clip.Speaker!, StringComparer.Ordinal))
        {
            IGrouping<string, CorpusClip>[] sexes = [.. speaker.GroupBy(clip => clip.Sex!, StringComparer.Ordinal)];
            if (sexes.Length > 1)
                yield return new CorpusProblem(CorpusProblemKind.SexConflicting, sexes[1].First().RelativePath,
                    $"the speaker '{speaker.Key}' is {string.Join(", and ", sexes.Select(sex => $"{sex.Key} at {sex.Count()}"))} clips: expected one sex");
        }
    }

    private static string FirstOf(Corpus corpus, string speaker) => corpus.Clips.First(clip => clip.Speaker == speaker).RelativePath;
}
