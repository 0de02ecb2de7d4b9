using System.Collections.Frozen;

namespace SerPipeline.Corpora;

/// <summary>
/// Takes letters with a mark apart, so that composed and decomposed spellings are equal: the letters of Latin-1, Latin Extended-A and Cyrillic, by the canonical
/// decompositions of the Unicode Character Database. The runtime's own normalisation does nothing where globalisation is invariant, as in this project's programs.
/// </summary>
internal static class ComposedLetters
{
    // The mark, the letters without it, and the letters with it.
    private static readonly (char Mark, string Plain, string Marked)[] Table =
    [
        ('\u0300', "AEIOUaeiouЕИеи", "ÀÈÌÒÙàèìòùЀЍѐѝ"),
        ('\u0301', "AEIOUYaeiouyCcLlNnRrSsZzГКгк", "ÁÉÍÓÚÝáéíóúýĆćĹĺŃńŔŕŚśŹźЃЌѓќ"),
        ('\u0302', "AEIOUaeiouCcGgHhJjSsWwYy", "ÂÊÎÔÛâêîôûĈĉĜĝĤĥĴĵŜŝŴŵŶŷ"),
        ('\u0303', "ANOanoIiUu", "ÃÑÕãñõĨĩŨũ"),
        ('\u0304', "AaEeIiOoUu", "ĀāĒēĪīŌōŪū"),
        ('\u0306', "AaEeGgIiOoUuУИиу", "ĂăĔĕĞğĬĭŎŏŬŭЎЙйў"),
        ('\u0307', "CcEeGgIZz", "ĊċĖėĠġİŻż"),
        ('\u0308', "AEIOUaeiouyYЕІеі", "ÄËÏÖÜäëïöüÿŸЁЇёї"),
        ('\u030A', "AaUu", "ÅåŮů"),
        ('\u030B', "OoUu", "ŐőŰű"),
        ('\u030C', "CcDdEeLlNnRrSsTtZz", "ČčĎďĚěĽľŇňŘřŠšŤťŽž"),
        ('\u0327', "CcGgKkLlNnRrSsTt", "ÇçĢģĶķĻļŅņŖŗŞşŢţ"),
        ('\u0328', "AaEeIiUu", "ĄąĘęĮįŲų"),
    ];

    private static readonly FrozenDictionary<char, string> Parts = Table
        .SelectMany(row => row.Plain.Zip(row.Marked, (plain, marked) => KeyValuePair.Create(marked, $"{plain}{row.Mark}"))).ToFrozenDictionary();

    /// <summary>The text with each such letter as its plain letter and its mark.</summary>
    /// <param name="text">The text.</param>
    public static string Decompose(string text) => string.Concat(text.Select(letter => Parts.GetValueOrDefault(letter) ?? letter.ToString()));
}
