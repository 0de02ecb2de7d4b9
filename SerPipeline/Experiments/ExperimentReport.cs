using System.Globalization;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Reports;
using SerPipeline.Splits;

namespace SerPipeline.Experiments;

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
        RunMetrics[] runs = [.. folds.SelectMany(fold => fold.Metrics)];
        bool cross = experiment.Plan.Plan.Protocol == SplitProtocol.CrossCorpus;
        RunReport.Write(folder, data.Corpus, new ReportContent
        {
            Title = $"{experiment.Trainer} on {data.Corpus.DisplayName}, {experiment.Plan.Plan.Protocol}",
            Runs = runs,
            Pooled = pooled is null ? [] : [pooled],
            // Across corpora several models judge one clip: no list of mistakes is theirs together.
            Predictions = cross ? null : clips,
            Curves = [.. folds.Select(fold => new ReportCurves(fold.Name, fold.Curves))],
            Card = cross ? null : ModelCard.From(pooled ?? runs[0], Facts(folds)),
            Run = record,
            Warnings = [.. Warnings()],
            Notes = [.. Notes(folds)],
        });
    }

    private ModelCardFacts Facts(IReadOnlyList<FoldOutcome> folds)
    {
        string epochs = string.Join(", ", folds.Select(fold => Whole(fold.Curves.BestEpoch ?? fold.Curves.TrainLoss.Count)));
        return new ModelCardFacts
        {
            Model = TrainerChains.Describe(experiment.Trainer),
            Data = [RunReport.CardOf(data.Corpus, "training and test")],
            Training =
            [
                new("parts", experiment.Plan.Plan.Origin),
                new("parameters", Whole(folds[0].Parameters)),
                new(folds.Count == 1 ? "epoch chosen" : "epochs chosen, by fold", epochs),
                new("seed", Whole(experiment.Plan.Seed)),
            ],
        };
    }

    private IEnumerable<string> Warnings()
    {
        if (experiment.CopiesNote is { } copies) yield return copies;
    }

    private IEnumerable<string> Notes(IReadOnlyList<FoldOutcome> folds)
    {
        yield return $"Parts: {experiment.Plan.Plan.Origin}.";
        if (Licences.Caution(data.Corpus) is { } caution) yield return caution;
        if (experiment.Plan.LeakNote is { } note) yield return note;
        foreach (FoldOutcome fold in folds) yield return fold.Note;
    }

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);
}
