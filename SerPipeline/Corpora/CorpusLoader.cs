namespace SerPipeline.Corpora;

/// <summary>How <see cref="CorpusLoader"/> reads a folder; every setting has a default.</summary>
public sealed record CorpusLoadOptions
{
    /// <summary>
    /// The name scores are reported under; null takes the format's name, or the folder's or manifest's own name for <c>folder</c> and
    /// <c>manifest</c>.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// For <c>folder</c>: a regular expression over the relative path (with <c>/</c> between folders) whose named group <c>speaker</c> is
    /// the speaker, such as <c>/(?&lt;speaker&gt;spk\d+)_</c>. Null leaves speakers unknown.
    /// </summary>
    public string? SpeakerPattern { get; init; }

    /// <summary>
    /// The labels wanted, in the order reports use, once <see cref="LabelMap"/> is applied; null takes every label found, those of
    /// <see cref="Emotions"/> first. Clips of other labels are left out, and reported. One that does not occur is an error; in a
    /// <c>folder</c> it is reported and left out.
    /// </summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>
    /// Labels to rename or merge, <c>excited</c> to <c>happy</c>, or to drop, <c>frustration</c> to an empty text; keys in any case, as the
    /// folder or manifest writes them or as they count. Null: only spellings are unified, and known words such as <c>anger</c> count as the
    /// name in <see cref="Emotions"/>; mapping a label to itself keeps it.
    /// </summary>
    public IReadOnlyDictionary<string, string>? LabelMap { get; init; }

    /// <summary>For <c>manifest</c>: the folder that paths are relative to; null, the default, for the manifest's own.</summary>
    public string? AudioRoot { get; init; }

    /// <summary>
    /// True: files that are not there, or rows that contradict each other, refuse a <c>manifest</c>. False, the default: they are left out
    /// and reported.
    /// </summary>
    public bool Strict { get; init; }

    /// <summary>Whether of rows that give one recording several labels the first counts, instead of none. Default: false.</summary>
    public bool KeepDoubtful { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">One line for each option that cannot be used.</exception>
    public void Validate()
    {
        var check = new OptionsCheck(nameof(CorpusLoadOptions));
        check.Require(Name is null || Name.Trim().Length > 0, Name, "not be blank");
        check.Require(SpeakerPattern is null || HasSpeakerGroup(SpeakerPattern), SpeakerPattern,
            "be a regular expression with a named group 'speaker', such as (?<speaker>[^/_]+)_");
        check.Require(Labels is null || (Labels.Count > 0 && Labels.Distinct().Count() == Labels.Count),
            Labels is null ? null : string.Join(",", Labels), "be one or more different labels", nameof(Labels));
        check.Require(LabelMap is null || (LabelMap.Count > 0 && LabelMap.Keys.All(key => key.Trim().Length > 0)
            && LabelMap.Keys.Select(ComposedLetters.Fold).Distinct().Count() == LabelMap.Count),
            LabelMap is null ? null : string.Join(",", LabelMap.Select(pair => $"{pair.Key}={pair.Value}")),
            "have one or more different labels as keys", nameof(LabelMap));
        check.Require(AudioRoot is null || AudioRoot.Trim().Length > 0, AudioRoot, "name a folder or be null");
        check.ThrowIfAny();
    }

    private static bool HasSpeakerGroup(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant).GetGroupNames().Contains("speaker");
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

/// <summary>Reads folders and manifests as labelled clips.</summary>
public static class CorpusLoader
{
    private const string Folder = "folder";

    /// <summary>
    /// The formats known: the corpora of <see cref="CorpusFacts.All"/> (labels in the file names), <c>folder</c> (a subfolder for each
    /// label), <c>manifest</c> (a CSV with path, label, speaker) and <c>demo</c> (a folder written by <see cref="Synthesis.DemoCorpus"/>).
    /// </summary>
    public static IReadOnlyList<string> Names => [.. CorpusFacts.All.Select(facts => facts.Name), Folder, "manifest", "demo"];

    /// <summary>Makes a corpus known by its layout: <see cref="Load"/>, data sets and searches for corpora then take its name.</summary>
    /// <param name="parser">Its parser; one of the same name is replaced.</param>
    /// <exception cref="ArgumentException">The name is blank, or that of a format which is no corpus.</exception>
    public static void Register(ICorpusParser parser)
    {
        ArgumentNullException.ThrowIfNull(parser);
        string name = parser.Facts.Name;
        if (string.IsNullOrWhiteSpace(name) || name.Any(c => char.IsWhiteSpace(c) || c is ',' or '/' or '+' or '=')
            || ((string[])[Folder, "manifest", "demo"]).Contains(name, StringComparer.OrdinalIgnoreCase))
            throw new ArgumentException($"Expected a name without spaces, commas, slashes, + and =, and none of folder, manifest, demo, "
                + $"got '{name}'.", nameof(parser));
        CorpusParsers.Add(parser);
    }

    /// <summary>Reads a corpus.</summary>
    /// <param name="name">One of <see cref="Names"/>, in any case.</param>
    /// <param name="folder">The corpus's folder; for <c>manifest</c> the CSV file, or a folder with a <c>manifest.csv</c>.</param>
    /// <param name="options">How to read it; the defaults when null.</param>
    /// <returns>At least one clip; files that could not be used are among <see cref="Corpus.Problems"/>.</returns>
    /// <exception cref="CorpusException">An unknown format, nothing there, no usable clip, a label asked for that does not occur, or a
    /// manifest with errors (all listed).</exception>
    /// <exception cref="OptionsException">Options that cannot be used.</exception>
    public static Corpus Load(string name, string folder, CorpusLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new CorpusLoadOptions();
        options.Validate();
        Corpus corpus = Read(name, folder, options);
        if (options.LabelMap is { } map) corpus = corpus.WithLabelMap(map);
        return SpeakerProblems.AddTo(Restrict(corpus, name, options));
    }

    private static Corpus Read(string name, string folder, CorpusLoadOptions options)
    {
        if (CorpusParsers.Find(name) is { } parser) return NamedCorpus.Load(parser, folder, options);
        return name.ToLowerInvariant() switch
        {
            Folder => FolderCorpus.Load(folder, options),
            "manifest" => ManifestCorpus.Load(folder, options),
            "demo" => Synthesis.DemoCorpus.Load(folder, options),
            _ => throw new CorpusException($"There is no corpus format '{name}': expected one of {string.Join(", ", Names)}."),
        };
    }

    private static Corpus Restrict(Corpus corpus, string format, CorpusLoadOptions options)
    {
        if (options.Labels is not { } labels) return corpus;
        if (!format.Equals(Folder, StringComparison.OrdinalIgnoreCase)) return corpus.WithLabels(labels);
        ILookup<bool, string> there = labels.ToLookup(label => LabelNames.Resolve(label, corpus.Labels) is not null);
        if (!there[true].Any()) return corpus.WithLabels(labels);
        Corpus kept = corpus.WithLabels([.. there[true]]);
        return kept.Derive(people: kept.People, problems: [.. kept.Problems, .. there[false].Select(label =>
            new CorpusProblem(CorpusProblemKind.EmptyFolder, label, $"'{label}' was asked for, and no clip has that label"))]);
    }
}

/// <summary>Finds a corpus's own folder below one that holds several.</summary>
public static class CorpusLocator
{
    /// <summary>
    /// The folder of a corpus: the one given where it holds clips of it, else a folder in it that has one of
    /// <see cref="CorpusFacts.FolderNames"/>.
    /// </summary>
    /// <param name="name">One of <see cref="CorpusFacts.All"/>, in any case.</param>
    /// <param name="folder">The corpus's own folder, or one in which corpora lie side by side.</param>
    /// <returns>The full path; null when neither holds a clip of the corpus. Only names are looked at.</returns>
    /// <exception cref="CorpusException">There is no such corpus.</exception>
    public static string? Find(string name, string folder)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ICorpusParser parser = CorpusParsers.Find(name)
            ?? throw new CorpusException($"There is no corpus '{name}' known by its file names: expected one of "
                + $"{string.Join(", ", CorpusFacts.All.Select(facts => facts.Name))}.");
        string root = Path.GetFullPath(folder);
        if (!Directory.Exists(root)) return null;
        string[] own = [.. Directory.EnumerateDirectories(root).Where(path => Fits(parser.Facts, Path.GetFileName(path)))
            .Order(StringComparer.Ordinal)];
        // Below a common parent the whole tree holds clips of the corpus too, but other corpora's files besides.
        if (own.Length == 0) return HasClip(parser, root, _ => true) ? root : null;
        if (HasClip(parser, root, IsOutsideCorpora)) return root;
        return own.FirstOrDefault(path => HasClip(parser, path, _ => true));
    }

    private static bool HasClip(ICorpusParser known, string root, Func<string, bool> where)
    {
        ICorpusParser parser = known.Open(root);
        return parser.Files(root).Any(path => where(path) && parser.Read(path, out _) is not null);
    }

    private static bool IsOutsideCorpora(string path) =>
        path.Split('/') is not { Length: > 1 } parts || !CorpusFacts.All.Any(facts => Fits(facts, parts[0]));

    private static bool Fits(CorpusFacts facts, string folder) => facts.FolderNames.Contains(folder, StringComparer.OrdinalIgnoreCase);
}
