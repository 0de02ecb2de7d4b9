using SerPipeline.Corpora;

namespace SerPipeline.Experiments;

/// <summary>Compares whom a model was trained on with whom it is scored on. A speaker's name says something only among the people of one corpus.</summary>
internal sealed class HeardVoices
{
    /// <summary>Compares.</summary>
    /// <param name="record">What is known of the model's training.</param>
    /// <param name="clips">The clips to score.</param>
    public HeardVoices(TrainingRecord record, IReadOnlyList<CorpusClip> clips)
    {
        (string Speaker, string? Person)[] tested = [.. clips.Select(clip => (clip.Speaker ?? "", People.Of(clip))).Distinct()];
        string[] heard = [.. record.TrainingPeople ?? []];
        var groups = heard.Select(People.GroupOf).ToHashSet(StringComparer.Ordinal);
        string[] testedGroups = [.. tested.Select(one => one.Person).OfType<string>().Select(People.GroupOf).Distinct(StringComparer.Ordinal)];
        bool named = record.TrainingPeople is not null && tested.All(one => one.Person is not null);
        Comparable = named && testedGroups.All(groups.Contains);
        KnownToDiffer = named && !testedGroups.Any(groups.Contains) && groups.Concat(testedGroups).All(People.IsPublished);
        Shared = [.. tested.Where(one => one.Person is not null && heard.Contains(one.Person, StringComparer.Ordinal)).Select(one => one.Speaker).Order(StringComparer.Ordinal)];
        SameNames = [.. tested.Select(one => one.Person).OfType<string>().Select(People.SpeakerOf).Intersect(heard.Select(People.SpeakerOf), StringComparer.Ordinal).Order(StringComparer.Ordinal)];
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
