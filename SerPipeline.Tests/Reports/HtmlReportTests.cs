using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using SerPipeline.Evaluation;
using SerPipeline.Reports;
using SerPipeline.Tests.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Reports;

public class HtmlReportTests
{
    private const string Figure = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10"/></svg>""";

    [Fact]
    public void The_page_is_well_formed_and_needs_no_other_file()
    {
        string html = HtmlReport.Render(Full());
        Assert.StartsWith("<!DOCTYPE html>\n<html", html, StringComparison.Ordinal);
        XElement page = Parse(html);
        Assert.DoesNotContain(page.Descendants(), e => e.Name.LocalName is "script" or "link" or "iframe" or "img" or "object");
        foreach (XAttribute attribute in page.Descendants().Attributes()
            .Where(a => a.Name.LocalName is "href" or "src" or "style" or "fill" or "clip-path"))
            Assert.DoesNotMatch(new Regex(@"^\s*(https?:)?//|url\((?!#)"), attribute.Value);
        Assert.DoesNotContain("http:", Regex.Replace(html, "xmlns(:\\w+)?=\"[^\"]*\"", ""), StringComparison.Ordinal);
        Assert.DoesNotContain("https:", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Browsers_and_xml_readers_see_the_same_page()
    {
        string html = HtmlReport.Render(Full());
        // Outside SVG, HTML knows no self-closing tags but those of void elements.
        string withoutFigures = Regex.Replace(html, "<svg.*?</svg>", "", RegexOptions.Singleline);
        Assert.All(Regex.Matches(withoutFigures, @"<(\w+)[^>]*/>").Select(m => m.Groups[1].Value), name =>
            Assert.Contains(name, new[] { "meta", "br" }));
        // A style element's text is not unescaped by browsers.
        Assert.DoesNotContain("&", Regex.Match(html, "<style>(.*?)</style>", RegexOptions.Singleline).Groups[1].Value,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Every_text_from_outside_is_escaped()
    {
        const string evil = "<script>alert('x')</script> & \"q\" \0 \uD800";
        RunMetrics run = MetricsFileTests.Run(1,
            1) with
        {
            Dataset = evil,
            Trainer = evil,
            Protocol = evil,
            SharedSpeakers = [evil],
            HeldOutSpeakers = [evil],
            Synthetic = true
        };
        run = run with { Labels = [evil, .. run.Labels.Skip(1)], Classes = [run.Classes[0] with { Label = evil }, .. run.Classes.Skip(1)] };
        RunRecord record = RunRecordTests.Record() with
        {
            CommandLine = [evil],
            Protocol = evil,
            Options = RunRecord.Describe((evil, new { Text = "<b>" })),
            Data = new Dictionary<string, DataFingerprint> { [evil] = RunRecordTests.Record().Data["ravdess"] },
        };
        var predictions = new PredictionSet(["a"],
            [new() { Path = evil, Speaker = evil, Sex = evil, Label = "a", Predicted = "a", Probabilities = [1] }]);
        string html = HtmlReport.Render(new ReportContent
        {
            Title = evil,
            Runs = [run, run with { Dataset = "other" }],
            Run = record,
            Predictions = predictions,
            Notes = [evil],
            Figures = [new(evil, Figure, evil)],
        });
        XElement page = Parse(html);
        Assert.Empty(page.Descendants("script"));
        Assert.Empty(page.Descendants("b"));
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\0', html);
        Assert.Equal("<script>alert('x')</script> & \"q\" \uFFFD \uFFFD", page.Descendants("h1").Single().Value);
    }

    [Fact]
    public void Shared_speakers_unknown_speakers_and_synthetic_clips_are_warned_of_before_any_score()
    {
        RunMetrics clean = MetricsFileTests.Run(1, 1);
        Assert.Empty(Warnings(clean));
        Assert.Equal(["⚠ Training and test share speakers"], Warnings(clean with { SharedSpeakers = ["07"] }));
        Assert.Equal(["⚠ Speakers are unknown"], Warnings(clean with { SharedSpeakers = null }));
        Assert.Equal(["⚠ Synthetic corpus"], Warnings(clean with { Synthetic = true }));

        string html = Render(clean with { SharedSpeakers = ["07"], Synthetic = true });
        Assert.True(html.IndexOf("share speakers", StringComparison.Ordinal) < html.IndexOf("class=\"tiles\"", StringComparison.Ordinal));
        Assert.True(html.IndexOf("Synthetic corpus", StringComparison.Ordinal) < html.IndexOf("class=\"tiles\"", StringComparison.Ordinal));
        // A protocol whose name promises what the speakers contradict is not vouched for.
        Assert.DoesNotContain("No speaker of the test clips was heard", html, StringComparison.Ordinal);
        Assert.Contains("Each fold tests on speakers who were heard in no training or validation clip", Render(clean),
            StringComparison.Ordinal);
        Assert.Contains("No speaker of the test clips was heard", Render(clean with { Fold = null }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("speaker-independent", true)]
    [InlineData("leave-one-speaker-out", true)]
    [InlineData("random", false)]
    [InlineData("cross-corpus", false)]
    [InlineData("includes-training-clips", false)]
    public void Only_protocols_whose_promise_about_speakers_was_checked_are_vouched_for(string protocol, bool vouched)
    {
        var clean = new RunLeakCheck { OfTrainingSpeakers = 0, SameContent = 0, NearDuplicates = 0, Touched = 0 };
        RunMetrics run = MetricsFileTests.Run(1, 1) with { Protocol = protocol, SharedSpeakers = [], LeakCheck = clean };
        Assert.Equal(vouched ? 2 : 1, Good(run));
        Assert.Equal(1, Good(run with { SharedSpeakers = null }));
        // What nobody compared is not vouched for, nor what was found.
        Assert.Equal(0, Good(run with { LeakCheck = null }));
        Assert.Equal(0, Good(run with { LeakCheck = clean with { NearDuplicates = 1, Touched = 1 } }));

        static int Good(RunMetrics run) => Render(run).Split("class=\"notice good\"").Length - 1;
    }

    [Fact]
    public void Several_scores_of_one_protocol_invite_a_choice_that_flatters()
    {
        RunMetrics run = MetricsFileTests.Run(1, 1);
        Assert.Null(ProtocolNotices.BestOf([run, run with { Protocol = "random" }, run with { Dataset = "other" }]));
        Assert.Contains("the best of 3 rows", ProtocolNotices.BestOf([run, run with { Seed = 2 }, run with { Trainer = "lda" }]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Speakers_of_two_data_sets_are_said_to_be_not_compared()
    {
        RunMetrics run = MetricsFileTests.Run(1, 1) with { Protocol = "cross-corpus", SharedSpeakers = null };
        Assert.Empty(Warnings(run));
        Assert.Contains("whether the two have speakers in common was not checked", Render(run), StringComparison.Ordinal);
    }

    [Fact]
    public void The_tables_hold_the_figures()
    {
        RunMetrics run = MetricsFileTests.Run(null, 9);
        XElement page = Parse(Render(run));
        string[] tiles = [.. page.Descendants("div").Where(e => (string?)e.Attribute("class") == "value").Select(e => e.Value)];
        Assert.Equal([Percent(run.Uar), Percent(run.Accuracy), $"{run.MacroF1:0.000}", $"{run.LogLoss:0.000}", Percent(run.Top2!.Value),
            $"{run.TestClips} tested"], tiles);
        XElement confusion = page.Descendants("div").Single(e => (string?)e.Attribute("class") == "scroll heat");
        long[] counts = [.. confusion.Descendants("td").Select(td => long.Parse(td.Nodes().OfType<XText>().First().Value))];
        Assert.Equal(run.Confusion.SelectMany(row => row), counts);
        XElement classes = page.Descendants("table").Single(t => t.Element("caption")!.Value == "Classes");
        Assert.Equal(run.Labels.Count + 2, classes.Element("tbody")!.Elements().Count());
        Assert.Equal(run.Classes[1].Recall.ToString("0.000"),
            classes.Element("tbody")!.Elements().ElementAt(1).Elements().ElementAt(2).Value);
    }

    [Fact]
    public void Folds_are_summarised_and_their_clips_pooled()
    {
        RunMetrics[] folds = [.. Enumerable.Range(1, 5).Select(fold => MetricsFileTests.Run(fold, fold))];
        XElement page = Parse(HtmlReport.Render(new ReportContent { Title = "folds", Runs = folds }));
        MetricSummary uar = RunSummary.Of(folds)[0].Uar;
        Assert.Contains(page.Descendants("div"), e => e.Value == $"{100 * uar.Mean:0.0} ± {100 * uar.Deviation:0.0} %");
        Assert.Equal(5, page.Descendants("table").Single(t => t.Element("caption")!.Value == "Folds and seeds").Element("tbody")!.Elements()
            .Count());
        XElement confusion = page.Descendants("div").Single(e => (string?)e.Attribute("class") == "scroll heat");
        Assert.Equal(folds.Sum(run => run.Confusion[0][0]),
            long.Parse(confusion.Descendants("td").First().Nodes().OfType<XText>().First().Value));
    }

    [Fact]
    public void Figures_keep_their_identifiers_and_styles_to_themselves()
    {
        const string svg = """
            <?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
            <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" id="plot">
            <style>#c { fill: red } text { fill: blue }</style>
            <clipPath id="c"><rect/></clipPath><g clip-path="url(#c)" style="mask: url('#c')"><use xlink:href="#c"/><use href="#c"/></g>
            <image href="data:image/png;base64,AAAA"/></svg>
            """;
        XElement page = Parse(HtmlReport.Render(Full() with { Figures = [new("one", svg), new("two", svg)] }));
        string[] ids = [.. page.Descendants().Attributes("id").Select(id => id.Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        // Those made from the metrics come first: the last two are the ones given.
        string first = page.Descendants().Single(e => (string?)e.Attribute("aria-label") == "one").Attribute("id")!.Value,
            last = page.Descendants().Single(e => (string?)e.Attribute("aria-label") == "two").Attribute("id")!.Value;
        Assert.NotEqual(first, last);
        Assert.Equal([first, $"{first}-c", last, $"{last}-c"], ids[^4..]);
        XElement second = page.Descendants().Single(e => (string?)e.Attribute("id") == last);
        XElement group = second.Descendants().Single(e => e.Name.LocalName == "g");
        Assert.Equal($"url(#{last}-c)", (string?)group.Attribute("clip-path"));
        Assert.Equal($"mask: url(#{last}-c)", (string?)group.Attribute("style"));
        Assert.All(group.Elements(), use => Assert.Equal($"#{last}-c", use.Attributes().Single(a => a.Name.LocalName == "href").Value));
        Assert.StartsWith($"@scope (#{last}) {{ #{last}-c {{", second.Elements().First().Value, StringComparison.Ordinal);
        Assert.Equal("two", (string?)second.Attribute("aria-label"));
    }

    [Theory]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>""", "script")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>""", "onload")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg"><image href="https://example.org/a.png"/></svg>""", "example.org")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg"><a href="javascript:x()"><rect/></a></svg>""", "javascript")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg"><rect fill="url(https://example.org/#a)"/></svg>""", "example.org")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg"><style>@import 'a.css';</style></svg>""", "@import")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg"><style>text { background: url( "a.png" ) }</style></svg>""", "a.png")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg"><foreignObject/></svg>""", "foreignObject")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg"><rect></svg>""", "well-formed")]
    [InlineData("""<svg><rect/></svg>""", "'svg'")]
    [InlineData("not xml", "well-formed")]
    public void A_figure_that_runs_or_loads_something_is_refused(string svg, string message)
    {
        var error = Assert.Throws<EvaluationException>(() => HtmlReport.Render(Full() with { Figures = [new("curves", svg)] }));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("'curves'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_needs_a_run_and_is_the_same_each_time()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<EvaluationException>(() => HtmlReport.Write(folder.File("report.html"), Full() with { Runs = [] }));
        Assert.Empty(Directory.GetFiles(folder.Path));
        HtmlReport.Write(folder.File("report.html"), Full());
        Assert.Equal(HtmlReport.Render(Full()), File.ReadAllText(folder.File("report.html")));
    }

    private static ReportContent Full() => new()
    {
        Title = "Image classification on RAVDESS",
        Runs = [MetricsFileTests.Run(1, 1) with { SharedSpeakers = ["07", "11"], Synthetic = true }, MetricsFileTests.Run(2, 2),
            MetricsFileTests.Run(null, 3) with { Dataset = "tess" }],
        Predictions = Predictions.Random(5, 60, 4),
        Figures = [new("Learning curves", Figure, "Loss of training and validation by epoch.")],
        Run = RunRecordTests.Record(),
        Notes = ["A remark."],
    };

    private static string Render(RunMetrics run) => HtmlReport.Render(new ReportContent { Title = "one", Runs = [run] });

    private static string[] Warnings(RunMetrics run) =>
        [.. Parse(Render(run)).Descendants("div").Where(e => (string?)e.Attribute("class") == "notice warning")
            .Select(e => e.Element("strong")!.Value)];

    private static string Percent(double value) => $"{100 * value:0.0} %";

    private static XElement Parse(string html)
    {
        using var reader = XmlReader.Create(new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XElement.Load(reader, LoadOptions.PreserveWhitespace);
    }
}
