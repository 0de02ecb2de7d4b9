using System.Xml.Linq;
using SerPipeline.Features;
using SerPipeline.Reports.Plots;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Reports.Plots;

public class CanvasTests
{
    private static double Ink(RgbImage image) => Enumerable.Range(0, image.Pixels.Length / 3).Sum(i => (255 - image.Pixels[3 * i]) / 255.0);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void Level_and_upright_lines_fill_whole_pixels(double ratio, int thickness)
    {
        using var canvas = new RasterCanvas(8, 6, Rgb.White, ratio);
        canvas.DrawLine(new(1, 3), new(5, 3), new Stroke(Rgb.Black));
        int black = 0;
        RgbImage image = canvas.ToImage();
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                Rgb pixel = image.GetPixel(y, x);
                Assert.True(pixel == Rgb.White || pixel == Rgb.Black, $"blurred at {x}, {y}");
                if (pixel == Rgb.Black) black++;
            }
        }
        Assert.Equal(4 * (int)ratio * thickness, black);
        Assert.Equal(Rgb.Black, canvas.ToImage().GetPixel((int)(3 * ratio), (int)ratio));
        Assert.Equal(Rgb.White, canvas.ToImage().GetPixel((int)(3 * ratio), (int)(5 * ratio)));
    }

    [Fact]
    public void Sloping_strokes_have_the_ink_of_their_area()
    {
        using var canvas = new RasterCanvas(120, 120, Rgb.White);
        canvas.DrawPolyline([new(20, 20), new(100, 80)], new Stroke(Rgb.Black, 3));
        // Length 100 times width 3, and two half discs of radius 1.5 at the ends.
        double area = 300 + (Math.PI * 1.5 * 1.5);
        // Skia rounds the coverage of narrow strokes.
        Assert.Equal(area, Ink(canvas.ToImage()), area * 0.04);
    }

    [Fact]
    public void Joined_strokes_are_united_not_summed()
    {
        using var whole = new RasterCanvas(60, 40, Rgb.White);
        whole.DrawPolyline([new(5, 5), new(50, 30)], new Stroke(Rgb.Black, 2));
        using var joined = new RasterCanvas(60, 40, Rgb.White);
        joined.DrawPolyline([new(5, 5), new(14, 10), new(32, 20), new(50, 30)], new Stroke(Rgb.Black, 2));
        // The same straight line in pieces has no more ink: discs at the joins would be darker.
        Assert.InRange(Ink(joined.ToImage()), 0.85 * Ink(whole.ToImage()), 1.02 * Ink(whole.ToImage()));
    }

    [Fact]
    public void Polygons_have_the_ink_of_their_area_and_opacity_scales_it()
    {
        CanvasPoint[] star = [new(10, 10), new(90, 20), new(70, 95), new(15, 70)];
        double area = Math.Abs(Enumerable.Range(0, 4).Sum(i => (star[i].X * star[(i + 1) % 4].Y) - (star[(i + 1) % 4].X * star[i].Y))) / 2;
        using var full = new RasterCanvas(100, 100, Rgb.White);
        full.FillPolygon(star, Rgb.Black);
        Assert.Equal(area, Ink(full.ToImage()), area * 0.003);
        using var half = new RasterCanvas(100, 100, Rgb.White);
        half.FillPolygon(star, Rgb.Black, opacity: 0.5);
        Assert.Equal(area / 2, Ink(half.ToImage()), area * 0.005);
    }

    [Fact]
    public void Rectangles_meet_without_seam_or_overlap()
    {
        using var canvas = new RasterCanvas(10, 10, Rgb.White, 1.7);
        for (int i = 0; i < 7; i++) canvas.FillRectangle(i * 10 / 7.0, 0, 10 / 7.0, 10, Rgb.Black);
        Assert.All(canvas.ToImage().Pixels, p => Assert.Equal(0, p));
    }

    [Fact]
    public void Dashes_leave_half_of_a_line()
    {
        using var level = new RasterCanvas(100, 10, Rgb.White);
        level.DrawLine(new(0, 5), new(100, 5), new Stroke(Rgb.Black, 1, 5));
        Assert.Equal(50, Ink(level.ToImage()), 1e-9);
        using var sloping = new RasterCanvas(100, 100, Rgb.White);
        sloping.DrawPolyline([new(10, 10), new(40, 50), new(70, 90)], new Stroke(Rgb.Black, 2, 10));
        // Five dashes of 10 by 2 with round ends.
        Assert.Equal(5 * (20 + Math.PI), Ink(sloping.ToImage()), 10.0);
    }

    [Fact]
    public void Images_keep_sharp_pixels()
    {
        var image = new RgbImage(2, 2);
        image.SetPixel(0, 1, Palette.Blue);
        using var canvas = new RasterCanvas(10, 10, Rgb.White);
        canvas.DrawImage(image, 2, 2, 6, 6);
        Assert.Equal(Rgb.White, canvas.ToImage().GetPixel(1, 5));
        Assert.Equal(Rgb.Black, canvas.ToImage().GetPixel(2, 4));
        Assert.Equal(Palette.Blue, canvas.ToImage().GetPixel(4, 5));
        Assert.Equal(Palette.Blue, canvas.ToImage().GetPixel(2, 7));
        Assert.Equal(Rgb.Black, canvas.ToImage().GetPixel(5, 7));
    }

    [Fact]
    public void Every_printable_character_has_its_own_shape_within_its_room()
    {
        var shapes = new HashSet<string>();
        for (char c = '!'; c <= '~'; c++)
        {
            Assert.True(StrokeFont.Has(c), $"no glyph for {c}");
            using var canvas = new RasterCanvas(40, 40, Rgb.White);
            canvas.DrawText(new(6, 28), c.ToString(), new TextStyle(24, Rgb.Black));
            Assert.True(shapes.Add(Convert.ToHexString(canvas.ToImage().Pixels)), $"{c} looks like another character");
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
        using var canvas = new RasterCanvas(100, 100, Rgb.White);
        canvas.DrawText(new(50, 50), "HHHH", new TextStyle(10, Rgb.Black, anchor, baseline));
        // Four letters of advance 7.2 make 28.8; the ink begins one side bearing of 1 less half a stem later.
        byte[] pixels = canvas.ToImage().Pixels;
        int[] inked = [.. Enumerable.Range(0, 100 * 100).Where(i => pixels[3 * i] < 128)];
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

    [Theory]
    [InlineData("Сердитый")]
    [InlineData("غاضب جدا")]
    [InlineData("生气")]
    [InlineData("क्रोध")]
    [InlineData("angry 生气")]
    public void A_text_of_another_script_is_drawn_by_a_font_or_numbered(string text)
    {
        bool drawable = TextRun.Divide(text) is not null;
        using var canvas = new RasterCanvas(200, 40, Rgb.White, 2);
        canvas.DrawText(new(10, 25), text, new TextStyle(14, Rgb.Black));
        Assert.Equal(drawable ? [] : [text], canvas.Numbered);
        byte[] pixels = canvas.ToImage().Pixels;
        int[] columns = [.. Enumerable.Range(0, 400).Where(x => Enumerable.Range(0, 80).Any(y => pixels[3 * ((y * 400) + x)] < 128))];
        // Neither empty nor beyond the room that the layout keeps.
        Assert.NotEmpty(columns);
        Assert.InRange(columns[^1], columns[0] + 10, 20 + (2 * TextMetrics.Width(text, 14)) + 4);
    }

    [Fact]
    public void A_name_that_no_font_can_show_is_a_number_and_its_legend_lies_beside_the_file()
    {
        // Of the supplementary private use area, which no font has letters for.
        const string first = "\U000F1234", second = "\U000F4321\U000F1234";
        using var folder = new TemporaryFolder();
        var plot = new BarChart([first, "calm", second], [new("", [1, 2, 3])], new() { Width = 400, Height = 200 });
        plot.SavePng(folder.File("bars.png"));
        Assert.Equal($"#1\t{first}\n#2\t{second}\n", File.ReadAllText(folder.File("bars.labels.txt")));
        // A line below the plot says so.
        Assert.Equal((200 + (2 * 12)) * 2, plot.ToImage().Height);
        Assert.Contains(first, plot.ToSvg(), StringComparison.Ordinal);
        new BarChart(["angry", "calm"], [new("", [1, 2])]).SavePng(folder.File("bars.png"));
        Assert.False(File.Exists(folder.File("bars.labels.txt")), "a legend of a figure that is gone");
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
