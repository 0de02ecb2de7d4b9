using System.Globalization;
using System.Xml.Linq;
using SerPipeline.Evaluation;
using static SerPipeline.Reports.Html;
using static SerPipeline.Reports.ReportText;

namespace SerPipeline.Reports;

/// <summary>The results of one group of runs: scores, classes, confusion, curves, calibration, speakers.</summary>
internal static class HtmlReportGroup
{
    /// <summary>The sections of a group.</summary>
    /// <param name="group">The runs.</param>
    /// <param name="alone">Whether the report has this group only.</param>
    /// <param name="figures">Numbers the figures.</param>
    /// <param name="content">The report, whose learning curves stand among the group's figures; null when they stand elsewhere.</param>
    public static IEnumerable<XElement> Section(ReportGroup group, bool alone, HtmlFigures figures, ReportContent? content)
    {
        string heading = alone ? "h2" : "h3";
        yield return Element("section",
            Element("h2", alone ? "Results" : group.Name),
            HtmlReportScores.Tiles(group),
            HtmlReportScores.Caution(group),
            HtmlReportScores.Baselines(group),
            group.Runs.Count == 1 ? null : HtmlReportScores.Runs(group),
            group.Pooled.Count == 0 || group.Runs.Count == 1 ? null : HtmlReportScores.Pooled(group));
        yield return Element("section",
            Element(heading, "Classes"),
            group.Together is null ? Element("p.soft", "The runs have different labels; their clips are not pooled.") : Classes(group.Together, group.Runs.Count),
            group.Together is null ? null : Element("div.figures", ReportFigures.Confusions(group).Select(figures.Of)),
            group.Together is null ? null : Element("details", Element("summary", "The confusion matrix as a table"), Confusion(group.Together.Confusion)));
        if (content is not null && Curves(content, heading, figures) is { } curves) yield return curves;
        if (Calibration(group, heading, figures) is { } calibration) yield return calibration;
        if (HtmlReportSpeakers.Section(group, heading, figures) is { } speakers) yield return speakers;
    }

    /// <summary>The learning curves, or null without.</summary>
    public static XElement? Curves(ReportContent content, string heading, HtmlFigures figures) =>
        content.Curves.Count == 0 ? null : Element("section", Element(heading, "Training"), ReportFigures.Curves(content).Select(figures.Of));

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

    private static XElement? Calibration(ReportGroup group, string heading, HtmlFigures figures)
    {
        if (group.Details is not { Calibration: { } calibration } run) return null;
        IReadOnlyList<object> Row(string name, double? temperature, double ece, double? loss) =>
            [name, temperature is { } t ? Three(t) : "–", Percent(ece), loss is { } l ? Three(l) : "–"];
        var rows = new List<IReadOnlyList<object>> { Row("as they are", null, calibration.Ece, run.LogLoss) };
        if (calibration.ScaledEce is { } scaled) rows.Add(Row("after temperature scaling", calibration.Temperature, scaled, calibration.ScaledLogLoss));
        return Element("section", Element(heading, "Calibration"),
            group.Pooled.Count > 1 ? Element("p.soft", $"Of seed {Whole(run.Seed)}.") : null,
            Table($"Calibration error (ECE), {Whole(calibration.Bins)} bins", ["probabilities", "temperature", "ECE", "log-loss"], rows),
            Element("p.soft", "The expected calibration error is the mean distance of accuracy and confidence over bins of equal width, weighted by their clips."),
            calibration.ScaledEce is null ? Element("p.soft", "No temperature was fitted.") : Element("p.soft", "The temperature was fitted on the validation part; it changes no prediction. With several folds the one shown is their mean, and each clip was scaled with its own fold's."),
            ReportFigures.Reliability(group).Select(figures.Of));
    }
}
