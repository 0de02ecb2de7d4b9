using System.Xml.Linq;
using BigGustave;
using SerPipeline.Features;
using SerPipeline.Reports.Plots;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Reports.Plots;

public class PlotTests
{
    private static readonly Rgb Paper = PlotTheme.Light.Paper.Color;

    private static string[] Texts(Plot plot) =>
        [.. XDocument.Parse(plot.ToSvg()).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];

    private static int Count(RgbImage image, Rgb color)
    {
        int count = 0;
        for (int i = 0; i < image.Pixels.Length; i += 3)
            if (new Rgb(image.Pixels[i], image.Pixels[i + 1], image.Pixels[i + 2]) == color) count++;
        return count;
    }

    [Theory]
    [MemberData(nameof(PlotGallery.Names), MemberType = typeof(PlotGallery))]
    public void Every_plot_draws_the_same_bytes_twice_at_the_size_asked(string name)
    {
        using var folder = new TemporaryFolder();
        (Plot first, int width, int height) = PlotGallery.Make(name);
        (Plot second, _, _) = PlotGallery.Make(name);
        first.SavePng(folder.File("first.png"));
        first.SaveSvg(folder.File("first.svg"));
        Assert.Equal(second.ToPng(), File.ReadAllBytes(folder.File("first.png")));
        Assert.Equal(second.ToSvg(), File.ReadAllText(folder.File("first.svg")));
        Png png = Png.Open(folder.File("first.png"));
        Assert.Equal((width * 2, height * 2), (png.Width, png.Height));
        XElement svg = XDocument.Load(folder.File("first.svg")).Root!;
        Assert.Equal($"0 0 {width} {height}", svg.Attribute("viewBox")!.Value);
    }

    [Theory]
    [MemberData(nameof(PlotGallery.Names), MemberType = typeof(PlotGallery))]
    public void No_text_leaves_the_figure_or_touches_another(string name)
    {
        (Plot plot, int width, int height) = PlotGallery.Make(name);
        List<TextBox> boxes = TextBox.All(plot.ToSvg());
        Assert.NotEmpty(boxes);
        foreach (TextBox box in boxes)
            Assert.True(box.Left >= 0 && box.Top >= 0 && box.Right <= width && box.Bottom <= height, $"clipped: {box}");
        for (int i = 0; i < boxes.Count; i++)
            for (int j = i + 1; j < boxes.Count; j++)
                Assert.False(boxes[i].Overlaps(boxes[j]), $"overlap: {boxes[i]} and {boxes[j]}");
    }

    [Fact]
    public void Spectrogram_puts_time_right_and_frequency_up()
    {
        float[] values = new float[4 * 5];
        values[(3 * 5) + 0] = 10;
        RgbImage image = new SpectrogramPlot(values, 4, 5, new() { Colors = ColorMap.Viridis }).ToImage();
        // The brightest cell is band 3 in frame 0: pixels of its colour lie
        // in the upper left. The colour bar's top has it too, further right.
        var bright = new List<(int X, int Y)>();
        for (int y = 0; y < image.Height; y++)
            for (int x = 0; x < image.Width * 3 / 4; x++)
                if (image.GetPixel(y, x) == ColorMap.Viridis[255]) bright.Add((x, y));
        Assert.NotEmpty(bright);
        Assert.True(bright.Max(p => p.X) < image.Width * 0.3, "right of the first frame");
        Assert.True(bright.Max(p => p.Y) < image.Height * 0.3, "below the top band");
    }

    [Fact]
    public void Spectrogram_ticks_lie_at_their_frequencies()
    {
        // Centres 100, 200 ... 2000 Hz: 1000 Hz is the tenth of twenty rows, so 9.5 / 20 of the height.
        double[] centers = [.. Enumerable.Range(1, 20).Select(i => i * 100.0)];
        string svg = new SpectrogramPlot(new float[20 * 3], 20, 3, new() { BandCentersHz = centers }).ToSvg();
        List<XElement> elements = [.. XDocument.Parse(svg).Root!.Elements()];
        XElement image = elements.First(e => e.Name.LocalName == "image");
        double top = (double)image.Attribute("y")!, height = (double)image.Attribute("height")!;
        TextBox label = TextBox.All(svg).Single(box => box.Text == "1000");
        Assert.Equal(top + (height * (1 - (9.5 / 20))), (label.Top + label.Bottom) / 2, 0.5);
        Assert.Contains("2000", Texts(new SpectrogramPlot(new float[20 * 3], 20, 3, new() { BandCentersHz = centers })));
    }

    [Fact]
    public void Values_that_are_no_number_are_drawn_as_missing()
    {
        float[] values = [0, 1, float.NaN, 3];
        Assert.True(Count(new HeatmapPlot(values, 2, 2).ToImage(), PlotTheme.Light.Missing.Color) > 1000);
        // The smooth edges of letters pass through every grey: a few pixels have this one by chance.
        Assert.InRange(Count(new HeatmapPlot([0, 1, 2, 3], 2, 2).ToImage(), PlotTheme.Light.Missing.Color), 0, 100);
        Assert.Throws<ArgumentException>(() => new HeatmapPlot([float.NaN], 1, 1));
        Assert.NotEmpty(new HeatmapPlot([float.NaN], 1, 1, new() { Low = 0, High = 1 }).ToPng());
    }

    [Fact]
    public void Gaps_interrupt_lines_and_waves()
    {
        static int Lines(params double[] y) =>
            XDocument.Parse(new LineChart([new("", y)]).ToSvg()).Descendants().Count(e => e.Name.LocalName == "polyline");
        Assert.Equal(1, Lines(1, 2, 3, 4));
        Assert.Equal(2, Lines(1, 2, double.NaN, 4));
        Assert.Equal(2, Lines(1, double.PositiveInfinity, 3, 4));
        float[] wave = [.. Enumerable.Range(0, 40_000).Select(i => i is > 10_000 and < 12_000 ? float.NaN : MathF.Sin(i))];
        Assert.Equal(2, XDocument.Parse(new WaveformPlot(wave, 16_000).ToSvg()).Descendants().Count(e => e.Name.LocalName == "polygon"));
    }

    [Fact]
    public void A_single_loud_sample_of_a_long_clip_is_seen()
    {
        var samples = new float[960_000];
        samples[500_000] = 1;
        RgbImage image = new WaveformPlot(samples, 16_000).ToImage();
        int highest = Enumerable.Range(0, image.Height)
            .First(y => Enumerable.Range(0, image.Width).Any(x => image.GetPixel(y, x) is { R: < 200, B: > 160 }));
        Assert.True(highest < image.Height * 0.15, $"the peak ends at row {highest} of {image.Height}");
    }

    [Fact]
    public void Confusion_matrix_states_counts_shares_and_scores()
    {
        string[] texts = Texts(new ConfusionMatrixPlot([[6, 2], [1, 1]], ["calm", "<angry>"]));
        Assert.Contains("75 %", texts);
        Assert.Contains("6", texts);
        Assert.Contains("<angry>", texts);
        // 7 of 10 right; recalls 6/8 and 1/2.
        Assert.Contains("accuracy 70.0 %, UAR 62.5 %, n = 10", texts);
        Assert.Contains("accuracy 50.0 %, UAR 50.0 %, n = 4", Texts(new ConfusionMatrixPlot([[2, 2], [0, 0]], ["a", "b"])));
        Assert.Contains("no clips", Texts(new ConfusionMatrixPlot([[0]], ["a"])));
    }

    [Fact]
    public void Bars_are_as_tall_as_their_values()
    {
        string svg = new BarChart(["a", "b"], [new("", [0.8, 0.4])], new() { YMax = 1 }).ToSvg();
        double[] heights = [.. XDocument.Parse(svg).Descendants().Where(e => (string?)e.Attribute("fill") == Palette.Blue.ToString())
            .Select(e => (double)e.Attribute("height")!)];
        Assert.Equal(2, heights.Length);
        Assert.Equal(2.0, heights[0] / heights[1], 0.01);
    }

    [Fact]
    public void Dark_figures_have_a_dark_background()
    {
        RgbImage image = new LineChart([], new() { Theme = PlotTheme.Dark }).ToImage();
        Assert.Equal(PlotTheme.Dark.Paper.Color, image.GetPixel(0, 0));
        Assert.Equal(Paper, new LineChart([]).ToImage().GetPixel(0, 0));
        Assert.DoesNotContain("<style>", new LineChart([]).ToSvg(), StringComparison.Ordinal);
        Assert.Contains("<style>", new LineChart([], new() { FollowPageColors = true }).ToSvg(), StringComparison.Ordinal);
    }

    [Fact]
    public void Data_and_options_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new LineChart([new("a", [1, 2]) { X = [1] }]));
        Assert.Throws<ArgumentException>(() => new LineChart([new("a", [1, 2]) { X = [2, 1] }]));
        Assert.Throws<ArgumentException>(() => new BarChart(["a"], [new("s", [1, 2])]));
        Assert.Throws<ArgumentException>(() => new BarChart(["a"], [new("s", [1]) { Errors = [new(2, 1)] }]));
        Assert.Throws<ArgumentException>(() => new ConfusionMatrixPlot([[1, 2], [3]], ["a", "b"]));
        Assert.Throws<ArgumentException>(() => new ConfusionMatrixPlot([[-1]], ["a"]));
        Assert.Throws<ArgumentException>(() => new WaveformPlot([], 16_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WaveformPlot([1], 0));
        Assert.Throws<ArgumentException>(() => new SpectrogramPlot([1, 2], 2, 1, new() { BandCentersHz = [100] }));
        var bad = new SpectrogramPlotOptions
        {
            Width = 10,
            Height = 0,
            FontSize = double.NaN,
            PixelRatio = 100,
            SecondsPerFrame = 0,
            LowDb = 0,
            HighDb = -1,
            BandCentersHz = [2, 1]
        };
        Assert.Equal(7, Assert.Throws<OptionsException>(() => new SpectrogramPlot([1], 1, 1, bad)).Problems.Count);
    }

    [Fact]
    public void More_than_fits_still_makes_a_figure()
    {
        string longName = new('W', 80);
        Plot[] plots =
        [
            new LineChart([.. Enumerable.Range(0, 100).Select(i => new LineSeries(longName, [i, 1]))],
                new() { Width = 160, Height = 120, YLabel = longName, FontSize = 11 }),
            new HeatmapPlot(new float[400], 200, 2,
                new() { RowLabels = [.. Enumerable.Repeat(longName, 200)], YLabel = longName, ColorBarLabel = longName }),
            new BarChart([longName, ""], [.. Enumerable.Range(0, 30).Select(_ => new BarSeries(longName, [1, 2]))],
                new() { Width = 160, Height = 120, FontSize = 11 }),
            new ConfusionMatrixPlot([.. Enumerable.Range(0, 60).Select(_ => new double[60])], [.. Enumerable.Repeat(longName, 60)],
                new() { Width = 160, Height = 120, FontSize = 11 }),
        ];
        foreach (Plot plot in plots)
        {
            XElement svg = XDocument.Parse(plot.ToSvg()).Root!;
            Assert.All(svg.Descendants().Attributes().Where(a => a.Name.LocalName is "width" or "height"), a => Assert.True((double)a > 0));
            Assert.Equal([0x89, 0x50], plot.ToPng()[..2]);
        }
    }
}
