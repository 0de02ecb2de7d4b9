using System.Xml.Linq;
using static SerPipeline.Evaluation.Reporting.Html;
using static SerPipeline.Evaluation.Reporting.ReportText;

namespace SerPipeline.Evaluation.Reporting;

/// <summary>A report's results by speaker and by sex.</summary>
internal static class HtmlReportSpeakers
{
    /// <summary>The section of a group of runs, or null when its metrics name neither.</summary>
    public static XElement? Section(ReportGroup group, string heading, HtmlFigures figures)
    {
        if (group.Details is not { } run || (run.BySpeaker.Count == 0 && run.BySex.Count == 0)) return null;
        return Element("section", Element(heading, "By speaker"),
            group.Pooled.Count > 1 ? Element("p.soft", $"Of seed {Whole(run.Seed)}.") : null,
            Extremes(run.BySpeaker),
            ReportFigures.Speakers(group).Select(figures.Of),
            Groups("Speakers", run.BySpeaker),
            Groups("Sexes, as the corpus states them", run.BySex));
    }

    /// <summary>The section of predictions alone, or null when they name neither.</summary>
    public static XElement? Section(PredictionSet predictions)
    {
        RunGroup[] speakers = [.. predictions.BySpeaker().Select(Of)], sexes = [.. predictions.BySex().Select(Of)];
        return speakers.Length == 0 && sexes.Length == 0 ? null
            : Element("section", Element("h2", "By speaker"), Extremes(speakers), Groups("Speakers", speakers), Groups("Sexes, as the corpus states them", sexes));

        static RunGroup Of(GroupMetrics group) => new(group.Group, group.Report.Support, group.Report.Uar, group.Report.Accuracy, group.Report.Macro.F1);
    }

    private static XElement? Extremes(IReadOnlyList<RunGroup> speakers)
    {
        if (speakers.Count < 2) return null;
        RunGroup[] order = [.. speakers.OrderBy(s => s.Uar).ThenBy(s => s.Name, NumbersFirst.Instance)];
        return Element("p", "Worst: ", Element("strong", order[0].Name), $" with a UAR of {Percent(order[0].Uar)} on {Count(order[0].Clips, "clip")}; best: {order[^1].Name} with {Percent(order[^1].Uar)} on {Count(order[^1].Clips, "clip")}.");
    }

    private static XElement? Groups(string caption, IReadOnlyList<RunGroup> groups) => groups.Count == 0 ? null
        : Table(caption, ["", "clips", "UAR", "accuracy", "95 % interval of the accuracy", "macro F1"], groups.OrderBy(group => group.Name, NumbersFirst.Instance).Select(group => (IReadOnlyList<object>)
            [group.Name, Whole(group.Clips), Percent(group.Uar), Percent(group.Accuracy), Range(WilsonInterval.Of(group.Accuracy, group.Clips)), Three(group.MacroF1)]));
}
