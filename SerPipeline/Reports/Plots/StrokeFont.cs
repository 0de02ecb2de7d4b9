namespace SerPipeline.Reports.Plots;

/// <summary>
/// How much room text takes, the same for both canvases: advances of <see cref="StrokeFont"/>, which are close to Helvetica's.
/// </summary>
public static class TextMetrics
{
    /// <summary>The height of capital letters as a share of the font size.</summary>
    public const double CapHeight = 0.7;

    private const double BoldFactor = 1.07;

    /// <summary>The width of a text.</summary>
    /// <param name="text">One line.</param>
    /// <param name="size">The font size in canvas units.</param>
    /// <param name="bold">Whether it is bold.</param>
    public static double Width(string text, double size, bool bold = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        double units = 0;
        foreach (char c in text) units += StrokeFont.Advance(c);
        return units / StrokeFont.UnitsPerEm * size * (bold ? BoldFactor : 1);
    }

    /// <summary>The text, or its beginning and an ellipsis where it is wider than the room for it.</summary>
    /// <param name="text">One line.</param>
    /// <param name="size">The font size in canvas units.</param>
    /// <param name="room">The width there is.</param>
    public static string Shorten(string text, double size, double room)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Width(text, size) <= room) return text;
        int length = text.Length;
        while (length > 1 && Width(text[..length] + "…", size) > room) length--;
        return text[..length].TrimEnd() + "…";
    }

    /// <summary>The distance from the position given down to the line the letters stand on, as a share of the font size.</summary>
    internal static double BaselineShift(TextBaseline baseline) =>
        baseline switch { TextBaseline.Middle => CapHeight / 2, TextBaseline.Top => CapHeight, _ => 0 };

    internal static double BoldWidth(bool bold) => bold ? BoldFactor : 1;
}

/// <summary>
/// A font of centre lines drawn for this project, so that raster plots need no font file. Proportions follow common
/// sans-serif faces: capitals 70, small letters 50, descenders 20 units of an em of 100; y points upwards here.
/// </summary>
internal static class StrokeFont
{
    public const double UnitsPerEm = 100;

    // Around 7.5 degrees of arc a segment: no corner shows at font sizes up to about 60 pixels.
    private const double ArcStepDegrees = 7.5;
    private static readonly Dictionary<char, Glyph> Glyphs = Build();
    /// <summary>The distance to the next character; of one that another font draws, about that of common fonts.</summary>
    public static double Advance(char c) => Glyphs.TryGetValue(c, out Glyph? glyph) ? glyph.Advance : ForeignAdvance(c);

    /// <summary>The strokes of a character, each a list of points; it must be one of the font's.</summary>
    public static IReadOnlyList<CanvasPoint[]> Strokes(char c) => Glyphs[c].Strokes;

    /// <summary>Whether the font has this character.</summary>
    public static bool Has(char c) => Glyphs.ContainsKey(c);

    // Chinese, Japanese and Korean letters and emoji, which are two chars, are as wide as they are high; marks stand on other letters.
    private static double ForeignAdvance(char c) => char.IsLowSurrogate(c) ? 0
        : c is (>= '\u1100' and <= '\u115F') or (>= '\u2E80' and <= '\uA4CF') or (>= '\uAC00' and <= '\uDBFF')
            or (>= '\uF900' and <= '\uFAFF') or (>= '\uFE30' and <= '\uFE6F') or (>= '\uFF00' and <= '\uFF60') ? UnitsPerEm
        : char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.Format ? 0 : 62;

    // strokes.txt has a line a character: its advance and strokes, or, for a letter with an accent, the letter and the accent's strokes.
    private static Dictionary<char, Glyph> Build()
    {
        var glyphs = new Dictionary<char, Glyph>();
        using var lines = new StreamReader(typeof(StrokeFont).Assembly.GetManifestResourceStream(typeof(StrokeFont), "strokes.txt")!);
        while (lines.ReadLine() is { } line)
        {
            string[] parts = line[2..].Split(' ', 2);
            string path = parts.ElementAtOrDefault(1) ?? "";
            glyphs[line[0]] = char.IsDigit(parts[0][0]) ? Parse(double.Parse(parts[0], CultureInfo.InvariantCulture), path)
                : Accented(glyphs[parts[0][0]], parts[0][0], path);
        }
        return glyphs;
    }

    private static Glyph Accented(Glyph plain, char letter, string accent)
    {
        double rise = char.IsUpper(letter) ? 20 : 0;
        IEnumerable<CanvasPoint[]> above = Parse(0, accent).Strokes.Select(stroke =>
            stroke.Select(p => new CanvasPoint(p.X + (plain.Advance / 2), p.Y + rise)).ToArray());
        // An accent replaces the dot of an i.
        return plain with { Strokes = [.. letter == 'i' ? plain.Strokes.SkipLast(1) : plain.Strokes, .. above] };
    }

    // Strokes are parted by ';'. Each is a list of 'x,y' points and
    // '(cx,cy,rx,ry,from,to)' elliptic arcs in degrees, joined by straight lines.
    private static Glyph Parse(double advance, string path)
    {
        var strokes = new List<CanvasPoint[]>();
        foreach (string part in path.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var points = new List<CanvasPoint>();
            foreach (string token in part.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                double[] n = [.. token.Trim('(', ')').Split(',').Select(t => double.Parse(t, CultureInfo.InvariantCulture))];
                if (n.Length == 2) points.Add(new CanvasPoint(n[0], n[1]));
                else AddArc(points, n);
            }
            strokes.Add([.. points]);
        }
        return new Glyph(advance, strokes);
    }

    private static void AddArc(List<CanvasPoint> points, double[] arc)
    {
        double from = arc[4], to = arc[5];
        int steps = Math.Max(2, (int)Math.Ceiling(Math.Abs(to - from) / ArcStepDegrees));
        for (int i = 0; i <= steps; i++)
        {
            (double sin, double cos) = Math.SinCos((from + ((to - from) * i / steps)) * Math.PI / 180);
            points.Add(new CanvasPoint(arc[0] + (arc[2] * cos), arc[1] + (arc[3] * sin)));
        }
    }

    private sealed record Glyph(double Advance, IReadOnlyList<CanvasPoint[]> Strokes);
}
