using SerPipeline.Corpora;
using SerPipeline.Evaluation;

namespace SerPipeline.Console.Training;

/// <summary>Writes report.html and the figures of a run.</summary>
internal static class RunReport
{
    /// <summary>Writes the page.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="corpus">The clips.</param>
    /// <param name="content">What to show.</param>
    public static void Write(string folder, Corpus corpus, ReportContent content)
    {
        HtmlReport.Write(Path.Combine(folder, HtmlReport.FileName), content);
    }
}
