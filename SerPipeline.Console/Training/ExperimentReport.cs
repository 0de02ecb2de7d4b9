using SerPipeline.Evaluation;

namespace SerPipeline.Console.Training;

/// <summary>Writes an experiment's report.html and figures.</summary>
/// <param name="experiment">What was done.</param>
/// <param name="data">Its clips.</param>
internal sealed class ExperimentReport(Experiment experiment, CorpusData data)
{
    /// <summary>Writes the page.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="folds">The folds.</param>
    /// <param name="clips">What the models said about the test clips.</param>
    /// <param name="pooled">The scores of all folds together, or null.</param>
    /// <param name="record">How to repeat it.</param>
    public void Write(string folder, IReadOnlyList<FoldOutcome> folds, PredictionSet clips, RunMetrics? pooled, RunRecord record)
    {
        var content = new ReportContent
        {
            Title = $"{experiment.Trainer} on {data.Corpus.DisplayName}, {experiment.Plan.Plan.Protocol}",
            Runs = [.. folds.SelectMany(fold => fold.Metrics)],
            Predictions = clips,
            Run = record,
            Notes = [.. Notes(folds)],
        };
        RunReport.Write(folder, data.Corpus, content);
    }

    private IEnumerable<string> Notes(IReadOnlyList<FoldOutcome> folds)
    {
        yield return $"Parts: {experiment.Plan.Plan.Origin}";
        if (Licences.Caution(data.Corpus) is { } caution) yield return caution;
        if (experiment.Plan.LeakNote is { } note) yield return note;
        foreach (FoldOutcome fold in folds) yield return fold.Note;
    }
}
