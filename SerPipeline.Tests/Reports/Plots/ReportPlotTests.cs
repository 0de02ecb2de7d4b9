using System.Xml.Linq;
using SerPipeline.Evaluation;
using SerPipeline.Features;
using SerPipeline.Reports.Plots;

namespace SerPipeline.Tests.Reports.Plots;

/// <summary>What the plots of a report draw where.</summary>
public class ReportPlotTests
{
    [Fact]
    public void Reliability_bars_are_as_high_as_the_accuracy_and_gaps_reach_the_confidence()
    {
        RunReliabilityBin[] bins = [new(0, 0.5, 30, 0.4, 0.3), new(0.5, 1, 10, 0.6, 0.9)];
        XElement[] all = Rectangles(new ReliabilityPlot([new("Unscaled", bins, 0.15)]));
        XElement[] blue = [.. all.Where(r => Fill(r) == Palette.Blue.ToString())],
            orange = [.. all.Where(r => Fill(r) == Palette.Vermilion.Mix(Rgb.White, 0.45).ToString())];
        XElement[] sky = [.. all.Where(r => Fill(r) == Palette.SkyBlue.ToString())];
        // The first of each colour is the legend's. Heights compare as the
        // accuracies 0.3 and 0.9 do; the gaps are 0.1 above and 0.3 within.
        double unit = Height(blue[1]) / 0.3;
        Assert.Equal(0.9 * unit, Height(blue[2]), 0.5);
        Assert.Equal(0.1 * unit, Height(orange[1]), 0.5);
        Assert.Equal(0.3 * unit, Height(sky[1]), 0.5);
        // The orange part stands on the bar; the light blue one hangs from the bar's top.
        Assert.Equal(Top(blue[1]), Top(orange[1]) + Height(orange[1]), 0.5);
        Assert.Equal(Top(blue[2]), Top(sky[1]), 0.5);
    }

    [Fact]
    public void The_mean_of_folds_ends_where_the_first_fold_ends()
    {
        TrainingCurves Fold(params double[] loss) => new() { TrainLoss = loss };
        XDocument svg = XDocument.Parse(new FoldCurvesPlot([Fold(4, 2, 1, 1), Fold(2, 2)]).ToSvg());
        XElement[] lines = [.. svg.Descendants().Where(e => e.Name.LocalName is "polyline" or "path"
            && (string?)e.Attribute("stroke") == Palette.Blue.ToString())];
        (double X, double Y)[] mean = Points(lines.Single());
        (double X, double Y)[] longest =
            Points(svg.Descendants().First(e => e.Name.LocalName is "polyline" or "path"
                && (string?)e.Attribute("stroke") == Palette.Blue.Mix(Rgb.White, 0.55).ToString()));
        Assert.Equal(4, longest.Length);
        Assert.Equal(2, mean.Length);
        Assert.Equal(longest[1].X, mean[1].X, 0.1);
        // The mean at epoch 1 is 3: between that fold's 4 and its 2 at epoch 2; at epoch 2 both have 2.
        Assert.Equal((longest[0].Y + longest[1].Y) / 2, mean[0].Y, 0.1);
        Assert.Equal(longest[1].Y, mean[1].Y, 0.1);
    }

    [Fact]
    public void A_highlighted_bar_has_a_colour_of_its_own()
    {
        XElement[] bars = Rectangles(new BarChart(["a", "b", "c"], [new("", [0.5, 0.2, 0.7])], new() { Highlighted = [1], YMax = 1 }));
        Assert.Equal(2, bars.Count(r => Fill(r) == Palette.Blue.ToString()));
        XElement worst = bars.Single(r => Fill(r) == Palette.Vermilion.ToString());
        Assert.Equal(bars.First(r => Fill(r) == Palette.Blue.ToString()) is { } first ? Height(first) * 0.4 : 0, Height(worst), 0.5);
    }

    [Fact]
    public void Wrong_shapes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ReliabilityPlot([]));
        Assert.Throws<ArgumentException>(() => new ReliabilityPlot([new("", [new(0, 1, 1, 1.5, 0.5)], 0)]));
        Assert.Throws<ArgumentException>(() => new FoldCurvesPlot([]));
        Assert.Throws<ArgumentException>(() => new ScoreMatrixPlot([[1, 2], [1]], ["a", "b"], ["c", "d"]));
        Assert.Throws<ArgumentException>(() => new ScoreMatrixPlot([], [], []));
        Assert.Throws<OptionsException>(() => new ScoreMatrixPlot([[1]], ["a"], ["b"], new() { Low = 1, High = 1 }));
    }

    private static XElement[] Rectangles(Plot plot) =>
        [.. XDocument.Parse(plot.ToSvg()).Descendants().Where(e => e.Name.LocalName == "rect")];

    private static string? Fill(XElement rect) => (string?)rect.Attribute("fill");

    private static double Height(XElement rect) => (double)rect.Attribute("height")!;

    private static double Top(XElement rect) => (double)rect.Attribute("y")!;

    private static (double X, double Y)[] Points(XElement line)
    {
        double[] numbers = [.. ((string?)line.Attribute("points") ?? (string?)line.Attribute("d"))!.Split([' ', ',', 'M', 'L'],
            StringSplitOptions.RemoveEmptyEntries).Select(n => double.Parse(n, System.Globalization.CultureInfo.InvariantCulture))];
        return [.. Enumerable.Range(0, numbers.Length / 2).Select(i => (numbers[2 * i], numbers[(2 * i) + 1]))];
    }
}
