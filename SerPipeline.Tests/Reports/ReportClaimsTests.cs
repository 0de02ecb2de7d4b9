using SerPipeline.Evaluation;
using SerPipeline.Reports;
using SerPipeline.Tests.Evaluation;
using SerPipeline.Tests.Support;


namespace SerPipeline.Tests.Reports;

/// <summary>What a report claims, and what it must not: intervals, sound, paths.</summary>
public class ReportClaimsTests
{
    private static readonly PredictionSet Clips = ReportSamples.Predictions(12, 240);

    [Fact]
    public void Several_seeds_show_their_mean_and_the_widest_interval_over_speakers()
    {
        RunMetrics first = ReportSamples.Metrics(Clips, "speaker-5fold", null, seed: 1);
        RunMetrics second = ReportSamples.Metrics(ReportSamples.Predictions(12, 252), "speaker-5fold", null, seed: 2);
        second = second with { Intervals = second.Intervals! with { Uar = [0.11, 0.99] } };
        RunMetrics[] runs = [first with { Fold = 1 }, first with { Fold = 2 }, second with { Fold = 1 }, second with { Fold = 2 }];
        string html = Render(new ReportContent { Title = "t", Runs = runs, Pooled = [first, second] });
        int from = html.IndexOf("class=\"tiles\"", StringComparison.Ordinal), to = html.IndexOf("Compared with", StringComparison.Ordinal);
        string tiles = html[from..to];
        Assert.Contains($"<div class=\"value\">{50 * (first.Uar + second.Uar):0.0} %</div>", tiles, StringComparison.Ordinal);
        Assert.Contains($"mean of 2 seeds, {100 * Math.Min(first.Uar, second.Uar):0.0} % to {100 * Math.Max(first.Uar, second.Uar):0.0} "
            + "%; widest 95 % interval of one seed 11.0 % to 99.0 %; chance 12.5 %", tiles, StringComparison.Ordinal);
        Assert.Contains("12.3 %</div>", tiles, StringComparison.Ordinal);
        Assert.Contains("Top-2 accuracy", tiles, StringComparison.Ordinal);
        // The t interval takes folds and seeds as independent.
        Assert.DoesNotContain("interval of the mean", tiles, StringComparison.Ordinal);
        html = Render(new ReportContent { Title = "t", Runs = runs, Pooled = [first, first with { Seed = 2 }] });
        Assert.Contains("240 clips, each scored by 2 seeds", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Sexes_have_no_interval_over_clips_and_the_lower_is_named()
    {
        RunMetrics run = ReportSamples.Metrics(Clips, "random",
            null) with
        { BySex = [new("female", 120, 0.7, 0.7, 0.7), new("male", 120, 0.4, 0.4, 0.4)] };
        string html = Render(new ReportContent { Title = "t", Runs = [run] });
        string sexes = html[html.IndexOf("Sexes, as the corpus", StringComparison.Ordinal)..];
        Assert.DoesNotContain("interval", sexes, StringComparison.Ordinal);
        Assert.Contains("the lower: <strong>male</strong> with a UAR of 40.0 % on 120 clips; female has 70.0 %", html,
            StringComparison.Ordinal);
        Assert.Contains("for this voice, clips taken as independent", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Sound_that_may_not_be_passed_on_is_left_out_and_said_so()
    {
        using var folder = new TemporaryFolder();
        ReportContent content = ReportSamples.Full(folder.Path, 1, 3);
        Assert.Contains("<audio", HtmlReport.Render(content), StringComparison.Ordinal);
        string html = HtmlReport.Render(content with { EmbedsSound = false });
        Assert.DoesNotContain("audio/wav", html, StringComparison.Ordinal);
        Assert.Contains("do not allow changed copies of its clips to be shared", html, StringComparison.Ordinal);
        Assert.Contains(content.Clips[0].Prediction.Path, html, StringComparison.Ordinal);
    }

    [Fact]
    public void Absolute_paths_are_shortened()
    {
        RunRecord record = RunRecordTests.Record() with
        {
            CommandLine = ["ser", "train", "/home/someone/data/RAVDESS", "--out=/home/someone/runs", "models/mine"],
            Options = RunRecord.Describe(("corpus",
                new
                {
                    Root = "/home/someone/data/RAVDESS",
                    Other = @"C:\Users\someone\x.json",
                    Roots = new[] { "/home/someone/EMO-DB/", "a/b" }
                })),
        };
        string html = Render(new ReportContent { Title = "t", Runs = [ReportSamples.Metrics(Clips, "random", null)], Run = record });
        Assert.DoesNotContain("someone", html, StringComparison.Ordinal);
        Assert.Contains("ser train RAVDESS --out=runs models/mine", html, StringComparison.Ordinal);
        Assert.Contains("x.json", html, StringComparison.Ordinal);
        Assert.Matches("\"EMO-DB\",\\s*\"a/b\"", html);
    }

    private static string Render(ReportContent content) => HtmlReport.Render(content).Replace('\u00A0', ' ');
}
