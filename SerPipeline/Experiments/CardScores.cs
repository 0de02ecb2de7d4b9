using SerPipeline.Evaluation;
using SerPipeline.Reports;
using static SerPipeline.Reports.Markdown;

namespace SerPipeline.Experiments;

/// <summary>The part of a card about one evaluation: scores beside guessing, each label, the weakest speaker, and where the model fails.</summary>
/// <param name="page">The page.</param>
/// <param name="run">The scores.</param>
/// <param name="card">What follows from them.</param>
/// <param name="isOneOfSeveral">Whether the model was tested on several data sets.</param>
internal sealed class CardScores(Markdown page, RunMetrics run, ModelCard card, bool isOneOfSeveral)
{
    /// <summary>Writes it.</summary>
    public void Write()
    {
        page.Heading(2, isOneOfSeveral ? $"Scores on {Plain(run.Dataset)}" : "Scores");
        string heldOut = run.HeldOutSpeakers.Count == 0 ? "" : $" Held out: {Format.Count(run.HeldOutSpeakers.Count, "speaker")} ({Format.Names(run.HeldOutSpeakers)}).";
        page.Paragraph($"Protocol **{Plain(run.Protocol)}**, {Format.Count(run.TestClips, "test clip")} of {Plain(run.Dataset)}. {Plain(ProtocolNotices.Meaning([run]) + heldOut)}");
        page.Paragraph($"What this does not show: {Plain(ProtocolNotices.NotShown([run]))}");
        Totals();
        Labels();
        if (run.BySpeaker.Count > 1 && run.BySpeaker.WorstGroup() is { } worst)
            page.Paragraph($"Worst of {Format.Count(run.BySpeaker.Count, "test speaker")}: {Plain(worst.Name)}, with a UAR of {Format.Percent(worst.Uar)} on {Format.Count(worst.Clips, "clip")}.");
        if (card.KnownFailures.Count == 0) return;
        page.Heading(3, "Where it fails");
        page.List(card.KnownFailures.Select(Plain));
    }

    private void Totals()
    {
        RunIntervals? intervals = run.Intervals;
        page.Table(["", "score", intervals is null ? "interval" : $"{Level(intervals)} interval", "without looking"],
        [
            ["UAR, the mean recall of the labels", Format.Percent(run.Uar), Range(intervals?.Uar), $"{Format.Percent(run.ChanceBaseline)}, guessing"],
            ["accuracy", Format.Percent(run.Accuracy), Range(intervals?.Accuracy), $"{Format.Percent(run.MajorityBaseline)}, always the most frequent label"],
            ["macro F1", Format.Percent(run.MacroF1), Range(intervals?.MacroF1), ""],
        ]);
        if (intervals is not null)
            page.Paragraph(Plain($"The intervals come from drawing {Format.Count(intervals.Units, $"test {intervals.Unit}")} with replacement, {Format.Whole(intervals.Draws)} times.{(intervals.Caution is { } caution ? $" {caution}" : "")}"));
        if (run.People is { } people) page.Paragraph(Plain($"People, by ear alone, on the same data set: accuracy {Format.Percent(people.Accuracy)} ({people.Source})."));
    }

    private void Labels() => page.Table(["label", "test clips", "recall", "precision", "F1"], run.Classes.Select(one => (IReadOnlyList<string>)
        [Plain(one.Label), Format.Whole(one.Support), one.Support == 0 ? "–" : Format.Percent(one.Recall), Format.Percent(one.Precision), Format.Percent(one.F1)]));

    private static string Level(RunIntervals intervals) => (100 * intervals.Confidence).ToString("0.#", System.Globalization.CultureInfo.InvariantCulture) + " %";

    private static string Range(IReadOnlyList<double>? interval) => interval is null ? "–" : $"{Format.Percent(interval[0])} to {Format.Percent(interval[1])}";
}
