using System.Xml.Linq;
using SerPipeline.Evaluation;
using static SerPipeline.Reports.Html;
using static SerPipeline.Reports.ReportText;

namespace SerPipeline.Reports;

/// <summary>The top of a report: the protocol, and what it forbids to conclude.</summary>
internal static class HtmlReportNotices
{
    private const int NotesAlone = 4;

    public static IEnumerable<XElement> Of(ReportContent content, IReadOnlyList<ReportGroup> groups)
    {
        IReadOnlyList<RunMetrics> runs = content.Runs;
        foreach (IGrouping<string, RunMetrics> protocol in runs.GroupBy(run => run.Protocol)) yield return Protocol(protocol.Key, [.. protocol]);
        foreach (ReportGroup group in groups) yield return HtmlReportLeak.Notice(group, groups.Count == 1);
        foreach (string warning in content.Warnings) yield return Element("p.notice.warning", Attribute("role", "note"), $"⚠ {warning}");
        foreach (ScoreWarning warning in ProtocolNotices.Warnings(runs)) yield return Warning(warning);
        // A few remarks stand alone; those of many folds would push the scores off the first page.
        if (content.Notes.Count > NotesAlone) yield return Element("div.notice", Element("strong", "Remarks"), Element("ul", content.Notes.Select(note => Element("li", note))));
        else foreach (string note in content.Notes) yield return Element("p.notice", note);
    }

    private static XElement Protocol(string name, RunMetrics[] runs)
    {
        // Only a promise about speakers that was checked is shown as kept.
        bool clean = ProtocolNotices.KeepsItsPromise(runs);
        string[] heldOut = [.. runs.SelectMany(run => run.HeldOutSpeakers).Distinct(StringComparer.Ordinal).Order(NumbersFirst.Instance)];
        string speakers = heldOut.Length == 0 ? "" : $" Held out: {Count(heldOut.Length, "speaker")} ({Names(heldOut)}).";
        string validation = runs.All(run => run.ValidationClips == 0) ? " No validation clips." : "";
        return Element(clean ? "div.notice.good" : "div.notice",
            Element("strong", $"Protocol: {name}"),
            Element("span", $"{ProtocolNotices.Meaning(runs)}{speakers}{validation}"));
    }

    private static XElement Warning(ScoreWarning warning) =>
        Element("div.notice.warning", Attribute("role", "note"), Element("strong", $"⚠ {warning.Title}"), Element("span", warning.Text));
}
