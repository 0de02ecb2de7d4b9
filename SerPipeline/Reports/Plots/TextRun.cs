using HarfBuzzSharp;
using SkiaSharp;

namespace SerPipeline.Reports.Plots;

/// <summary>A stretch of text that one font draws.</summary>
/// <param name="Text">The stretch.</param>
/// <param name="Font">A font of this machine; null for <see cref="StrokeFont"/>.</param>
internal sealed record TextRun(string Text, SKTypeface? Font)
{
    // Skia's build without fontconfig finds no font by character, so the families are asked in turn: plain ones first.
    private static readonly Lazy<SKTypeface[]> Installed = new(() => [.. SKFontManager.Default.FontFamilies
        .OrderBy(name => name.Contains("Sans", StringComparison.Ordinal) ? 0 : 1).ThenBy(name => name, StringComparer.Ordinal)
        .Select(SKTypeface.FromFamilyName)]);

    private static readonly ConcurrentDictionary<Rune, SKTypeface?> Found = new();

    /// <summary>The names of the font families of this machine.</summary>
    public static IReadOnlyList<string> Families => [.. Installed.Value.Select(font => font.FamilyName)];

    /// <summary>Whether a font can draw a character.</summary>
    public static bool CanDraw(Rune rune) => IsOwn(rune) || FontOf(rune) is not null;

    /// <summary>Divides a text by the fonts that draw it; null when a character has none.</summary>
    public static IReadOnlyList<TextRun>? Divide(string text)
    {
        var runs = new List<TextRun>();
        Script script = Script.Common;
        foreach (Rune rune in text.EnumerateRunes())
        {
            SKTypeface? last = runs.Count == 0 ? null : runs[^1].Font;
            // Spaces, signs and marks stay with the word before them: words of scripts that run leftwards keep their order.
            SKTypeface? font = last is not null && !Rune.IsLetterOrDigit(rune) && (last.ContainsGlyph(rune.Value) || IsMark(rune)) ? last
                : IsOwn(rune) ? null : FontOf(rune);
            if (font is null && !IsOwn(rune)) return null;
            // Each script has a direction and rules of its own for joining letters.
            Script own = Rune.IsLetter(rune) && font is not null ? UnicodeFunctions.Default.GetScript((uint)rune.Value) : script;
            bool goesOn = runs.Count > 0 && ReferenceEquals(font, last) && own == script;
            script = own;
            if (goesOn) runs[^1] = runs[^1] with { Text = runs[^1].Text + rune };
            else runs.Add(new TextRun(rune.ToString(), font));
        }
        return runs;
    }

    private static bool IsOwn(Rune rune) => rune.IsBmp && StrokeFont.Has((char)rune.Value);

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
        or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.Format;

    private static SKTypeface? FontOf(Rune rune) => Found.GetOrAdd(rune, static wanted =>
        SKFontManager.Default.MatchCharacter(wanted.Value) ?? Installed.Value.FirstOrDefault(font => font.ContainsGlyph(wanted.Value)));
}
