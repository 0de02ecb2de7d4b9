using SerPipeline.Evaluation;
using SerPipeline.Reports.Plots;
using static SerPipeline.Reports.ReportText;

namespace SerPipeline.Reports;

/// <summary>Shows how well models trained on each data set do on each data set, as a matrix: trained on by row, tested on by column, UAR in the cells.</summary>
public static class CrossCorpusFigure
{
    // Within one data set, the strictest split is the one to compare other data sets with.
    private static readonly string[] Strictest = ["leave-one-speaker-out", "speaker-5fold", "speaker-independent"];

    /// <summary>
    /// A matrix for each trainer that was trained on one data set and tested on another; empty without such runs. Cells within one data set are of one
    /// protocol: the first of leave-one-speaker-out, speaker-5fold and speaker-independent that was run, else the first at all.
    /// </summary>
    /// <param name="runs">All runs.</param>
    public static IReadOnlyList<ReportPlot> Of(IReadOnlyList<RunMetrics> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        string[] trainers = [.. runs.Where(IsCross).Select(run => run.Trainer).Distinct(StringComparer.Ordinal)];
        return [.. trainers.Select(trainer =>
        {
            RunMetrics[] own = [.. runs.Where(run => run.Trainer == trainer)];
            string[] within = [.. own.Where(run => !IsCross(run)).Select(run => run.Protocol).Distinct(StringComparer.Ordinal)];
            string? protocol = Strictest.FirstOrDefault(within.Contains) ?? within.FirstOrDefault();
            ReportPlot plot = From([.. own.Where(run => IsCross(run) || run.Protocol == protocol)], trainers.Length == 1 ? "UAR across data sets" : $"UAR across data sets, {trainer}");
            return plot with
            {
                FileName = trainers.Length == 1 ? plot.FileName : $"{plot.FileName}-{ReportGroup.Slug(trainer)}",
                Caption = protocol is null ? plot.Caption : $"{plot.Caption} Within one data set: {protocol}.",
            };
        })];
    }

    /// <summary>The matrix of some runs.</summary>
    /// <param name="runs">Runs with their data sets; the UARs of several runs of one pair are averaged. A pair without a run stays empty.</param>
    /// <param name="title">The title.</param>
    /// <exception cref="EvaluationException">There is no run.</exception>
    public static ReportPlot From(IReadOnlyList<RunMetrics> runs, string title = "UAR across data sets")
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count == 0) throw new EvaluationException("Expected at least one run for the matrix of data sets; found none.");
        // The same order down and across puts the runs within one data set on the diagonal.
        string[] trained = [.. runs.Select(Trained).Distinct(StringComparer.Ordinal)], tested = [.. runs.Select(run => run.Dataset).Distinct(StringComparer.Ordinal)];
        string[] order = [.. trained.Union(tested, StringComparer.Ordinal)], rows = [.. order.Where(trained.Contains)], columns = [.. order.Where(tested.Contains)];
        double[][] scores = [.. rows.Select(row => columns.Select(column => runs.Where(run => Trained(run) == row && run.Dataset == column).Select(run => run.Uar).DefaultIfEmpty(double.NaN).Average()).ToArray())];
        double[] chances = [.. runs.Select(run => run.ChanceBaseline).Distinct()];
        var plot = new ScoreMatrixPlot(scores, rows, columns, new ScoreMatrixPlotOptions
        {
            Width = Math.Clamp(220 + (110 * columns.Length), 420, 900),
            Height = Math.Clamp(160 + (60 * rows.Length), 260, 900),
            Title = title,
            Remark = chances.Length == 1 ? $"UAR in %; guessing {Percent(chances[0])}" : $"UAR in %; guessing {Percent(chances.Min())} to {Percent(chances.Max())}",
            FollowPageColors = true,
        });
        return new ReportPlot("cross-corpus", title, "Rows are the data sets trained on, columns those tested on. A grey cell was not run.", plot);
    }

    private static bool IsCross(RunMetrics run) => run.TrainDataset is not null && run.TrainDataset != run.Dataset;

    private static string Trained(RunMetrics run) => run.TrainDataset ?? run.Dataset;
}
