using System.Xml;
using System.Xml.Linq;
using static SerPipeline.Reports.Html;

namespace SerPipeline.Reports;

/// <summary>Builds HTML as an XML tree, so that every text is escaped and every element closed.</summary>
internal static class Html
{
    private static readonly HashSet<string> Void = ["meta", "br", "hr", "img"];

    /// <summary>An element of a name, which may carry classes as <c>div.card.wide</c>.</summary>
    public static XElement Element(string name, params ReadOnlySpan<object?> content)
    {
        string[] parts = name.Split('.');
        var element = new XElement(parts[0]);
        if (parts.Length > 1) element.SetAttributeValue("class", string.Join(' ', parts[1..]));
        foreach (object? item in content) element.Add(item is string text ? Clean(text) : item);
        // HTML has no self-closing tags outside its void elements: an empty text makes the writer close them.
        if (element.IsEmpty && !Void.Contains(parts[0])) element.Add("");
        return element;
    }

    public static XAttribute Attribute(string name, string value) => new(name, Clean(value));

    /// <summary>A table with a caption, column heads and rows; the first cell of a row is its head. No heads: no row of heads.</summary>
    public static XElement Table(string caption, IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<object>> rows, string style = "") =>
        Element($"div.scroll{style}", Element("table",
            Element("caption", caption),
            heads.Count == 0 ? null
                : Element("thead", Element("tr", [.. heads.Select(head => Element("th", Attribute("scope", "col"), head))])),
            Element("tbody", [.. rows.Select(Row)])));

    /// <summary>A table whose cells are text: left-aligned and broken where needed.</summary>
    public static XElement TextTable(string caption, IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<object>> rows) =>
        Table(caption, heads, rows, ".textual");

    /// <summary>The document's text: HTML 5 that also is well-formed XML.</summary>
    public static string Document(XElement html)
    {
        var text = new StringBuilder("<!DOCTYPE html>\n");
        XmlWriterSettings settings = new() { OmitXmlDeclaration = true, NewLineChars = "\n", ConformanceLevel = ConformanceLevel.Fragment };
        using (XmlWriter writer = XmlWriter.Create(text, settings)) html.WriteTo(writer);
        return text.Append('\n').ToString();
    }

    /// <summary>A table's row: text, or elements of their own.</summary>
    public static IReadOnlyList<object> Cells(params object[] cells) => cells;

    private static XElement Row(IReadOnlyList<object> cells) => Element("tr",
        [.. cells.Select((cell, i) => cell is XElement { Name.LocalName: "td" } ? cell
            : i == 0 ? Element("th", Attribute("scope", "row"), cell) : Element("td", cell))]);

    /// <summary>Replaces what XML cannot hold, such as NUL or half a surrogate pair, by U+FFFD.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            clean.Append(rune.Value > 0xFFFF || XmlConvert.IsXmlChar((char)rune.Value) ? rune.ToString() : "\uFFFD");
        return clean.ToString();
    }
}

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
