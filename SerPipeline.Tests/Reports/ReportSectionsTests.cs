using System.Xml;
using System.Xml.Linq;
using SerPipeline.Evaluation;
using SerPipeline.Reports;
using SerPipeline.Tests.Evaluation;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Reports;

/// <summary>What the sections of a report say about what the metrics hold.</summary>
public class ReportSectionsTests
{
    private static readonly PredictionSet Clips = ReportSamples.Predictions(4, 160);
    private static readonly RunMetrics Run = ReportSamples.Metrics(Clips, "speaker-independent", null);

    [Theory]
    [InlineData("speaker-independent", 0, 0L, "good")]
    [InlineData("speaker-independent", 3, 0L, "bad")]
    [InlineData("speaker-independent", 0, 5L, "warning")]
    [InlineData("speaker-independent", 0, null, "warning")]
    [InlineData("random", 0, 160L, "warning")]
    [InlineData("random", 32, 160L, "bad")]
    public void The_leak_check_is_green_only_where_nothing_was_found(string protocol, int touched, long? ofSpeakers, string kind)
    {
        RunMetrics run = Run with
        {
            Protocol = protocol,
            LeakCheck = new() { OfTrainingSpeakers = ofSpeakers, SameContent = touched, NearDuplicates = 0, Touched = touched }
        };
        XElement notice = Notices(Page(run)).Single(n => n.Value.Contains("Leak check", StringComparison.Ordinal));
        Assert.Equal($"notice {kind}", (string?)notice.Attribute("class"));
        if (touched > 0) Assert.Contains($"{touched} of 160 test clips ({100.0 * touched / 160:0.0} %) repeat a training clip",
            notice.Value, StringComparison.Ordinal);
        // A leak takes the protocol's own green away as well.
        Assert.Equal(kind == "good", (string?)Notices(Page(run))[0].Attribute("class") == "notice good");
    }

    [Fact]
    public void A_run_that_was_not_checked_is_never_green_about_leaks()
    {
        XElement notice = Notices(Page(Run with { LeakCheck = null }))
            .Single(n => n.Value.Contains("Leak check", StringComparison.Ordinal));
        Assert.Equal("notice", (string?)notice.Attribute("class"));
        Assert.Contains("not run", notice.Value, StringComparison.Ordinal);
        // One fold checked and one not is not clean either.
        XElement page = Page(Run with { Fold = 1 }, Run with { Fold = 2, LeakCheck = null });
        notice = Notices(page).Single(n => n.Value.Contains("Leak check", StringComparison.Ordinal));
        Assert.Equal("notice warning", (string?)notice.Attribute("class"));
        Assert.Contains("1 of 2 runs were not checked", notice.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Folds_add_their_leaks_up_and_show_the_surest_twins_first()
    {
        RunLeakCheck check =
            new()
            {
                OfTrainingSpeakers = 0,
                SameContent = 1,
                NearDuplicates = 2,
                Touched = 3,
                Examples = [new("a.wav", "b.wav", "near-duplicate", 0.91), new("c.wav", "d.wav", "same-content", 1)]
            };
        XElement page = Page(Run with { Fold = 1, LeakCheck = check }, Run with { Fold = 2, LeakCheck = check });
        XElement notice = Notices(page).Single(n => n.Value.Contains("Leak check", StringComparison.Ordinal));
        Assert.Contains("6 of 320 test clips", notice.Value, StringComparison.Ordinal);
        Assert.Contains("Near-duplicates, by fingerprint or as stretches that overlap: 4.", notice.Value, StringComparison.Ordinal);
        string[] first = [.. notice.Descendants("tbody").Single().Elements().First().Elements().Select(e => e.Value)];
        Assert.Equal(["c.wav", "d.wav", "same-content", "1.000"], first);
        Assert.Equal(4, notice.Descendants("tbody").Single().Elements().Count());
    }

    [Fact]
    public void Scores_stand_beside_their_interval_and_the_baselines()
    {
        XElement page = Page(Run);
        XElement uar = page.Descendants("div").First(e => (string?)e.Attribute("class") == "tile");
        Assert.StartsWith("Unweighted average recall", uar.Value, StringComparison.Ordinal);
        Assert.Contains($"95\u00A0% interval {100 * Run.Intervals!.Uar[0]:0.0}\u00A0% to {100 * Run.Intervals.Uar[1]:0.0}\u00A0%",
            uar.Value, StringComparison.Ordinal);
        Assert.Contains(Run.Intervals.Caution!, page.Descendants("section").ElementAt(1).Value, StringComparison.Ordinal);
        string[][] rows = Rows(page, "Compared with baselines");
        Assert.Equal(["this model", Percent(Run.Uar), Percent(Run.Accuracy), ""], rows[0]);
        // 160 clips of 4 speakers and 8 labels: 20 each.
        Assert.Equal(["majority class", "12.5 %", "12.5 %"], rows[1][..3]);
        Assert.Equal(["chance", "12.5 %", "12.5 %"], rows[2][..3]);
        Assert.Equal(["people", "–", "60.0 %", Run.People!.Source], rows[3]);
        Assert.Equal(3, Rows(Page(Run with { People = null }), "Compared with baselines").Length);
    }

    [Fact]
    public void Pooled_folds_give_the_headline_and_folds_their_mean_and_deviation()
    {
        RunMetrics[] folds =
            [.. Enumerable.Range(1, 4)
                .Select(f => ReportSamples.Metrics(new PredictionSet(Clips.Labels, [.. Clips.Rows.Where(r => r.Speaker == $"{f:00}")]),
                    "leave-one-speaker-out", f))];
        RunMetrics pooled = ReportSamples.Metrics(Clips, "leave-one-speaker-out", null);
        XElement page = Parse(HtmlReport.Render(new ReportContent { Title = "folds", Runs = folds, Pooled = [pooled] }));
        Assert.Equal(Percent(pooled.Uar), page.Descendants("div").First(e => (string?)e.Attribute("class") == "value").Value);
        MetricSummary uar = RunSummary.Of(folds)[0].Uar;
        XElement table = Table(page, "Folds and seeds");
        Assert.Equal(4, table.Element("tbody")!.Elements().Count());
        Assert.Equal([Percent(uar.Mean), Percent(uar.Deviation)],
            table.Element("tfoot")!.Elements().Select(row => row.Elements().ElementAt(4).Value));
        // Pooled metrics of another protocol are not taken for these folds.
        page = Parse(HtmlReport.Render(
            new ReportContent { Title = "folds", Runs = folds, Pooled = [pooled with { Protocol = "random" }] }));
        Assert.Contains("±", page.Descendants("div").First(e => (string?)e.Attribute("class") == "value").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void The_worst_speaker_is_named()
    {
        RunMetrics run = Run with
        {
            BySpeaker = [new("10", 20, 0.5, 0.6, 0.4), new("2", 20, 0.25, 0.3, 0.2),
            new("3", 20, 0.75, 0.7, 0.7)]
        };
        XElement page = Page(run);
        Assert.Contains(page.Descendants("p"), p =>
            p.Value == "Worst: 2 with a UAR of 25.0 % on 20 clips; best: 3 with 75.0 % on 20 clips.");
        string[][] rows = Rows(page, "Speakers");
        Assert.Equal(["2", "3", "10"], rows.Select(row => row[0]));
        // Wilson's interval of 12 in 20, from his formula by hand: (0.6 + z²/40 ± z sqrt(0.24/20 + z²/1600)) / (1 + z²/20) with z = 1.96.
        Assert.Equal("38.7 % to 78.1 %", rows[2][4]);
    }

    [Fact]
    public void Known_failures_follow_from_the_metrics()
    {
        // Truth by row: a is always right, b is taken for c more often than not, c is never present, d is never said.
        ClassificationReport report =
            ClassificationReport.FromCounts(["a", "b", "c", "d"], [10, 0, 0, 0, 1, 3, 6, 0, 0, 0, 0, 0, 0, 5, 5, 0]);
        RunMetrics run = RunMetrics.From(MetricsFileTests.Protocol(null, 1), report) with
        {
            BySpeaker = [new("s1", 12, 0.2, 0.2, 0.2), new("s2", 18, 0.6, 0.6, 0.6)],
            BySex = [new("female", 15, 0.7, 0.7, 0.7), new("male", 15, 0.4, 0.4, 0.4)],
            Calibration = new()
            {
                Bins = 2,
                Ece = 0.2,
                Temperature = 2,
                ScaledEce = 0.05,
                Reliability = [new(0, 0.5, 10, 0.4, 0.3),
                new(0.5, 1, 20, 0.9, 0.65)]
            },
        };
        IReadOnlyList<string> failures = Card(run).KnownFailures;
        Assert.Equal("Recognises 0.0 % of the 10 clips of d; it takes them most often for b (50.0 %) and c (50.0 %).", failures[0]);
        Assert.Contains("Never predicts d.", failures);
        Assert.Contains("No result for c: the test part has no such clip.", failures);
        Assert.Contains(failures, f =>
            f.Contains("the lowest are s1 (20.0 % on 12 clips), the highest is s2 (60.0 %). Some speakers have fewer than 20 clips",
                StringComparison.Ordinal));
        Assert.Contains(failures, f => f.Contains("40.0 % for male and 70.0 % for female: a gap of 30.0 points", StringComparison.Ordinal));
        // (10 * 0.1 + 20 * 0.25) / 30 = 0.2.
        Assert.Contains(failures, f =>
            f.Contains("20.0 points overconfident. Temperature scaling lowers the error to 5.0 %", StringComparison.Ordinal));
        RunMetrics worse = run with { Calibration = run.Calibration! with { ScaledEce = 0.3 } };
        Assert.Contains(Card(worse).KnownFailures, f =>
            f.Contains("Temperature scaling raises the error to 30.0 %", StringComparison.Ordinal));
        // A model without a fault has none to tell.
        RunMetrics perfect = RunMetrics.From(MetricsFileTests.Protocol(null, 1), ClassificationReport.FromCounts(["a", "b"], [5, 0, 0, 5]));
        Assert.Empty(Card(perfect).KnownFailures);
    }

    [Fact]
    public void Warnings_curves_clips_and_card_are_escaped_and_in_their_order()
    {
        using var folder = new TemporaryFolder();
        const string evil = "<b>&\"";
        ReportContent content = ReportSamples.Full(folder.Path, 1, 3);
        content = content with
        {
            Warnings = [evil],
            ClipLicence = evil,
            Clips = [content.Clips[0] with { Prediction = content.Clips[0].Prediction with { Path = evil, Speaker = evil },
                Problem = evil }],
            Card = content.Card! with
            {
                Model = evil,
                IntendedUse = [evil],
                OutOfScope = [evil],
                KnownFailures = [evil],
                Data = [new(evil, evil, evil)],
                Training = [new(evil, evil)]
            },
        };
        string html = HtmlReport.Render(content);
        XElement page = Parse(html);
        Assert.Empty(page.Descendants("b"));
        Assert.Contains(page.Descendants("p"), p => p.Value == $"⚠ {evil}" && (string?)p.Attribute("class") == "notice warning");
        Assert.Equal(["Results", "Classes", "Training", "Calibration", "By speaker", "Most confidently wrong", "Model card",
            "How to repeat this run"], page.Descendants("h2").Select(h => h.Value));
        Assert.True(html.IndexOf("Leak check", StringComparison.Ordinal) < html.IndexOf("class=\"tiles\"", StringComparison.Ordinal));
    }

    private static ModelCard Card(RunMetrics run) => ModelCard.From(run, new ModelCardFacts { Model = "m", Data = [] });

    private static XElement Page(params RunMetrics[] runs) => Parse(HtmlReport.Render(new ReportContent { Title = "t", Runs = runs }));

    private static XElement[] Notices(XElement page) =>
        [.. page.Descendants().Where(e => ((string?)e.Attribute("class"))?.StartsWith("notice", StringComparison.Ordinal) == true)];

    private static XElement Table(XElement page, string caption) =>
        page.Descendants("table").Single(t => t.Element("caption")!.Value == caption);

    private static string[][] Rows(XElement page, string caption) =>
        [.. Table(page, caption).Element("tbody")!.Elements().Select(row => row.Elements().Select(cell => cell.Value).ToArray())];

    private static string Percent(double value) => $"{100 * value:0.0} %";

    private static XElement Parse(string html)
    {
        using var reader = XmlReader.Create(new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XElement.Load(reader, LoadOptions.PreserveWhitespace);
    }
}
