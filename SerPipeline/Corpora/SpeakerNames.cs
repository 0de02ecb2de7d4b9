using System.Text.RegularExpressions;

namespace SerPipeline.Corpora;

/// <summary>Tells speakers that are written differently from speakers that are different.</summary>
internal static partial class SpeakerNames
{
    /// <summary>What stays of a name without capital letters, leading zeros and composed letters: <c>03</c> and <c>3</c>, <c>Anna</c> and <c>anna</c> are alike.</summary>
    /// <param name="speaker">The name; a corpus's name before its last <c>/</c> stays as it is, because different corpora have different people.</param>
    public static string Key(string speaker)
    {
        int own = speaker.LastIndexOf('/') + 1;
        string folded = ComposedLetters.Decompose(speaker[own..].Trim().ToUpperInvariant());
        return speaker[..own] + LeadingZeros().Replace(folded, "");
    }

    /// <summary>The names that are alike without being equal, each group in ordinal order.</summary>
    /// <param name="speakers">The names.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Alike(IEnumerable<string> speakers) =>
        [.. speakers.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).GroupBy(Key, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.ToArray())];

    /// <summary>The names of a group, told apart where they print alike.</summary>
    /// <param name="alike">The names.</param>
    public static string Shown(IReadOnlyList<string> alike)
    {
        // Composed and decomposed letters look the same on paper.
        bool printAlike = alike.Select(ComposedLetters.Decompose).Distinct(StringComparer.Ordinal).Count() < alike.Count;
        return string.Join(" and ", alike.Select(name => printAlike ? $"'{name}' ({Codes(name)})" : $"'{name}'"));
    }

    /// <summary>Requires that no two of the speakers are one person written in two ways.</summary>
    /// <param name="speakers">The names.</param>
    /// <param name="purpose">What needs them told apart, for the message.</param>
    /// <exception cref="CorpusException">Some are alike.</exception>
    public static void RequireOneSpelling(IEnumerable<string> speakers, string purpose)
    {
        IReadOnlyList<IReadOnlyList<string>> alike = Alike(speakers);
        if (alike.Count == 0) return;
        throw new CorpusException($"{purpose} keeps speakers apart by name, but these names seem to be the same people, written differently: {string.Join("; ", alike.Select(Shown))}. "
            + "Write each speaker in one way; give people who do differ names that differ in more than capital letters, leading zeros or the Unicode form of letters; or use the random protocol.");
    }

    private static string Codes(string name) => string.Join(' ', name.EnumerateRunes().Select(rune => $"U+{rune.Value:X4}"));

    [GeneratedRegex(@"(?<![0-9])0+(?=[0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex LeadingZeros();
}
