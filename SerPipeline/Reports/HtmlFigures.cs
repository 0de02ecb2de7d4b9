using System.Xml.Linq;
using static SerPipeline.Reports.Html;

namespace SerPipeline.Reports;

/// <summary>Puts figures into a page and numbers them in their order.</summary>
internal sealed class HtmlFigures
{
    private int _count;

    /// <summary>A plot made for the page: its axes follow the page's colours.</summary>
    public XElement Of(ReportPlot plot) => Make("figure.follow", plot.Plot.ToSvg(), plot.Title, plot.Caption);

    /// <summary>A figure from elsewhere: it keeps its white ground.</summary>
    public XElement Of(ReportFigure figure) => Make("figure", figure.Svg, figure.Title, figure.Caption);

    /// <summary>A figure's drawing alone, without frame and caption.</summary>
    public XElement Drawing(ReportFigure figure) => SvgEmbedding.Prepare(figure.Svg, figure.Title, ++_count);

    private XElement Make(string element, string svg, string title, string? caption) => Element(element,
        SvgEmbedding.Prepare(svg, title, ++_count),
        Element("figcaption", Element("strong", title), caption is null ? null : $" {caption}"));
}
