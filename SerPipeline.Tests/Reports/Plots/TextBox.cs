using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SerPipeline.Reports.Plots;

namespace SerPipeline.Tests.Reports.Plots;

/// <summary>The rectangle a text takes in an SVG, from capital height to baseline; upright texts are turned.</summary>
internal sealed record TextBox(string Text, double Left, double Top, double Right, double Bottom)
{
    public static List<TextBox> All(string svg) =>
        [.. XDocument.Parse(svg).Descendants().Where(e => e.Name.LocalName == "text" && e.Value.Length > 0).Select(Of)];

    // Half a unit of tolerance: rounding in the file.
    public bool Overlaps(TextBox other) =>
        Left + 0.5 < other.Right && other.Left + 0.5 < Right && Top + 0.5 < other.Bottom && other.Top + 0.5 < Bottom;

    private static TextBox Of(XElement text)
    {
        double size = Number(text.Attribute("font-size")!.Value), x = Number(text.Attribute("x")!.Value),
            y = Number(text.Attribute("y")!.Value);
        double width = TextMetrics.Width(text.Value, size, text.Attribute("font-weight") is not null);
        double start = x - ((string?)text.Attribute("text-anchor") switch { "middle" => width / 2, "end" => width, _ => 0 });
        double top = y - (TextMetrics.CapHeight * size);
        if (text.Attribute("transform") is not { } transform) return new TextBox(text.Value, start, top, start + width, y);
        Match match = Regex.Match(transform.Value, @"^translate\((\S+) (\S+)\) rotate\(-90\)$");
        Assert.True(match.Success, $"unexpected transform {transform.Value}");
        double originX = Number(match.Groups[1].Value), originY = Number(match.Groups[2].Value);
        return new TextBox(text.Value, originX + top, originY - start - width, originX + y, originY - start);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
