using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace SerPipeline.Corpora;

/// <summary>
/// The name of an EMO-DB recording, such as <c>03a01Fa</c>: speaker, text, emotion, version (Burkhardt et al. 2005, "A database of German emotional speech").
/// </summary>
public sealed partial record EmoDbName
{
    private static readonly Dictionary<string, string> Sexes = new(StringComparer.Ordinal)
    {
        ["03"] = "male",
        ["08"] = "female",
        ["09"] = "female",
        ["10"] = "male",
        ["11"] = "male",
        ["12"] = "male",
        ["13"] = "female",
        ["14"] = "female",
        ["15"] = "male",
        ["16"] = "female",
    };

    /// <summary>The ten speakers.</summary>
    public static IReadOnlyList<string> Speakers { get; } = [.. Sexes.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The speaker's number as the file name writes it: two digits.</summary>
    public required string Speaker { get; init; }

    /// <summary>Which of the ten sentences: <c>a01</c>, <c>a02</c>, <c>a04</c>, <c>a05</c>, <c>a07</c>, <c>b01</c>, <c>b02</c>, <c>b03</c>, <c>b09</c>, <c>b10</c>.</summary>
    public required string Text { get; init; }

    /// <summary>The letter of the emotion: a code of <see cref="LabelNames.EmoDb"/>.</summary>
    public required string NativeLabel { get; init; }

    /// <summary>Which take, a letter from <c>a</c>; empty where the name has none.</summary>
    public required string Version { get; init; }

    /// <summary>One of <see cref="Emotions"/>.</summary>
    public string Emotion => LabelNames.ByCode(LabelNames.EmoDb, NativeLabel)!.Emotion;

    /// <summary><c>male</c> or <c>female</c>, as published for each speaker.</summary>
    public string Sex => Sexes[Speaker];

    /// <summary>The name as the corpus writes it, without extension.</summary>
    public override string ToString() => $"{Speaker}{Text}{NativeLabel}{Version}";

    /// <summary>Reads a file name.</summary>
    /// <param name="fileName">The name, with or without extension and folders.</param>
    /// <param name="name">What it says.</param>
    /// <param name="problem">What is wrong with it, when the answer is false.</param>
    /// <returns>Whether the name follows the scheme.</returns>
    public static bool TryParse(string fileName, [NotNullWhen(true)] out EmoDbName? name, out string problem)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        name = null;
        string stem = Path.GetFileNameWithoutExtension(fileName.Replace('\\', '/'));
        Match match = Parts().Match(stem);
        if (!match.Success)
        {
            problem = $"expected speaker, text, emotion and version, such as 03a01Fa, got '{stem}'";
            return false;
        }
        string speaker = match.Groups["speaker"].Value;
        LabelName? label = LabelNames.ByCode(LabelNames.EmoDb, match.Groups["emotion"].Value);
        if (!Sexes.ContainsKey(speaker)) problem = $"expected one of the speakers {string.Join(", ", Speakers)} (digits 1 and 2), got {speaker}";
        else if (label is null) problem = $"expected one of the letters {LabelNames.Codes(LabelNames.EmoDb)} (character 6), got '{match.Groups["emotion"].Value}'";
        else problem = "";
        if (problem.Length > 0 || label is null) return false;
        name = new EmoDbName
        {
            Speaker = speaker,
            Text = match.Groups["text"].Value,
            NativeLabel = label.Code,
            Version = match.Groups["version"].Value,
        };
        return true;
    }

    [GeneratedRegex("^(?<speaker>[0-9]{2})(?<text>[ab][0-9]{2})(?<emotion>[A-Z])(?<version>[a-z]?)$", RegexOptions.CultureInvariant)]
    private static partial Regex Parts();
}
