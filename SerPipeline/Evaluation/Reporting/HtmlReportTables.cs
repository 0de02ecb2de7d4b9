using System.Globalization;
using System.Xml.Linq;
using static SerPipeline.Evaluation.Reporting.Html;

namespace SerPipeline.Evaluation.Reporting;

/// <summary>Orders whole numbers by value before all other names, and those ordinally: speakers 2 and 10 stand as people expect.</summary>
internal sealed class NumbersFirst : IComparer<string>
{
    public static readonly NumbersFirst Instance = new();

    public int Compare(string? x, string? y)
    {
        int order = Value(x).CompareTo(Value(y));
        return order != 0 ? order : string.CompareOrdinal(x, y);
    }

    private static long Value(string? name) => long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : long.MaxValue;
}

/// <summary>A report's figures and tables of metrics.</summary>
internal static class HtmlReportTables
{
    /// <summary>The section of one data set, trainer and protocol; folds and seeds are summarised and their clips pooled.</summary>
    public static XElement Group(RunMetrics[] runs, bool alone)
    {
        RunMetrics first = runs[0];
        ClassificationReport? pooled = Pool(runs);
        return Element("section",
            Element("h2", alone ? "Results" : $"{first.Trainer} on {first.Dataset}, {first.Protocol}"),
            runs.Length == 1 ? Tiles(first) : Tiles(RunSummary.Of(runs)[0]),
            runs.Length == 1 ? null : Runs(runs),
            pooled is null ? Element("p.soft", "The runs have different labels; their clips are not pooled.") : Classes(pooled, runs.Length),
            pooled is null ? null : Confusion(pooled.Confusion));
    }

    /// <summary>The tables by speaker and by sex, or null when the corpus names neither.</summary>
    public static XElement? Groups(PredictionSet predictions)
    {
        IReadOnlyList<GroupMetrics> speakers = predictions.BySpeaker(), sexes = predictions.BySex();
        if (speakers.Count == 0 && sexes.Count == 0) return null;
        return Element("section", Element("h2", "By speaker"), Table("Speakers", speakers), Table("Sexes, as the corpus states them", sexes));

        static XElement? Table(string caption, IReadOnlyList<GroupMetrics> groups) => groups.Count == 0 ? null
            : Html.Table(caption, ["", "clips", "accuracy", "UAR", "macro F1"], groups.OrderBy(group => group.Group, NumbersFirst.Instance).Select(group => (IReadOnlyList<object>)
                [group.Group, Whole(group.Report.Support), Percent(group.Report.Accuracy), Percent(group.Report.Uar), Three(group.Report.Macro.F1)]));
    }

    private static XElement Tiles(RunMetrics run) => Element("div.tiles",
        Tile("Unweighted average recall (UAR)", Percent(run.Uar), $"chance {Percent(run.ChanceBaseline)}"),
        Tile("Accuracy", Percent(run.Accuracy), $"always the most frequent class {Percent(run.MajorityBaseline)}"),
        Tile("Macro F1", Three(run.MacroF1), $"weighted {Three(run.WeightedF1)}"),
        run.LogLoss is { } loss ? Tile("Log-loss", Three(loss), $"uniform guess {Three(Math.Log(run.Labels.Count))}") : null,
        run.Top2 is { } top2 ? Tile("Top-2 accuracy", Percent(top2), "the truth is among the two most probable") : null,
        Tile("Clips", $"{Whole(run.TestClips)} tested", $"{Whole(run.TrainClips)} trained on, {Whole(run.ValidationClips)} for validation; seed {Whole(run.Seed)}"));

    private static XElement Tiles(RunSummary summary) => Element("div.tiles",
        Tile("Unweighted average recall (UAR)", PlusMinus(summary.Uar), Interval(summary.Uar)),
        Tile("Accuracy", PlusMinus(summary.Accuracy), Interval(summary.Accuracy)),
        Tile("Macro F1", $"{Three(summary.MacroF1.Mean)} ± {Three(summary.MacroF1.Deviation)}", $"{Level(summary.MacroF1)} interval {Three(summary.MacroF1.Interval[0])} to {Three(summary.MacroF1.Interval[1])}"),
        summary.LogLoss is { } loss ? Tile("Log-loss", $"{Three(loss.Mean)} ± {Three(loss.Deviation)}", $"{Level(loss)} interval {Three(loss.Interval[0])} to {Three(loss.Interval[1])}") : null,
        Tile("Runs", Whole(summary.Runs), $"{Whole(summary.Folds)} fold(s), {Whole(summary.Seeds)} seed(s), {Whole(summary.TestClips)} test clips; mean ± standard deviation"));

    private static XElement Tile(string name, string value, string note) =>
        Element("div.tile", Element("div.name", name), Element("div.value", value), Element("div.note", note));

    private static XElement Runs(RunMetrics[] runs) =>
        Table("Runs", ["fold", "seed", "trained on", "tested", "accuracy", "UAR", "macro F1", "log-loss", "held-out speakers"], runs.Select(run => (IReadOnlyList<object>)
            [run.Fold is { } fold ? Whole(fold) : "–", Whole(run.Seed), Whole(run.TrainClips), Whole(run.TestClips), Percent(run.Accuracy), Percent(run.Uar), Three(run.MacroF1),
             run.LogLoss is { } loss ? Three(loss) : "–", Element("td.text", string.Join(", ", run.HeldOutSpeakers))]));

    private static XElement Classes(ClassificationReport report, int runs)
    {
        IReadOnlyList<object> Row(string name, AverageMetrics a) => [name, Three(a.Precision), Three(a.Recall), Three(a.F1), Whole(report.Support)];
        return Table(runs == 1 ? "Classes" : "Classes, all runs' clips pooled", ["", "precision", "recall", "F1", "clips"],
        [
            .. report.Classes.Select(c => (IReadOnlyList<object>)[c.Label, Three(c.Precision), Three(c.Recall), Three(c.F1), Whole(c.Support)]),
            Row("macro average", report.Macro),
            Row("weighted average", report.Weighted),
        ]);
    }

    private static XElement Confusion(ConfusionMatrix confusion)
    {
        IReadOnlyList<IReadOnlyList<double>> shares = confusion.RowNormalized();
        XElement table = Table("Confusion: truth by row, prediction by column; clips and share of the row", ["truth", .. confusion.Labels],
            confusion.Labels.Select((label, i) => (IReadOnlyList<object>)[label, .. confusion.Counts[i].Select((count, j) =>
                Element(i == j ? "td.cell.hit" : "td.cell", Attribute("style", string.Create(CultureInfo.InvariantCulture, $"--share: {shares[i][j]:0.###}")),
                    Whole(count), Element("small", Percent(shares[i][j]))))]));
        table.SetAttributeValue("class", "scroll heat");
        return table;
    }

    private static ClassificationReport? Pool(RunMetrics[] runs)
    {
        if (runs.Any(run => !run.Labels.SequenceEqual(runs[0].Labels, StringComparer.Ordinal))) return null;
        long[] counts = new long[runs[0].Labels.Count * runs[0].Labels.Count];
        foreach (RunMetrics run in runs)
        {
            int i = 0;
            foreach (long count in run.Confusion.SelectMany(row => row)) counts[i++] += count;
        }
        return ClassificationReport.FromCounts(runs[0].Labels, counts);
    }

    private static string PlusMinus(MetricSummary summary) => string.Create(CultureInfo.InvariantCulture, $"{100 * summary.Mean:0.0} ± {100 * summary.Deviation:0.0} %");

    private static string Interval(MetricSummary summary) => $"{Level(summary)} interval {Percent(summary.Interval[0])} to {Percent(summary.Interval[1])}";

    private static string Level(MetricSummary summary) => string.Create(CultureInfo.InvariantCulture, $"{100 * summary.Confidence:0.#} %");

    private static string Percent(double value) => string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.0} %");

    private static string Three(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);
}
