namespace SerPipeline.Corpora;

/// <summary>
/// EmoV-DB, whose files are called <c>anger_1-28_0011</c>: emotion, range of sentences, sentence, in a folder named for the speaker,
/// <c>bea</c> or <c>bea_Anger</c>.
/// </summary>
internal static class EmovDb
{
    public static FileNameParser Parser { get; } = new(
        "(^|/)(Spk-)?(?<speaker>bea|jenie|josh|sam)[^/]*/(.+/)?(?<emotion>[a-z]+)_(?<range>[0-9]+-[0-9]+)_(?<statement>[0-9]{4})$")
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
        Facts = new CorpusFacts
        {
            Name = "emov-db",
            Title = "Emotional Voices Database (EmoV-DB)",
            Description = "Acted English; sentences of CMU Arctic, two women and two men, 6800 clips of five emotions in all (Adigwe et "
                + "al. 2018); josh has neither anger nor disgust. Not for commercial use.",
            Licence = "non-commercial research use",
            AllowsCommercialUse = false,
            Citation = "A. Adigwe, N. Tits, K. El Haddad, S. Ostadabbas, T. Dutoit (2018), The emotional voices database: towards "
                + "controlling the emotion dimension in voice generation systems, arXiv:1806.09514",
            Page = "https://github.com/numediart/EmoV-DB",
            Language = "English",
            LabelNames =
            [
                new("neutral", "neutral", Emotions.Neutral), new("anger", "anger", Emotions.Angry),
                new("disgust", "disgust", Emotions.Disgust), new("amused", "amused", "amused"), new("sleepiness", "sleepiness", "sleepy"),
            ],
            FolderNames = ["EmoV-DB", "EmoV-DB_sorted", "EmoVDB", "EmoV_DB"],
            Speakers = "emov-db",
        },
    };
}
