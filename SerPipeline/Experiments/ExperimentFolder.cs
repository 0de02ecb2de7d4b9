using System.Text.Json;
using SerPipeline.Evaluation;
using SerPipeline.Splits;

namespace SerPipeline.Experiments;

/// <summary>Writes what an experiment leaves above its folds: metrics.json, predictions.csv of all folds, run.json, folds.json, report.html and the figures.</summary>
/// <param name="experiment">What was done.</param>
/// <param name="data">Its clips.</param>
internal sealed class ExperimentFolder(Experiment experiment, CorpusData data)
{
    /// <summary>Writes the files; with one fold its own files are in the same folder already.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="folds">The folds.</param>
    /// <param name="clips">What the models said about all folds' test clips; null where folds are not put together.</param>
    /// <param name="pooled">Their scores.</param>
    public void Write(string folder, IReadOnlyList<FoldOutcome> folds, PredictionSet? clips, RunMetrics? pooled)
    {
        RunMetrics[] runs = [.. folds.SelectMany(fold => fold.Metrics)];
        RunRecord record = folds.Count == 1 ? folds[0].Record : Together(folds);
        experiment.Folds(data.Corpus)?.Write(Path.Combine(folder, FoldFile.FileName));
        if (folds.Count > 1)
        {
            MetricsFile.From(runs, pooled is null ? [] : [pooled]).Write(Path.Combine(folder, MetricsFile.FileName));
            if (clips is not null) PredictionsCsv.Write(Path.Combine(folder, PredictionsCsv.FileName), clips);
            record.Write(Path.Combine(folder, RunRecord.FileName));
        }
        new ExperimentReport(experiment, data).Write(folder, folds, clips ?? folds[0].Predictions, pooled, record);
    }

    // Every fold has its own run.json; what is the same for all stands here.
    private static RunRecord Together(IReadOnlyList<FoldOutcome> folds)
    {
        RunRecord first = folds[0].Record;
        var options = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach ((string name, JsonElement value) in first.Options)
            if (name != RunOptions.SplitSection && folds.All(fold => fold.Record.Options.TryGetValue(name, out JsonElement other) && JsonElement.DeepEquals(value, other)))
                options.Add(name, value);
        return first with { Finished = folds[^1].Record.Finished, Options = options };
    }
}
