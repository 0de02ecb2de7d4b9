namespace SerPipeline.Corpora;

/// <summary>CaFE, whose files are called <c>01-C-2-1</c>: actor (odd ones are men), emotion, intensity, sentence.</summary>
internal static class Cafe
{
    public static FileNameParser Parser { get; } =
        new("^(?<speaker>0[1-9]|1[0-2])-(?<emotion>[A-Z])-(?<intensity>[12])-(?<statement>[1-6])$")
        {
            Example = "01-C-2-1.wav",
            Extensions = [.. FileNameParser.Wav, ".aif", ".aiff"],
            SexOf = actor => (actor[^1] - '0') % 2 == 1 ? "male" : "female",
            Facts = CorpusFacts.Published("cafe"),
        };
}
