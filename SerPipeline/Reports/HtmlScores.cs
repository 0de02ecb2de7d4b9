using System.Globalization;
using System.Xml.Linq;
using SerPipeline.Evaluation;
using static SerPipeline.Reports.Html;
using static SerPipeline.Reports.HtmlScores;
using static SerPipeline.Reports.ReportText;

namespace SerPipeline.Reports;

/// <summary>A report's headline figures, baselines, and the table of folds and seeds.</summary>
internal static class HtmlScores
{
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
            [.. group.Pooled.Count switch { 0 => Of(summary), 1 => Of(group.Pooled[0], summary), _ => HtmlSeeds.Tiles(group.Pooled) },
            Tile("Runs", Whole(summary.Runs), $"{Count(summary.Folds, "fold")}, {Count(summary.Seeds, "seed")}, {clips}")]);
    }

    /// <summary>How the intervals were made, and why they are unreliable where they are; null without intervals.</summary>
    public static XElement? Caution(ReportGroup group)
    {
        IReadOnlyList<RunMetrics> runs = group.Pooled.Count > 0 ? group.Pooled : group.Runs.Count == 1 ? group.Runs : [];
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
                Percent(run.Uar), Percent(run.Accuracy), Three(run.MacroF1), ThreeOrDash(run.LogLoss),
                Element("td.text", Names([.. run.HeldOutSpeakers.Order(NumbersFirst.Instance)])))));
        RunSummary summary = RunSummary.Of(group.Runs)[0];
        table.Descendants("tbody").Single().AddAfterSelf(Element("tfoot",
            Foot("mean", summary, m => m.Mean), Foot("deviation", summary, m => m.Deviation)));
        return table;
    }

    /// <summary>The clips of all folds together, one entry per seed.</summary>
    public static XElement Pooled(ReportGroup group) =>
        Table("All folds' clips together", ["seed", "tested", "UAR", "interval", "accuracy", "macro F1", "log-loss"],
        group.Pooled.Select(run => Cells(Whole(run.Seed), Whole(run.TestClips), Percent(run.Uar),
            run.Intervals is { } i ? $"{Level(i.Confidence)}: {Range(i.Uar)}" : "–", Percent(run.Accuracy), Three(run.MacroF1),
                ThreeOrDash(run.LogLoss))));

    private static XElement Foot(string name, RunSummary summary, Func<MetricSummary, double> value) => Element("tr",
        Element("th", Attribute("scope", "row"), name), Element("td", ""), Element("td", ""), Element("td", ""),
        Element("td", Percent(value(summary.Uar))), Element("td", Percent(value(summary.Accuracy))),
            Element("td", Three(value(summary.MacroF1))),
        Element("td", ThreeOrDash(summary.LogLoss is { } loss ? value(loss) : null)), Element("td", ""));

    private static IEnumerable<XElement> Of(RunMetrics run, RunSummary? folds)
    {
        RunIntervals? intervals = run.Intervals;
        yield return Tile(UarName, Percent(run.Uar),
            Notes(Interval(intervals, intervals?.Uar), Folds(folds?.Uar), $"chance {Percent(run.ChanceBaseline)}"));
        yield return Tile("Accuracy", Percent(run.Accuracy), Notes(Interval(intervals, intervals?.Accuracy), Folds(folds?.Accuracy),
            $"majority class {Percent(run.MajorityBaseline)}"));
        yield return Tile("Macro F1", Three(run.MacroF1),
            Notes(Interval(intervals, intervals?.MacroF1, Three), $"weighted {Three(run.WeightedF1)}"));
        if (run.LogLoss is { } loss) yield return Tile("Log-loss", Three(loss), $"uniform guess {Three(Math.Log(run.Labels.Count))}");
        if (run.Top2 is { } top2) yield return Tile("Top-2 accuracy", Percent(top2), TopTwo);
        if (run.Calibration is { } calibration)
            yield return Tile("Calibration error (ECE)", Percent(calibration.Ece),
                calibration.ScaledEce is { } scaled ? $"{Percent(scaled)} after temperature scaling" : "no temperature was fitted");
    }

    private static IEnumerable<XElement> Of(RunSummary summary)
    {
        yield return Tile(UarName, PlusMinus(summary.Uar), Interval(summary.Uar));
        yield return Tile("Accuracy", PlusMinus(summary.Accuracy), Interval(summary.Accuracy));
        yield return Tile("Macro F1", $"{Three(summary.MacroF1.Mean)} ± {Three(summary.MacroF1.Deviation)}",
            Interval(summary.MacroF1, Three));
        if (summary.LogLoss is { } loss)
            yield return Tile("Log-loss", $"{Three(loss.Mean)} ± {Three(loss.Deviation)}", Interval(loss, Three));
    }

    private static XElement Clips(RunMetrics run) =>
        Tile("Clips", $"{Whole(run.TestClips)} tested",
            $"{Whole(run.TrainClips)} trained on, {Whole(run.ValidationClips)} for validation; seed {Whole(run.Seed)}");

    // A line should not break before a per cent sign.
    internal static XElement Tile(string name, string value, string note) =>
        Element("div.tile", Element("div.name", name), Element("div.value", value),
            Element("div.note", note.Replace(" %", "\u00A0%", StringComparison.Ordinal)));

    internal static string Notes(params IEnumerable<string?> notes) => string.Join("; ", notes.OfType<string>());

    private static string? Interval(RunIntervals? intervals, IReadOnlyList<double>? ends, Func<double, string>? format = null) =>
        intervals is null || ends is null ? null : $"{Level(intervals.Confidence)} interval {Range(ends, format)}";

    private static string? Folds(MetricSummary? folds) => folds is null ? null : $"folds {PlusMinus(folds)}";

    private static string PlusMinus(MetricSummary summary) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * summary.Mean:0.0} ± {100 * summary.Deviation:0.0} %");

    private static string Interval(MetricSummary summary, Func<double, string>? format = null) =>
        $"mean ± standard deviation; {Level(summary.Confidence)} interval of the mean {Range(summary.Interval, format)}";
}

/// <summary>
/// The headline figures of several seeds, each with all folds' clips together. Seeds score the same clips of the same speakers, so they
/// do not narrow the interval over speakers: the widest of the seeds' own is shown.
/// </summary>
internal static class HtmlSeeds
{
    /// <summary>The tiles: means over the seeds.</summary>
    /// <param name="seeds">The metrics of all folds together, one entry per seed, at least one.</param>
    public static IEnumerable<XElement> Tiles(IReadOnlyList<RunMetrics> seeds)
    {
        yield return Mean(UarName, seeds, run => run.Uar, Percent, i => i.Uar,
            $"chance {Ends([.. seeds.Select(run => run.ChanceBaseline)])}");
        yield return Mean("Accuracy", seeds, run => run.Accuracy, Percent, i => i.Accuracy,
            $"majority class {Ends([.. seeds.Select(run => run.MajorityBaseline)])}");
        yield return Mean("Macro F1", seeds, run => run.MacroF1, Three, i => i.MacroF1, null);
        if (seeds.All(run => run.LogLoss is not null))
            yield return Mean("Log-loss", seeds, run => run.LogLoss!.Value, Three, null,
                $"uniform guess {Three(Math.Log(seeds[0].Labels.Count))}");
        if (seeds.All(run => run.Top2 is not null))
            yield return Mean("Top-2 accuracy", seeds, run => run.Top2!.Value, Percent, null, TopTwo);
        if (seeds.All(run => run.Calibration is not null))
            yield return Mean("Calibration error (ECE)", seeds, run => run.Calibration!.Ece, Percent, null,
                seeds.Any(run => run.Calibration!.ScaledEce is null) ? null
                    : $"{Percent(seeds.Average(run => run.Calibration!.ScaledEce!.Value))} after temperature scaling");
    }

    /// <summary>How many clips each seed scored; null without several seeds, or where seeds scored different numbers of them.</summary>
    public static string? Clips(IReadOnlyList<RunMetrics> seeds) =>
        seeds.Count < 2 || seeds.Any(run => run.TestClips != seeds[0].TestClips) ? null
        : $"{Count(seeds[0].TestClips, "clip")}, each scored by {Whole(seeds.Count)} seeds";

    private static XElement Mean(string name, IReadOnlyList<RunMetrics> seeds, Func<RunMetrics, double> value, Func<double, string> format,
        Func<RunIntervals, IReadOnlyList<double>>? ends, string? note)
    {
        double[] values = [.. seeds.Select(value)];
        string range = $"mean of {Whole(values.Length)} seeds, {format(values.Min())} to {format(values.Max())}";
        return Tile(name, format(values.Average()), Notes(range, ends is null ? null : Widest(seeds, ends, format), note));
    }

    private static string? Widest(IReadOnlyList<RunMetrics> seeds, Func<RunIntervals, IReadOnlyList<double>> ends,
        Func<double, string> format)
    {
        if (seeds.Any(run => run.Intervals is null)) return null;
        RunIntervals widest = seeds.Select(run => run.Intervals!).MaxBy(i => ends(i)[1] - ends(i)[0])!;
        return $"widest {Level(widest.Confidence)} interval of one seed {Range(ends(widest), format)}";
    }

    private static string Ends(double[] values) =>
        values.Max() - values.Min() <= 1e-12 ? Percent(values[0]) : Range([values.Min(), values.Max()]);
}
