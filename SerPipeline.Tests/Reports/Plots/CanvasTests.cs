using System.Xml.Linq;
using SerPipeline.Features;
using SerPipeline.Reports.Plots;

namespace SerPipeline.Tests.Reports.Plots;

public class CanvasTests
{
    private static double Ink(RgbImage image) => Enumerable.Range(0, image.Pixels.Length / 3).Sum(i => (255 - image.Pixels[3 * i]) / 255.0);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void Level_and_upright_lines_fill_whole_pixels(double ratio, int thickness)
    {
        var canvas = new RasterCanvas(8, 6, Rgb.White, ratio);
        canvas.DrawLine(new(1, 3), new(5, 3), new Stroke(Rgb.Black));
        int black = 0;
        for (int y = 0; y < canvas.Image.Height; y++)
        {
            for (int x = 0; x < canvas.Image.Width; x++)
            {
                Rgb pixel = canvas.Image.GetPixel(y, x);
                Assert.True(pixel == Rgb.White || pixel == Rgb.Black, $"blurred at {x}, {y}");
                if (pixel == Rgb.Black) black++;
            }
        }
        Assert.Equal(4 * (int)ratio * thickness, black);
        Assert.Equal(Rgb.Black, canvas.Image.GetPixel((int)(3 * ratio), (int)ratio));
        Assert.Equal(Rgb.White, canvas.Image.GetPixel((int)(3 * ratio), (int)(5 * ratio)));
    }

    [Fact]
    public void Sloping_strokes_have_the_ink_of_their_area()
    {
        var canvas = new RasterCanvas(120, 120, Rgb.White);
        canvas.DrawPolyline([new(20, 20), new(100, 80)], new Stroke(Rgb.Black, 3));
        // Length 100 times width 3, and two half discs of radius 1.5 at the ends.
        double area = 300 + (Math.PI * 1.5 * 1.5);
        Assert.Equal(area, Ink(canvas.Image), area * 0.02);
    }

    [Fact]
    public void Joined_strokes_are_united_not_summed()
    {
        var whole = new RasterCanvas(60, 40, Rgb.White);
        whole.DrawPolyline([new(5, 5), new(50, 30)], new Stroke(Rgb.Black, 2));
        var joined = new RasterCanvas(60, 40, Rgb.White);
        joined.DrawPolyline([new(5, 5), new(14, 10), new(32, 20), new(50, 30)], new Stroke(Rgb.Black, 2));
        // The same straight line in pieces: every pixel the same, up to rounding of one level.
        for (int i = 0; i < whole.Image.Pixels.Length; i++) Assert.InRange(whole.Image.Pixels[i] - joined.Image.Pixels[i], -1, 1);
    }

    [Fact]
    public void Polygons_have_the_ink_of_their_area_and_opacity_scales_it()
    {
        CanvasPoint[] star = [new(10, 10), new(90, 20), new(70, 95), new(15, 70)];
        double area = Math.Abs(Enumerable.Range(0, 4).Sum(i => (star[i].X * star[(i + 1) % 4].Y) - (star[(i + 1) % 4].X * star[i].Y))) / 2;
        var full = new RasterCanvas(100, 100, Rgb.White);
        full.FillPolygon(star, Rgb.Black);
        Assert.Equal(area, Ink(full.Image), area * 0.003);
        var half = new RasterCanvas(100, 100, Rgb.White);
        half.FillPolygon(star, Rgb.Black, opacity: 0.5);
        Assert.Equal(area / 2, Ink(half.Image), area * 0.005);
    }

    [Fact]
    public void Rectangles_meet_without_seam_or_overlap()
    {
        var canvas = new RasterCanvas(10, 10, Rgb.White, 1.7);
        for (int i = 0; i < 7; i++) canvas.FillRectangle(i * 10 / 7.0, 0, 10 / 7.0, 10, Rgb.Black);
        Assert.All(canvas.Image.Pixels, p => Assert.Equal(0, p));
    }

    [Fact]
    public void Dashes_leave_half_of_a_line()
    {
        var level = new RasterCanvas(100, 10, Rgb.White);
        level.DrawLine(new(0, 5), new(100, 5), new Stroke(Rgb.Black, 1, 5));
        Assert.Equal(50, Ink(level.Image), 1e-9);
        var sloping = new RasterCanvas(100, 100, Rgb.White);
        sloping.DrawPolyline([new(10, 10), new(40, 50), new(70, 90)], new Stroke(Rgb.Black, 2, 10));
        // Five dashes of 10 by 2 with round ends.
        Assert.Equal(5 * (20 + Math.PI), Ink(sloping.Image), 2.0);
    }

    [Fact]
    public void Images_keep_sharp_pixels()
    {
        var image = new RgbImage(2, 2);
        image.SetPixel(0, 1, Palette.Blue);
        var canvas = new RasterCanvas(10, 10, Rgb.White);
        canvas.DrawImage(image, 2, 2, 6, 6);
        Assert.Equal(Rgb.White, canvas.Image.GetPixel(1, 5));
        Assert.Equal(Rgb.Black, canvas.Image.GetPixel(2, 4));
        Assert.Equal(Palette.Blue, canvas.Image.GetPixel(4, 5));
        Assert.Equal(Palette.Blue, canvas.Image.GetPixel(2, 7));
        Assert.Equal(Rgb.Black, canvas.Image.GetPixel(5, 7));
    }

    [Fact]
    public void Every_printable_character_has_its_own_shape_within_its_room()
    {
        var shapes = new HashSet<string>();
        for (char c = '!'; c <= '~'; c++)
        {
            Assert.True(StrokeFont.Has(c), $"no glyph for {c}");
            var canvas = new RasterCanvas(40, 40, Rgb.White);
            canvas.DrawText(new(6, 28), c.ToString(), new TextStyle(24, Rgb.Black));
            Assert.True(shapes.Add(Convert.ToHexString(canvas.Image.Pixels)), $"{c} looks like another character");
            foreach (CanvasPoint point in StrokeFont.Strokes(c).SelectMany(stroke => stroke))
            {
                Assert.InRange(point.X, 0, StrokeFont.Advance(c));
                Assert.InRange(point.Y, -22, 77);
            }
        }
        Assert.False(StrokeFont.Has('漢'));
    }

    [Theory]
    [InlineData(TextAnchor.Start, TextBaseline.Alphabetic, 50, 43)]
    [InlineData(TextAnchor.Middle, TextBaseline.Middle, 35, 46.5)]
    [InlineData(TextAnchor.End, TextBaseline.Top, 20, 50)]
    public void Anchors_place_text(TextAnchor anchor, TextBaseline baseline, double left, double top)
    {
        var canvas = new RasterCanvas(100, 100, Rgb.White);
        canvas.DrawText(new(50, 50), "HHHH", new TextStyle(10, Rgb.Black, anchor, baseline));
        // Four letters of advance 7.2 make 28.8; the ink begins one side bearing of 1 less half a stem later.
        var inked = Enumerable.Range(0, 100 * 100).Where(i => canvas.Image.Pixels[3 * i] < 128).ToArray();
        double expectedLeft = anchor switch { TextAnchor.Start => 50, TextAnchor.Middle => 50 - 14.4, _ => 50 - 28.8 };
        Assert.InRange(left, expectedLeft - 2, expectedLeft + 2);
        Assert.Equal(expectedLeft + 0.6, inked.Min(i => i % 100), 1.0);
        Assert.Equal(top, inked.Min(i => i / 100), 1.0);
    }

    [Fact]
    public void Svg_escapes_text_and_stays_well_formed()
    {
        const string hostile = "<&>\"' ]]> \u0001 \uD800 é ♯";
        var canvas = new SvgCanvas(100, 50, hostile);
        canvas.DrawText(new(1, 2), hostile, new TextStyle(12, Rgb.Black, Rotation: 90));
        canvas.DrawPolyline([new(1, 1)], new Stroke(Rgb.Black));
        canvas.DrawImage(new RgbImage(1, 1), 0, 0, 1, 1);
        XElement svg = XDocument.Parse(canvas.ToString()).Root!;
        string text = svg.Descendants().Single(e => e.Name.LocalName == "text").Value;
        Assert.Equal("<&>\"' ]]> \uFFFD \uFFFD é ♯", text);
        Assert.Equal("http://www.w3.org/2000/svg", svg.Name.NamespaceName);
        Assert.Equal("1,1 1,1", svg.Descendants().Single(e => e.Name.LocalName == "polyline").Attribute("points")!.Value);
    }

    [Fact]
    public void Only_theme_colours_follow_the_page()
    {
        var canvas = new SvgCanvas(10, 10, followPage: true);
        canvas.FillRectangle(0, 0, 10, 10, PlotTheme.Light.Paper);
        canvas.DrawText(new(1, 2), "white on a dark cell", new TextStyle(12, Rgb.White));
        XElement svg = XDocument.Parse(canvas.ToString()).Root!;
        Assert.Equal("ser-paper-f", svg.Descendants().Single(e => e.Name.LocalName == "rect").Attribute("class")!.Value);
        Assert.Null(svg.Descendants().Single(e => e.Name.LocalName == "text").Attribute("class"));
        Assert.Contains("prefers-color-scheme: dark", svg.Descendants().Single(e => e.Name.LocalName == "style").Value,
            StringComparison.Ordinal);
        Assert.Contains(".ser-paper-f{fill:" + PlotTheme.Dark.Paper.Color, svg.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Shortened_text_fits_and_says_so()
    {
        string shortened = TextMetrics.Shorten("a very long class name", 12, 60);
        Assert.EndsWith("…", shortened, StringComparison.Ordinal);
        Assert.InRange(TextMetrics.Width(shortened, 12), 30, 60);
        Assert.Equal("calm", TextMetrics.Shorten("calm", 12, 60));
    }
}
