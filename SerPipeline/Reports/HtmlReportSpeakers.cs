using System.Xml.Linq;
using SerPipeline.Evaluation;
using static SerPipeline.Reports.Html;
using static SerPipeline.Reports.ReportText;

namespace SerPipeline.Reports;

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
            Speakers(run.BySpeaker),
            WorstSex(run.BySex),
            Sexes(run.BySex));
    }

    /// <summary>The section of predictions alone, or null when they name neither.</summary>
    public static XElement? Section(PredictionSet predictions)
    {
        RunGroup[] speakers = [.. predictions.BySpeaker().Select(Of)], sexes = [.. predictions.BySex().Select(Of)];
        return speakers.Length == 0 && sexes.Length == 0 ? null
            : Element("section", Element("h2", "By speaker"), Extremes(speakers), Speakers(speakers), WorstSex(sexes), Sexes(sexes));

        static RunGroup Of(GroupMetrics group) => new(group.Group, group.Report.Support, group.Report.Uar, group.Report.Accuracy, group.Report.Macro.F1);
    }

    private static XElement? Extremes(IReadOnlyList<RunGroup> speakers)
    {
        if (speakers.Count < 2) return null;
        RunGroup[] order = [.. speakers.OrderBy(s => s.Uar).ThenBy(s => s.Name, NumbersFirst.Instance)];
        return Element("p", "Worst: ", Element("strong", order[0].Name), $" with a UAR of {Percent(order[0].Uar)} on {Count(order[0].Clips, "clip")}; best: {order[^1].Name} with {Percent(order[^1].Uar)} on {Count(order[^1].Clips, "clip")}.");
    }

    private static XElement? WorstSex(IReadOnlyList<RunGroup> sexes)
    {
        if (sexes.Count < 2) return null;
        RunGroup[] order = [.. sexes.OrderBy(s => s.Uar).ThenBy(s => s.Name, StringComparer.Ordinal)];
        return order[^1].Uar - order[0].Uar <= 1e-12 ? Element("p", $"By sex the UAR is the same: {Percent(order[0].Uar)}.")
            : Element("p", "By sex, the worse: ", Element("strong", order[0].Name), $" with a UAR of {Percent(order[0].Uar)} on {Count(order[0].Clips, "clip")}; {order[^1].Name} has {Percent(order[^1].Uar)}.");
    }

    private static XElement? Speakers(IReadOnlyList<RunGroup> speakers) => speakers.Count == 0 ? null
        : Table("Speakers", ["", "clips", "UAR", "accuracy", "95 % interval for this voice, clips taken as independent", "macro F1"], speakers.OrderBy(s => s.Name, NumbersFirst.Instance).Select(s => (IReadOnlyList<object>)
            [s.Name, Whole(s.Clips), Percent(s.Uar), Percent(s.Accuracy), Range(WilsonInterval.Of(s.Accuracy, s.Clips)), Three(s.MacroF1)]));

    // The clips of one sex are of a few speakers and not independent, so Wilson's interval would be far too narrow: there is none.
    private static XElement? Sexes(IReadOnlyList<RunGroup> sexes) => sexes.Count == 0 ? null
        : Table("Sexes, as the corpus states them", ["", "clips", "UAR", "accuracy", "macro F1"], sexes.OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => (IReadOnlyList<object>)
            [s.Name, Whole(s.Clips), Percent(s.Uar), Percent(s.Accuracy), Three(s.MacroF1)]));
}
