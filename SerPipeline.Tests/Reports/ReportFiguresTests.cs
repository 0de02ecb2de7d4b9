using System.Xml.Linq;
using BigGustave;
using SerPipeline.Evaluation;
using SerPipeline.Reports;
using SerPipeline.Tests.Evaluation;
using SerPipeline.Tests.Reports.Plots;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Reports;

public class ReportFiguresTests
{
    [Fact]
    public void Every_figure_of_the_page_is_also_a_vector_and_a_pixel_file()
    {
        using var folder = new TemporaryFolder();
        ReportContent content = ReportSamples.Full(folder.Path, 1, 5) with { Clips = [] };
        IReadOnlyList<string> files = ReportFigures.Write(folder.File("run"), content);
        string[] names = ["confusion-counts", "confusion-normalised", "reliability", "per-speaker", "training-curves"];
        Assert.Equal(names.SelectMany(n => new[] { Path.Combine("figures", n + ".svg"), Path.Combine("figures", n + ".png") }), files);
        Assert.Equal(files.Order(StringComparer.Ordinal),
            Directory.GetFiles(folder.File("run"), "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(folder.File("run"), f)).Order(StringComparer.Ordinal));
        string html = HtmlReport.Render(content);
        foreach (ReportPlot plot in ReportFigures.Of(content))
        {
            XElement svg = XDocument.Load(folder.File("run", "figures", plot.FileName + ".svg")).Root!;
            Png png = Png.Open(folder.File("run", "figures", plot.FileName + ".png"));
            Assert.Equal(svg.Attribute("viewBox")!.Value, $"0 0 {png.Width / 2} {png.Height / 2}");
            Assert.Contains($"aria-label=\"{plot.Title}\"", html, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(24)]
    [InlineData(91)]
    public void No_text_of_a_figure_is_cut_or_covers_another_however_many_speakers(int speakers)
    {
        PredictionSet predictions =
            ReportSamples.Predictions(speakers, speakers * 16,
                ["neutral", "calm or bored", "happiness and amusement", "sadness", "anger", "fear or anxiety", "disgust"]);
        var content = new ReportContent
        {
            Title = "t",
            Runs = [ReportSamples.Metrics(predictions, "speaker-independent", null)],
            Curves = [.. Enumerable.Range(1, speakers).Select(f => new ReportCurves($"fold {f}", ReportSamples.Curves(30, f)))],
        };
        IReadOnlyList<ReportPlot> plots = ReportFigures.Of(content);
        Assert.Equal((speakers + 35) / 36, plots.Count(p => p.FileName.StartsWith("per-speaker", StringComparison.Ordinal)));
        Assert.Equal(plots.Count, plots.Select(p => p.FileName).Distinct().Count());
        foreach (ReportPlot plot in plots)
        {
            string svg = plot.Plot.ToSvg();
            double[] size = [.. XDocument.Parse(svg).Root!.Attribute("viewBox")!.Value.Split(' ').Select(double.Parse)];
            List<TextBox> boxes = TextBox.All(svg);
            Assert.All(boxes, box =>
                Assert.True(box.Left >= 0 && box.Top >= 0 && box.Right <= size[2] && box.Bottom <= size[3],
                    $"{plot.FileName} clips {box}"));
            for (int i = 0; i < boxes.Count; i++)
                for (int j = i + 1; j < boxes.Count; j++)
                    Assert.False(boxes[i].Overlaps(boxes[j]), $"{plot.FileName}: {boxes[i]} and {boxes[j]}");
        }
    }

    [Fact]
    public void Normalised_rows_are_shares_of_the_true_class()
    {
        ClassificationReport report = ClassificationReport.FromCounts(["a", "b"], [3, 1, 0, 4]);
        IReadOnlyList<ReportPlot> plots =
            ReportFigures.Of(new ReportContent { Title = "t", Runs = [RunMetrics.From(MetricsFileTests.Protocol(null, 1), report)] });
        Assert.Equal(["confusion-counts", "confusion-normalised"], plots.Select(p => p.FileName));
        Assert.Equal(["3", "1", "0", "4"], Numbers(plots[0]));
        Assert.Equal(["75.0", "25.0", "0", "100"], Numbers(plots[1]));

        static string[] Numbers(ReportPlot plot) => [.. Texts(plot).Where(t => double.TryParse(t, out _))];
    }

    [Fact]
    public void Runs_across_data_sets_make_a_matrix_with_trained_rows_and_tested_columns()
    {
        RunMetrics Cell(string? train, string test, double uar, long seed = 1) =>
            MetricsFileTests.Run(null, seed) with { TrainDataset = train, Dataset = test, Uar = uar, Protocol = "cross-corpus" };
        RunMetrics[] runs = [Cell(null, "ravdess", 0.5), Cell("ravdess", "tess", 0.3), Cell("tess", "ravdess", 0.2),
            Cell("tess", "ravdess", 0.4, 2), Cell("tess", "emodb", 0.61)];
        ReportPlot plot = CrossCorpusFigure.From(runs);
        // Rows ravdess and tess; columns ravdess, tess, emodb in the order of first sight. The two seeds of tess to ravdess are averaged.
        string[] cells = [.. Texts(plot).Where(t => double.TryParse(t, out _))];
        Assert.Equal(["50.0", "30.0", "30.0", "61.0"], cells);
        List<TextBox> boxes = TextBox.All(plot.Plot.ToSvg());
        TextBox tessToEmodb = boxes.Single(b => b.Text == "61.0"), emodb = boxes.Single(b => b.Text == "emodb"),
            tessRow = boxes.Where(b => b.Text == "tess").MinBy(b => b.Left)!;
        Assert.InRange((tessToEmodb.Left + tessToEmodb.Right) / 2, emodb.Left, emodb.Right);
        Assert.InRange((tessToEmodb.Top + tessToEmodb.Bottom) / 2, tessRow.Top - 4, tessRow.Bottom + 4);
        Assert.Contains("cross-corpus", ReportFigures.Of(new ReportContent { Title = "t", Runs = runs }).Select(p => p.FileName));
        Assert.Throws<EvaluationException>(() => CrossCorpusFigure.From([]));
    }

    [Fact]
    public void Each_trainer_has_a_matrix_of_its_own_and_the_diagonal_is_of_one_protocol()
    {
        RunMetrics Cell(string trainer, string? train, string test, string protocol, double uar) =>
            MetricsFileTests.Run(null, 1) with { Trainer = trainer, TrainDataset = train, Dataset = test, Uar = uar, Protocol = protocol };
        IReadOnlyList<ReportPlot> plots = CrossCorpusFigure.Of(
        [
            Cell("mlp", null, "ravdess", "random", 0.9), Cell("mlp", null, "ravdess", "speaker-5fold", 0.4),
                Cell("mlp", null, "ravdess", "speaker-5fold", 0.6), Cell("mlp", "ravdess", "tess", "cross-corpus", 0.3),
            Cell("cnn", "ravdess", "tess", "cross-corpus", 0.2), Cell("forest", null, "tess", "random", 0.1),
        ]);
        Assert.Equal(["cross-corpus-mlp", "cross-corpus-cnn"], plots.Select(p => p.FileName));
        // The random split's 90 % is no part of the mlp's matrix: its speakers were known.
        Assert.Equal(["50.0", "30.0"], Texts(plots[0]).Where(t => double.TryParse(t, out _)));
        Assert.Contains("speaker-5fold", plots[0].Caption, StringComparison.Ordinal);
        Assert.Equal(["20.0"], Texts(plots[1]).Where(t => double.TryParse(t, out _)));

        // Clips that were heard before or sound otherwise are in no mean with others.
        plots = CrossCorpusFigure.Of(
        [
            Cell("mlp", "ravdess", "tess", "cross-corpus", 0.3), Cell("mlp", "ravdess", "tess", "cross-corpus@telephone", 0.2),
            Cell("mlp", "ravdess", "tess", "cross-corpus+10", 0.5), Cell("mlp", null, "ravdess", "speaker-5fold", 0.6),
            Cell("mlp", null, "ravdess", "speaker-5fold@telephone", 0.4),
        ]);
        Assert.Equal([["60.0", "30.0"], ["40.0", "20.0"], ["50.0"]],
            plots.Select(plot => Texts(plot).Where(t => double.TryParse(t, out _)).ToArray()));
        Assert.Equal(3, plots.Select(plot => plot.FileName).Distinct().Count());
        Assert.Equal("UAR across data sets, cross-corpus@telephone", plots[1].Title);
    }

    [Fact]
    public void Figures_of_several_groups_do_not_take_each_others_names()
    {
        RunMetrics run = MetricsFileTests.Run(null, 1);
        ReportContent content =
            new()
            {
                Title = "t",
                Runs = [run, run with { Dataset = "tess" }, run with { Protocol = "random" },
                run with { TrainDataset = "über/corpus" }, run with { TrainDataset = "über corpus" }]
            };
        string[] names = [.. ReportFigures.Of(content).Select(p => p.FileName)];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^[a-z0-9-]+$", name));
    }

    private static IEnumerable<string> Texts(ReportPlot plot) =>
        XDocument.Parse(plot.Plot.ToSvg()).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value);
}
