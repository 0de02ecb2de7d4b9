namespace SerPipeline.Corpora;

/// <summary>SUBESCO, whose files are called <c>F_01_OISHI_S_1_ANGRY_1</c>: sex, number and name of the speaker, sentence, emotion,
/// take.</summary>
internal static class Subesco
{
    public static FileNameParser Parser { get; } = new(
        "^(?<speaker>(?<sex>[FM])_[0-9]{2})_(?<name>[A-Z]+)_S_(?<statement>[0-9]+)_(?<emotion>[A-Z]+)_(?<repetition>[0-9]+)$")
    {
        Example = "F_01_OISHI_S_1_ANGRY_1.wav",
        Facts = new CorpusFacts
        {
            Name = "subesco",
            Title = "SUST Bangla Emotional Speech Corpus (SUBESCO)",
            Description = "Acted Bangla; ten sentences, twenty speakers, seven emotions, 7000 clips in all (Sultana et al. 2021).",
            Licence = "CC BY 4.0",
            AllowsCommercialUse = true,
            AllowsChangedCopies = true,
            Citation = "S. Sultana, M. S. Rahman, M. R. Selim, M. Z. Iqbal (2021), SUST Bangla Emotional Speech Corpus (SUBESCO): An "
                + "audio-only emotional speech corpus for Bangla, PLoS ONE 16(4): e0250173",
            Page = "https://zenodo.org/records/4526477",
            Language = "Bangla",
            LabelNames =
            [
                new("NEUTRAL", "neutral", Emotions.Neutral), new("HAPPY", "happiness", Emotions.Happy),
                new("SAD", "sadness", Emotions.Sad), new("ANGRY", "anger", Emotions.Angry), new("FEAR", "fear", Emotions.Fearful),
                new("DISGUST", "disgust", Emotions.Disgust), new("SURPRISE", "surprise", Emotions.Surprised),
            ],
            FolderNames = ["SUBESCO"],
            Speakers = "subesco",
        },
    };
}
