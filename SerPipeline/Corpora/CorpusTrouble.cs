using SerPipeline.Audio;

namespace SerPipeline.Corpora;

/// <summary>
/// The list of what is wrong with a corpus once its audio was read: the same in a scan, before a training, in reports and in run.json. What
/// makes scores wrong is left out.
/// </summary>
public static class CorpusTrouble
{
    private const int FewestClips = 10, FewestSpeakers = 4;

    // What makes scores wrong, and is left out unless doubtful clips are kept. What cannot be read is always left out, and of all other
    // kinds nothing is.
    private static readonly CorpusProblemKind[] Doubtful =
    [
        CorpusProblemKind.TooShort, CorpusProblemKind.Silent, CorpusProblemKind.NoSpeech, CorpusProblemKind.OutOfRange,
        CorpusProblemKind.ConflictingLabels, CorpusProblemKind.Duplicate,
    ];

    /// <summary>The corpus with every problem in its list, without the clips that make scores wrong.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="clips">The measures of its clips, in its order.</param>
    /// <param name="keepDoubtful">Whether to keep such clips; they are listed all the same.</param>
    /// <returns>The corpus, and the positions in the one given of the clips that stay. Clips that cannot be decoded stay: readers leave
    /// them out.</returns>
    /// <exception cref="CorpusException">No clip is left.</exception>
    public static (Corpus Corpus, IReadOnlyList<int> Kept) Apply(Corpus corpus, IReadOnlyList<ClipScan> clips, bool keepDoubtful)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        IReadOnlyList<CorpusProblem> found = Find(corpus, clips, keepDoubtful);
        HashSet<string> leftOut = [.. found.Where(problem => problem.LeftOut && problem.Kind != CorpusProblemKind.Unreadable)
            .Select(problem => problem.RelativePath)];
        int[] kept = [.. Enumerable.Range(0, corpus.Clips.Count).Where(i => !leftOut.Contains(corpus.Clips[i].RelativePath))];
        if (kept.Length == 0)
            throw new CorpusException($"No clip of the corpus '{corpus.Name}' can be used: {leftOut.Count} were to be left out, the first "
                + $"because: {found.First(problem => problem.LeftOut).Message}. --keep-doubtful (KeepDoubtful) keeps such clips.");
        CorpusClip[] remaining = [.. kept.Select(i => corpus.Clips[i])];
        HashSet<string> labels = [.. remaining.Select(clip => clip.Label)];
        return (corpus.Derive(clips: remaining, labels: [.. corpus.Labels.Where(labels.Contains)],
            problems: [.. corpus.Problems, .. found], people: labels.Count == corpus.Labels.Count ? corpus.People : null), kept);
    }

    /// <summary>How many problems there are of each kind, and how many clips were left out, in a sentence.</summary>
    /// <param name="problems">The problems.</param>
    public static string Summary(IReadOnlyList<CorpusProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (problems.Count == 0) return "No problems found.";
        IEnumerable<string> kinds = problems.CountBy(problem => problem.Kind).OrderBy(kind => kind.Key)
            .Select(kind => FormattableString.Invariant($"{kind.Value} {Words(kind.Key)}"));
        int leftOut = problems.Where(problem => problem.LeftOut).Select(problem => problem.RelativePath).Distinct().Count();
        bool doubtful = problems.Any(problem => problem.LeftOut && Doubtful.Contains(problem.Kind));
        string all = FormattableString.Invariant($"{problems.Count} problem{(problems.Count == 1 ? "" : "s")} found");
        // Of a label that is left out the problem itself says how many clips that are.
        bool label = problems.Any(problem => problem.Kind == CorpusProblemKind.LabelLeftOut);
        return $"{all}: {string.Join(", ", kinds)}."
            + (leftOut == 0 ? label ? "" : " Nothing is left out." : FormattableString.Invariant($" Left out: {leftOut}.")
            + (doubtful ? " --keep-doubtful keeps doubtful recordings." : ""));
    }

    /// <summary>A kind of problem as people read it: <c>conflicting labels</c>.</summary>
    /// <param name="kind">The kind.</param>
    public static string Words(CorpusProblemKind kind) =>
        string.Concat(kind.ToString().Select(letter => char.IsUpper(letter) ? $" {letter}" : $"{letter}")).TrimStart().ToLowerInvariant();

    /// <summary>What the audio shows: the problems of each clip in the corpus's order, then those of the whole.</summary>
    internal static IReadOnlyList<CorpusProblem> Find(Corpus corpus, IReadOnlyList<ClipScan> clips, bool keepDoubtful)
    {
        var problems = new List<CorpusProblem>();
        ILookup<string, int> same = Enumerable.Range(0, clips.Count).Where(i => IsRecording(corpus.Clips[i], clips[i]))
            .ToLookup(i => clips[i].ContentHash!);
        // A detector that hears no speech in most of a corpus may be wrong about all of it.
        int[][] speechless = [.. Enumerable.Range(0, clips.Count).Where(i => clips[i].Error is null).GroupBy(i => corpus.Clips[i].Corpus)
            .Where(part => part.Count(i => IsSpeechless(clips[i])) * 2 > part.Count())
            .Select(part => part.Where(i => IsSpeechless(clips[i])).ToArray())];
        HashSet<int> believed = [.. speechless.SelectMany(part => part)];
        for (int i = 0; i < clips.Count; i++)
        {
            int[] copies = IsRecording(corpus.Clips[i], clips[i]) ? [.. same[clips[i].ContentHash!]] : [i];
            foreach (CorpusProblem problem in OfClip(clips[i]).Concat(OfCopies(corpus, copies, i)))
                if (problem.Kind != CorpusProblemKind.NoSpeech || !believed.Contains(i))
                    problems.Add(problem with
                    {
                        LeftOut = problem.Kind == CorpusProblemKind.Unreadable
                            || (!keepDoubtful && IsLeftOut(problem.Kind, corpus.Clips[i], clips[i], corpus.Clips[copies[0]])),
                    });
        }
        problems.AddRange(speechless.Select(part => new CorpusProblem(CorpusProblemKind.NoSpeech, clips[part[0]].RelativePath,
            $"{Format.Count(part.Length, "clip")}, of which this is the first, without speech that could be told: they stay, because "
            + $"most of '{corpus.Clips[part[0]].Corpus}' does not hold any. Are these recordings of people who speak?")));
        HashSet<string> leftOut = [.. problems.Where(problem => problem.LeftOut).Select(problem => problem.RelativePath)];
        int[] used = [.. Enumerable.Range(0, clips.Count).Where(i => clips[i].Error is null && !leftOut.Contains(clips[i].RelativePath))];
        problems.AddRange(OfWhole(corpus, clips, used));
        return problems;
    }

    private static bool IsLeftOut(CorpusProblemKind kind, CorpusClip clip, ClipScan scan, CorpusClip original) => kind switch
    {
        // The detector guesses; a corpus whose makers published it as speech knows, whispers included.
        CorpusProblemKind.NoSpeech => clip.SpeakerGroup is null,
        // Integers stored as floats are scaled.
        CorpusProblemKind.OutOfRange => (scan.Quality & QualityNotes.OutOfRange) != 0,
        // Two takes of one speaker belong to a corpus as it was published (RAVDESS has such a pair), and published splits count all clips;
        // the leak check tells where they lie on both sides.
        CorpusProblemKind.Duplicate => clip.Speaker is null || clip.Speaker != original.Speaker,
        _ => Doubtful.Contains(kind),
    };

    private static bool IsSpeechless(ClipScan clip) => (clip.Quality & (QualityNotes.NoSpeech | QualityNotes.OneClick)) != 0
        && !IsSilent(clip);

    private static bool IsSilent(ClipScan clip) => (clip.Quality & (QualityNotes.Silent | QualityNotes.NearSilent)) != 0;

    // Silent clips are all alike, and copies made on purpose share their original's file.
    private static bool IsRecording(CorpusClip clip, ClipScan scan) => scan.ContentHash is not null && scan.Seconds > 0 && !IsSilent(scan)
        && !clip.Attributes.ContainsKey(OversampledCorpus.CopyOf);

    private static IEnumerable<CorpusProblem> OfClip(ClipScan clip)
    {
        CorpusProblem Problem(CorpusProblemKind kind, FormattableString message) =>
            new(kind, clip.RelativePath, message.ToString(CultureInfo.InvariantCulture));
        bool Has(QualityNotes note) => (clip.Quality & note) != 0;
        if (clip.Error is { } error)
        {
            yield return new CorpusProblem(CorpusProblemKind.Unreadable, clip.RelativePath, error);
            yield break;
        }
        if (Has(QualityNotes.TooShort))
            yield return Problem(CorpusProblemKind.TooShort,
                $"expected at least {QualityRules.ShortestSeconds} s, got {clip.Seconds:0.000} s");
        if (IsSilent(clip))
            yield return new CorpusProblem(CorpusProblemKind.Silent, clip.RelativePath, Silence(clip));
        else if (Has(QualityNotes.OneClick))
            yield return Problem(CorpusProblemKind.NoSpeech, $"expected speech, got one short sound and nothing else");
        else if (Has(QualityNotes.NoSpeech))
            yield return Problem(CorpusProblemKind.NoSpeech, $"expected speech, got noise, tones or knocks");
        if (Has(QualityNotes.OutOfRange))
            yield return Problem(CorpusProblemKind.OutOfRange, $"expected samples from -1 to 1, got a peak of {clip.Peak:G3}");
        else if (Has(QualityNotes.IntegersAsFloat))
            yield return Problem(CorpusProblemKind.OutOfRange,
                $"expected samples from -1 to 1, got integers stored as floats, a peak of {clip.Peak:G5}: they are scaled");
        if (Has(QualityNotes.Truncated))
            yield return Problem(CorpusProblemKind.Truncated,
                $"expected as much audio as the header promises, got {clip.Seconds:0.0} s; what is there is used");
        if (clip.ClippedSamples > 0 && !Has(QualityNotes.OutOfRange | QualityNotes.IntegersAsFloat))
            yield return Problem(CorpusProblemKind.Clipped,
                $"expected no runs of {ClipScan.ClippedRun} or more samples at full scale, got {clip.ClippedSamples} samples in such runs");
    }

    private static string Silence(ClipScan clip) => clip.Peak == 0 ? "expected speech, got nothing but zeros"
        : (clip.Quality & QualityNotes.Silent) != 0 ? "expected speech, got silence once channels are mixed and a constant is taken away"
        : string.Create(CultureInfo.InvariantCulture, $"expected a level of at least {QualityRules.NearSilentDb} dB, got a peak of ")
            + string.Create(CultureInfo.InvariantCulture, $"{20 * Math.Log10(clip.Peak):0.0} dB");

    private static IEnumerable<CorpusProblem> OfCopies(Corpus corpus, int[] copies, int i)
    {
        CorpusClip clip = corpus.Clips[i];
        if (copies.Select(other => corpus.Clips[other]).FirstOrDefault(other => other.Label != clip.Label) is { } odd)
            yield return new CorpusProblem(CorpusProblemKind.ConflictingLabels, clip.RelativePath,
                $"holds the same audio as {odd.RelativePath}, which is labelled '{odd.Label}' while this is '{clip.Label}'");
        else if (copies[0] != i)
            yield return new CorpusProblem(CorpusProblemKind.Duplicate, clip.RelativePath,
                $"holds the same audio as {corpus.Clips[copies[0]].RelativePath}"
                    + (clip.Speaker is { } here && corpus.Clips[copies[0]].Speaker is { } there && here != there
                        ? $", whose speaker is '{there}' while this one's is '{here}': where both are one person, speaker protocols test "
                            + "voices that they trained on" : ""));
    }

    private static IEnumerable<CorpusProblem> OfWhole(Corpus corpus, IReadOnlyList<ClipScan> clips, int[] used)
    {
        foreach (var part in used.GroupBy(i => corpus.Clips[i].Corpus))
        {
            IGrouping<int, int>[] rates = [.. part.GroupBy(i => clips[i].SampleRateHz).OrderByDescending(rate => rate.Count())];
            foreach (IGrouping<int, int> odd in rates.Skip(1))
                yield return new CorpusProblem(CorpusProblemKind.WrongRate, clips[odd.First()].RelativePath,
                    $"{Format.Count(odd.Count(), "clip")} {(odd.Count() == 1 ? "has" : "have")} {odd.Key} Hz where {rates[0].Count()} have "
                    + $"{rates[0].Key} Hz: where a label has more of them, a model can tell it by that");
        }
        Dictionary<string, int> counts = used.CountBy(i => corpus.Clips[i].Label).ToDictionary();
        string[] few = [.. corpus.Labels.Where(label => counts.GetValueOrDefault(label) < FewestClips)
            .Select(label => FormattableString.Invariant($"{label} {counts.GetValueOrDefault(label)}"))];
        if (few.Length > 0)
            yield return new CorpusProblem(CorpusProblemKind.FewClips, corpus.Name,
                $"labels with fewer than {FewestClips} clips, whose scores rest on a handful: {string.Join(", ", few)}");
        Dictionary<string, int> bySpeaker = used.Select(i => corpus.Clips[i].Speaker).OfType<string>().CountBy(name => name).ToDictionary();
        int speakers = bySpeaker.Count, once = bySpeaker.Values.Count(clips => clips == 1);
        if (once >= FewestClips && once * 2 > speakers)
            yield return new CorpusProblem(CorpusProblemKind.SpeakersOfOneClip, corpus.Name, FormattableString.Invariant(
                $"{once} of {speakers} speakers have one clip: where these names are the clips' own, speaker protocols keep nobody apart"));
        string[] oneVoice = speakers < 2 ? [] : [.. used.GroupBy(i => corpus.Clips[i].Label)
            .Where(label => label.Count() > 1 && label.Select(i => corpus.Clips[i].Speaker).Distinct().Count() == 1
                && corpus.Clips[label.First()].Speaker is not null)
            .Select(label => $"{label.Key} ({corpus.Clips[label.First()].Speaker})")];
        if (oneVoice.Length > 0)
            yield return new CorpusProblem(CorpusProblemKind.LabelOfOneSpeaker, corpus.Name,
                $"labels that one person alone speaks, so that a model can tell them by the voice: {string.Join(", ", oneVoice)}");
        if (speakers is > 0 and < FewestSpeakers)
            yield return new CorpusProblem(CorpusProblemKind.FewSpeakers, corpus.Name, FormattableString.Invariant(
                $"{speakers} {(speakers == 1 ? "person speaks" : "people speak")}: a score on new speakers rests on as few"));
    }
}
