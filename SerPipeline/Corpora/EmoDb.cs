namespace SerPipeline.Corpora;

/// <summary>EMO-DB, whose files are called <c>03a01Fa</c>: speaker, text, emotion (the first letter of the German word), version.</summary>
internal static partial class EmoDb
{
    private static readonly string[] Men = ["03", "10", "11", "12", "15"], Women = ["08", "09", "13", "14", "16"];

    public static CorpusFacts Facts { get; } = new()
    {
        Name = "emodb",
        Title = "Berlin Database of Emotional Speech (EMO-DB)",
        Description = "Acted German; ten sentences, ten speakers, 535 clips in all, chosen among more because listeners recognised them "
            + "(Burkhardt et al. 2005).",
        Licence = "free to use, cite the authors; the copy on Zenodo is CC BY 4.0",
        Citation = "F. Burkhardt, A. Paeschke, M. Rolfes, W. Sendlmeier, B. Weiss (2005), A database of German emotional speech, "
            + "Interspeech, 1517-1520",
        Page = "http://emodb.bilderbar.info",
        Language = "German",
        People = new HumanRecognition(0.86, "listening test of Burkhardt et al. (2005) on the clips published, which were chosen by it"),
        LabelNames =
        [
            new("N", "neutral", Emotions.Neutral), new("F", "Freude", Emotions.Happy), new("T", "Trauer", Emotions.Sad),
            new("W", "Ärger (Wut)", Emotions.Angry), new("A", "Angst", Emotions.Fearful), new("E", "Ekel", Emotions.Disgust),
            new("L", "Langeweile", Emotions.Bored),
        ],
        FolderNames = ["EMO-DB", "EmoDB", "EMO_DB"],
        Speakers = "emodb",
    };

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
