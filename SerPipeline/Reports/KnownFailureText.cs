using System.Globalization;
using SerPipeline.Evaluation;

namespace SerPipeline.Reports;

/// <summary>Says in sentences where a model fails: the weakest classes and what they are taken for, the weakest speakers, the sexes, the calibration.</summary>
internal static class KnownFailureText
{
    private const int Classes = 3, Speakers = 3;

    // With fewer clips one clip moves a speaker's recall by more than five points.
    private const int FewClips = 20;

    public static IReadOnlyList<string> Of(RunMetrics run) => [.. WeakClasses(run), .. Silent(run), .. WeakSpeakers(run), .. Sexes(run), .. Calibration(run), .. Guessing(run)];

    private static IEnumerable<string> WeakClasses(RunMetrics run)
    {
        RunClassMetrics[] known = [.. run.Classes.Where(c => c.Support > 0)];
        foreach (RunClassMetrics weak in known.Where(c => c.Recall < 1).OrderBy(c => c.Recall).ThenBy(c => c.Label, StringComparer.Ordinal).Take(Math.Min(Classes, Math.Max(1, known.Length / 2))))
        {
            int row = run.Labels.ToList().IndexOf(weak.Label);
            (string Label, long Clips)[] takenFor = [.. run.Labels.Select((label, column) => (label, run.Confusion[row][column]))
                .Where(c => c.label != weak.Label && c.Item2 > 0).OrderByDescending(c => c.Item2).ThenBy(c => c.label, StringComparer.Ordinal).Take(2)];
            string others = string.Join(" and ", takenFor.Select(c => $"{c.Label} ({Share(c.Clips, weak.Support)})"));
            yield return $"Recognises {Percent(weak.Recall)} of the {Whole(weak.Support)} clips of {weak.Label}; it takes them most often for {others}.";
        }
    }

    private static IEnumerable<string> Silent(RunMetrics run)
    {
        string[] never = [.. run.Labels.Where((_, column) => run.Confusion.All(row => row[column] == 0))];
        if (never.Length > 0) yield return $"Never says {string.Join(", ", never)}.";
        string[] absent = [.. run.Classes.Where(c => c.Support == 0).Select(c => c.Label)];
        if (absent.Length > 0) yield return $"Nothing is known about {string.Join(", ", absent)}: the test part holds no such clip.";
    }

    private static IEnumerable<string> WeakSpeakers(RunMetrics run)
    {
        if (run.BySpeaker.Count < 2) yield break;
        RunGroup[] order = [.. run.BySpeaker.OrderBy(s => s.Uar).ThenBy(s => s.Name, NumbersFirst.Instance)];
        string worst = string.Join(", ", order.Take(Math.Min(Speakers, order.Length - 1)).Select(s => $"{s.Name} ({Percent(s.Uar)} on {Whole(s.Clips)} clips)"));
        string few = order.Any(s => s.Clips < FewClips) ? $" Some speakers have fewer than {Whole(FewClips)} clips, so that much of this is chance." : "";
        yield return $"The UAR depends on the speaker: the least are {worst}, the greatest is {order[^1].Name} ({Percent(order[^1].Uar)}).{few}";
    }

    private static IEnumerable<string> Sexes(RunMetrics run)
    {
        if (run.BySex.Count < 2) yield break;
        RunGroup[] order = [.. run.BySex.OrderBy(s => s.Uar).ThenBy(s => s.Name, StringComparer.Ordinal)];
        double gap = 100 * (order[^1].Uar - order[0].Uar);
        yield return string.Create(CultureInfo.InvariantCulture,
            $"By sex as the corpus states it, the UAR is {Percent(order[0].Uar)} for {order[0].Name} and {Percent(order[^1].Uar)} for {order[^1].Name}: a gap of {gap:0.0} points.");
    }

    private static IEnumerable<string> Calibration(RunMetrics run)
    {
        if (run.Calibration is not { } calibration) yield break;
        RunReliabilityBin[] bins = [.. calibration.Reliability.Where(b => b.Clips > 0)];
        double clips = bins.Sum(b => b.Clips);
        string direction = "";
        if (clips > 0)
        {
            double surer = bins.Sum(b => b.Clips * (b.Confidence - b.Accuracy)) / clips;
            direction = string.Create(CultureInfo.InvariantCulture, $" On average it is {100 * Math.Abs(surer):0.0} points {(surer >= 0 ? "surer than it should be" : "less sure than it could be")}.");
        }
        string scaled = calibration.ScaledEce is { } ece ? ece < calibration.Ece ? $" Temperature scaling lowers the error to {Percent(ece)}." : $" Temperature scaling raises the error to {Percent(ece)}: the validation part is too small or too different to fit it on." : "";
        yield return $"Its probabilities have an expected calibration error of {Percent(calibration.Ece)}.{direction}{scaled}";
    }

    private static IEnumerable<string> Guessing(RunMetrics run)
    {
        if (run.Intervals is { } intervals && intervals.Uar[0] <= run.ChanceBaseline)
            yield return $"The UAR's {Percent(intervals.Confidence, "0.#")} interval begins at {Percent(intervals.Uar[0])}, so guessing ({Percent(run.ChanceBaseline)}) is not ruled out.";
        else if (run.Uar <= run.ChanceBaseline)
            yield return $"Its UAR of {Percent(run.Uar)} is no better than guessing ({Percent(run.ChanceBaseline)}).";
    }

    private static string Share(long part, long whole) => Percent((double)part / whole);

    private static string Percent(double value, string format = "0.0") => (100 * value).ToString(format, CultureInfo.InvariantCulture) + " %";

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);
}
