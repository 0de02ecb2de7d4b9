using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SerPipeline.Corpora;

/// <summary>
/// The name of a SAVEE recording: speaker, emotion, number (Haq and Jackson 2009). The published archive has a folder a speaker, <c>DC/a01</c>;
/// copies in one folder put the speaker before the name, <c>DC_a01</c>.
/// </summary>
public sealed partial record SaveeName
{
    /// <summary>The four speakers.</summary>
    public static IReadOnlyList<string> Speakers { get; } = ["DC", "JE", "JK", "KL"];

    /// <summary>One of <see cref="Speakers"/>.</summary>
    public required string Speaker { get; init; }

    /// <summary>The emotion as the file name writes it: a code of <see cref="LabelNames.Savee"/>.</summary>
    public required string NativeLabel { get; init; }

    /// <summary>Which sentence of the emotion: 1 to 15, for neutral to 30.</summary>
    public required int Number { get; init; }

    /// <summary>One of <see cref="Emotions"/>.</summary>
    public string Emotion => LabelNames.ByCode(LabelNames.Savee, NativeLabel)!.Emotion;

    /// <summary>All speakers are men.</summary>
    public string Sex { get; } = "male";

    /// <summary>The name with the speaker before it, without extension.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Speaker}_{NativeLabel}{Number:00}");

    /// <summary>Reads a file name.</summary>
    /// <param name="fileName">The name, with or without extension; with its folder where the folder names the speaker.</param>
    /// <param name="name">What it says.</param>
    /// <param name="problem">What is wrong with it, when the answer is false.</param>
    /// <returns>Whether the name follows the scheme.</returns>
    public static bool TryParse(string fileName, [NotNullWhen(true)] out SaveeName? name, out string problem)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        name = null;
        string path = fileName.Replace('\\', '/');
        string stem = Path.GetFileNameWithoutExtension(path);
        Match match = Parts().Match(stem);
        string folder = path.Split('/') is { Length: > 1 } parts ? parts[^2] : "";
        string speaker = match.Groups["speaker"] is { Success: true } inName ? inName.Value : folder;
        if (!match.Success)
            problem = $"expected speaker, emotion and number, such as DC_a01 or DC/su15, got '{stem}'";
        else if (!Speakers.Contains(speaker, StringComparer.OrdinalIgnoreCase))
            problem = $"expected one of the speakers {string.Join(", ", Speakers)} before the name or as its folder, got '{speaker}'";
        else
            problem = "";
        if (problem.Length > 0) return false;
        name = new SaveeName
        {
            Speaker = speaker.ToUpperInvariant(),
            NativeLabel = LabelNames.ByCode(LabelNames.Savee, match.Groups["emotion"].Value)!.Code,
            Number = int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture),
        };
        return true;
    }

    [GeneratedRegex("^((?<speaker>[A-Z]{2})_)?(?<emotion>sa|su|a|d|f|h|n)(?<number>[0-9]{2})$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Parts();
}
