using System.Globalization;
using System.Xml.Linq;
using static SerPipeline.Evaluation.Reporting.Html;

namespace SerPipeline.Evaluation.Reporting;

/// <summary>
/// The file <c>report.html</c>: one page that needs no other file and no network, legible on paper and in dark browsers. The protocol stands
/// first, with a warning when test speakers were heard in training or the clips were made by a program.
/// </summary>
public static class HtmlReport
{
    /// <summary>The file's usual name.</summary>
    public const string FileName = "report.html";

    /// <summary>Writes the page, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="content">What to show.</param>
    /// <exception cref="EvaluationException">There is no run, or a figure is no SVG or needs more than itself.</exception>
    public static void Write(string path, ReportContent content) => AtomicFile.WriteAllText(path, Render(content));

    /// <summary>The page's text: HTML 5 that also is well-formed XML.</summary>
    /// <param name="content">What to show.</param>
    /// <exception cref="EvaluationException">There is no run, or a figure is no SVG or needs more than itself.</exception>
    public static string Render(ReportContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (content.Runs.Count == 0) throw new EvaluationException("Expected at least one run to report; found none.");
        RunMetrics[][] groups = [.. content.Runs.GroupBy(run => (run.Dataset, run.Trainer, run.Protocol)).Select(group => group.ToArray())];
        return Document(Element("html", Attribute("lang", "en"),
            Head(content.Title),
            Element("body",
                Element("header", Element("h1", content.Title), Subtitle(content, groups)),
                Element("main",
                    Element("section", [.. HtmlReportNotices.Of(content)]),
                    groups.Select(group => HtmlReportTables.Group(group, alone: groups.Length == 1)),
                    content.Predictions is null ? null : HtmlReportTables.Groups(content.Predictions),
                    Figures(content.Figures),
                    content.Run is null ? null : HtmlReportRun.Section(content.Run)))));
    }

    private static XElement Head(string title) => Element("head",
        Element("meta", Attribute("charset", "utf-8")),
        Element("meta", Attribute("name", "viewport"), Attribute("content", "width=device-width, initial-scale=1")),
        Element("meta", Attribute("name", "color-scheme"), Attribute("content", "light dark")),
        // The browser itself holds the promise that the page loads and runs nothing.
        Element("meta", Attribute("http-equiv", "Content-Security-Policy"), Attribute("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")),
        Element("title", title),
        Element("style", HtmlReportStyle.Css));

    private static XElement Subtitle(ReportContent content, RunMetrics[][] groups)
    {
        string what = string.Join("; ", groups.Select(group => $"{group[0].Trainer} on {group[0].Dataset}"));
        string when = content.Run is { } run ? string.Create(CultureInfo.InvariantCulture, $", finished {run.Finished.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : "";
        return Element("p.soft", what + when);
    }

    private static XElement? Figures(IReadOnlyList<ReportFigure> figures) => figures.Count == 0 ? null
        : Element("section", Element("h2", "Figures"), figures.Select((figure, i) => Element("figure",
            SvgEmbedding.Prepare(figure.Svg, figure.Title, i + 1),
            Element("figcaption", Element("strong", figure.Title), figure.Caption is null ? null : $" {figure.Caption}"))));
}
