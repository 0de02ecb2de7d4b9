using System.Xml.Linq;
using SerPipeline.Evaluation;
using static SerPipeline.Reports.Html;

namespace SerPipeline.Reports;

/// <summary>
/// The file <c>report.html</c>: one page that needs no other file and no network, legible on paper and in dark browsers. Protocol and
/// leak check stand first, with warnings when test speakers were heard in training, test clips repeat training clips or the clips were
/// made by a program.
/// </summary>
public static class HtmlReport
{
    /// <summary>The file's usual name.</summary>
    public const string FileName = "report.html";

    // It must hold no character that XML escapes: browsers read a style element's text as it stands.
    private static readonly string Css = ReadCss();

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
        IReadOnlyList<ReportGroup> groups = ReportGroup.Of(content);
        bool alone = groups.Count == 1;
        var figures = new HtmlFigures();
        return Document(Element("html", Attribute("lang", "en"),
            Head(content.Title),
            Element("body",
                Element("header", Element("h1", content.Title), Subtitle(content, groups)),
                Element("main",
                    Element("section", [.. HtmlNotices.Of(content, groups)]),
                    Across(content, figures),
                    groups.SelectMany(group => HtmlResults.Section(group, alone, figures, alone ? content : null)).ToArray(),
                    alone ? null : HtmlResults.Curves(content, "h2", figures),
                    groups.Any(group => group.Details is { BySpeaker.Count: > 0 } or { BySex.Count: > 0 }) || content.Predictions is null
                        ? null : HtmlSpeakers.Section(content.Predictions),
                    HtmlAppendix.Clips(content, figures),
                    Further(content.Figures, figures),
                    content.Card is null ? null : HtmlAppendix.Card(content.Card),
                    content.Run is null ? null : HtmlAppendix.Run(content.Run)))));
    }

    private static string ReadCss()
    {
        using var reader = new StreamReader(typeof(HtmlReport).Assembly.GetManifestResourceStream(typeof(HtmlReport), "report.css")!);
        return reader.ReadToEnd().TrimEnd('\n');
    }

    private static XElement Head(string title) => Element("head",
        Element("meta", Attribute("charset", "utf-8")),
        Element("meta", Attribute("name", "viewport"), Attribute("content", "width=device-width, initial-scale=1")),
        Element("meta", Attribute("name", "color-scheme"), Attribute("content", "light dark")),
        // The browser enforces that the page loads and runs nothing; sounds and pictures are part of the page.
        Element("meta", Attribute("http-equiv", "Content-Security-Policy"),
            Attribute("content",
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:; base-uri 'none'; form-action 'none'")),
        Element("title", title),
        Element("style", Css));

    private static XElement Subtitle(ReportContent content, IReadOnlyList<ReportGroup> groups)
    {
        string what = string.Join("; ",
            groups.Select(group => $"{group.Runs[0].Trainer} on {group.Runs[0].Dataset}").Distinct(StringComparer.Ordinal));
        string when = content.Run is { } run
            ? string.Create(CultureInfo.InvariantCulture, $", finished {run.Finished.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : "";
        return Element("p.soft", what + when);
    }

    private static XElement? Across(ReportContent content, HtmlFigures figures)
    {
        ReportPlot[] plots = [.. CrossCorpusFigure.Of(content.Runs)];
        return plots.Length == 0 ? null : Element("section", Element("h2", "Across data sets"), plots.Select(figures.Of));
    }

    private static XElement? Further(IReadOnlyList<ReportFigure> further, HtmlFigures figures) =>
        further.Count == 0 ? null : Element("section", Element("h2", "Further figures"), further.Select(figures.Of));
}
