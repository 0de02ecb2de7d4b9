namespace SerPipeline.Corpora;

/// <summary>
/// TESS, whose files are called <c>OAF_back_angry</c>: speaker, word, emotion. One file of the published set begins with <c>OA_</c> instead
/// of <c>OAF_</c>; pleasant surprise is written <c>ps</c>.
/// </summary>
internal static partial class Tess
{
    public static CorpusFacts Facts { get; } = CorpusFacts.Published("tess");

    public static ParsedClip? Read(string path, out string problem)
    {
        string stem = CorpusParsers.StemOf(path);
        Match match = Parts().Match(stem);
        string emotion = match.Groups["emotion"].Value, word = match.Groups["word"].Value.ToLowerInvariant();
        problem = match.Success ? $"expected one of {Facts.LabelCodes} as the last part of the name, got '{emotion}'"
            : $"expected speaker, word and emotion joined by '_', such as OAF_back_angry or YAF_dog_ps, got '{stem}'";
        if (Facts.LabelOf(emotion) is not { } label) return null;
        problem = "";
        (string speaker, string age) = match.Groups["age"].Value is "O" or "o" ? ("OAF", "64") : ("YAF", "26");
        return new ParsedClip($"{speaker}_{word}_{label.Code}", label, speaker, "female", ("word", word), ("age", age));
    }

    // The F is missing from OA_bite_neutral.
    [GeneratedRegex("^(?<age>[OY])AF?_(?<word>[a-z]+)_(?<emotion>[a-z]+)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Parts();
}
