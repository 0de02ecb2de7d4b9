using System.Collections.Frozen;

namespace SerPipeline.Corpora;

/// <summary>
/// Brings text to one Unicode form, so that composed and decomposed, full-width and plain spellings are equal. The runtime's own
/// normalisation does nothing where globalisation is invariant, as in this project's programs: the letters of Latin-1, Latin Extended-A,
/// Vietnamese, Cyrillic, Greek tonos, kana and Hangul are decomposed here, by the canonical decompositions of the Unicode Character
/// Database.
/// </summary>
internal static class ComposedLetters
{
    // The diacritic, the letters without it, and the letters with it.
    private static readonly (char Mark, string Plain, string Marked)[] Table =
    [
        ('\u0300', "AEIOUaeiouЕИеиÂâÊêÔôĂăƠơƯư", "ÀÈÌÒÙàèìòùЀЍѐѝẦầỀềỒồẰằỜờỪừ"),
        ('\u0301', "AEIOUYaeiouyCcLlNnRrSsZzГКгкÂâÊêÔôĂăƠơƯưΑΕΗΙΟΥΩαεηιουω",
            "ÁÉÍÓÚÝáéíóúýĆćĹĺŃńŔŕŚśŹźЃЌѓќẤấẾếỐốẮắỚớỨứΆΈΉΊΌΎΏάέήίόύώ"),
        ('\u0302', "AEIOUaeiouCcGgHhJjSsWwYyẠạẸẹỌọ", "ÂÊÎÔÛâêîôûĈĉĜĝĤĥĴĵŜŝŴŵŶŷẬậỆệỘộ"),
        ('\u0303', "ANOanoIiUuEeYyÂâÊêÔôĂăƠơƯư", "ÃÑÕãñõĨĩŨũẼẽỸỹẪẫỄễỖỗẴẵỠỡỮữ"),
        ('\u0304', "AaEeIiOoUu", "ĀāĒēĪīŌōŪū"),
        ('\u0306', "AaEeGgIiOoUuУИиуẠạ", "ĂăĔĕĞğĬĭŎŏŬŭЎЙйўẶặ"),
        ('\u0307', "CcEeGgIZz", "ĊċĖėĠġİŻż"),
        ('\u0308', "AEIOUaeiouyYЕІеі", "ÄËÏÖÜäëïöüÿŸЁЇёї"),
        ('\u0309', "AaEeIiOoUuYyÂâÊêÔôĂăƠơƯư", "ẢảẺẻỈỉỎỏỦủỶỷẨẩỂểỔổẲẳỞởỬử"),
        ('\u030A', "AaUu", "ÅåŮů"),
        ('\u030B', "OoUu", "ŐőŰű"),
        ('\u030C', "CcDdEeLlNnRrSsTtZz", "ČčĎďĚěĽľŇňŘřŠšŤťŽž"),
        ('\u031B', "OoUu", "ƠơƯư"),
        ('\u0323', "AaEeIiOoUuYyƠơƯư", "ẠạẸẹỊịỌọỤụỴỵỢợỰự"),
        ('\u0327', "CcGgKkLlNnRrSsTt", "ÇçĢģĶķĻļŅņŖŗŞşŢţ"),
        ('\u0328', "AaEeIiUu", "ĄąĘęĮįŲų"),
        ('\u3099', "かきくけこさしすせそたちつてとはひふへほうカキクケコサシスセソタチツテトハヒフヘホウ",
            "がぎぐげござじずぜぞだぢづでどばびぶべぼゔガギグゲゴザジズゼゾダヂヅデドバビブベボヴ"),
        ('\u309A', "はひふへほハヒフヘホ", "ぱぴぷぺぽパピプペポ"),
    ];

    private static readonly FrozenDictionary<char, string> Parts = Table
        .SelectMany(row => row.Plain.Zip(row.Marked, (plain, marked) => KeyValuePair.Create(marked, $"{plain}{row.Mark}")))
        .ToFrozenDictionary();

    // Hangul syllables are computed (The Unicode Standard, 3.12): lead, vowel and tail, 19 x 21 x 28 of them.
    private const int FirstSyllable = 0xAC00, Syllables = 11_172, Lead = 0x1100, Vowel = 0x1161, Tail = 0x11A7, Vowels = 21, Tails = 28;

    /// <summary>The text with every letter that has marks written as the letter and its marks.</summary>
    public static string Decompose(string text)
    {
        var decomposed = new StringBuilder(text.Length);
        foreach (char letter in text) Append(decomposed, letter);
        return decomposed.ToString();
    }

    /// <summary>
    /// The text as it is compared: decomposed, in capitals, with full-width letters as plain ones, one space for any white space, and
    /// nothing of what does not show (zero-width spaces, byte order marks, soft hyphens) or stands at the ends.
    /// </summary>
    public static string Fold(string text) => Decompose(Plain(text).ToUpperInvariant());

    /// <summary>The text as it looks: as it is compared, but for capital letters and the form of letters.</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (char letter in Normalized(text))
        {
            if (letter is '\u200B' or '\u200E' or '\u200F' or '\uFEFF' or '\u00AD' or '\u2060') continue;
            if (char.IsWhiteSpace(letter)) plain.Append(' ');
            else plain.Append(letter is >= '\uFF01' and <= '\uFF5E' ? (char)(letter - 0xFEE0) : letter);
        }
        return string.Join(' ', plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>A folded text without marks: <c>COLERE</c> of <c>Colère</c>.</summary>
    public static string WithoutMarks(string folded) => string.Concat(folded.Where(letter => letter is < '\u0300' or > '\u036F'));

    // Where globalisation is not invariant this also knows the compatibility forms of every script.
    private static string Normalized(string text)
    {
        try
        {
            return text.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            // Half a surrogate pair: compared as it is.
            return text;
        }
    }

    private static void Append(StringBuilder text, char letter)
    {
        if (letter - FirstSyllable is >= 0 and < Syllables and var index)
        {
            text.Append((char)(Lead + (index / (Vowels * Tails)))).Append((char)(Vowel + (index % (Vowels * Tails) / Tails)));
            if (index % Tails > 0) text.Append((char)(Tail + (index % Tails)));
        }
        else if (Parts.TryGetValue(letter, out string? parts))
        {
            // A letter with two marks is a letter with one and another.
            Append(text, parts[0]);
            text.Append(parts[1]);
        }
        else
        {
            text.Append(letter);
        }
    }
}
