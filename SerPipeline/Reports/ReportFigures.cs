using SerPipeline.Evaluation;
using SerPipeline.Reports.Plots;
using SerPipeline.Splits;
using static SerPipeline.Format;

namespace SerPipeline.Reports;

/// <summary>A plot of a report, with the name of its files.</summary>
/// <param name="FileName">The files' name without extension, such as <c>confusion-counts</c>.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Caption">What to see in it.</param>
/// <param name="Plot">The plot.</param>
public sealed record ReportPlot(string FileName, string Title, string Caption, Plot Plot);

/// <summary>Makes the figures that follow from a report's metrics, for the page and as files of their own.</summary>
public static class ReportFigures
{
    /// <summary>The usual name of the folder within the run folder.</summary>
    public const string FolderName = "figures";

    // More bars in one figure would be thinner than their names are high.
    private const int SpeakersAFigure = 36;

    /// <summary>Writes every figure as SVG and as PNG.</summary>
    /// <param name="folder">The run's folder; the files go to <see cref="FolderName"/> below it.</param>
    /// <param name="content">What the report shows.</param>
    /// <returns>The paths of the files, relative to <paramref name="folder"/>, in the order of the report.</returns>
    /// <exception cref="EvaluationException">There is no run.</exception>
    public static IReadOnlyList<string> Write(string folder, ReportContent content)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var written = new List<string>();
        foreach (ReportPlot plot in Of(content))
        {
            string name = Path.Combine(FolderName, plot.FileName);
            plot.Plot.SaveSvg(Path.Combine(folder, name + ".svg"));
            plot.Plot.SavePng(Path.Combine(folder, name + ".png"));
            written.AddRange([name + ".svg", name + ".png"]);
        }
        return written;
    }

    /// <summary>
    /// The figures in the order of the report: for each group of runs <c>confusion-counts</c>, <c>confusion-normalised</c>,
    /// <c>reliability</c> and <c>per-speaker</c> (its name in front where the report has several groups; <c>-2</c>, <c>-3</c> behind
    /// where the speakers need several figures), then <c>training-curves</c>. Where runs were trained on one data set and tested on
    /// another, <c>cross-corpus</c> comes first; see <see cref="CrossCorpusFigure"/>.
    /// </summary>
    /// <param name="content">What the report shows.</param>
    /// <exception cref="EvaluationException">There is no run.</exception>
    public static IReadOnlyList<ReportPlot> Of(ReportContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        IReadOnlyList<ReportGroup> groups = ReportGroup.Of(content);
        return [.. CrossCorpusFigure.Of(content.Runs),
            .. groups.SelectMany(group => Confusions(group).Concat(Reliability(group)).Concat(Speakers(group))),
            .. Curves(content)];
    }

    internal static IEnumerable<ReportPlot> Confusions(ReportGroup group)
    {
        if (group.Together is not { } together) yield break;
        double[][] counts = [.. together.Confusion.Counts.Select(row => row.Select(count => (double)count).ToArray())];
        int size = Math.Clamp(260 + (36 * together.Labels.Count), 400, 900);
        ConfusionMatrixPlotOptions options = new() { Width = size, Height = size + 10, FollowPageColors = true };
        yield return new ReportPlot(group.FilePrefix + "confusion-counts", "Confusion matrix, clips",
            "True classes by row, predicted ones by column. The colour is the share of the row.",
            new ConfusionMatrixPlot(counts, together.Labels, options with { Title = "Clips", Numbers = ConfusionNumbers.Counts }));
        yield return new ReportPlot(group.FilePrefix + "confusion-normalised", "Confusion matrix, shares",
            "The same in per cent of each true class: the diagonal is the recall.",
            new ConfusionMatrixPlot(counts, together.Labels,
                options with { Title = "Per cent of the true class", Numbers = ConfusionNumbers.Shares }));
    }

    internal static IEnumerable<ReportPlot> Reliability(ReportGroup group)
    {
        if (group.Details?.Calibration is not { Reliability.Count: > 0 } calibration) yield break;
        var panels = new List<ReliabilityPanel> { new("Unscaled", calibration.Reliability, calibration.Ece) };
        if (calibration.ScaledReliability.Count > 0 && calibration.ScaledEce is { } scaled && calibration.Temperature is { } temperature)
            panels.Add(new ReliabilityPanel(string.Create(CultureInfo.InvariantCulture, $"Temperature {temperature:0.00}"),
                calibration.ScaledReliability, scaled));
        yield return new ReportPlot(group.FilePrefix + "reliability", "Reliability of the probabilities",
            "How often the clips of each confidence were recognised, and below it how many there are. "
                + "Orange above a bar: the model is overconfident; light blue within it: underconfident.",
            new ReliabilityPlot(panels,
                new ReliabilityPlotOptions { Width = panels.Count == 1 ? 400 : 760, Height = 420, FollowPageColors = true }));
    }

    internal static IEnumerable<ReportPlot> Speakers(ReportGroup group)
    {
        if (group.Details is not { BySpeaker.Count: > 1 } run) yield break;
        RunGroup[] speakers = [.. run.BySpeaker.OrderBy(s => s.Name, NumbersFirst.Instance)];
        RunGroup worst = speakers.WorstGroup()!;
        int figures = (speakers.Length + SpeakersAFigure - 1) / SpeakersAFigure, each = (speakers.Length + figures - 1) / figures;
        for (int i = 0; i < figures; i++)
        {
            RunGroup[] part = [.. speakers.Skip(i * each).Take(each)];
            int marked = Array.IndexOf(part, worst);
            var plot = new BarChart([.. part.Select(s => s.Name)], [new BarSeries("UAR", [.. part.Select(s => s.Uar)])], new BarChartOptions
            {
                Width = 760,
                Height = 300,
                YMax = 1,
                YLabel = "UAR",
                Title = figures == 1 ? "UAR by speaker" : $"UAR by speaker, {Whole(i + 1)} of {Whole(figures)}",
                Reference = run.Uar,
                ReferenceLabel = $"all speakers {Percent(run.Uar)}",
                ValueDecimals = null,
                Highlighted = marked < 0 ? [] : [marked],
                FollowPageColors = true,
            });
            yield return new ReportPlot($"{group.FilePrefix}per-speaker{(i == 0 ? "" : $"-{Whole(i + 1)}")}", "UAR by speaker",
                $"The least is {worst.Name} with {Percent(worst.Uar)} on {Count(worst.Clips, "clip")}, in another colour.", plot);
        }
    }

    internal static IEnumerable<ReportPlot> Curves(ReportContent content)
    {
        if (content.Curves.Count == 0) yield break;
        TrainingCurvesPlotOptions options = new() { Width = 760, Height = 320, Title = "Training", FollowPageColors = true };
        string caption = "Loss and accuracy after each epoch. The training loss is the one optimised, with whatever "
            + "augmentation, label smoothing, "
            + "dropout, class weights or focal exponent the options name, so it may lie above the validation loss.";
        if (content.Curves.Count > 1)
            caption += $" Thin lines are single trainings ({Names([.. content.Curves.Select(c => c.Name)], 6)}); "
                + "the thick ones are their mean as long as all of them ran.";
        yield return new ReportPlot("training-curves", "Learning curves", caption, content.Curves.Count == 1
            ? new TrainingCurvesPlot(content.Curves[0].Curves, options)
            : new FoldCurvesPlot([.. content.Curves.Select(c => c.Curves)], options));
    }
}

/// <summary>
/// Shows how well models trained on each data set do on each data set, as a matrix: trained on by row, tested on by column, UAR in the
/// cells.
/// </summary>
public static class CrossCorpusFigure
{
    /// <summary>
    /// A matrix for each trainer that was trained on one data set and tested on another, and for each such protocol, as
    /// <c>cross-corpus@telephone</c>; empty without such runs. Cells within one data set are of one protocol with the same clips heard
    /// and the same condition: the first of leave-one-speaker-out, speaker-5fold and speaker-independent that was run, else the first at
    /// all.
    /// </summary>
    /// <param name="runs">All runs.</param>
    public static IReadOnlyList<ReportPlot> Of(IReadOnlyList<RunMetrics> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        (string Trainer, string Protocol)[] crossed = [.. runs.Where(IsCross).Select(run => (run.Trainer, run.Protocol)).Distinct()];
        bool trainers = crossed.Select(one => one.Trainer).Distinct(StringComparer.Ordinal).Count() > 1,
            protocols = crossed.Select(one => one.Protocol).Distinct(StringComparer.Ordinal).Count() > 1;
        return [.. crossed.Select(cross =>
        {
            var (_, clips, condition) = SplitProtocol.Divide(cross.Protocol);
            RunMetrics[] own = [.. runs.Where(run => run.Trainer == cross.Trainer
                && SplitProtocol.Divide(run.Protocol) is var (_, heard, sound) && heard == clips && sound == condition)];
            string[] within = [.. own.Where(run => !IsCross(run)).Select(run => run.Protocol).Distinct(StringComparer.Ordinal)];
            // Within one data set, the strictest split is the one to compare other data sets with.
            string? protocol = SplitProtocol.Strictest.Select(plain => SplitProtocol.NameOf(plain, clips, condition))
                .FirstOrDefault(within.Contains) ?? within.FirstOrDefault();
            string[] names = [.. (trainers ? [cross.Trainer] : Array.Empty<string>()), .. (protocols ? [cross.Protocol]
                : Array.Empty<string>())];
            ReportPlot plot = From([.. own.Where(run => IsCross(run) ? run.Protocol == cross.Protocol : run.Protocol == protocol)],
                string.Join(", ", ["UAR across data sets", .. names]));
            return plot with
            {
                FileName = string.Join('-', [plot.FileName, .. names.Select(ReportGroup.Slug)]),
                Caption = protocol is null ? plot.Caption : $"{plot.Caption} Within one data set: {protocol}.",
            };
        })];
    }

    /// <summary>The matrix of some runs.</summary>
    /// <param name="runs">
    /// Runs with their data sets; the UARs of several runs of one pair are averaged. A pair without a run stays empty.
    /// </param>
    /// <param name="title">The title.</param>
    /// <exception cref="EvaluationException">There is no run.</exception>
    public static ReportPlot From(IReadOnlyList<RunMetrics> runs, string title = "UAR across data sets")
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count == 0) throw new EvaluationException("Expected at least one run for the matrix of data sets; found none.");
        // The same order down and across puts the runs within one data set on the diagonal.
        string[] trained = [.. runs.Select(Trained).Distinct(StringComparer.Ordinal)];
        string[] tested = [.. runs.Select(run => run.Dataset).Distinct(StringComparer.Ordinal)];
        string[] order = [.. trained.Union(tested, StringComparer.Ordinal)], rows = [.. order.Where(trained.Contains)],
            columns = [.. order.Where(tested.Contains)];
        double[][] scores = [.. rows.Select(row => columns.Select(column => runs.Where(run => Trained(run) == row && run.Dataset == column)
            .Select(run => run.Uar).DefaultIfEmpty(double.NaN).Average()).ToArray())];
        double[] chances = [.. runs.Select(run => run.ChanceBaseline).Distinct()];
        var plot = new ScoreMatrixPlot(scores, rows, columns, new ScoreMatrixPlotOptions
        {
            Width = Math.Clamp(220 + (110 * columns.Length), 420, 900),
            Height = Math.Clamp(160 + (60 * rows.Length), 260, 900),
            Title = title,
            Remark = $"UAR in %; guessing {(chances.Length == 1 ? Percent(chances[0]) : Range([chances.Min(), chances.Max()]))}",
            FollowPageColors = true,
        });
        return new ReportPlot("cross-corpus", title, "Rows are the data sets trained on, columns those tested on. A grey cell was not run.",
            plot);
    }

    private static bool IsCross(RunMetrics run) => run.TrainDataset is not null && run.TrainDataset != run.Dataset;

    private static string Trained(RunMetrics run) => run.TrainDataset ?? run.Dataset;
}
