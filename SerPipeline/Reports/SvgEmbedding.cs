using System.Xml;
using System.Xml.Linq;
using SerPipeline.Evaluation;

namespace SerPipeline.Reports;

/// <summary>
/// Prepares an SVG for an HTML page: refuses scripts and references to other files, and makes its identifiers and styles unique in the
/// page.
/// </summary>
internal static partial class SvgEmbedding
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private static readonly XmlReaderSettings ReaderSettings = new()
    { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true };
    private static readonly HashSet<string> Refused = ["script", "foreignObject", "iframe", "handler", "listener"];

    /// <summary>The figure's root element, ready for the page.</summary>
    /// <param name="svg">The SVG document.</param>
    /// <param name="title">What the figure shows, for errors and for those who cannot see it.</param>
    /// <param name="number">The figure's number on its page.</param>
    public static XElement Prepare(string svg, string title, int number)
    {
        XElement root = Parse(svg, title);
        string scope = string.Create(CultureInfo.InvariantCulture, $"figure-{number}");

        // 1. Nothing may run or load.
        foreach (XElement element in root.DescendantsAndSelf())
        {
            if (Refused.Contains(element.Name.LocalName)) throw Refuse(title, $"the element '{element.Name.LocalName}'");
            foreach (XAttribute attribute in element.Attributes().Where(a => !a.IsNamespaceDeclaration)) CheckAttribute(attribute, title);
            if (element.Name.LocalName == "style") CheckCss(element.Value, title);
        }

        // 2. Unique identifiers, wherever they are used.
        string[] names = [.. root.DescendantsAndSelf().Attributes("id").Select(id => id.Value)];
        foreach (XAttribute attribute in root.DescendantsAndSelf().Attributes().Where(a => !a.IsNamespaceDeclaration))
            Rename(attribute, names, scope);
        foreach (XElement style in root.Descendants().Where(e => e.Name.LocalName == "style"))
        {
            string css = names.Aggregate(style.Value,
                (text, name) => text.Replace($"#{name}", $"#{scope}-{name}", StringComparison.Ordinal));
            style.Value = $"@scope (#{scope}) {{ {css} }}";
        }

        // 3. A name for the whole.
        root.SetAttributeValue("id", scope);
        root.SetAttributeValue("role", "img");
        root.Attribute("aria-labelledby")?.Remove();
        root.SetAttributeValue("aria-label", Html.Clean(title));
        return root;
    }

    private static XElement Parse(string svg, string title)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(svg), ReaderSettings);
            XElement root = XElement.Load(reader);
            return root.Name == Svg + "svg" ? root
                : throw new EvaluationException($"Expected an 'svg' element of {Svg} for the figure '{title}'; found '{root.Name}'.");
        }
        catch (XmlException cause)
        {
            throw new EvaluationException($"Expected well-formed SVG for the figure '{title}'; {cause.Message}", cause);
        }
    }

    private static void CheckAttribute(XAttribute attribute, string title)
    {
        string name = attribute.Name.LocalName, value = attribute.Value.Trim();
        if (name.StartsWith("on", StringComparison.OrdinalIgnoreCase)) throw Refuse(title, $"the attribute '{name}'");
        if (name is not ("href" or "src")) CheckCss(value, title);
        else if (!value.StartsWith('#') && !IsPicture(value))
            throw Refuse(title, $"a reference to '{(value.Length > 80 ? value[..80] : value)}'");
    }

    private static void CheckCss(string css, string title)
    {
        if (css.Contains("@import", StringComparison.OrdinalIgnoreCase) || OutsideReference().IsMatch(css))
            throw Refuse(title, $"a reference in '{css}'");
    }

    private static void Rename(XAttribute attribute, string[] names, string scope)
    {
        string name = attribute.Name.LocalName, value = attribute.Value;
        if (attribute.Name == "id") attribute.Value = $"{scope}-{value}";
        else if (name == "href") attribute.Value = IsPicture(value) ? value : $"#{scope}-{value.Trim()[1..]}";
        else if (name.StartsWith("aria-", StringComparison.Ordinal) && names.Contains(value)) attribute.Value = $"{scope}-{value}";
        else attribute.Value = InsideReference().Replace(value, match => $"url(#{scope}-{match.Groups[1].Value})");
    }

    /// <summary>Pixels within the figure itself, such as a spectrogram behind its axes.</summary>
    private static bool IsPicture(string reference) =>
        reference.TrimStart().StartsWith("data:image/png;base64,", StringComparison.Ordinal)
            || reference.TrimStart().StartsWith("data:image/jpeg;base64,", StringComparison.Ordinal);

    private static EvaluationException Refuse(string title, string what) =>
        new($"Expected a figure that needs nothing but itself; '{title}' holds {what}. Leave it out: "
            + "a report must open anywhere and run nothing.");

    [GeneratedRegex("""url\(\s*["']?(?!\s*["']?#)""", RegexOptions.IgnoreCase)]
    private static partial Regex OutsideReference();

    [GeneratedRegex("""url\(\s*["']?#([^"')\s]+)["']?\s*\)""", RegexOptions.IgnoreCase)]
    private static partial Regex InsideReference();
}
