namespace SerPipeline.Corpora;

/// <summary>Reads a corpus whose file names tell label and speaker: folders do not matter, so that any nesting will do.</summary>
internal static class NamedCorpus
{
    public static Corpus Load(NamingScheme scheme, string folder, CorpusLoadOptions options)
    {
        CorpusFacts facts = scheme.Facts;
        string root = CorpusFiles.RequireFolder(facts.Name, folder, scheme.Expected);
        string name = options.Name ?? facts.Name;
        (IReadOnlyList<CorpusClip> clips, IReadOnlyList<CorpusProblem> problems) = ReadClips(scheme, root, name);
        if (clips.Count == 0) throw CorpusFiles.NothingUsable(facts.Name, root, scheme.Expected);
        if (facts.Name == KnownCorpora.CremaD.Name) (clips, problems) = CremaDSpeakers.AddSexes(root, clips, problems);
        bool synthetic = Synthesis.SyntheticMarker.CoversAny(clips);
        // Synthetic voices follow the naming scheme without being the corpus's people.
        if (!synthetic) clips = [.. clips.Select(clip => clip with { SpeakerGroup = facts.Speakers })];
        IReadOnlyList<string> labels = LabelsOf(clips);
        return new Corpus(name, root, clips, labels, problems)
        {
            IsSynthetic = synthetic,
            Licence = synthetic ? Synthesis.SyntheticMarker.Licence : facts.Licence,
            Note = synthetic ? Synthesis.SyntheticMarker.Note : facts.Description,
            Facts = synthetic ? null : facts,
            People = synthetic ? null : PeopleOf(facts, clips, labels),
        };
    }

    /// <summary>Reads every clip whose name follows the scheme; the rest become problems.</summary>
    public static (IReadOnlyList<CorpusClip> Clips, IReadOnlyList<CorpusProblem> Problems) ReadClips(NamingScheme scheme, string root, string corpus)
    {
        var clips = new List<CorpusClip>();
        var problems = new List<CorpusProblem>();
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string relative in NamingScheme.Files(root))
        {
            if (scheme.Read(relative, out string problem) is not { } named)
            {
                if (problem.Length > 0) problems.Add(new CorpusProblem(CorpusProblemKind.NameNotUnderstood, relative, problem));
            }
            else if (!taken.TryAdd(named.Recording, relative))
            {
                // Widely copied archives of several corpora hold the whole corpus twice, in nested folders: every test clip would have a twin in training.
                problems.Add(new CorpusProblem(CorpusProblemKind.Duplicate, relative, $"the same recording as {taken[named.Recording]}; left out"));
            }
            else
            {
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
        }
        return (clips, problems);
    }

    /// <summary>The labels that occur, in the order reports use.</summary>
    public static IReadOnlyList<string> LabelsOf(IEnumerable<CorpusClip> clips) => Emotions.InOrder(clips.Select(clip => clip.Label));

    // What people reach on eight emotions says nothing about four of them.
    private static HumanRecognition? PeopleOf(CorpusFacts facts, IReadOnlyList<CorpusClip> clips, IReadOnlyList<string> labels)
    {
        bool speechAlone = facts == KnownCorpora.Ravdess && clips.All(clip => clip.Attributes["channel"] == "speech");
        return labels.SequenceEqual(facts.Labels, StringComparer.Ordinal) ? (speechAlone ? KnownCorpora.RavdessSpeech : facts).People : null;
    }
}
