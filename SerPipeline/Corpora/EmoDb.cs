namespace SerPipeline.Corpora;

/// <summary>EMO-DB, whose files are called <c>03a01Fa</c>: speaker, text, emotion (the first letter of the German word), version.</summary>
internal static partial class EmoDb
{
    private static readonly string[] Men = ["03", "10", "11", "12", "15"], Women = ["08", "09", "13", "14", "16"];

    public static CorpusFacts Facts { get; } = CorpusFacts.Published("emodb");

    public static ParsedClip? Read(string path, out string problem)
    {
        string stem = CorpusParsers.StemOf(path);
        Match match = Parts().Match(stem);
        string speaker = match.Groups["speaker"].Value, emotion = match.Groups["emotion"].Value;
        bool isSpeaker = Men.Contains(speaker) || Women.Contains(speaker);
        problem = !match.Success ? $"expected speaker, text, emotion and version, such as 03a01Fa, got '{stem}'"
            : isSpeaker ? $"expected one of the letters {Facts.LabelCodes} (character 6), got '{emotion}'"
            : $"expected one of the speakers {string.Join(", ", Men.Concat(Women).Order(StringComparer.Ordinal))} (digits 1 and 2), got "
            + $"{speaker}";
        if (!isSpeaker || Facts.LabelOf(emotion) is not { } label) return null;
        problem = "";
        return new ParsedClip(stem, label, speaker, Men.Contains(speaker) ? "male" : "female",
            ("statement", match.Groups["text"].Value), ("version", match.Groups["version"].Value));
    }

    [GeneratedRegex("^(?<speaker>[0-9]{2})(?<text>[ab][0-9]{2})(?<emotion>[A-Z])(?<version>[a-z]?)$", RegexOptions.CultureInvariant)]
    private static partial Regex Parts();
}
