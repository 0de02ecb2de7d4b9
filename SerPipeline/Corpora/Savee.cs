namespace SerPipeline.Corpora;

/// <summary>
/// SAVEE, whose published archive has a folder a speaker with files called after emotion and number, <c>DC/a01</c>; copies in one folder
/// put the speaker before the name, <c>DC_a01</c>.
/// </summary>
internal static partial class Savee
{
    private static readonly string[] Speakers = ["DC", "JE", "JK", "KL"];

    public static CorpusFacts Facts { get; } = CorpusFacts.Published("savee");

    public static ParsedClip? Read(string path, out string problem)
    {
        string stem = CorpusParsers.StemOf(path);
        Match match = Parts().Match(stem);
        string folder = path.Replace('\\', '/').Split('/') is { Length: > 1 } parts ? parts[^2] : "";
        string speaker = match.Groups["speaker"] is { Success: true } inName ? inName.Value : folder;
        problem = !match.Success ? $"expected speaker, emotion and number, such as DC_a01 or DC/su15, got '{stem}'"
            : Speakers.Contains(speaker, StringComparer.OrdinalIgnoreCase) ? ""
            : $"expected one of the speakers {string.Join(", ", Speakers)} before the name or as its folder, got '{speaker}'";
        if (problem.Length > 0) return null;
        LabelName label = Facts.LabelOf(match.Groups["emotion"].Value)!;
        string number = match.Groups["number"].Value;
        speaker = speaker.ToUpperInvariant();
        return new ParsedClip($"{speaker}_{label.Code}{number}", label, speaker, "male",
            ("statement", number.TrimStart('0').PadLeft(1, '0')));
    }

    [GeneratedRegex("^((?<speaker>[A-Z]{2})_)?(?<emotion>sa|su|a|d|f|h|n)(?<number>[0-9]{2})$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Parts();
}
