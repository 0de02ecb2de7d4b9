using System.Xml.Linq;
using SerPipeline.Evaluation;
using static SerPipeline.Format;
using static SerPipeline.Reports.Html;

namespace SerPipeline.Reports;

/// <summary>The top of a report: protocol, leak check and warnings.</summary>
internal static class HtmlNotices
{
    private const int NotesAlone = 4, ExamplesShown = 10;

    public static IEnumerable<XElement> Of(ReportContent content, IReadOnlyList<ReportGroup> groups)
    {
        IReadOnlyList<RunMetrics> runs = content.Runs;
        foreach (IGrouping<string, RunMetrics> protocol in runs.GroupBy(run => run.Protocol))
            yield return Protocol(protocol.Key, [.. protocol]);
        foreach (ReportGroup group in groups) yield return LeakCheck(group, groups.Count == 1);
        foreach (string warning in content.Warnings) yield return Element("p.notice.warning", Attribute("role", "note"), $"⚠ {warning}");
        foreach (ScoreWarning warning in ProtocolNotices.Warnings(runs))
            yield return Element("div.notice.warning", Attribute("role", "note"), Element("strong", $"⚠ {warning.Title}"),
                Element("span", warning.Text));
        // Many remarks, such as one per fold, go into a box that scrolls, to keep the scores on the first page.
        if (content.Notes.Count > NotesAlone)
            yield return Element("div.notice", Element("strong", "Remarks"),
                Element("ul", content.Notes.Select(note => Element("li", note))));
        else foreach (string note in content.Notes) yield return Element("p.notice", note);
    }

    private static XElement Protocol(string name, RunMetrics[] runs)
    {
        // Green only where the speakers confirm the protocol, and no test clip was found among those of the training.
        bool clean = ProtocolNotices.KeepsSpeakersApart(runs) && runs.All(run => run.LeakCheck is not null);
        string[] heldOut = [.. runs.SelectMany(run => run.HeldOutSpeakers).Distinct(StringComparer.Ordinal).Order(NumbersFirst.Instance)];
        string speakers = heldOut.Length == 0 ? "" : $" Held out: {Count(heldOut.Length, "speaker")} ({Names(heldOut)}).";
        string validation = runs.All(run => run.ValidationClips == 0) ? " No validation clips." : "";
        return Element(clean ? "div.notice.good" : "div.notice",
            Element("strong", $"Protocol: {name}"),
            Element("span", $"{ProtocolNotices.Meaning(runs)}{speakers}{validation}"));
    }

    private static XElement LeakCheck(ReportGroup group, bool alone)
    {
        RunMetrics[] runs = [.. group.Runs.Where(run => run.LeakCheck is not null)];
        string of = alone ? "" : $" of {group.Name}";
        if (runs.Length == 0)
            return Element("div.notice", Element("strong", $"Leak check{of}: not run"),
                Element("span", "Whether test clips repeat training clips was not checked."));
        RunLeakCheck[] checks = [.. runs.Select(run => run.LeakCheck!)];
        long clips = runs.Sum(run => run.TestClips), touched = checks.Sum(c => c.Touched);
        long? ofSpeakers = checks.Any(c => c.OfTrainingSpeakers is null) ? null : checks.Sum(c => c.OfTrainingSpeakers!.Value);
        string partly = runs.Length == group.Runs.Count
            ? "" : $" {Whole(group.Runs.Count - runs.Length)} of {Whole(group.Runs.Count)} runs were not checked.";
        bool clean = touched == 0 && ofSpeakers == 0 && partly.Length == 0;
        string found = touched > 0
            ? $"{Whole(touched)} of {Count(clips, "test clip")} ({Percent((double)touched / clips)}) repeat a training clip"
            : clean ? "nothing found" : ofSpeakers is null ? "no repeated clip; not every speaker is known"
            : ofSpeakers > 0 ? "no repeated clip, but speakers of the training part" : "no repeated clip in the runs checked";
        (string kind, string mark) = touched > 0 ? ("bad", "✗") : clean ? ("good", "✓") : ("warning", "⚠");
        XElement notice = Element($"div.notice.{kind}", Element("strong", $"{mark} Leak check{of}: {found}"), Element("span",
            $"Test clips with the same decoded audio as a training clip: {Whole(checks.Sum(c => c.SameContent))}. "
            + $"Near-duplicates, by fingerprint or as stretches that overlap: {Whole(checks.Sum(c => c.NearDuplicates))}. "
            + $"Clips of speakers who are in training or validation: {(ofSpeakers is { } n ? $"{Whole(n)} of {Whole(clips)}" : "unknown")}."
            + (touched > 0 ? " The scores below count them, so they are too good for new clips." : "") + partly));
        RunTwin[] twins = [.. checks.SelectMany(c => c.Examples).OrderByDescending(t => t.Similarity)];
        if (twins.Length == 0) return notice;
        notice.Add(TextTable(touched <= Math.Min(twins.Length, ExamplesShown) ? "The pairs" : "Some of the pairs",
            ["test clip", "training clip", "kind", "similarity"],
            twins.Take(ExamplesShown).Select(t => Cells(t.Test, t.Train, t.Kind, Score(t.Similarity)))));
        return notice;
    }
}
