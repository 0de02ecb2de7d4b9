using SerPipeline.Evaluation;
using SerPipeline.Splits;

namespace SerPipeline.Experiments;

/// <summary>One side of a comparison: predictions, and what is known of how they came about.</summary>
/// <param name="Path">What the user named.</param>
/// <param name="Predictions">The predictions.</param>
/// <param name="Metrics">The entry of metrics.json for them, or null.</param>
/// <param name="Record">run.json, or null.</param>
internal sealed record ComparedRun(string Path, PredictionSet Predictions, RunMetrics? Metrics, RunRecord? Record)
{
    /// <summary>Trainer, data set and protocol in words.</summary>
    public string Description => Metrics is { } m
        ? FormattableString.Invariant($"{m.Trainer} on {m.Dataset}, protocol {m.Protocol}, seed {m.Seed}")
        : HasMetrics ? "predictions that no entry of metrics.json is for" : "predictions without metrics.json";

    /// <summary>Whether there is a metrics.json at all.</summary>
    public bool HasMetrics { get; init; }

    /// <summary>Reads a run folder, or a predictions.csv alone.</summary>
    /// <exception cref="EvaluationException">There are no predictions, or a file is damaged.</exception>
    public static ComparedRun Read(string path)
    {
        if (!Directory.Exists(path)) return new ComparedRun(path, PredictionsCsv.Read(path), null, null);
        string predictions = System.IO.Path.Combine(path, PredictionsCsv.FileName);
        if (!File.Exists(predictions))
            throw new EvaluationException($"Expected {PredictionsCsv.FileName} in the run folder {path}; there is none. Name the folder "
                + "of one run: a folder above several has only their metrics.json.");
        PredictionSet set = PredictionsCsv.Read(predictions);
        string metrics = System.IO.Path.Combine(path, MetricsFile.FileName), record = System.IO.Path.Combine(path, RunRecord.FileName);
        bool hasMetrics = File.Exists(metrics);
        return new ComparedRun(
            path, set, hasMetrics ? EntryOf(MetricsFile.Read(metrics), set) : null, File.Exists(record) ? RunRecord.Read(record) : null)
        { HasMetrics = hasMetrics };
    }

    /// <summary>What of the two runs' data and protocol differs, beyond what pairing by clip finds out.</summary>
    /// <returns>Refused: the same data set with other content, or data sets of other names and content. Warnings: what a reader should
    /// know.</returns>
    public static (string? Refused, IReadOnlyList<string> Warnings) Differences(ComparedRun a, ComparedRun b)
    {
        var warnings = new List<string>();
        if (!SameLabels(a, b))
            warnings.Add($"The runs choose among different labels: A {string.Join(", ", a.Predictions.Labels)}; B "
                + $"{string.Join(", ", b.Predictions.Labels)}. Guessing gives A and B different scores.");
        if (a.Metrics is { } first && b.Metrics is { } second)
        {
            if (first.Protocol != second.Protocol)
                warnings.Add($"The protocols differ: A {first.Protocol}, B {second.Protocol}. A difference may come from "
                    + (SplitProtocol.Divide(first.Protocol).Protocol != SplitProtocol.Divide(second.Protocol).Protocol
                        ? "what each was trained on." : "how the test clips sound, or from clips of a voice heard before."));
            if (Voices(first) != Voices(second))
                warnings.Add($"A {Voices(first)}, B {Voices(second)}: the two scores do not mean the same.");
            warnings.AddRange(Memory("A", first).Concat(Memory("B", second)));
        }
        else if (a.HasMetrics || b.HasMetrics)
        {
            warnings.Add("Under which protocol one side was scored, and whether it shares speakers with its training, is not known: its "
                + "metrics.json has no entry for just these clips.");
        }
        if (a.Record is null || b.Record is null)
        {
            warnings.Add("Whether both used the same files is not known: run.json is absent on one side or both. "
                + "Clips are paired by path.");
            return (null, warnings);
        }
        string? refused = null;
        foreach ((string name, DataFingerprint print) in a.Record.Data)
            if (b.Record.Data.TryGetValue(name, out DataFingerprint? other) && other.Content == print.Content
                && other.Sha256 != print.Sha256)
                refused = string.Create(CultureInfo.InvariantCulture,
                    $"The data set '{name}' differs between the runs: {print.Clips} clips with "
                    + $"fingerprint {print.Sha256[..12]} in A, {other.Clips} with {other.Sha256[..12]} in B.");
        if (!a.Record.Data.Keys.Intersect(b.Record.Data.Keys, StringComparer.Ordinal).Any())
        {
            string named = $"The runs name different data sets: A {string.Join(", ", a.Record.Data.Keys)}, B "
                + $"{string.Join(", ", b.Record.Data.Keys)}";
            // Two folders may hold files of the same names: equal content alone shows that a path means one clip.
            bool same = a.Record.Data.Values.Any(one => b.Record.Data.Values.Any(other => other.Sha256 == one.Sha256));
            if (same) warnings.Add($"{named}; their content is the same.");
            else if (a.Record.Data.Values.Any(one => b.Record.Data.Values.Any(other => other.Content == one.Content)))
                refused ??= $"{named}, with other content.";
            else warnings.Add($"{named}; whether their content is the same cannot be told.");
        }
        return (refused, warnings);
    }

    private static string Voices(RunMetrics run) => run.SharedSpeakers is null ? "may have been trained on the speakers tested"
        : run.SharesSpeakers ? "was trained on speakers that it was tested on" : "was tested on new speakers";

    private static IEnumerable<string> Memory(string side, RunMetrics run) => SplitProtocol.Divide(run.Protocol).Protocol switch
    {
        EvaluationPlan.WithTrainingClips =>
            [$"{side} was trained on some of these clips: a higher score may be memory, and no test below can tell."],
        EvaluationPlan.Unknown or EvaluationPlan.Unchecked =>
            [$"What {side} had heard of these clips is not known: a higher score may be memory."],
        _ => [],
    };

    /// <summary>Whether both choose among the same labels, as far as their probabilities tell.</summary>
    public static bool SameLabels(ComparedRun a, ComparedRun b) => RunComparison.SameLabels(a.Predictions, b.Predictions);

    // A folder of several folds has their predictions together, and their metrics as the pooled entry.
    private static RunMetrics? EntryOf(MetricsFile file, PredictionSet predictions)
    {
        RunMetrics[] entries = [.. file.Pooled.Concat(file.Runs).Where(run => run.TestClips == predictions.Rows.Count)];
        return entries.Length == 0 ? null : entries[0];
    }
}
