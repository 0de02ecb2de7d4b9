using System.Xml.Linq;
using SerPipeline.Evaluation;
using static SerPipeline.Reports.Html;
using static SerPipeline.Reports.ReportText;

namespace SerPipeline.Reports;

/// <summary>What the leak check found, at the top of a report.</summary>
internal static class HtmlReportLeak
{
    private const int ExamplesShown = 10;

    /// <summary>The notice of a group of runs.</summary>
    public static XElement Notice(ReportGroup group, bool alone)
    {
        RunMetrics[] checkedRuns = [.. group.Runs.Where(run => run.LeakCheck is not null)];
        string of = alone ? "" : $" of {group.Name}";
        if (checkedRuns.Length == 0) return Element("div.notice", Element("strong", $"Leak check{of}: not made"), Element("span", "Whether test clips repeat training clips was not checked."));
        RunLeakCheck[] checks = [.. checkedRuns.Select(run => run.LeakCheck!)];
        long clips = checkedRuns.Sum(run => run.TestClips), touched = checks.Sum(c => c.Touched), same = checks.Sum(c => c.SameContent), near = checks.Sum(c => c.NearDuplicates);
        long? ofSpeakers = checks.Any(c => c.OfTrainingSpeakers is null) ? null : checks.Sum(c => c.OfTrainingSpeakers!.Value);
        string partly = checkedRuns.Length == group.Runs.Count ? "" : $" {Whole(group.Runs.Count - checkedRuns.Length)} of {Whole(group.Runs.Count)} runs were not checked.";
        bool clean = touched == 0 && ofSpeakers == 0 && partly.Length == 0;
        (string kind, string mark, string result) = touched > 0 ? ("bad", "✗", $"{Whole(touched)} of {Count(clips, "test clip")} ({Percent((double)touched / clips)}) repeat a training clip")
            : clean ? ("good", "✓", "nothing found") : ("warning", "⚠", ofSpeakers is null ? "no repeated clip; not every speaker is known" : ofSpeakers > 0 ? "no repeated clip, but known speakers" : "no repeated clip in the runs checked");
        XElement notice = Element($"div.notice.{kind}", Element("strong", $"{mark} Leak check{of}: {result}"), Element("span",
            $"Test clips with the same decoded audio as a training clip: {Whole(same)}. Near-duplicates by fingerprint: {Whole(near)}. "
            + $"Clips of speakers who are in training or validation: {(ofSpeakers is { } n ? $"{Whole(n)} of {Whole(clips)}" : "unknown")}."
            + (touched > 0 ? " The scores below count them, so they are too good for new clips." : "") + partly));
        RunTwin[] twins = [.. checks.SelectMany(c => c.Examples).OrderByDescending(t => t.Similarity)];
        if (twins.Length > 0) notice.Add(Examples(twins, touched));
        return notice;
    }

    private static XElement Examples(RunTwin[] twins, long touched)
    {
        XElement table = Table(touched <= Math.Min(twins.Length, ExamplesShown) ? "The pairs" : "Some of the pairs", ["test clip", "training clip", "kind", "similarity"],
            twins.Take(ExamplesShown).Select(t => (IReadOnlyList<object>)[t.Test, t.Train, t.Kind, Three(t.Similarity)]));
        table.SetAttributeValue("class", "scroll textual");
        return table;
    }
}
