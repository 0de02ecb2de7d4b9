namespace SerPipeline.Corpora;

/// <summary>
/// ESD, whose files are called <c>0011_000351</c>: speaker and utterance, 350 of each emotion one after another. They lie in folders named
/// for speaker and emotion, which in some copies have <c>train</c>, <c>evaluation</c> and <c>test</c> below them.
/// </summary>
internal static class Esd
{
    private const int UtterancesOfAnEmotion = 350;
    private static readonly string[] Order = ["Neutral", "Angry", "Happy", "Sad", "Surprise"];
    private static readonly string[] Men = ["0004", "0005", "0006", "0008", "0010", "0011", "0012", "0013", "0014", "0020"];

    public static FileNameParser Parser { get; } =
        new("(^|/)((?<split>train|evaluation|test)/)?(?<speaker>00(0[1-9]|1[0-9]|20))_(?<utterance>[0-9]{6})$")
        {
            Example = "0011/Angry/0011_000351.wav",
            SexOf = speaker => Men.Contains(speaker) ? "male" : "female",
            // The folders' names differ between copies and languages; the utterance's number does not.
            EmotionOf = value => int.Parse(value("utterance"), CultureInfo.InvariantCulture) is >= 1 and var number
                && (number - 1) / UtterancesOfAnEmotion < Order.Length ? Order[(number - 1) / UtterancesOfAnEmotion] : value("utterance"),
            Facts = new CorpusFacts
            {
                Name = "esd",
                Title = "Emotional Speech Dataset (ESD)",
                Description = "Acted English (speakers 0011 to 0020) and Mandarin (0001 to 0010); 350 sentences a speaker, five emotions, "
                + "35,000 clips in all (Zhou et al. 2021). For research.",
                Licence = "free for research use",
                AllowsCommercialUse = false,
                Citation = "K. Zhou, B. Sisman, R. Liu, H. Li (2021), Seen and unseen emotional style transfer for voice conversion with "
                + "a new emotional speech dataset, ICASSP, 920-924",
                Page = "https://github.com/HLTSingapore/Emotional-Speech-Data",
                Language = "English and Mandarin",
                LabelNames =
            [
                new("Neutral", "neutral", Emotions.Neutral), new("Happy", "happy", Emotions.Happy), new("Sad", "sad", Emotions.Sad),
                new("Angry", "angry", Emotions.Angry), new("Surprise", "surprise", Emotions.Surprised),
            ],
                FolderNames = ["ESD", "Emotional Speech Dataset (ESD)", "Emotion Speech Dataset"],
                Speakers = "esd",
            },
        };
}
