using System.Xml.Linq;
using SerPipeline.Evaluation;
using static SerPipeline.Format;
using static SerPipeline.Reports.Html;
using static SerPipeline.Reports.HtmlScores;

namespace SerPipeline.Reports;

/// <summary>A report's headline figures, baselines, and the table of folds and seeds.</summary>
internal static class HtmlScores
{
    /// <summary>Why macro F1 and UAR differ where some rows lack a label.</summary>
    internal const string Untested = "Macro F1 counts a label of which a row has no clip as 0; UAR leaves it out.";

    internal const string UarName = "Unweighted average recall (UAR)", TopTwo = "the true class is among the two most probable";

    /// <summary>
    /// The headline figures: of the run, of the pooled folds, or the mean over the runs where no pooled metrics are given.
    /// </summary>
    public static XElement Tiles(ReportGroup group)
    {
        if (group.Runs.Count == 1) return Element("div.tiles", [.. Of(group.Details!, null), Clips(group.Runs[0])]);
        RunSummary summary = RunSummary.Of(group.Runs)[0];
        string clips = HtmlSeeds.Clips(group.Pooled) ?? Count(summary.TestClips, "test clip");
        return Element("div.tiles",
            [.. group.Pooled.Count switch
            {
                0 => summary.Folds == 1 ? HtmlSeeds.Tiles(group.Runs) : Of(summary),
                1 => Of(group.Pooled[0], summary),
                _ => HtmlSeeds.Tiles(group.Pooled),
            },
            Tile("Runs", Whole(summary.Runs), $"{Count(summary.Folds, "fold")}, {Count(summary.Seeds, "seed")}, {clips}")]);
    }

    /// <summary>How the intervals were made, and why they are unreliable where they are; null without intervals.</summary>
    public static XElement? Caution(ReportGroup group)
    {
        IReadOnlyList<RunMetrics> runs = group.Pooled.Count > 0 ? group.Pooled
            : group.Runs.Select(run => run.Fold).Distinct().Count() == 1 ? group.Runs : [];
        RunIntervals[] intervals = [.. runs.Select(run => run.Intervals).OfType<RunIntervals>()];
        if (intervals.Length == 0) return null;
        RunIntervals first = intervals[0];
        string how = $"Intervals: percentiles over {Whole(first.Draws)} draws of {Count(first.Units, first.Unit)} with "
            + $"replacement, seed {Whole(first.Seed)}. "
            + "They do not include the variation between seeds or training sets.";
        return intervals.Select(i => i.Caution).OfType<string>().FirstOrDefault() is { } caution
            ? Element("div.notice.warning", Attribute("role", "note"), Element("strong", "⚠ Interpret the intervals with care"),
                Element("span", $"{caution} {how}"))
            : Element("p.soft", how);
    }

    /// <summary>The scores beside those of the majority class, of chance and of people.</summary>
    public static XElement? Baselines(ReportGroup group)
    {
        if (group.Together is not { } together) return null;
        double chance = together.Baseline.ChanceAccuracy;
        var rows = new List<IReadOnlyList<object>>
        {
            Row(group.Runs.Count == 1 ? "this model" : "these models, clips pooled", Percent(together.Uar), together.Accuracy, ""),
            Row("majority class", Percent(together.Baseline.MajorityUar), together.Baseline.MajorityAccuracy,
                "always predicts the most frequent class of the test clips"),
            Row("chance", Percent(chance), chance, $"picks one of {Whole(together.Labels.Count)} labels at random"),
        };
        if (group.Runs.Concat(group.Pooled).Select(run => run.People).OfType<RunPeople>().FirstOrDefault() is { } people)
            rows.Add(Row(Element("span", "people"), "–", people.Accuracy, people.Source));
        return Table("Compared with baselines", ["", "UAR", "accuracy", ""], rows);

        IReadOnlyList<object> Row(object name, string uar, double accuracy, string remark) =>
            Cells(name, uar, Percent(accuracy), Element("td.text", remark));
    }

    /// <summary>Each fold and seed, and their mean and deviation below.</summary>
    public static XElement Runs(ReportGroup group)
    {
        XElement table = Table("Folds and seeds",
            ["fold", "seed", "trained on", "tested", "UAR", "accuracy", "macro F1", "log-loss", "held-out speakers"],
            group.Runs.Select(run =>
                Cells(run.Fold is { } fold ? Whole(fold) : "–", Whole(run.Seed), Whole(run.TrainClips), Whole(run.TestClips),
                Percent(run.Uar), Percent(run.Accuracy), Score(run.MacroF1), ScoreOrDash(run.LogLoss),
                Element("td.text", Names([.. run.HeldOutSpeakers.Order(NumbersFirst.Instance)])))));
        RunSummary summary = RunSummary.Of(group.Runs)[0];
        table.Descendants("tbody").Single().AddAfterSelf(Element("tfoot",
            Foot("mean", summary, m => m.Mean), Foot("deviation", summary, m => m.Deviation)));
        return group.Runs.Any(run => run.Classes.Any(c => c.Support == 0)) ? Element("div", table, Element("p.soft", Untested)) : table;
    }

    /// <summary>The clips of all folds together, one entry per seed.</summary>
    public static XElement Pooled(ReportGroup group) =>
        Table("All folds' clips together", ["seed", "tested", "UAR", "interval", "accuracy", "macro F1", "log-loss"],
        group.Pooled.Select(run => Cells(Whole(run.Seed), Whole(run.TestClips), Percent(run.Uar),
            run.Intervals is { } i ? $"{Level(i.Confidence)}: {Range(i.Uar)}" : "–", Percent(run.Accuracy), Score(run.MacroF1),
                ScoreOrDash(run.LogLoss))));

    private static XElement Foot(string name, RunSummary summary, Func<MetricSummary, double> value) => Element("tr",
        Element("th", Attribute("scope", "row"), name), Element("td", ""), Element("td", ""), Element("td", ""),
        Element("td", Percent(value(summary.Uar))), Element("td", Percent(value(summary.Accuracy))),
            Element("td", Score(value(summary.MacroF1))),
        Element("td", ScoreOrDash(summary.LogLoss is { } loss ? value(loss) : null)), Element("td", ""));

    // Of one run, or of the folds of a seed together; with several folds, their mean and deviation beside the shares.
    private static IEnumerable<XElement> Of(RunMetrics run, RunSummary? folds) =>
        Headline.All.Where(figure => figure.Value(run) is not null).Select(figure =>
        {
            string? interval = run.Intervals is { } i && figure.Ends is { } ends
                ? $"{Level(i.Confidence)} interval {Range(ends(i), figure.Write)}" : null;
            string? over = folds is not null && figure.IsShare ? $"folds {PlusMinus(figure.Over!(folds)!, figure.Write)}" : null;
            return Tile(figure.Name, figure.Write(figure.Value(run)!.Value), Notes(interval, over, figure.Beside([run])));
        });

    private static IEnumerable<XElement> Of(RunSummary summary) =>
        Headline.All.Select(figure => (Figure: figure, Over: figure.Over?.Invoke(summary))).Where(one => one.Over is not null)
            .Select(one => Tile(one.Figure.Name, PlusMinus(one.Over!, one.Figure.Write),
                "mean ± standard deviation" + (one.Over!.Interval is { } ends
                    ? $"; {Level(one.Over.Confidence)} interval of the mean {Range(ends, one.Figure.Write)}" : "")));

    private static XElement Clips(RunMetrics run) =>
        Tile("Clips", $"{Whole(run.TestClips)} tested",
            $"{Whole(run.TrainClips)} trained on, {Whole(run.ValidationClips)} for validation; seed {Whole(run.Seed)}");

    // A line should not break before a per cent sign.
    internal static XElement Tile(string name, string value, string note) =>
        Element("div.tile", Element("div.name", name), Element("div.value", value),
            Element("div.note", note.Replace(" %", "\u00A0%", StringComparison.Ordinal)));

    internal static string Notes(params IEnumerable<string?> notes) => string.Join("; ", notes.OfType<string>());

    private static string PlusMinus(MetricSummary summary, Func<double, string> write) => write == Headline.Share
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * summary.Mean:0.0} ± {100 * summary.Deviation:0.0} %")
        : $"{write(summary.Mean)} ± {write(summary.Deviation)}";
}

/// <summary>A figure at the head of a report.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Value">Its value for a run; null where it is unknown.</param>
/// <param name="Write">How it is written.</param>
/// <param name="Ends">Its interval; null for figures without.</param>
/// <param name="Over">Its mean over folds; null for figures without.</param>
/// <param name="Beside">What to compare it with.</param>
internal sealed record Headline(string Name, Func<RunMetrics, double?> Value, Func<double, string> Write,
    Func<RunIntervals, IReadOnlyList<double>>? Ends, Func<RunSummary, MetricSummary?>? Over,
    Func<IReadOnlyList<RunMetrics>, string?> Beside)
{
    public static readonly Func<double, string> Share = Percent;

    public static readonly Headline[] All =
    [
        new(UarName, run => run.Uar, Share, i => i.Uar, s => s.Uar, runs => $"chance {OfAll(runs, run => run.ChanceBaseline)}"),
        new("Accuracy", run => run.Accuracy, Share, i => i.Accuracy, s => s.Accuracy,
            runs => $"majority class {OfAll(runs, run => run.MajorityBaseline)}"),
        new("Macro F1", run => run.MacroF1, Score, i => i.MacroF1, s => s.MacroF1,
            runs => runs.Count == 1 ? $"weighted {Score(runs[0].WeightedF1)}" : null),
        new("Log-loss", run => run.LogLoss, Score, null, s => s.LogLoss, runs => $"uniform guess {Score(Math.Log(runs[0].Labels.Count))}"),
        new("Top-2 accuracy", run => run.Top2, Share, null, null, _ => TopTwo),
        new("Calibration error (ECE)", run => run.Calibration?.Ece, Share, null, null, Scaled),
    ];

    public bool IsShare => Over is not null && Write == Share;

    private static string OfAll(IReadOnlyList<RunMetrics> runs, Func<RunMetrics, double> value)
    {
        double least = runs.Min(value), greatest = runs.Max(value);
        return greatest - least <= 1e-12 ? Percent(value(runs[0])) : Range([least, greatest]);
    }

    private static string? Scaled(IReadOnlyList<RunMetrics> runs) => runs.All(run => run.Calibration!.ScaledEce is not null)
        ? $"{Percent(runs.Average(run => run.Calibration!.ScaledEce!.Value))} after temperature scaling"
        : runs.Count == 1 ? "no temperature was fitted" : null;
}

/// <summary>
/// The headline figures of several seeds, each with all folds' clips together or of one split. Seeds score clips of the same speakers, so
/// they do not narrow the interval over speakers: the widest of the seeds' own is shown.
/// </summary>
internal static class HtmlSeeds
{
    /// <summary>The tiles: means over the seeds.</summary>
    /// <param name="seeds">The metrics of all folds together, one entry per seed, at least one.</param>
    public static IEnumerable<XElement> Tiles(IReadOnlyList<RunMetrics> seeds) =>
        Headline.All.Where(figure => seeds.All(run => figure.Value(run) is not null)).Select(figure =>
        {
            double[] values = [.. seeds.Select(run => figure.Value(run)!.Value)];
            string range = $"mean of {Whole(values.Length)} seeds, {figure.Write(values.Min())} to {figure.Write(values.Max())}";
            return Tile(figure.Name, figure.Write(values.Average()),
                Notes(range, figure.Ends is { } ends ? Widest(seeds, ends, figure.Write) : null, figure.Beside(seeds)));
        });

    /// <summary>How many clips each seed scored; null without several seeds, or where seeds scored different numbers of them.</summary>
    public static string? Clips(IReadOnlyList<RunMetrics> seeds) =>
        seeds.Count < 2 || seeds.Any(run => run.TestClips != seeds[0].TestClips) ? null
        : $"{Count(seeds[0].TestClips, "clip")}, each scored by {Whole(seeds.Count)} seeds";

    private static string? Widest(IReadOnlyList<RunMetrics> seeds, Func<RunIntervals, IReadOnlyList<double>> ends,
        Func<double, string> format)
    {
        if (seeds.Any(run => run.Intervals is null)) return null;
        RunIntervals widest = seeds.Select(run => run.Intervals!).MaxBy(i => ends(i)[1] - ends(i)[0])!;
        return $"widest {Level(widest.Confidence)} interval of one seed {Range(ends(widest), format)}";
    }
}
