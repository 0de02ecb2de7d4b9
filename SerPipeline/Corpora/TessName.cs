using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace SerPipeline.Corpora;

/// <summary>
/// The name of a TESS recording, such as <c>OAF_back_angry</c>: speaker, word, emotion (Pichora-Fuller and Dupuis 2020, "Toronto emotional speech set").
/// One file of the published set begins with <c>OA_</c> instead of <c>OAF_</c>; pleasant surprise is written <c>ps</c>.
/// </summary>
public sealed partial record TessName
{
    /// <summary><c>OAF</c>, the older actress, or <c>YAF</c>, the younger one.</summary>
    public required string Speaker { get; init; }

    /// <summary>The word spoken after "Say the word", in lower case.</summary>
    public required string Word { get; init; }

    /// <summary>The emotion as the file name writes it: a code of <see cref="LabelNames.Tess"/>.</summary>
    public required string NativeLabel { get; init; }

    /// <summary>One of <see cref="Emotions"/>.</summary>
    public string Emotion => LabelNames.ByCode(LabelNames.Tess, NativeLabel)!.Emotion;

    /// <summary>Both speakers are women.</summary>
    public string Sex { get; } = "female";

    /// <summary>The speaker's age when the set was recorded: 64 or 26 years.</summary>
    public int AgeYears => Speaker == "OAF" ? 64 : 26;

    /// <summary>The name as the corpus writes it, without extension.</summary>
    public override string ToString() => $"{Speaker}_{Word}_{NativeLabel}";

    /// <summary>Reads a file name.</summary>
    /// <param name="fileName">The name, with or without extension and folders, in any case.</param>
    /// <param name="name">What it says.</param>
    /// <param name="problem">What is wrong with it, when the answer is false.</param>
    /// <returns>Whether the name follows the scheme.</returns>
    public static bool TryParse(string fileName, [NotNullWhen(true)] out TessName? name, out string problem)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        name = null;
        string stem = Path.GetFileNameWithoutExtension(fileName.Replace('\\', '/'));
        Match match = Parts().Match(stem);
        if (!match.Success)
        {
            problem = $"expected speaker, word and emotion joined by '_', such as OAF_back_angry or YAF_dog_ps, got '{stem}'";
            return false;
        }
        if (LabelNames.ByCode(LabelNames.Tess, match.Groups["emotion"].Value) is not { } label)
        {
            problem = $"expected one of {LabelNames.Codes(LabelNames.Tess)} as the last part of the name, got '{match.Groups["emotion"].Value}'";
            return false;
        }
        problem = "";
        name = new TessName
        {
            Speaker = match.Groups["age"].Value is "O" or "o" ? "OAF" : "YAF",
            Word = match.Groups["word"].Value.ToLowerInvariant(),
            NativeLabel = label.Code,
        };
        return true;
    }

    // The F is missing from OA_bite_neutral.
    [GeneratedRegex("^(?<age>[OY])AF?_(?<word>[a-z]+)_(?<emotion>[a-z]+)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Parts();
}
