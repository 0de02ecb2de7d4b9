namespace SerPipeline.Corpora;

/// <summary>
/// Brings labels that people wrote to one spelling each and, where that is safe, to the names of <see cref="Emotions"/>. What a clip's
/// label
/// was before stays as the attribute <see cref="Written"/>.
/// </summary>
internal static class LabelNames
{
    /// <summary>The attribute with a clip's label as its folder or manifest has it, where the clip counts under another.</summary>
    public const string Written = "writtenLabel";

    /// <summary>The clips with one spelling for each label; labels that stay apart although they may mean the same become
    /// problems.</summary>
    public static IReadOnlyList<CorpusClip> Unify(IReadOnlyList<CorpusClip> clips, List<CorpusProblem> problems)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        ILookup<string, string> spellings = clips.ToLookup(clip => ComposedLetters.Fold(clip.Label), clip => clip.Label.Trim());
        foreach (IGrouping<string, string> spelling in spellings)
            // The most frequent one; of equally frequent ones that with more small letters.
            names[spelling.Key] = spelling.GroupBy(text => text).OrderByDescending(group => group.Count())
                .ThenByDescending(group => group.Key, StringComparer.Ordinal).First().Key;
        foreach (var words in names.Select(name => (name.Key, Word: EmotionWords.Find(name.Value))).Where(name => name.Word is not null)
            .GroupBy(name => name.Word!.Value.Emotion).ToArray())
        {
            bool standsAlone = words.Count() == 1;
            foreach ((string key, (string Emotion, bool IsForm)? word) in words)
            {
                if (word!.Value.IsForm || standsAlone) names[key] = words.Key;
                else problems.Add(Alike(clips, names[key], words.Key));
            }
        }
        return [.. clips.Select(clip => Renamed(clip, names[ComposedLetters.Fold(clip.Label)]))];
    }

    /// <summary>The corpora with labels mapped as a user says; a key means a label as it was written or as it counts, in any
    /// spelling.</summary>
    /// <param name="corpora">Corpora that are used together: each key must be a label of one of them.</param>
    /// <param name="map">From labels to labels; an empty text drops the label's clips.</param>
    /// <exception cref="CorpusException">A key is no label, two keys are one, or no clip is left.</exception>
    public static Corpus[] Map(IReadOnlyList<Corpus> corpora, IReadOnlyDictionary<string, string> map)
    {
        Dictionary<string, string> targets = Targets(map);
        var used = new HashSet<string>();
        Corpus[] mapped = [.. corpora.Select(corpus => Map(corpus, targets, used))];
        string[] unknown = [.. map.Keys.Where(key => !used.Contains(ComposedLetters.Fold(key)))];
        if (unknown.Length > 0)
            throw new CorpusException($"The label map (LabelMap, --map) names {string.Join(", ", unknown.Select(key => $"'{key}'"))}, "
                + $"which {(unknown.Length == 1 ? "is no label" : "are no labels")} of "
                + $"{string.Join("; ", corpora.Select(corpus => $"'{corpus.Name}': its labels are {string.Join(", ", corpus.Labels)}"))}.");
        return mapped;
    }

    /// <summary>The corpus with those labels mapped that a map names; keys that are no label of it do not matter.</summary>
    public static Corpus MapKnown(Corpus corpus, IReadOnlyDictionary<string, string> map) => Map(corpus, Targets(map), []);

    /// <summary>The corpus with its labels named as a model names them, where both mean the same.</summary>
    public static Corpus Align(Corpus corpus, IReadOnlyList<string> known)
    {
        Dictionary<string, string> names = corpus.Labels.Where(label => !known.Contains(label))
            .Select(label => (label, Same: Resolve(label, known))).Where(pair => pair.Same is not null)
            .ToDictionary(pair => pair.label, pair => pair.Same!);
        return names.Count == 0 ? corpus : With(corpus, clip => names.GetValueOrDefault(clip.Label, clip.Label));
    }

    /// <summary>The one label among some that is another spelling of, or the same emotion as, a given one; null for none or
    /// several.</summary>
    public static string? Resolve(string label, IReadOnlyList<string> labels)
    {
        if (labels.Contains(label)) return label;
        string key = ComposedLetters.Fold(label);
        string[] same = [.. labels.Where(known => ComposedLetters.Fold(known) == key)];
        if (same.Length == 0 && EmotionWords.Find(label) is { } word)
            same = [.. labels.Where(known => EmotionWords.Find(known)?.Emotion == word.Emotion)];
        return same.Length == 1 ? same[0] : null;
    }

    /// <summary>What became of labels that count under another name than they were written with, in sentences.</summary>
    public static IEnumerable<string> Remarks(Corpus corpus)
    {
        var changes = corpus.Clips.Where(clip => clip.Attributes.ContainsKey(Written)).GroupBy(clip => (From: clip.Attributes[Written],
            clip.Label)).Select(group => (group.Key.From, To: group.Key.Label, Clips: group.Count()))
            .OrderBy(change => change.To, StringComparer.Ordinal).ThenBy(change => change.From, StringComparer.Ordinal)
            .ToLookup(change => ComposedLetters.Fold(change.From) == ComposedLetters.Fold(change.To));
        if (changes[true].Any())
            yield return $"Labels that differ in capital letters, spaces or Unicode form count as one: {Shown(changes[true])}.";
        if (changes[false].Any())
            yield return $"Labels that count under another name: {Shown(changes[false])}. A label map (--map "
                + $"\"{changes[false].First().From}={changes[false].First().From}\") keeps one as it is.";
    }

    private static string Shown(IEnumerable<(string From, string To, int Clips)> changes) =>
        string.Join(", ", changes.Select(change => $"'{change.From}' as {change.To} ({Format.Count(change.Clips, "clip")})"));

    private static Dictionary<string, string> Targets(IReadOnlyDictionary<string, string> map)
    {
        if (map.Keys.GroupBy(ComposedLetters.Fold).FirstOrDefault(keys => keys.Count() > 1) is { } twice)
            throw new CorpusException("The label map (LabelMap, --map) says twice what becomes of one label, written "
                + $"{string.Join(" and ", twice.Select(key => $"'{key}'"))}.");
        return map.ToDictionary(pair => ComposedLetters.Fold(pair.Key), pair => pair.Value.Trim());
    }

    private static Corpus Map(Corpus corpus, Dictionary<string, string> targets, HashSet<string> used)
    {
        string? Target(CorpusClip clip)
        {
            foreach (string name in new[] { clip.Attributes.GetValueOrDefault(Written),
                clip.Attributes.GetValueOrDefault(LabelName.Attribute), clip.Label }.OfType<string>())
            {
                string key = ComposedLetters.Fold(name);
                if (!targets.TryGetValue(key, out string? target)) continue;
                used.Add(key);
                return target.Length == 0 ? null : target;
            }
            return clip.Label;
        }
        return With(corpus, Target);
    }

    // Null drops a clip.
    private static Corpus With(Corpus corpus, Func<CorpusClip, string?> labelOf)
    {
        (CorpusClip Clip, string? Label)[] all = [.. corpus.Clips.Select(clip => (clip, labelOf(clip)))];
        CorpusClip[] kept = [.. all.Where(pair => pair.Label is not null).Select(pair => Renamed(pair.Clip, pair.Label!))];
        if (kept.SequenceEqual(corpus.Clips)) return corpus;
        string[] labels = [.. from label in corpus.Labels
            from pair in all
            where pair.Clip.Label == label && pair.Label is not null
            select pair.Label];
        CorpusProblem[] dropped = [.. all.Where(pair => pair.Label is null).GroupBy(pair => pair.Clip.Label)
            .Select(group => Corpus.LeftOut(corpus.Name, group.Key, group.Count(), ", as the label map says"))];
        return corpus.Derive(clips: kept, labels: [.. labels.Distinct()], problems: [.. corpus.Problems, .. dropped]);
    }

    private static CorpusClip Renamed(CorpusClip clip, string label)
    {
        string written = clip.Attributes.GetValueOrDefault(Written, clip.Label);
        if (label == clip.Label && label != written == clip.Attributes.ContainsKey(Written)) return clip;
        return clip with { Label = label, Attributes = clip.AttributesWith(Written, label == written ? null : written) };
    }

    private static CorpusProblem Alike(IReadOnlyList<CorpusClip> clips, string label, string emotion) =>
        new(CorpusProblemKind.LabelsAlike, clips.First(clip => clip.Label.Trim() == label).RelativePath,
            $"the label '{label}' may mean {emotion}, which other labels name too: it stays a label of its own; a label map (--map "
            + $"\"{label}={emotion}\") makes them one");
}
