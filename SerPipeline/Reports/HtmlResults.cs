using System.Xml.Linq;
using SerPipeline.Evaluation;
using static SerPipeline.Format;
using static SerPipeline.Reports.Html;

namespace SerPipeline.Reports;

/// <summary>The results of one group of runs: scores, classes, confusion, curves, calibration, speakers.</summary>
internal static class HtmlResults
{
    // The content's learning curves stand among the group's figures; null where they stand elsewhere.
    public static IEnumerable<XElement> Section(ReportGroup group, bool alone, HtmlFigures figures, ReportContent? content)
    {
        string heading = alone ? "h2" : "h3";
        yield return Element("section",
            Element("h2", alone ? "Results" : group.Name),
            HtmlScores.Tiles(group),
            HtmlScores.Caution(group),
            HtmlScores.Baselines(group),
            group.Runs.Count == 1 ? null : HtmlScores.Runs(group),
            group.Pooled.Count == 0 || group.Runs.Count == 1 ? null : HtmlScores.Pooled(group));
        yield return Element("section",
            Element(heading, "Classes"),
            group.Together is null ? Element("p.soft", "The runs have different labels; their clips are not pooled.")
                : Classes(group.Together, group.Runs.Count),
            group.Together is null ? null : Element("div.figures", ReportFigures.Confusions(group).Select(figures.Of)),
            group.Together is null
                ? null : Element("details", Element("summary", "The confusion matrix as a table"), Confusion(group.Together.Confusion)));
        if (content is not null && Curves(content, heading, figures) is { } curves) yield return curves;
        if (Calibration(group, heading, figures) is { } calibration) yield return calibration;
        if (HtmlSpeakers.Section(group, heading, figures) is { } speakers) yield return speakers;
    }

    /// <summary>The learning curves, or null without.</summary>
    public static XElement? Curves(ReportContent content, string heading, HtmlFigures figures) =>
        content.Curves.Count == 0
            ? null : Element("section", Element(heading, "Training"), ReportFigures.Curves(content).Select(figures.Of));

    private static XElement Classes(ClassificationReport report, int runs)
    {
        IReadOnlyList<object> Row(string name, double precision, double recall, double f1, long clips) =>
            Cells(name, Score(precision), Score(recall), Score(f1), Whole(clips));
        IReadOnlyList<object> Average(string name, AverageMetrics a) => Row(name, a.Precision, a.Recall, a.F1, report.Support);
        XElement table = Table(runs == 1 ? "Classes" : "Classes, all runs' clips pooled", ["", "precision", "recall", "F1", "clips"],
        [
            .. report.Classes.Select(c => Row(c.Label, c.Precision, c.Recall, c.F1, c.Support)),
            Average("macro average", report.Macro), Average("weighted average", report.Weighted),
        ]);
        return report.UntestedNote is { } untested ? Element("div", table, Element("p.soft", untested)) : table;
    }

    private static XElement Confusion(Evaluation.ConfusionMatrix confusion)
    {
        IReadOnlyList<IReadOnlyList<double>> shares = confusion.RowNormalized();
        return Table("Confusion: truth by row, prediction by column; clips and share of the row", ["truth", .. confusion.Labels],
            confusion.Labels.Select((label, i) => (IReadOnlyList<object>)[label, .. confusion.Counts[i].Select((count, j) =>
                Element(i == j ? "td.cell.hit" : "td.cell",
                    Attribute("style", string.Create(CultureInfo.InvariantCulture, $"--share: {shares[i][j]:0.###}")),
                Whole(count), Element("small", Percent(shares[i][j]))))]), ".heat");
    }

    private static XElement? Calibration(ReportGroup group, string heading, HtmlFigures figures)
    {
        if (group.Details is not { Calibration: { } calibration } run) return null;
        IReadOnlyList<object> Row(string name, double? temperature, double ece, double? loss) =>
            [name, temperature is { } t ? Score(t) : "–", Percent(ece), loss is { } l ? Score(l) : "–"];
        var rows = new List<IReadOnlyList<object>> { Row("unscaled", null, calibration.Ece, run.LogLoss) };
        if (calibration.ScaledEce is { } scaled)
            rows.Add(Row("after temperature scaling", calibration.Temperature, scaled, calibration.ScaledLogLoss));
        return Element("section", Element(heading, "Calibration"),
            group.Pooled.Count > 1 ? Element("p.soft", $"Of seed {Whole(run.Seed)}.") : null,
            Table($"Calibration error (ECE), {Whole(calibration.Bins)} bins", ["probabilities", "temperature", "ECE", "log-loss"], rows),
            Element("p.soft", "The expected calibration error is the mean distance between accuracy and confidence over bins of equal "
                + "width, weighted by their clips."),
            Element("p.soft", calibration.ScaledEce is null ? "No temperature was fitted."
                : "The temperature was fitted on the validation part; it changes no prediction. "
                    + "With several folds the one shown is their mean, and each clip was scaled with its own fold's."),
            ReportFigures.Reliability(group).Select(figures.Of));
    }
}

/// <summary>A report's results by speaker and by sex.</summary>
internal static class HtmlSpeakers
{
    /// <summary>The section of a group of runs, or null when its metrics name neither.</summary>
    public static XElement? Section(ReportGroup group, string heading, HtmlFigures figures) => group.Details is not { } run ? null
        : Section(heading, run.BySpeaker, run.BySex, group.Pooled.Count > 1 ? Element("p.soft", $"Of seed {Whole(run.Seed)}.") : null,
            ReportFigures.Speakers(group).Select(figures.Of));

    /// <summary>The section of predictions alone, or null when they name neither.</summary>
    public static XElement? Section(PredictionSet predictions) =>
        Section("h2", [.. predictions.BySpeaker().Select(RunGroup.Of)], [.. predictions.BySex().Select(RunGroup.Of)], null, []);

    private static XElement? Section(
        string heading, IReadOnlyList<RunGroup> speakers, IReadOnlyList<RunGroup> sexes, XElement? remark, IEnumerable<XElement> plots) =>
        speakers.Count + sexes.Count == 0 ? null : Element("section",
            Element(heading, "By speaker"), remark, Extremes(speakers), plots, Speakers(speakers), WorstSex(sexes), Sexes(sexes));

    private static XElement? Extremes(IReadOnlyList<RunGroup> speakers)
    {
        if (speakers.Count < 2) return null;
        RunGroup[] order = [.. speakers.FromWorst()];
        return Element("p", "Worst: ", Element("strong", order[0].Name),
            $" with a UAR of {UarOn(order[0])}; best: {order[^1].Name} with {UarOn(order[^1])}.");
    }

    private static XElement? WorstSex(IReadOnlyList<RunGroup> sexes)
    {
        if (sexes.Count < 2) return null;
        RunGroup[] order = [.. sexes.OrderBy(s => s.Uar).ThenBy(s => s.Name, StringComparer.Ordinal)];
        return order[^1].Uar - order[0].Uar <= 1e-12 ? Element("p", $"By sex the UAR is the same: {Percent(order[0].Uar)}.")
            : Element("p", "By sex, the lower: ", Element("strong", order[0].Name),
                $" with a UAR of {UarOn(order[0])}; {order[^1].Name} has {Percent(order[^1].Uar)}.");
    }

    private static string UarOn(RunGroup group) => $"{Percent(group.Uar)} on {Count(group.Clips, "clip")}";

    private static XElement? Speakers(IReadOnlyList<RunGroup> speakers) => speakers.Count == 0 ? null
        : Element("div", Table("Speakers",
            ["", "clips", "UAR", "accuracy", "95 % interval for this voice, clips taken as independent", "macro F1"],
            speakers.OrderBy(s => s.Name, NumbersFirst.Instance).Select(s =>
                Cells(s.Name, Whole(s.Clips), Percent(s.Uar), Percent(s.Accuracy), Range(WilsonInterval.Of(s.Accuracy, s.Clips)),
                    Score(s.MacroF1)))), Element("p.soft", HtmlScores.Untested));

    // The clips of one sex are of a few speakers and not independent, so Wilson's interval would be far too narrow: there is none.
    private static XElement? Sexes(IReadOnlyList<RunGroup> sexes) => sexes.Count == 0 ? null
        : Table("Sexes, as the corpus states them", ["", "clips", "UAR", "accuracy", "macro F1"],
            sexes.OrderBy(s => s.Name, StringComparer.Ordinal)
            .Select(s => Cells(s.Name, Whole(s.Clips), Percent(s.Uar), Percent(s.Accuracy), Score(s.MacroF1))));
}
