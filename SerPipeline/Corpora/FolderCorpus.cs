namespace SerPipeline.Corpora;

/// <summary>
/// Reads a folder whose subfolders are the labels: <c>root/angry/any/depth/clip.wav</c>. Folders named <c>train</c>, <c>test</c> and the
/// like
/// above or below the labels give the clips' parts; one folder around everything is passed through.
/// </summary>
internal static class FolderCorpus
{
    private const string Expected = "one subfolder for each label, holding audio files";
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    public static Corpus Load(string folder, CorpusLoadOptions options)
    {
        string root = CorpusFiles.RequireFolder("folder", folder, Expected);
        string name = options.Name ?? new DirectoryInfo(root).Name;
        var problems = new List<CorpusProblem>();
        IReadOnlyList<string> files = CorpusFiles.Find(root);
        var layout = FolderLayout.Of(files);
        var clips = new List<CorpusClip>();
        Regex? speakerPattern = options.SpeakerPattern is null ? null
            : new Regex(options.SpeakerPattern, RegexOptions.CultureInvariant, PatternTimeout);
        foreach (string relative in files)
        {
            if (layout.LabelOf(relative) is not { } label)
            {
                if (layout.IsDoubled(relative)) continue;
                problems.Add(new CorpusProblem(CorpusProblemKind.LabelUnknown, relative,
                    $"expected the file in a subfolder that names the label{layout.Where}, but it lies outside every label's folder; left "
                    + "out")
                { LeftOut = true });
                continue;
            }
            clips.Add(new CorpusClip
            {
                Path = CorpusFiles.Full(root, relative),
                RelativePath = relative,
                Label = label,
                Speaker = SpeakerOf(speakerPattern, relative, problems),
                Split = layout.SplitOf(relative),
                Corpus = name
            });
        }
        if (clips.Count == 0) throw CorpusFiles.NothingUsable("folder", root, Expected);
        problems.AddRange(layout.Doubled);
        AddEmptyFolders(root, layout, files, problems);
        if (CorpusFiles.OddFiles(root) is { } odd) problems.Add(odd);
        IReadOnlyList<CorpusClip> unified = LabelNames.Unify(clips, problems);
        return Synthesis.SyntheticMarker.CreateCorpus(name, root, unified, LabelsOf(unified), problems,
            [.. layout.Remarks, .. new[] { GivenSplits.Describe(unified, $"The folders {layout.SplitFolders}") }.OfType<string>()]);
    }

    /// <summary>The labels that occur, in ordinal order.</summary>
    public static IReadOnlyList<string> LabelsOf(IReadOnlyList<CorpusClip> clips) =>
        [.. clips.Select(clip => clip.Label).Distinct().Order(StringComparer.Ordinal)];

    private static string? SpeakerOf(Regex? pattern, string relative, List<CorpusProblem> problems)
    {
        if (pattern is null) return null;
        Group group = Match(pattern, relative).Groups["speaker"];
        if (group.Success && group.Value.Length > 0) return group.Value;
        problems.Add(new CorpusProblem(CorpusProblemKind.SpeakerUnknown, relative,
            $"the speaker pattern {pattern} does not match this path"));
        return null;
    }

    private static Match Match(Regex pattern, string relative)
    {
        try
        {
            return pattern.Match(relative);
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new CorpusException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"The speaker pattern {pattern} took more than {PatternTimeout.TotalSeconds} s on the path {relative}: it tries too many "
                + $"ways to match. Write it without repetitions inside repetitions, such as (?<speaker>[^/_]+)_."), error);
        }
    }

    private static void AddEmptyFolders(string root, FolderLayout layout, IReadOnlyList<string> files, List<CorpusProblem> problems)
    {
        foreach (string folder in layout.LabelParents)
        {
            string parent = Path.Combine(root, folder);
            foreach (string path in Directory.EnumerateDirectories(parent).Order(StringComparer.Ordinal))
            {
                string relative = CorpusFiles.Relative(root, path);
                if (!Path.GetFileName(path).StartsWith('.') && Path.GetFileName(path) != "__MACOSX"
                    && !files.Any(file => file.StartsWith(relative + "/", StringComparison.Ordinal)))
                    problems.Add(new CorpusProblem(CorpusProblemKind.EmptyFolder, relative,
                        "expected audio files in this label's folder, found none"));
            }
        }
    }
}

/// <summary>Where the labels stand in a tree of folders.</summary>
internal sealed class FolderLayout
{
    private readonly HashSet<string> _doubled = [];
    private readonly Dictionary<string, string>? _above, _below;
    private readonly int _at;

    private FolderLayout(string[][] folders)
    {
        // 1. Folders around everything.
        var remarks = new List<string>();
        while (Around(folders, _at) is { } around)
        {
            remarks.Add($"All clips lie in the folder '{around}': the folders below it are read as the labels.");
            _at++;
        }
        // 2. train, test and the like above the labels.
        _above = GivenSplits.Of(NamesAt(folders, _at).Where(GivenSplits.IsPart));
        if (_above is not null)
        {
            _at++;
        }
        else if (AboveEmotions(folders, _at) is { } above)
        {
            remarks.Add($"The folders {above} hold folders named for emotions: these are read as the labels. Where the folders above them "
                + "are the speakers, name them by a speaker pattern (SpeakerPattern, --speaker-pattern '^(?<speaker>[^/]+)/').");
            _at++;
        }
        // 3. The labels, and folders beside them that hold them again.
        LabelParents = _at == 0 ? [""] : [.. folders.Where(path => path.Length >= _at && IsPart(path))
            .Select(path => string.Join('/', path.Take(_at))).Distinct().Order(StringComparer.Ordinal)];
        foreach (string label in NamesAt(folders, _at).Where(label => EmotionWords.Find(label) is null))
        {
            string[] inside = [.. folders.Where(path => path.Length > _at + 1 && path[_at] == label)
                .Select(path => ComposedLetters.Fold(path[_at + 1])).Distinct()];
            int again = inside.Intersect(NamesAt(folders, _at).Select(ComposedLetters.Fold)).Count();
            if (again >= 2) _doubled.Add(label);
        }
        // 4. train, test and the like below them.
        string[][] labelled = [.. folders.Where(path => path.Length > _at && !_doubled.Contains(path[_at]))];
        if (_above is null && labelled.Length > 0 && labelled.All(path => path.Length > _at + 1))
            _below = GivenSplits.Of(labelled.Select(path => path[_at + 1]));
        Remarks = remarks;
        Doubled = [.. _doubled.Order(StringComparer.Ordinal).Select(folder => new CorpusProblem(CorpusProblemKind.FolderDoubled, folder,
            "this folder holds the labels' folders once more, and was left out with "
            + Format.Count(folders.Count(path => path.Length > _at && path[_at] == folder), "clip"))
        { LeftOut = true })];
    }

    /// <summary>The folders in which the labels' folders lie, relative to the root.</summary>
    public IReadOnlyList<string> LabelParents { get; }

    public IReadOnlyList<string> Remarks { get; }

    public IReadOnlyList<CorpusProblem> Doubled { get; }

    /// <summary>The folders of the parts, as a sentence names them.</summary>
    public string SplitFolders => string.Join(", ", (_above ?? _below ?? new()).Keys.Order(StringComparer.Ordinal));

    /// <summary>Below which folder a label is looked for, for messages.</summary>
    public string Where => _above is null ? "" : $" below one of {SplitFolders}";

    public static FolderLayout Of(IReadOnlyList<string> files) => new([.. files.Select(file => file.Split('/')[..^1])]);

    public string? LabelOf(string file)
    {
        string[] path = file.Split('/')[..^1];
        return path.Length > _at && IsPart(path) && !_doubled.Contains(path[_at]) ? path[_at] : null;
    }

    public bool IsDoubled(string file) => file.Split('/')[..^1] is var path && path.Length > _at && _doubled.Contains(path[_at]);

    public string? SplitOf(string file) =>
        _above is not null ? _above[file.Split('/')[_at - 1]] : _below?[file.Split('/')[_at + 1]];

    private bool IsPart(string[] path) => _above is null || (path.Length >= _at && _above.ContainsKey(path[_at - 1]));

    // Folders, none named for an emotion, whose own folders all are: the first few of them.
    private static string? AboveEmotions(string[][] folders, int at)
    {
        string[] names = NamesAt(folders, at), inside = NamesAt(folders, at + 1);
        bool above = inside.Length > 1 && names.All(name => EmotionWords.Find(name) is null)
            && inside.All(name => EmotionWords.Find(name) is not null) && folders.All(path => path.Length != at + 1);
        return !above ? null : string.Join(", ", names.Order(StringComparer.Ordinal).Take(3)) + (names.Length > 3 ? ", ..." : "");
    }

    private static string[] NamesAt(string[][] folders, int at) => [.. folders.Where(path => path.Length > at).Select(path => path[at])
        .Distinct()];

    // The only folder, when no label's: no word for an emotion, and several folders with clips in it.
    private static string? Around(string[][] folders, int at)
    {
        string[] names = NamesAt(folders, at);
        return names.Length == 1 && EmotionWords.Find(names[0]) is null && NamesAt(folders, at + 1).Length > 1
            && folders.All(path => path.Length != at + 1) ? names[0] : null;
    }
}
