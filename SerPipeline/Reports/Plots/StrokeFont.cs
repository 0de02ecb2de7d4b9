using System.Globalization;

namespace SerPipeline.Reports.Plots;

/// <summary>
/// A font of centre lines drawn for this project, so that raster plots need no font file and no native library. Proportions follow common
/// sans-serif faces: capitals 70, small letters 50, descenders 20 units of an em of 100; y points upwards here.
/// </summary>
internal static class StrokeFont
{
    public const double UnitsPerEm = 100;

    // Around 7.5 degrees of arc a segment: no corner shows at font sizes up to about 60 pixels.
    private const double ArcStepDegrees = 7.5;
    private static readonly Dictionary<char, Glyph> Glyphs = Build();
    private static readonly Glyph Unknown = Parse(56, "10,0 10,70 46,70 46,0 10,0");

    /// <summary>The distance to the next character.</summary>
    public static double Advance(char c) => Find(c).Advance;

    /// <summary>The strokes of a character, each a list of points.</summary>
    public static IReadOnlyList<CanvasPoint[]> Strokes(char c) => Find(c).Strokes;

    /// <summary>Whether the font draws this character itself rather than the box for unknown ones.</summary>
    public static bool Has(char c) => Glyphs.ContainsKey(c);

    private static Glyph Find(char c) => Glyphs.GetValueOrDefault(c, Unknown);

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

    // Strokes are parted by ';'. Each is a list of 'x,y' points and '(cx,cy,rx,ry,from,to)' elliptic arcs in degrees, joined by straight lines.
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
