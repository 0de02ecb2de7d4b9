using System.Globalization;
using System.Xml.Linq;
using SerPipeline.Evaluation;
using static SerPipeline.Reports.Html;
using static SerPipeline.Reports.ReportText;

namespace SerPipeline.Reports;

/// <summary>A report's headline figures, what to hold them against, and the folds and seeds behind them.</summary>
internal static class HtmlReportScores
{
    internal const string UarName = "Unweighted average recall (UAR)";

    /// <summary>The headline figures: of the run, of all folds together, or the mean over the runs where nobody put them together.</summary>
    public static XElement Tiles(ReportGroup group)
    {
        if (group.Runs.Count == 1) return Element("div.tiles", [.. Of(group.Details!, null), Clips(group.Runs[0])]);
        RunSummary summary = RunSummary.Of(group.Runs)[0];
        return Element("div.tiles", [.. group.Pooled.Count switch { 0 => Of(summary), 1 => Of(group.Pooled[0], summary), _ => HtmlReportSeeds.Tiles(group.Pooled) },
            Tile("Runs", Whole(summary.Runs), $"{Count(summary.Folds, "fold")}, {Count(summary.Seeds, "seed")}, {HtmlReportSeeds.Clips(group.Pooled) ?? Count(summary.TestClips, "test clip")}")]);
    }

    /// <summary>Why the intervals should not be trusted, or null.</summary>
    public static XElement? Caution(ReportGroup group)
    {
        RunIntervals[] intervals = [.. (group.Pooled.Count > 0 ? group.Pooled : group.Runs.Count == 1 ? group.Runs : []).Select(run => run.Intervals).OfType<RunIntervals>()];
        if (intervals.Length == 0) return null;
        string how = string.Create(CultureInfo.InvariantCulture,
            $"Intervals: percentiles over {intervals[0].Draws} draws of {Count(intervals[0].Units, intervals[0].Unit)} with replacement, seed {intervals[0].Seed}. They take the trained models as they are: another seed or training set is not in them.");
        return intervals.Select(i => i.Caution).OfType<string>().FirstOrDefault() is { } caution
            ? Element("div.notice.warning", Attribute("role", "note"), Element("strong", "⚠ Take the intervals with care"), Element("span", $"{caution} {how}"))
            : Element("p.soft", how);
    }

    /// <summary>The scores beside those of guessing and of people.</summary>
    public static XElement? Baselines(ReportGroup group)
    {
        if (group.Together is not { } together) return null;
        double chance = together.Baseline.ChanceAccuracy;
        int present = together.Classes.Count(c => c.Support > 0);
        var rows = new List<IReadOnlyList<object>>
        {
            (IReadOnlyList<object>)[group.Runs.Count == 1 ? "this model" : "these models, clips pooled", Percent(together.Uar), Percent(together.Accuracy), Element("td.text", "")],
            (IReadOnlyList<object>)["majority class", Percent(1.0 / present), Percent(together.Baseline.MajorityAccuracy), Element("td.text", "always says the most frequent class of the test part")],
            (IReadOnlyList<object>)["chance", Percent(chance), Percent(chance), Element("td.text", $"draws one of {Whole(together.Labels.Count)} labels blindly")],
        };
        if (group.Runs.Concat(group.Pooled).Select(run => run.People).OfType<RunPeople>().FirstOrDefault() is { } people)
            rows.Add([Element("span", "people"), "–", Percent(people.Accuracy), Element("td.text", people.Source)]);
        return Table("Beside the baselines", ["", "UAR", "accuracy", ""], rows);
    }

    /// <summary>Each fold and seed, and their mean and deviation below.</summary>
    public static XElement Runs(ReportGroup group)
    {
        XElement table = Table("Folds and seeds", ["fold", "seed", "trained on", "tested", "UAR", "accuracy", "macro F1", "log-loss", "held-out speakers"],
            group.Runs.Select(run => (IReadOnlyList<object>)
                [run.Fold is { } fold ? Whole(fold) : "–", Whole(run.Seed), Whole(run.TrainClips), Whole(run.TestClips), Percent(run.Uar), Percent(run.Accuracy), Three(run.MacroF1),
                 run.LogLoss is { } loss ? Three(loss) : "–", Element("td.text", Names([.. run.HeldOutSpeakers.Order(NumbersFirst.Instance)]))]));
        RunSummary summary = RunSummary.Of(group.Runs)[0];
        table.Descendants("tbody").Single().AddAfterSelf(Element("tfoot",
            Foot("mean", summary, m => m.Mean), Foot("deviation", summary, m => m.Deviation)));
        return table;
    }

    /// <summary>The clips of all folds together, an entry a seed.</summary>
    public static XElement Pooled(ReportGroup group) => Table("All folds' clips together", ["seed", "tested", "UAR", "interval", "accuracy", "macro F1", "log-loss"],
        group.Pooled.Select(run => (IReadOnlyList<object>)
            [Whole(run.Seed), Whole(run.TestClips), Percent(run.Uar), run.Intervals is { } i ? $"{Level(i.Confidence)}: {Range(i.Uar)}" : "–", Percent(run.Accuracy), Three(run.MacroF1),
             run.LogLoss is { } loss ? Three(loss) : "–"]));

    private static XElement Foot(string name, RunSummary summary, Func<MetricSummary, double> value) => Element("tr",
        Element("th", Attribute("scope", "row"), name), Element("td", ""), Element("td", ""), Element("td", ""),
        Element("td", Percent(value(summary.Uar))), Element("td", Percent(value(summary.Accuracy))), Element("td", Three(value(summary.MacroF1))),
        Element("td", summary.LogLoss is { } loss ? Three(value(loss)) : "–"), Element("td", ""));

    private static IEnumerable<XElement> Of(RunMetrics run, RunSummary? folds)
    {
        RunIntervals? intervals = run.Intervals;
        yield return Tile(UarName, Percent(run.Uar), Notes(Interval(intervals, intervals?.Uar), Folds(folds?.Uar), $"chance {Percent(run.ChanceBaseline)}"));
        yield return Tile("Accuracy", Percent(run.Accuracy), Notes(Interval(intervals, intervals?.Accuracy), Folds(folds?.Accuracy), $"always the most frequent class {Percent(run.MajorityBaseline)}"));
        yield return Tile("Macro F1", Three(run.MacroF1), Notes(intervals is null ? null : $"{Level(intervals.Confidence)} interval {Three(intervals.MacroF1[0])} to {Three(intervals.MacroF1[1])}", $"weighted {Three(run.WeightedF1)}"));
        if (run.LogLoss is { } loss) yield return Tile("Log-loss", Three(loss), $"uniform guess {Three(Math.Log(run.Labels.Count))}");
        if (run.Top2 is { } top2) yield return Tile("Top-2 accuracy", Percent(top2), "the truth is among the two most probable");
        if (run.Calibration is { } calibration)
            yield return Tile("Calibration error (ECE)", Percent(calibration.Ece), calibration.ScaledEce is { } scaled ? $"{Percent(scaled)} after temperature scaling" : "no temperature was fitted");
    }

    private static IEnumerable<XElement> Of(RunSummary summary)
    {
        yield return Tile(UarName, PlusMinus(summary.Uar), Interval(summary.Uar));
        yield return Tile("Accuracy", PlusMinus(summary.Accuracy), Interval(summary.Accuracy));
        yield return Tile("Macro F1", $"{Three(summary.MacroF1.Mean)} ± {Three(summary.MacroF1.Deviation)}", Interval(summary.MacroF1, Three));
        if (summary.LogLoss is { } loss) yield return Tile("Log-loss", $"{Three(loss.Mean)} ± {Three(loss.Deviation)}", Interval(loss, Three));
    }

    private static XElement Clips(RunMetrics run) =>
        Tile("Clips", $"{Whole(run.TestClips)} tested", $"{Whole(run.TrainClips)} trained on, {Whole(run.ValidationClips)} for validation; seed {Whole(run.Seed)}");

    // A line should not break before a per cent sign.
    internal static XElement Tile(string name, string value, string note) =>
        Element("div.tile", Element("div.name", name), Element("div.value", value), Element("div.note", note.Replace(" %", "\u00A0%", StringComparison.Ordinal)));

    internal static string Notes(params IEnumerable<string?> notes) => string.Join("; ", notes.OfType<string>());

    private static string? Interval(RunIntervals? intervals, IReadOnlyList<double>? ends) => intervals is null || ends is null ? null : $"{Level(intervals.Confidence)} interval {Range(ends)}";

    private static string? Folds(MetricSummary? folds) => folds is null ? null : $"folds {PlusMinus(folds)}";

    private static string PlusMinus(MetricSummary summary) => string.Create(CultureInfo.InvariantCulture, $"{100 * summary.Mean:0.0} ± {100 * summary.Deviation:0.0} %");

    private static string Interval(MetricSummary summary, Func<double, string>? format = null) =>
        $"mean ± standard deviation; {Level(summary.Confidence)} interval of the mean {(format ?? Percent)(summary.Interval[0])} to {(format ?? Percent)(summary.Interval[1])}";
}
