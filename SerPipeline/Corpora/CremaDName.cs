using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SerPipeline.Corpora;

/// <summary>
/// The name of a CREMA-D recording, such as <c>1001_DFA_ANG_XX</c>: actor, sentence, emotion, level
/// (Cao et al. 2014, "CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset"). One file of the published set ends in <c>_X</c>, which is read as <c>_XX</c>.
/// </summary>
public sealed partial record CremaDName
{
    private const int FirstActor = 1001, LastActor = 1091;
    private static readonly string[] LevelCodes = ["LO", "MD", "HI", "XX"];
    private static readonly string[] LevelNames = ["low", "medium", "high", "unspecified"];

    /// <summary>The codes of the twelve sentences.</summary>
    public static IReadOnlyList<string> Sentences { get; } = ["IEO", "TIE", "IOM", "IWW", "TAI", "MTI", "IWL", "ITH", "DFA", "ITS", "TSI", "WSI"];

    /// <summary>The actor's number as the file name writes it: 1001 to 1091.</summary>
    public required string Speaker { get; init; }

    /// <summary>One of <see cref="Sentences"/>.</summary>
    public required string Sentence { get; init; }

    /// <summary>The emotion as the file name writes it: a code of <see cref="LabelNames.CremaD"/>.</summary>
    public required string NativeLabel { get; init; }

    /// <summary><c>low</c>, <c>medium</c>, <c>high</c> or <c>unspecified</c>.</summary>
    public required string Level { get; init; }

    /// <summary>One of <see cref="Emotions"/>.</summary>
    public string Emotion => LabelNames.ByCode(LabelNames.CremaD, NativeLabel)!.Emotion;

    /// <summary>The name as the corpus writes it, without extension.</summary>
    public override string ToString() => $"{Speaker}_{Sentence}_{NativeLabel}_{LevelCodes[Array.IndexOf(LevelNames, Level)]}";

    /// <summary>Reads a file name.</summary>
    /// <param name="fileName">The name, with or without extension and folders.</param>
    /// <param name="name">What it says.</param>
    /// <param name="problem">What is wrong with it, when the answer is false.</param>
    /// <returns>Whether the name follows the scheme.</returns>
    public static bool TryParse(string fileName, [NotNullWhen(true)] out CremaDName? name, out string problem)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        name = null;
        string stem = Path.GetFileNameWithoutExtension(fileName.Replace('\\', '/'));
        Match match = Parts().Match(stem);
        if (!match.Success)
        {
            problem = $"expected actor, sentence, emotion and level joined by '_', such as 1001_DFA_ANG_XX, got '{stem}'";
            return false;
        }
        string actor = match.Groups["actor"].Value, sentence = match.Groups["sentence"].Value, level = match.Groups["level"].Value;
        LabelName? label = LabelNames.ByCode(LabelNames.CremaD, match.Groups["emotion"].Value);
        int levelIndex = level == "X" ? LevelCodes.Length - 1 : Array.IndexOf(LevelCodes, level);
        if (int.Parse(actor, CultureInfo.InvariantCulture) is < FirstActor or > LastActor) problem = $"expected an actor between {FirstActor} and {LastActor}, got {actor}";
        else if (!Sentences.Contains(sentence)) problem = $"expected one of the sentences {string.Join(", ", Sentences)}, got {sentence}";
        else if (label is null) problem = $"expected one of the emotions {LabelNames.Codes(LabelNames.CremaD)}, got {match.Groups["emotion"].Value}";
        else if (levelIndex < 0) problem = $"expected one of the levels {string.Join(", ", LevelCodes)}, got {level}";
        else problem = "";
        if (problem.Length > 0 || label is null) return false;
        name = new CremaDName { Speaker = actor, Sentence = sentence, NativeLabel = label.Code, Level = LevelNames[levelIndex] };
        return true;
    }

    [GeneratedRegex("^(?<actor>[0-9]{4})_(?<sentence>[A-Z]{3})_(?<emotion>[A-Z]{3})_(?<level>[A-Z]{1,2})$", RegexOptions.CultureInvariant)]
    private static partial Regex Parts();
}
