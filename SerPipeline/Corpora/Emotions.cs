namespace SerPipeline.Corpora;

/// <summary>
/// The emotion names that every corpus's own labels are mapped onto, so that corpora can be combined and compared. They are the eight of
/// RAVDESS (Livingstone and Russo 2018) and <c>bored</c>, which EMO-DB has besides. <see cref="CorpusFacts.LabelNames"/> tells what each
/// corpus calls them.
/// </summary>
public static class Emotions
{
    /// <summary>No emotion.</summary>
    public const string Neutral = "neutral";

    /// <summary>At ease; RAVDESS has it beside neutral.</summary>
    public const string Calm = "calm";

    /// <summary>Happiness, joy.</summary>
    public const string Happy = "happy";

    /// <summary>Sadness.</summary>
    public const string Sad = "sad";

    /// <summary>Anger.</summary>
    public const string Angry = "angry";

    /// <summary>Fear, anxiety.</summary>
    public const string Fearful = "fearful";

    /// <summary>Disgust.</summary>
    public const string Disgust = "disgust";

    /// <summary>Surprise; in TESS the pleasant one.</summary>
    public const string Surprised = "surprised";

    /// <summary>Boredom; EMO-DB alone has it.</summary>
    public const string Bored = "bored";

    /// <summary>All names, in the order reports use.</summary>
    public static IReadOnlyList<string> All { get; } = [Neutral, Calm, Happy, Sad, Angry, Fearful, Disgust, Surprised, Bored];

    /// <summary>Puts labels in the order reports use: those of the set first, then others in ordinal order; each once.</summary>
    /// <param name="labels">The labels, in any order.</param>
    public static IReadOnlyList<string> InOrder(IEnumerable<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var found = labels.ToHashSet();
        return [.. All.Where(found.Contains), .. found.Except(All).Order(StringComparer.Ordinal)];
    }
}
