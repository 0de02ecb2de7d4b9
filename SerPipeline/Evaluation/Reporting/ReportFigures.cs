using SerPipeline.Imaging;

namespace SerPipeline.Evaluation.Reporting;

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

    /// <summary>Writes every figure as SVG and as PNG.</summary>
    /// <param name="folder">The run's folder; the files go to <see cref="FolderName"/> below it.</param>
    /// <param name="content">What the report shows.</param>
    /// <returns>The paths of the files, relative to <paramref name="folder"/>, in the order of the report.</returns>
    public static IReadOnlyList<string> Write(string folder, ReportContent content)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var written = new List<string>();
        foreach (ReportPlot plot in Of(content))
        {
            foreach (string extension in (string[])[".svg", ".png"])
            {
                string name = Path.Combine(FolderName, plot.FileName + extension), path = Path.Combine(folder, name);
                if (extension == ".svg") plot.Plot.SaveSvg(path);
                else plot.Plot.SavePng(path);
                written.Add(name);
            }
        }
        return written;
    }

    /// <summary>The figures in the order of the report.</summary>
    /// <param name="content">What the report shows.</param>
    public static IReadOnlyList<ReportPlot> Of(ReportContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return [];
    }

    /// <summary>How well each data set's model does on each data set, as the cells of a matrix: trained on by row, tested on by column.</summary>
    /// <param name="runs">Runs with their data sets; several of one pair are averaged. A pair without a run stays empty.</param>
    /// <param name="title">The title.</param>
    /// <exception cref="EvaluationException">There is no run.</exception>
    public static ReportPlot CrossCorpus(IReadOnlyList<RunMetrics> runs, string title = "UAR across corpora") => throw new NotSupportedException($"{runs} {title}");
}
