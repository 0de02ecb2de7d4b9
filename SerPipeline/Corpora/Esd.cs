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
            Facts = CorpusFacts.Published("esd"),
        };
}
