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

    private static Dictionary<char, Glyph> Build()
    {
        var glyphs = new Dictionary<char, Glyph>();
        foreach ((char c, double advance, string path) in StrokeFontData.Glyphs) glyphs[c] = Parse(advance, path);
        foreach ((char c, char letter, string mark) in StrokeFontData.Accented)
        {
            Glyph plain = glyphs[letter];
            double rise = char.IsUpper(letter) ? 20 : 0;
            var strokes = new List<CanvasPoint[]>(plain.Strokes);
            // A mark replaces the dot of an i.
            if (letter == 'i') strokes.RemoveAt(strokes.Count - 1);
            foreach (CanvasPoint[] stroke in Parse(0, mark).Strokes)
                strokes.Add([.. stroke.Select(p => new CanvasPoint(p.X + (plain.Advance / 2), p.Y + rise))]);
            glyphs[c] = new Glyph(plain.Advance, strokes);
        }
        return glyphs;
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

/// <summary>
/// The characters of <see cref="StrokeFont"/>: printable ASCII, the signs that scientific labels use, and letters with common accents.
/// </summary>
internal static class StrokeFontData
{
    public static IReadOnlyList<(char Character, double Advance, string Path)> Glyphs { get; } =
    [
        (' ', 28, ""), ('!', 28, "14,70 14,21; 14,0 14,2"), ('"', 36, "12,70 12,50; 24,70 24,50"),
        ('#', 56, "20,70 12,0; 43,70 35,0; 6,46 52,46; 4,23 50,23"),
        ('$', 56, "(28,48.5,17,13.5,25,270) (28,21.5,18,13.5,90,-155); 28,76 28,-6"),
        ('%', 84, "(21,54,13,16,0,360); (63,16,13,16,0,360); 62,70 22,0"),
        ('&', 67, "62,0 20,47 (31,57,13,13,215,-45) (26,18,18,18,130,300) 58,32"),
        ('\'', 20, "10,70 10,50"), ('(', 33, "(40,27,28,56,130,230)"), (')', 33, "(-7,27,28,56,50,-50)"),
        ('*', 39, "19.5,70 19.5,42; 7,63 32,49; 32,63 7,49"), ('+', 58, "29,52 29,6; 6,29 52,29"),
        (',', 28, "15,2 15,-3 10,-14"), ('-', 33, "6,27 27,27"), ('.', 28, "14,0 14,2"), ('/', 28, "2,-6 26,74"),
        ('0', 56, "(28,35,19,35,0,360)"), ('1', 56, "13,57 32,70 32,0"), ('2', 56, "(27,51,18,19,165,-38) 8,0 48,0"),
        ('3', 56, "(27,53.5,16,16.5,150,-90) (27,18.5,19,18.5,90,-150)"), ('4', 56, "39,0 39,70 6,20 51,20"),
        ('5', 56, "45,70 15,70 12,37 (27,23,20,23,138,-148)"), ('6', 56, "43,70 (41,22,32,48,90,180); (28,22,19,22,0,360)"),
        ('7', 56, "8,70 48,70 22,0"), ('8', 56, "(28,53.5,16,16.5,0,360); (28,18.5,19,18.5,0,360)"),
        ('9', 56, "13,0 (15,48,32,48,270,360); (28,48,19,22,0,360)"),
        (':', 28, "14,0 14,2; 14,44 14,46"), (';', 28, "15,2 15,-3 10,-14; 14,44 14,46"), ('<', 58, "51,54 8,29 51,4"),
        ('=', 58, "7,39 51,39; 7,19 51,19"), ('>', 58, "7,54 50,29 7,4"), ('?', 54, "(27,52,17,18,165,-40) 27,28 27,20; 27,0 27,2"),
        ('@', 101, "66,47 66,17 (78,17,12,11,180,350) (50,26,42,44,-12,305); (49,27,17,20,0,360)"),
        ('A', 67, "5,0 33.5,70 62,0; 15,24 52,24"),
            ('B', 67, "10,37 10,70 36,70 (36,53.5,17,16.5,90,-90) 10,37 10,0 38,0 (38,18.5,19,18.5,-90,90)"),
        ('C', 72, "(38,35,29,35,48,312)"), ('D', 72, "10,0 10,70 32,70 (32,35,32,35,90,-90) 10,0"),
        ('E', 64, "56,70 10,70 10,0 57,0; 10,37 52,37"), ('F', 60, "55,70 10,70 10,0; 10,36 49,36"),
        ('G', 78, "(39,35,30,35,45,325) 67,18 67,33 43,33"), ('H', 72, "10,70 10,0; 62,70 62,0; 10,37 62,37"), ('I', 28, "14,70 14,0"),
        ('J', 50, "40,70 40,18 (24,18,16,18,360,185)"), ('K', 67, "10,70 10,0; 58,70 10,24; 27,40 61,0"), ('L', 56, "10,70 10,0 52,0"),
        ('M', 83, "10,0 10,70 41.5,10 73,70 73,0"), ('N', 72, "10,0 10,70 62,0 62,70"), ('O', 78, "(39,35,31,35,0,360)"),
        ('P', 66, "10,0 10,70 38,70 (38,51.5,20,18.5,90,-90) 10,33"), ('Q', 78, "(39,35,31,35,0,360); 48,16 70,-4"),
        ('R', 70, "10,0 10,70 38,70 (38,51.5,19,18.5,90,-90) 10,33; 38,33 61,0"),
        ('S', 66, "(33,52.5,22,17.5,25,270) (33,17.5,24,17.5,90,-155)"), ('T', 61, "4,70 57,70; 30.5,70 30.5,0"),
        ('U', 72, "10,70 10,26 (36,26,26,26,180,360) 62,70"), ('V', 66, "5,70 33,0 61,70"), ('W', 94, "5,70 24,0 47,66 70,0 89,70"),
        ('X', 66, "7,70 59,0; 59,70 7,0"), ('Y', 66, "5,70 33,33 61,70; 33,33 33,0"), ('Z', 61, "8,70 54,70 6,0 56,0"),
        ('[', 30, "24,76 12,76 12,-14 24,-14"), ('\\', 28, "2,74 26,-6"), (']', 30, "6,76 18,76 18,-14 6,-14"),
        ('^', 47, "8,40 23.5,68 39,40"), ('_', 56, "0,-14 56,-14"), ('`', 33, "10,70 20,58"),
        ('a', 56, "(27,34,17,16,155,0) 44,0; 44,29 24,29 (24,14.5,15,14.5,90,270) 28,0 (28,16,16,16,270,360)"),
        ('b', 56, "10,72 10,0; (29,25,19,25,0,360)"), ('c', 50, "(27,25,19,25,48,312)"), ('d', 56, "46,72 46,0; (27,25,19,25,0,360)"),
        ('e', 56, "9,26 47,26 (28,25,19,25,2,312)"), ('f', 30, "28,71 26,71 (26,58,11,13,90,180) 15,0; 4,50 27,50"),
        ('g', 56, "46,50 46,-4 (27,-4,19,16,360,205); (27,25,19,25,0,360)"), ('h', 56, "10,72 10,0; 10,32 (28,32,18,18,180,0) 46,0"),
        ('i', 23, "11.5,50 11.5,0; 11.5,66 11.5,69"), ('j', 23, "11.5,50 11.5,-8 (3.5,-8,8,12,360,270); 11.5,66 11.5,69"),
        ('k', 51, "10,72 10,0; 42,50 10,19; 21,30 45,0"), ('l', 23, "11.5,72 11.5,0"),
        ('m', 83, "10,50 10,0; 10,34 (26,34,16,16,180,0) 42,0; 42,34 (58,34,16,16,180,0) 74,0"),
        ('n', 56, "10,50 10,0; 10,32 (28,32,18,18,180,0) 46,0"), ('o', 56, "(28,25,20,25,0,360)"),
        ('p', 56, "10,50 10,-20; (29,25,19,25,0,360)"), ('q', 56, "46,50 46,-20; (27,25,19,25,0,360)"),
        ('r', 35, "10,50 10,0; 10,29 (29,29,19,21,180,80)"), ('s', 50, "(25,37.5,15,12.5,28,270) (25,12.5,17,12.5,90,-155)"),
        ('t', 30, "14,66 14,12 (25,12,11,12,180,280); 4,50 26,50"), ('u', 56, "10,50 10,18 (28,18,18,18,180,360) 46,50; 46,18 46,0"),
        ('v', 50, "6,50 25,0 44,50"), ('w', 74, "5,50 20,0 37,48 54,0 69,50"), ('x', 50, "7,50 43,0; 43,50 7,0"),
        ('y', 50, "6,50 25.5,1; 44,50 20,-14 (12,-12,8,8,345,270) 7,-20"), ('z', 50, "8,50 42,50 7,0 44,0"),
        ('{', 33, "28,76 (27,66,9,10,90,180) 18,40 9,31 18,22 18,-4 (27,-4,9,10,180,270)"), ('|', 26, "13,76 13,-16"),
        ('}', 33, "5,76 (6,66,9,10,90,0) 15,40 24,31 15,22 15,-4 (6,-4,9,10,360,270)"),
        ('~', 58, "8,24 (18.5,26,10.5,9,180,0) (39.5,26,10.5,9,180,360)"),
        ('±', 58, "29,58 29,18; 8,38 50,38; 8,4 50,4"), ('−', 58, "7,29 51,29"), ('–', 56, "4,27 52,27"), ('—', 100, "4,27 96,27"),
        ('×', 58, "12,46 46,12; 46,46 12,12"), ('°', 40, "(20,58,11,12,0,360)"),
            ('µ', 56, "10,50 10,-20; 10,18 (28,18,18,18,180,360) 46,50; 46,18 46,0"),
        ('·', 28, "14,28 14,30"), ('…', 100, "17,0 17,2; 50,0 50,2; 83,0 83,2"), ('≤', 58, "51,62 8,39 51,16; 8,2 51,2"),
        ('≥', 58, "7,62 50,39 7,16; 7,2 50,2"), ('Δ', 66, "6,0 33,70 60,0 6,0"),
            ('♯', 50, "17,62 17,0; 33,70 33,8; 8,42 42,50; 8,20 42,28"),
        ('ß', 58, "10,0 10,54 (26,54,16,18,180,-20) 30,40 (33,18,18,22,90,-125)"), ('²', 34, "(16,60,9,10,165,-38) 6,34 27,34"),
    ];

    private const string Diaeresis = "-10,64 -10,67; 10,64 10,67";
    private const string Acute = "-4,60 8,74";
    private const string Grave = "4,60 -8,74";
    private const string Circumflex = "-11,60 0,73 11,60";
    private const string Tilde = "-13,64 (-6.5,64,6.5,6,180,0) (6.5,64,6.5,6,180,360)";

    public static IReadOnlyList<(char Character, char Letter, string Mark)> Accented { get; } =
    [
        ('ä', 'a', Diaeresis), ('ë', 'e', Diaeresis), ('ï', 'i', Diaeresis), ('ö', 'o', Diaeresis), ('ü', 'u', Diaeresis),
        ('Ä', 'A', Diaeresis), ('Ö', 'O', Diaeresis), ('Ü', 'U', Diaeresis),
        ('á', 'a', Acute), ('é', 'e', Acute), ('í', 'i', Acute), ('ó', 'o', Acute), ('ú', 'u', Acute), ('É', 'E', Acute),
        ('à', 'a', Grave), ('è', 'e', Grave), ('ì', 'i', Grave), ('ò', 'o', Grave), ('ù', 'u', Grave),
        ('â', 'a', Circumflex), ('ê', 'e', Circumflex), ('î', 'i', Circumflex), ('ô', 'o', Circumflex), ('û', 'u', Circumflex),
        ('ã', 'a', Tilde), ('ñ', 'n', Tilde), ('õ', 'o', Tilde), ('ç', 'c', "2,0 0,-8 6,-14 -4,-18"),
    ];
}
