using System.Xml.Linq;
using SerPipeline.Evaluation;
using static SerPipeline.Reports.HtmlReportScores;
using static SerPipeline.Reports.ReportText;

namespace SerPipeline.Reports;

/// <summary>
/// The headline figures of several seeds, each with all folds' clips together. Seeds score the same clips of the same speakers, so they do not narrow the
/// interval over speakers: the widest of the seeds' own is shown.
/// </summary>
internal static class HtmlReportSeeds
{
    /// <summary>The tiles: means over the seeds.</summary>
    /// <param name="seeds">The metrics of all folds together, one entry a seed, at least one.</param>
    public static IEnumerable<XElement> Tiles(IReadOnlyList<RunMetrics> seeds)
    {
        double[] chances = [.. seeds.Select(run => run.ChanceBaseline).Distinct()];
        yield return Mean(UarName, seeds, run => run.Uar, Percent, i => i.Uar, $"chance {Ends(chances, Percent)}");
        yield return Mean("Accuracy", seeds, run => run.Accuracy, Percent, i => i.Accuracy, $"always the most frequent class {Ends([.. seeds.Select(run => run.MajorityBaseline)], Percent)}");
        yield return Mean("Macro F1", seeds, run => run.MacroF1, Three, i => i.MacroF1, null);
        if (seeds.All(run => run.LogLoss is not null)) yield return Mean("Log-loss", seeds, run => run.LogLoss!.Value, Three, null, $"uniform guess {Three(Math.Log(seeds[0].Labels.Count))}");
        if (seeds.All(run => run.Top2 is not null)) yield return Mean("Top-2 accuracy", seeds, run => run.Top2!.Value, Percent, null, "the truth is among the two most probable");
        if (seeds.All(run => run.Calibration is not null))
            yield return Mean("Calibration error (ECE)", seeds, run => run.Calibration!.Ece, Percent, null,
                seeds.All(run => run.Calibration!.ScaledEce is not null) ? $"{Percent(seeds.Average(run => run.Calibration!.ScaledEce!.Value))} after temperature scaling" : null);
    }

    /// <summary>How many clips each seed scored; null without several seeds, or where seeds scored different numbers of them.</summary>
    public static string? Clips(IReadOnlyList<RunMetrics> seeds) => seeds.Count < 2 || seeds.Any(run => run.TestClips != seeds[0].TestClips) ? null
        : $"{Count(seeds[0].TestClips, "clip")}, each scored by {Whole(seeds.Count)} seeds";

    private static XElement Mean(string name, IReadOnlyList<RunMetrics> seeds, Func<RunMetrics, double> value, Func<double, string> format, Func<RunIntervals, IReadOnlyList<double>>? ends, string? note)
    {
        double[] values = [.. seeds.Select(value)];
        return Tile(name, format(values.Average()), Notes($"mean of {Whole(values.Length)} seeds, {format(values.Min())} to {format(values.Max())}", ends is null ? null : Widest(seeds, ends, format), note));
    }

    private static string? Widest(IReadOnlyList<RunMetrics> seeds, Func<RunIntervals, IReadOnlyList<double>> ends, Func<double, string> format)
    {
        if (seeds.Any(run => run.Intervals is null)) return null;
        RunIntervals widest = seeds.Select(run => run.Intervals!).MaxBy(i => ends(i)[1] - ends(i)[0])!;
        return $"widest {Level(widest.Confidence)} interval of one seed {format(ends(widest)[0])} to {format(ends(widest)[1])}";
    }

    private static string Ends(double[] values, Func<double, string> format) => values.Max() - values.Min() <= 1e-12 ? format(values[0]) : $"{format(values.Min())} to {format(values.Max())}";
}
