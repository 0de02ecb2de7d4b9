namespace SerPipeline.Corpora;

/// <summary>
/// EmoV-DB, whose files are called <c>anger_1-28_0011</c>: emotion, range of sentences, sentence, in a folder named for the speaker,
/// <c>bea</c> or <c>bea_Anger</c>.
/// </summary>
internal static class EmovDb
{
    public static FileNameParser Parser { get; } = new(
        "(^|/)(Spk-)?(?<speaker>bea|jenie|josh|sam)([_-][^/]*)?/(.+/)?(?<emotion>[a-z]+)_(?<range>[0-9]+-[0-9]+)_(?<statement>[0-9]{4})$")
    {
        Example = "bea/anger_1-28_0011.wav",
        // Some of its folders write the word in another way.
        EmotionOf = value => value("emotion").ToLowerInvariant() switch
        {
            "angry" => "anger",
            "disgusted" => "disgust",
            "sleepy" => "sleepiness",
            string word => word,
        },
        SexOf = speaker => speaker.ToLowerInvariant() is "bea" or "jenie" ? "female" : "male",
        Facts = CorpusFacts.Published("emov-db"),
    };
}
