using System.Xml.Linq;
using static SerPipeline.Evaluation.Reporting.Html;
using static SerPipeline.Evaluation.Reporting.ReportText;

namespace SerPipeline.Evaluation.Reporting;

/// <summary>The top of a report: the protocol, and what it forbids to conclude.</summary>
internal static class HtmlReportNotices
{
    private const int NotesAlone = 4;
    private const string CrossCorpus = "cross-corpus";
    private static readonly string[] SpeakerProtocols = ["speaker-independent", "speaker-5fold", "leave-one-speaker-out"];

    public static IEnumerable<XElement> Of(ReportContent content, IReadOnlyList<ReportGroup> groups)
    {
        IReadOnlyList<RunMetrics> runs = content.Runs;
        foreach (IGrouping<string, RunMetrics> protocol in runs.GroupBy(run => run.Protocol)) yield return Protocol(protocol.Key, [.. protocol]);
        foreach (ReportGroup group in groups) yield return HtmlReportLeak.Notice(group, groups.Count == 1);
        foreach (string warning in content.Warnings) yield return Element("p.notice.warning", Attribute("role", "note"), $"⚠ {warning}");
        if (Shared(runs) is { Length: > 0 } shared)
            yield return Warning("Training and test share speakers",
                $"{Count(shared.Length, "speaker")} of the test clips also spoke in training or validation: {Names(shared)}. The scores tell how well known voices are recognised; "
                + "on new speakers expect clearly less. Compare them with speaker-independent results only with this in mind.");
        RunMetrics[] unknown = [.. runs.Where(run => run.SharedSpeakers is null && run.Protocol != CrossCorpus)];
        if (unknown.Length > 0)
            yield return Warning("Speakers are unknown",
                $"Not every speaker of the clips of {Sets(unknown)}, or of the training clips, is known, so nobody can tell whether training and test share some. Take the scores as an upper bound.");
        if (runs.Any(run => run.Synthetic))
            yield return Warning("Synthetic corpus",
                $"{Sets(runs.Where(run => run.Synthetic))} was made by a program, not recorded from people. The scores show that the pipeline works; they say nothing about human speech.");
        // A few remarks stand alone; those of many folds would push the scores off the first page.
        if (content.Notes.Count > NotesAlone) yield return Element("div.notice", Element("strong", "Remarks"), Element("ul", content.Notes.Select(note => Element("li", note))));
        else foreach (string note in content.Notes) yield return Element("p.notice", note);
    }

    private static XElement Protocol(string name, RunMetrics[] runs)
    {
        // Only a promise about speakers that was checked is shown as kept.
        bool clean = SpeakerProtocols.Contains(name) && runs.All(run => run.SharedSpeakers is { Count: 0 } && run.LeakCheck is null or { Touched: 0, OfTrainingSpeakers: 0 });
        string[] heldOut = [.. runs.SelectMany(run => run.HeldOutSpeakers).Distinct(StringComparer.Ordinal).Order(NumbersFirst.Instance)];
        string speakers = heldOut.Length == 0 ? "" : $" Held out: {Count(heldOut.Length, "speaker")} ({Names(heldOut)}).";
        string validation = runs.All(run => run.ValidationClips == 0) ? " No validation clips." : "";
        return Element(clean ? "div.notice.good" : "div.notice",
            Element("strong", $"Protocol: {name}"),
            Element("span", $"{Meaning(name, runs, clean)}{speakers}{validation}"));
    }

    /// <summary>What a protocol's name promises; the promise about speakers is repeated only where the speakers were compared.</summary>
    private static string Meaning(string protocol, RunMetrics[] runs, bool clean) => protocol switch
    {
        "random" => "Clips were parted at random, whoever spoke them.",
        "paper" => "Clips were parted at random by numpy's permutation of seed 42, as the paper did, whoever spoke them.",
        "kfold" => "Clips were parted at random into folds, whoever spoke them; each fold is the test part once.",
        CrossCorpus when runs.All(run => run.SharedSpeakers is { Count: 0 }) => "The model was trained on other data sets than the one tested; no speaker's name is in both.",
        CrossCorpus => "The model was trained on a data set of another name; whether the two have speakers in common was not checked.",
        "includes-training-clips" => "Some of the clips scored were trained or validated on, so the scores say little about new clips.",
        "part-of-test" => "Only some of the clips that the model's training kept for its test were scored.",
        "other-data-unchecked" => "The clips are of another data set than the model's; whether the two have speakers in common is not known.",
        "new-clips-of-known-speakers" => "The clips are new to the model, but it was trained on other clips of the same speakers.",
        _ when SpeakerProtocols.Contains(protocol) && !clean => "The name promises test speakers who were heard in no training or validation clip; the speakers listed do not show that.",
        "speaker-independent" when runs.Any(run => run.Fold is not null) => "Each fold tests on speakers who were heard in no training or validation clip of that fold.",
        "speaker-independent" => "No speaker of the test clips was heard in training or validation.",
        "speaker-5fold" => "The speakers were parted into five folds; each fold tests on speakers who were heard in no training or validation clip of that fold.",
        "leave-one-speaker-out" => "Each fold tests on one speaker who was heard in no training or validation clip of that fold.",
        _ => "",
    };

    private static XElement Warning(string title, string text) =>
        Element("div.notice.warning", Attribute("role", "note"), Element("strong", $"⚠ {title}"), Element("span", text));

    private static string[] Shared(IReadOnlyList<RunMetrics> runs) =>
        [.. runs.SelectMany(run => run.SharedSpeakers ?? []).Distinct(StringComparer.Ordinal).Order(NumbersFirst.Instance)];

    private static string Sets(IEnumerable<RunMetrics> runs) => string.Join(", ", runs.Select(run => run.Dataset).Distinct(StringComparer.Ordinal));
}
