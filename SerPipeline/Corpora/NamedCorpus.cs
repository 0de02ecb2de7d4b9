namespace SerPipeline.Corpora;

/// <summary>What a file name tells about a clip.</summary>
internal sealed class NamedClip
{
    public NamedClip(string recording, LabelName label, string speaker, string? sex,
        params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        (Recording, Emotion, Speaker, Sex) = (recording, label.Emotion, speaker, sex);
        Attributes = new(StringComparer.Ordinal) { [LabelName.Attribute] = label.Code };
        foreach ((string name, string value) in attributes) Attributes[name] = value;
    }

    /// <summary>Which recording it is: files with one value here are copies of it.</summary>
    public string Recording { get; }

    public string Emotion { get; }

    public string Speaker { get; }

    public string? Sex { get; }

    /// <summary>Whatever else the name tells, the corpus's own label included.</summary>
    public SortedDictionary<string, string> Attributes { get; }
}

/// <summary>Reads a relative path. No clip and no problem: the file belongs to another part of the corpus.</summary>
internal delegate NamedClip? NameReader(string relativePath, out string problem);

/// <summary>How a corpus writes labels and speakers into its file names.</summary>
/// <param name="Facts">What is published about it.</param>
/// <param name="Example">What its files are called, for messages.</param>
/// <param name="Read">Reads one name.</param>
internal sealed record NamingScheme(CorpusFacts Facts, string Example, NameReader Read)
{
    private static readonly string[] Extensions = [".wav", ".flac"];

    /// <summary>The schemes known, in the order lists show.</summary>
    public static IReadOnlyList<NamingScheme> All { get; } =
    [
        new(Ravdess.Facts, "03-01-06-01-02-01-12.wav", Ravdess.Reader(null)),
        new(Ravdess.Speech, "03-01-06-01-02-01-12.wav", Ravdess.Reader("speech")),
        new(Ravdess.Song, "03-02-06-01-02-01-12.wav", Ravdess.Reader("song")),
        new(Tess.Facts, "OAF_back_angry.wav", Tess.Read),
        new(EmoDb.Facts, "03a01Fa.wav", EmoDb.Read),
        new(CremaD.Facts, "1001_DFA_ANG_XX.wav", CremaD.Read),
        new(Savee.Facts, "DC_a01.wav or DC/a01.wav", Savee.Read),
    ];

    public static IReadOnlyList<CorpusFacts> KnownFacts { get; } = [.. All.Select(scheme => scheme.Facts)];

    /// <summary>What the corpus looks for, for messages.</summary>
    public string Expected => $".wav or .flac files with names like {Example}";

    public static NamingScheme? Find(string name) =>
        All.FirstOrDefault(scheme => scheme.Facts.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The files below a folder that may be clips; those nearer to it first, so that of two copies the nested one is left out.
    /// </summary>
    public static IReadOnlyList<string> Files(string root) =>
        [.. CorpusFiles.Find(root, Extensions).OrderBy(path => path.Count(c => c == '/')).ThenBy(path => path, StringComparer.Ordinal)];

    /// <summary>The file's name without folders and extension.</summary>
    public static string StemOf(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));
}

/// <summary>Reads a corpus whose file names tell label and speaker, however its folders are nested.</summary>
internal static class NamedCorpus
{
    public static Corpus Load(NamingScheme scheme, string folder, CorpusLoadOptions options)
    {
        CorpusFacts facts = scheme.Facts;
        string root = CorpusFiles.RequireFolder(facts.Name, folder, scheme.Expected), name = options.Name ?? facts.Name;
        (IReadOnlyList<CorpusClip> clips, List<CorpusProblem> problems) = ReadClips(scheme, root, name);
        if (clips.Count == 0) throw CorpusFiles.NothingUsable(facts.Name, root, scheme.Expected);
        if (facts == CremaD.Facts) clips = CremaD.AddSexes(root, clips, problems);
        IReadOnlyList<string> labels = LabelsOf(clips);
        // Synthetic voices follow the naming scheme without being the corpus's people.
        if (Synthesis.SyntheticMarker.CoversAny(clips)) return Synthesis.SyntheticMarker.CreateCorpus(name, root, clips, labels, problems);
        clips = [.. clips.Select(clip => clip with { SpeakerGroup = facts.Speakers })];
        return new Corpus(name, root, clips, labels, problems)
        {
            Licence = facts.Licence,
            Note = facts.Description,
            Facts = facts,
            People = PeopleOf(facts, clips, labels),
        };
    }

    /// <summary>Reads every clip whose name follows the scheme; the rest become problems.</summary>
    public static (IReadOnlyList<CorpusClip> Clips, List<CorpusProblem> Problems) ReadClips(NamingScheme scheme, string root, string corpus)
    {
        var clips = new List<CorpusClip>();
        var problems = new List<CorpusProblem>();
        var taken = new Dictionary<string, string>();
        foreach (string relative in NamingScheme.Files(root))
        {
            if (scheme.Read(relative, out string problem) is not { } named)
            {
                if (problem.Length > 0) problems.Add(new CorpusProblem(CorpusProblemKind.NameNotUnderstood, relative, problem)
                {
                    LeftOut = true,
                });
                continue;
            }
            if (!taken.TryAdd(named.Recording, relative))
            {
                // Widely copied archives hold the whole corpus twice, in nested folders: every test clip would have a copy in training.
                problems.Add(new CorpusProblem(CorpusProblemKind.Duplicate, relative,
                    $"the same recording as {taken[named.Recording]}; left out")
                { LeftOut = true });
                continue;
            }
            clips.Add(new CorpusClip
            {
                Path = CorpusFiles.Full(root, relative),
                RelativePath = relative,
                Label = named.Emotion,
                Speaker = named.Speaker,
                Sex = named.Sex,
                Corpus = corpus,
                Attributes = named.Attributes,
            });
        }
        return (clips, problems);
    }

    /// <summary>The labels that occur, in the order reports use.</summary>
    public static IReadOnlyList<string> LabelsOf(IEnumerable<CorpusClip> clips) => Emotions.InOrder(clips.Select(clip => clip.Label));

    // What people reach on eight emotions says nothing about four of them.
    private static HumanRecognition? PeopleOf(CorpusFacts facts, IReadOnlyList<CorpusClip> clips, IReadOnlyList<string> labels)
    {
        bool speechAlone = facts == Ravdess.Facts && clips.All(clip => clip.Attributes["channel"] == "speech");
        return labels.SequenceEqual(facts.Labels) ? (speechAlone ? Ravdess.Speech : facts).People : null;
    }
}
