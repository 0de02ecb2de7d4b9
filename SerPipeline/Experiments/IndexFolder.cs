using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Reports;

namespace SerPipeline.Experiments;

/// <summary>Writes the files that put several experiments together: metrics.json and report.html.</summary>
internal static class IndexFolder
{
    /// <summary>Writes the files.</summary>
    /// <param name="folder">The folder above the experiments' own.</param>
    /// <param name="finished">What was done.</param>
    public static void Write(string folder, IReadOnlyList<FinishedExperiment> finished)
    {
        RunMetrics[] runs = [.. finished.SelectMany(one => one.Runs)];
        RunMetrics[] pooled = [.. finished.Select(one => one.Pooled).OfType<RunMetrics>()];
        MetricsFile.From(runs, pooled).Write(Path.Combine(folder, MetricsFile.FileName));
        var content = new ReportContent
        {
            Title = $"{finished.Count} runs on {string.Join(", ", finished.Select(one => one.Experiment.Data.Name).Distinct(StringComparer.Ordinal))}",
            Runs = runs,
            Pooled = pooled,
            Notes =
            [
                .. finished.Select(one => Licences.Caution(one.Experiment.Data.Corpus)).OfType<string>().Distinct(StringComparer.Ordinal),
                .. finished.Select(one => one.LeakNote).OfType<string>().Distinct(StringComparer.Ordinal),
                $"Each run has a folder of its own with its model, predictions, figures and report: {string.Join(", ", finished.Select(one => one.Experiment.Name))}.",
            ],
        };
        HtmlReport.Write(Path.Combine(folder, HtmlReport.FileName), content);
        ReportFigures.Write(folder, content);
    }
}
