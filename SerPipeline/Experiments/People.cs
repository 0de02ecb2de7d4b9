using SerPipeline.Corpora;
using SerPipeline.Splits;

namespace SerPipeline.Experiments;

/// <summary>Names the people of clips so that two data sets can be compared: a speaker's name says something only together with whom the
/// corpus recorded.</summary>
internal static class People
{
    private const char Separator = ':';

    /// <summary>Who speaks, such as <c>ravdess:01</c> in RAVDESS speech, RAVDESS song and combinations with either; null when
    /// unknown.</summary>
    /// <param name="clip">The clip.</param>
    public static string? Of(CorpusClip clip)
    {
        if (clip.Speaker is not { } speaker) return null;
        // Combinations put the corpus before the name.
        string prefix = clip.Corpus + "/", bare = speaker.StartsWith(prefix, StringComparison.Ordinal) ? speaker[prefix.Length..] : speaker;
        // A folder of one's own may be called like a published corpus.
        return Join(clip.SpeakerGroup ?? (IsPublished(clip.Corpus) ? $"own {clip.Corpus}" : clip.Corpus), bare);
    }

    /// <summary>A name of a group and a speaker within it.</summary>
    public static string Join(string group, string speaker) => group + Separator + speaker;

    /// <summary>Whether a text is such a name.</summary>
    public static bool IsName(string person) => person.Contains(Separator, StringComparison.Ordinal);

    /// <summary>The group of a name.</summary>
    public static string GroupOf(string person) => person[..person.IndexOf(Separator, StringComparison.Ordinal)];

    /// <summary>The speaker within the group.</summary>
    public static string SpeakerOf(string person) => person[(GroupOf(person).Length + 1)..];

    /// <summary>What is equal for spellings of one person: <c>mine:Anna</c> and <c>mine:anna</c>.</summary>
    public static string KeyOf(string person) => Join(GroupOf(person), SpeakerNames.Key(SpeakerOf(person)));

    /// <summary>Whether a group's people are published, so that two such groups are known to differ.</summary>
    public static bool IsPublished(string group) => CorpusFacts.All.Any(facts => facts.Speakers == group);

    /// <summary>The people of a split's training clips, in ordinal order; null when one is unknown, so that nobody can tell who was
    /// heard.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="split">The parts.</param>
    public static IReadOnlyList<string>? OfTraining(Corpus corpus, Split split)
    {
        string?[] people = [.. split.Train.Select(i => Of(corpus.Clips[i])).Distinct(StringComparer.Ordinal)];
        return people.Contains(null) ? null : [.. people.OfType<string>().Order(StringComparer.Ordinal)];
    }
}

/// <summary>Compares whom a model was trained on with whom it is scored on. A speaker's name says something only among the people of one
/// corpus.</summary>
internal sealed class HeardVoices
{
    /// <summary>Compares.</summary>
    /// <param name="record">What is known of the model's training.</param>
    /// <param name="clips">The clips to score.</param>
    public HeardVoices(TrainingRecord record, IReadOnlyList<CorpusClip> clips)
    {
        (string Speaker, string? Person)[] tested = [.. clips.Select(clip => (clip.Speaker ?? "", People.Of(clip))).Distinct()];
        string[] heard = [.. record.TrainingPeople ?? []];
        var heardKeys = heard.Select(People.KeyOf).ToHashSet(StringComparer.Ordinal);
        var heardNames = heard.Select(person => SpeakerNames.Key(People.SpeakerOf(person))).ToHashSet(StringComparer.Ordinal);
        var groups = heard.Select(People.GroupOf).ToHashSet(StringComparer.Ordinal);
        string[] testedGroups = [.. tested.Select(one => one.Person).OfType<string>().Select(People.GroupOf)
            .Distinct(StringComparer.Ordinal)];
        bool named = record.TrainingPeople is not null && tested.All(one => one.Person is not null);
        Comparable = named && testedGroups.All(groups.Contains);
        KnownToDiffer = named && !testedGroups.Any(groups.Contains) && groups.Concat(testedGroups).All(People.IsPublished);
        Shared = [.. tested.Where(one => one.Person is not null && heardKeys.Contains(People.KeyOf(one.Person)))
            .Select(one => one.Speaker).Order(StringComparer.Ordinal)];
        SameNames = [.. tested.Select(one => one.Person).OfType<string>().Select(People.SpeakerOf)
            .Where(name => heardNames.Contains(SpeakerNames.Key(name))).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether every speaker tested belongs to a group that was trained on, so that names can be compared.</summary>
    public bool Comparable { get; }

    /// <summary>Whether both sides are published corpora that recorded other people.</summary>
    public bool KnownToDiffer { get; }

    /// <summary>The speakers tested who were heard in training, as the clips name them.</summary>
    public string[] Shared { get; }

    /// <summary>Names of speakers that occur on both sides, whoever they are.</summary>
    public string[] SameNames { get; }
}
