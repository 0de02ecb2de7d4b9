namespace SerPipeline.Corpora;

/// <summary>SUBESCO, whose files are called <c>F_01_OISHI_S_1_ANGRY_1</c>: sex, number and name of the speaker, sentence, emotion,
/// take.</summary>
internal static class Subesco
{
    public static FileNameParser Parser { get; } = new(
        "^(?<speaker>(?<sex>[FM])_[0-9]{2})_(?<name>[A-Z]+)_S_(?<statement>[0-9]+)_(?<emotion>[A-Z]+)_(?<repetition>[0-9]+)$")
    {
        Example = "F_01_OISHI_S_1_ANGRY_1.wav",
        Facts = CorpusFacts.Published("subesco"),
    };
}
