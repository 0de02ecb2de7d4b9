using SerPipeline.Evaluation;
using static SerPipeline.Format;

namespace SerPipeline.Reports;

/// <summary>A data set as a model card names it.</summary>
/// <param name="Name">Its name for people.</param>
/// <param name="Licence">Its licence, or null when unknown.</param>
/// <param name="Use">What for, such as <c>training and test</c>.</param>
/// <param name="Clips">Its clips, or null when not counted.</param>
/// <param name="Speakers">Its speakers, or null when unknown.</param>
public sealed record ModelCardData(string Name, string? Licence, string Use, long? Clips = null, int? Speakers = null);

/// <summary>The facts of a model card that a run's metrics do not contain.</summary>
public sealed record ModelCardFacts
{
    /// <summary>What the model is, such as <c>multilayer perceptron on utterance statistics</c>.</summary>
    public required string Model { get; init; }

    /// <summary>The data sets used.</summary>
    public required IReadOnlyList<ModelCardData> Data { get; init; }

    /// <summary>Facts of the training by name, in order: parameters, epochs, options that matter.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Training { get; init; } = [];

    /// <summary>Intended uses beyond the general ones, one sentence each.</summary>
    public IReadOnlyList<string> IntendedUse { get; init; } = [];

    /// <summary>Unsuitable uses beyond the general ones, one sentence each.</summary>
    public IReadOnlyList<string> OutOfScope { get; init; } = [];
}

/// <summary>
/// A model card after Mitchell et al. 2019, "Model Cards for Model Reporting" (FAT*): what a model is, what it is for, and where it
/// fails.
/// </summary>
public sealed record ModelCard
{
    /// <summary>What the model is.</summary>
    public required string Model { get; init; }

    /// <summary>The classes it tells apart.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The data sets used, with their licences.</summary>
    public required IReadOnlyList<ModelCardData> Data { get; init; }

    /// <summary>Facts of the training by name.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Training { get; init; }

    /// <summary>What it may be used for, one sentence each.</summary>
    public required IReadOnlyList<string> IntendedUse { get; init; }

    /// <summary>What it must not be used for, one sentence each.</summary>
    public required IReadOnlyList<string> OutOfScope { get; init; }

    /// <summary>Where it fails, computed from the metrics, one sentence each.</summary>
    public required IReadOnlyList<string> KnownFailures { get; init; }

    /// <summary>Combines facts with the known failures that the metrics show.</summary>
    /// <param name="metrics">The metrics of the run, or of all folds together.</param>
    /// <param name="facts">What the metrics do not contain.</param>
    public static ModelCard From(RunMetrics metrics, ModelCardFacts facts)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(facts);
        return new ModelCard
        {
            Model = facts.Model,
            Labels = metrics.Labels,
            Data = facts.Data,
            Training = facts.Training,
            IntendedUse = [.. GeneralUse(metrics), .. facts.IntendedUse],
            OutOfScope = [.. GeneralLimits(metrics), .. facts.OutOfScope],
            KnownFailures = KnownFailureText.Of(metrics),
        };
    }

    private static IEnumerable<string> GeneralUse(RunMetrics metrics)
    {
        yield return "Research and teaching: comparing methods of speech emotion recognition on the same data under the same protocol.";
        yield return metrics.Synthetic ? "Trying out training, prediction and deployment: synthetic clips are good for nothing else."
            : "Labelling expressions like those recorded in the data sets above, where a person checks the result.";
    }

    private static IEnumerable<string> GeneralLimits(RunMetrics metrics)
    {
        yield return "Decisions about people, such as hiring, schooling, policing, insurance, health or credit: "
            + "the model recognises how a voice sounds, not what a person feels or will do.";
        yield return "Watching people who have not agreed to it. Some laws forbid inferring emotions, for instance at work and in schools.";
        yield return "Languages, ages, recording conditions and ways of speaking that the data does not hold; "
            + "acted emotions are stronger and cleaner than those of everyday speech.";
        if (metrics.Synthetic) yield return "Any conclusion about human speech: the clips were made by a program.";
        if (metrics.SharesSpeakers)
            yield return "Speakers it was not trained on, as far as these scores go: they were measured on speakers of the training part.";
    }
}

/// <summary>Where a model fails, in sentences: weakest classes and their confusions, weakest speakers, sexes, calibration.</summary>
internal static class KnownFailureText
{
    private const int Classes = 3, Speakers = 3;

    // With fewer clips one clip moves a speaker's recall by more than five points.
    private const int FewClips = 20;

    public static IReadOnlyList<string> Of(RunMetrics run) =>
        [.. WeakClasses(run), .. Silent(run), .. WeakSpeakers(run), .. Sexes(run), .. Calibration(run), .. Guessing(run)];

    private static IEnumerable<string> WeakClasses(RunMetrics run)
    {
        ClassMetrics[] known = [.. run.Classes.Where(c => c.Support > 0)];
        int shown = Math.Min(Classes, Math.Max(1, known.Length / 2));
        foreach (ClassMetrics weak in known.Where(c => c.Recall < 1).OrderBy(c => c.Recall).ThenBy(c => c.Label, StringComparer.Ordinal)
            .Take(shown))
        {
            IReadOnlyList<long> row = run.Confusion[run.Labels.ToList().IndexOf(weak.Label)];
            string others = string.Join(" and ", run.Labels.Zip(row, (label, clips) => (Label: label, Clips: clips))
                .Where(c => c.Label != weak.Label && c.Clips > 0).OrderByDescending(c => c.Clips)
                .ThenBy(c => c.Label, StringComparer.Ordinal).Take(2)
                .Select(c => $"{c.Label} ({Percent((double)c.Clips / weak.Support)})"));
            yield return $"Recognises {Percent(weak.Recall)} of the {Whole(weak.Support)} clips of {weak.Label}; "
                + $"it takes them most often for {others}.";
        }
    }

    private static IEnumerable<string> Silent(RunMetrics run)
    {
        string[] never = [.. run.Labels.Where((_, column) => run.Confusion.All(row => row[column] == 0))];
        if (never.Length > 0) yield return $"Never predicts {string.Join(", ", never)}.";
        string[] absent = [.. run.Classes.Where(c => c.Support == 0).Select(c => c.Label)];
        if (absent.Length > 0) yield return $"No result for {string.Join(", ", absent)}: the test part has no such clip.";
    }

    private static IEnumerable<string> WeakSpeakers(RunMetrics run)
    {
        if (run.BySpeaker.Count < 2) yield break;
        RunGroup[] order = [.. run.BySpeaker.FromWorst()];
        string worst = string.Join(", ",
            order.Take(Math.Min(Speakers, order.Length - 1)).Select(s => $"{s.Name} ({Percent(s.Uar)} on {Whole(s.Clips)} clips)"));
        string few = order.Any(s => s.Clips < FewClips)
            ? $" Some speakers have fewer than {Whole(FewClips)} clips, so that much of this is chance." : "";
        yield return $"The UAR depends on the speaker: the lowest are {worst}, the highest is {order[^1].Name} "
            + $"({Percent(order[^1].Uar)}).{few}";
    }

    private static IEnumerable<string> Sexes(RunMetrics run)
    {
        if (run.BySex.Count < 2) yield break;
        RunGroup[] order = [.. run.BySex.OrderBy(s => s.Uar).ThenBy(s => s.Name, StringComparer.Ordinal)];
        double gap = 100 * (order[^1].Uar - order[0].Uar);
        yield return string.Create(CultureInfo.InvariantCulture,
            $"By sex as the corpus states it, the UAR is {Percent(order[0].Uar)} for {order[0].Name} and {Percent(order[^1].Uar)} for "
                + $"{order[^1].Name}: a gap of {gap:0.0} points.");
    }

    private static IEnumerable<string> Calibration(RunMetrics run)
    {
        if (run.Calibration is not { } calibration) yield break;
        RunReliabilityBin[] bins = [.. calibration.Reliability.Where(b => b.Clips > 0)];
        double clips = bins.Sum(b => b.Clips), surer = clips > 0 ? bins.Sum(b => b.Clips * (b.Confidence - b.Accuracy)) / clips : 0;
        string direction = clips == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
            $" On average it is {100 * Math.Abs(surer):0.0} points {(surer >= 0 ? "overconfident" : "underconfident")}.");
        string scaled = calibration.ScaledEce is not { } ece ? ""
            : ece < calibration.Ece ? $" Temperature scaling lowers the error to {Percent(ece)}."
            : $" Temperature scaling raises the error to {Percent(ece)}: the validation part is too small or too different to fit it on.";
        yield return $"Its probabilities have an expected calibration error of {Percent(calibration.Ece)}.{direction}{scaled}";
    }

    private static IEnumerable<string> Guessing(RunMetrics run)
    {
        if (run.Intervals is { } intervals && intervals.Uar[0] <= run.ChanceBaseline)
            yield return $"The UAR's {Level(intervals.Confidence)} interval begins at {Percent(intervals.Uar[0])}, so guessing "
                + $"({Percent(run.ChanceBaseline)}) is not ruled out.";
        else if (run.Uar <= run.ChanceBaseline)
            yield return $"Its UAR of {Percent(run.Uar)} is no better than guessing ({Percent(run.ChanceBaseline)}).";
    }
}
