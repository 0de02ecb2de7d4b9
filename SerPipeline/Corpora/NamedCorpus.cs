namespace SerPipeline.Corpora;

/// <summary>Reads a corpus whose file names tell label and speaker, however its folders are nested.</summary>
internal static class NamedCorpus
{
    public static Corpus Load(ICorpusParser known, string folder, CorpusLoadOptions options)
    {
        CorpusFacts facts = known.Facts;
        string root = CorpusFiles.RequireFolder(facts.Name, folder, known.Expected()), name = options.Name ?? facts.Name;
        ICorpusParser parser = known.Open(root);
        (IReadOnlyList<CorpusClip> clips, List<CorpusProblem> problems) = ReadClips(parser, root, name);
        if (clips.Count == 0) throw CorpusFiles.NothingUsable(facts.Name, root, parser.Expected(), problems.FirstOrDefault());
        clips = parser.Complete(root, clips, problems);
        IReadOnlyList<string> labels = LabelsOf(clips);
        // Synthetic voices follow the naming scheme without being the corpus's people.
        if (Synthesis.SyntheticMarker.CoversAny(clips)) return Synthesis.SyntheticMarker.CreateCorpus(name, root, clips, labels, problems);
        clips = [.. clips.Select(clip => clip with { SpeakerGroup = facts.Speakers })];
        return new Corpus(name, root, clips, labels, problems)
        {
            Licence = facts.Licence,
            Note = facts.Description,
            Facts = facts,
            Remarks = [.. new[] { GivenSplits.Describe(clips, "The corpus's own parts") }.OfType<string>()],
            People = PeopleOf(facts, clips, labels),
        };
    }

    /// <summary>Reads every clip whose name follows the scheme; the rest become problems.</summary>
    public static (IReadOnlyList<CorpusClip> Clips, List<CorpusProblem> Problems) ReadClips(ICorpusParser parser, string root,
        string corpus)
    {
        var clips = new List<CorpusClip>();
        var problems = new List<CorpusProblem>();
        var taken = new Dictionary<string, string>();
        foreach (string relative in parser.Files(root))
        {
            if (parser.Read(relative, out string problem) is not { } named)
            {
                if (problem.Length > 0)
                    problems.Add(new CorpusProblem(CorpusProblemKind.NameNotUnderstood, relative, problem) { LeftOut = true });
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
                Label = named.Label.Emotion,
                Speaker = named.Speaker,
                Sex = named.Sex,
                Split = named.Split,
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
