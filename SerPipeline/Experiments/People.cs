using SerPipeline.Corpora;
using SerPipeline.Splits;

namespace SerPipeline.Experiments;

/// <summary>Names the people of clips so that two data sets can be compared: a speaker's name says something only together with whom the corpus recorded.</summary>
internal static class People
{
    private const char Separator = ':';

    /// <summary>Who speaks, such as <c>ravdess:01</c> in RAVDESS speech, RAVDESS song and combinations with either; null when unknown.</summary>
    /// <param name="clip">The clip.</param>
    public static string? Of(CorpusClip clip)
    {
        if (clip.Speaker is not { } speaker) return null;
        // Combinations put the corpus before the name.
        string prefix = clip.Corpus + "/", bare = speaker.StartsWith(prefix, StringComparison.Ordinal) ? speaker[prefix.Length..] : speaker;
        return Join(clip.SpeakerGroup ?? clip.Corpus, bare);
    }

    /// <summary>A name of a group and a speaker within it.</summary>
    public static string Join(string group, string speaker) => group + Separator + speaker;

    /// <summary>The group of a name.</summary>
    public static string GroupOf(string person) => person[..person.IndexOf(Separator, StringComparison.Ordinal)];

    /// <summary>The speaker within the group.</summary>
    public static string SpeakerOf(string person) => person[(GroupOf(person).Length + 1)..];

    /// <summary>Whether a group's people are published, so that two such groups are known to differ.</summary>
    public static bool IsPublished(string group) => CorpusFacts.All.Any(facts => facts.Speakers == group);

    /// <summary>The people of a split's training clips, in ordinal order; null when one is unknown, so that nobody can tell who was heard.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="split">The parts.</param>
    public static IReadOnlyList<string>? OfTraining(Corpus corpus, Split split)
    {
        string?[] people = [.. split.Train.Select(i => Of(corpus.Clips[i])).Distinct(StringComparer.Ordinal)];
        return people.Contains(null) ? null : [.. people.OfType<string>().Order(StringComparer.Ordinal)];
    }
}
