namespace SerPipeline.Corpora;

/// <summary>Labelled clips in a fixed order, and what is known about them.</summary>
public sealed class Corpus
{
    /// <summary>Creates a corpus; the clips are put in ordinal order of their relative paths, copies behind all others.</summary>
    /// <param name="name">The name that scores are reported under.</param>
    /// <param name="root">The folder the relative paths start from.</param>
    /// <param name="clips">The clips, in any order.</param>
    /// <param name="labels">The labels in the order reports use; every clip's label must be among them.</param>
    /// <param name="problems">What was wrong with files that were left out or are incomplete.</param>
    /// <exception cref="CorpusException">No clips, a label missing from <paramref name="labels"/>, or two clips with one path.</exception>
    public Corpus(string name, string root, IEnumerable<CorpusClip> clips, IReadOnlyList<string> labels,
        IReadOnlyList<CorpusProblem>? problems = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentNullException.ThrowIfNull(clips);
        ArgumentNullException.ThrowIfNull(labels);
        CorpusClip[] ordered = [.. clips.OrderBy(clip => clip.Attributes.ContainsKey(OversampledCorpus.CopyOf))
            .ThenBy(clip => clip.RelativePath, StringComparer.Ordinal)];
        (Name, Root, Clips, Labels, Problems) = (name, root, ordered, labels, problems ?? []);
        RequireConsistency();
    }

    /// <summary>The name that scores are reported under.</summary>
    public string Name { get; }

    /// <summary>The name for people: it says <c>(synthetic)</c> where the recordings are no human speech.</summary>
    public string DisplayName =>
        IsSynthetic && !Name.Contains("synthetic", StringComparison.OrdinalIgnoreCase) ? $"{Name} (synthetic)" : Name;

    /// <summary>The folder the relative paths start from.</summary>
    public string Root { get; }

    /// <summary>
    /// The clips in ordinal order of their relative paths, the same on every system; copies made by <see cref="OversampledCorpus"/> come
    /// behind all others.
    /// </summary>
    public IReadOnlyList<CorpusClip> Clips { get; }

    /// <summary>The labels that occur, in the order reports use.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The speakers that occur, in ordinal order; empty when none is known.</summary>
    public IReadOnlyList<string> Speakers =>
        [.. Clips.Select(clip => clip.Speaker).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Files left out or incomplete, and why.</summary>
    public IReadOnlyList<CorpusProblem> Problems { get; }

    /// <summary>The corpus's licence, or null when it is not known.</summary>
    public string? Licence { get; init; }

    /// <summary>How the loader understood the corpus where that is not evident, such as folders above the labels; one sentence
    /// each.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>What a reader of scores should know about the corpus, or null.</summary>
    public string? Note { get; init; }

    /// <summary>Whether the clips were made by <see cref="Synthesis.DemoCorpus"/> rather than recorded from people.</summary>
    public bool IsSynthetic { get; init; }

    /// <summary>What is published about the corpus; null for other people's recordings, synthetic ones and combinations.</summary>
    public CorpusFacts? Facts { get; init; }

    /// <summary>
    /// How well people recognise these labels, where that is published; null for a part of the labels and for combinations.
    /// </summary>
    public HumanRecognition? People { get; init; }

    /// <summary>The corpus with labels renamed, merged or dropped.</summary>
    /// <param name="map">From a label, as it was written or as it counts and in any case, to the label wanted; an empty text drops its
    /// clips.</param>
    /// <exception cref="CorpusException">A key is no label of the corpus, two keys are one, or no clip is left.</exception>
    public Corpus WithLabelMap(IReadOnlyDictionary<string, string> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return LabelNames.Map([this], map)[0];
    }

    /// <summary>The clips of some labels, in a corpus of the same name.</summary>
    /// <param name="labels">The labels wanted, in the order reports are to use; case and spaces at the ends do not count.</param>
    /// <returns>This corpus when it is asked for all its labels in their order; else a smaller one whose problems say how many clips were
    /// left out.</returns>
    /// <exception cref="CorpusException">No label, one label twice, or one that does not occur.</exception>
    public Corpus WithLabels(IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        labels = [.. labels.Select(label => LabelNames.Resolve(label, Labels) ?? label)];
        string[] unknown = [.. labels.Except(Labels)];
        if (unknown.Length > 0)
            throw new CorpusException($"The corpus '{Name}' has no label {string.Join(", ", unknown.Select(label => $"'{label}'"))}: its "
                + $"labels are {string.Join(", ", Labels)}.");
        if (labels.Count == 0 || labels.Distinct().Count() != labels.Count)
            throw new CorpusException($"Expected one or more different labels, got '{string.Join(", ", labels)}': the labels of the corpus "
                + $"'{Name}' are {string.Join(", ", Labels)}.");
        if (labels.SequenceEqual(Labels)) return this;
        var wanted = labels.ToHashSet();
        // What people reach on all labels says nothing about some of them.
        HumanRecognition? people = wanted.Count == Labels.Count ? People : null;
        return Derive(clips: [.. Clips.Where(clip => wanted.Contains(clip.Label))], labels: labels,
            problems: [.. Problems, .. LeftOut(wanted)], people: people);
    }

    /// <summary>The same corpus with other clips, labels or problems, or under another name.</summary>
    internal Corpus Derive(string? name = null, IReadOnlyList<CorpusClip>? clips = null, IReadOnlyList<string>? labels = null,
        IReadOnlyList<CorpusProblem>? problems = null,
        HumanRecognition? people = null, string? note = null) => new(name ?? Name, Root, clips ?? Clips, labels ?? Labels,
        problems ?? Problems)
        {
            Licence = Licence,
            Remarks = Remarks,
            Note = note ?? Note,
            IsSynthetic = IsSynthetic,
            Facts = Facts,
            People = people,
        };

    private IEnumerable<CorpusProblem> LeftOut(HashSet<string> wanted) =>
        from clip in Clips
        where !wanted.Contains(clip.Label)
        group clip by (clip.Corpus, clip.Label) into left
        select LeftOut(left.Key.Corpus, left.Key.Label, left.Count());

    internal static CorpusProblem LeftOut(string from, string label, int clips, string why = "") =>
        new(CorpusProblemKind.LabelLeftOut, from,
            $"{Format.Count(clips, "clip")} labelled '{label}' {(clips == 1 ? "was" : "were")} left out{why}");

    private void RequireConsistency()
    {
        if (Clips.Count == 0)
            throw new CorpusException($"The corpus '{Name}' has no clips: expected labelled audio files below {Root}.");
        var known = Labels.ToHashSet();
        if (Clips.FirstOrDefault(clip => !known.Contains(clip.Label)) is { } odd)
            throw new CorpusException($"{odd.RelativePath} is labelled '{odd.Label}', which is none of: {string.Join(", ", Labels)}.");
        if (Clips.GroupBy(clip => clip.RelativePath).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new CorpusException($"{twice.Key} is listed twice in the corpus '{Name}': list every clip once.");
    }
}

/// <summary>One labelled recording of a corpus.</summary>
public sealed record CorpusClip
{
    /// <summary>The audio file's full path.</summary>
    public required string Path { get; init; }

    /// <summary>The path below the corpus root, with <c>/</c> between folders on every system: the clip's stable name.</summary>
    public required string RelativePath { get; init; }

    /// <summary>The emotion.</summary>
    public required string Label { get; init; }

    /// <summary>Who speaks; null when the corpus does not say.</summary>
    public string? Speaker { get; init; }

    /// <summary><c>male</c> or <c>female</c> where the corpus says so, else null.</summary>
    public string? Sex { get; init; }

    /// <summary><c>train</c>, <c>validation</c> or <c>test</c> where the corpus divides its clips itself, else null.</summary>
    public string? Split { get; init; }

    /// <summary>
    /// Whatever else the corpus tells about the clip, such as <c>intensity</c>, <c>statement</c>, <c>repetition</c>, <c>modality</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = EmptyAttributes;

    /// <summary>
    /// Who was recorded: corpora with one value here share their speakers, as RAVDESS speech and song do. Null where that is not known.
    /// </summary>
    public string? SpeakerGroup { get; init; }

    /// <summary>The name of the corpus the clip belongs to.</summary>
    public required string Corpus { get; init; }

    private static readonly Dictionary<string, string> EmptyAttributes = [];

    /// <summary>The attributes with one more, or another value of one; null takes it away.</summary>
    internal IReadOnlyDictionary<string, string> AttributesWith(string name, string? value)
    {
        var all = new SortedDictionary<string, string>(Attributes.ToDictionary(), StringComparer.Ordinal);
        if (value is null) all.Remove(name);
        else all[name] = value;
        return all;
    }
}
