using System.Globalization;

namespace SerPipeline.Corpora;

/// <summary>Reads a RAVDESS folder: the labels are in the file names, so that any nesting will do.</summary>
internal static class RavdessCorpus
{
    private const string Expected = ".wav or .flac files with names like 03-01-06-01-02-01-12.wav";

    public static Corpus Load(string folder, CorpusLoadOptions options)
    {
        string root = CorpusFiles.RequireFolder("ravdess", folder, Expected);
        (IReadOnlyList<CorpusClip> clips, IReadOnlyList<CorpusProblem> problems) = ReadClips(root, options.Name ?? "ravdess");
        if (clips.Count == 0) throw CorpusFiles.NothingUsable("ravdess", root, Expected);
        bool synthetic = Synthesis.SyntheticMarker.CoversAny(clips);
        return new Corpus(options.Name ?? "ravdess", root, clips, LabelsOf(clips), problems)
        {
            IsSynthetic = synthetic,
            Licence = synthetic ? Synthesis.SyntheticMarker.Licence : "CC BY-NC-SA 4.0",
            Note = synthetic ? Synthesis.SyntheticMarker.Note : "Acted North American English; two sentences, 24 actors (Livingstone and Russo 2018). Not for commercial use.",
        };
    }

    /// <summary>Reads every clip whose name follows the scheme; the rest become problems.</summary>
    public static (IReadOnlyList<CorpusClip> Clips, IReadOnlyList<CorpusProblem> Problems) ReadClips(string root, string corpus)
    {
        var clips = new List<CorpusClip>();
        var problems = new List<CorpusProblem>();
        var taken = new Dictionary<RavdessName, string>();
        foreach (string relative in CorpusFiles.Find(root, [".wav", ".flac"]))
        {
            if (!RavdessName.TryParse(relative, out RavdessName? name, out string problem))
            {
                problems.Add(new CorpusProblem(CorpusProblemKind.NameNotUnderstood, relative, problem));
            }
            else if (name.Modality == "video")
            {
                problems.Add(new CorpusProblem(CorpusProblemKind.NameNotUnderstood, relative, "expected modality 01 or 03, got 02, which has no sound"));
            }
            else if (!taken.TryAdd(name with { Modality = "audio" }, relative))
            {
                // A widely copied archive holds the whole corpus twice, in nested folders, and the sound of a film (modality 01) is the take of the
                // sound-only file (03): every test clip would have a twin in training.
                problems.Add(new CorpusProblem(CorpusProblemKind.Duplicate, relative, $"the same recording as {taken[name with { Modality = "audio" }]}; left out"));
            }
            else
            {
                clips.Add(ToClip(root, relative, name, corpus));
            }
        }
        return (clips, problems);
    }

    /// <summary>The labels that occur, in the corpus's own order.</summary>
    public static IReadOnlyList<string> LabelsOf(IReadOnlyList<CorpusClip> clips)
    {
        var found = clips.Select(clip => clip.Label).ToHashSet(StringComparer.Ordinal);
        return [.. RavdessName.Emotions.Where(found.Contains)];
    }

    private static CorpusClip ToClip(string root, string relative, RavdessName name, string corpus) => new()
    {
        Path = CorpusFiles.Full(root, relative),
        RelativePath = relative,
        Label = name.Emotion,
        Speaker = name.Speaker,
        Sex = name.Sex,
        Corpus = corpus,
        Attributes = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["modality"] = name.Modality,
            ["channel"] = name.Channel,
            ["intensity"] = name.Intensity,
            ["statement"] = name.Statement.ToString(CultureInfo.InvariantCulture),
            ["repetition"] = name.Repetition.ToString(CultureInfo.InvariantCulture),
        },
    };
}
