using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>Draws into an SVG 1.1 document: text stays text, and theme colours can follow the page's light or dark mode.</summary>
public sealed class SvgCanvas : ICanvas
{
    // Widths are close to Helvetica's in all of these, which is what layout assumes.
    private const string FontFamily = "Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', sans-serif";
    private readonly StringBuilder _body = new();
    private readonly string _title;
    private readonly bool _followPage;

    /// <summary>Creates an empty drawing.</summary>
    /// <param name="width">The width in canvas units, above 0.</param>
    /// <param name="height">The height in canvas units, above 0.</param>
    /// <param name="title">What the picture shows, for readers who do not see it; may be empty.</param>
    /// <param name="followPage">Whether theme colours turn dark where the reader prefers dark pages; print stays light.</param>
    public SvgCanvas(double width, double height, string title = "", bool followPage = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        Width = width;
        Height = height;
        _title = title;
        _followPage = followPage;
    }

    /// <inheritdoc/>
    public double Width { get; }

    /// <inheritdoc/>
    public double Height { get; }

    /// <inheritdoc/>
    public void FillRectangle(double x, double y, double width, double height, Paint paint)
    {
        if (width > 0 && height > 0)
            Add($"<rect {Box(x, y, width, height)}{Fill(paint)} shape-rendering=\"crispEdges\"/>");
    }

    /// <inheritdoc/>
    public void DrawLine(CanvasPoint first, CanvasPoint second, Stroke stroke)
    {
        string crisp = first.X == second.X || first.Y == second.Y ? " shape-rendering=\"crispEdges\"" : "";
        Add($"<line x1=\"{first.X:0.##}\" y1=\"{first.Y:0.##}\" x2=\"{second.X:0.##}\" y2=\"{second.Y:0.##}\"{Line(stroke)}{crisp}/>");
    }

    /// <inheritdoc/>
    public void DrawPolyline(ReadOnlySpan<CanvasPoint> points, Stroke stroke)
    {
        if (points.Length == 0) return;
        // A point alone has no length and would not be drawn; a line onto itself with round ends is a dot.
        ReadOnlySpan<CanvasPoint> drawn = points.Length == 1 ? [points[0], points[0]] : points;
        Add($"<polyline points=\"{Points(drawn)}\" fill=\"none\"{Line(stroke)} stroke-linejoin=\"round\" stroke-linecap=\"round\"/>");
    }

    /// <inheritdoc/>
    public void FillPolygon(ReadOnlySpan<CanvasPoint> points, Paint paint, double opacity = 1)
    {
        if (points.Length < 3) return;
        string transparency = opacity < 1 ? Format($" fill-opacity=\"{opacity:0.##}\"") : "";
        Add($"<polygon points=\"{Points(points)}\"{Fill(paint)}{transparency}/>");
    }

    /// <inheritdoc/>
    public void DrawImage(RgbImage image, double x, double y, double width, double height)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (width <= 0 || height <= 0) return;
        string data = Convert.ToBase64String(image.ToPng());
        const string Pixelated = "preserveAspectRatio=\"none\" image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\"";
        Add($"<image {Box(x, y, width, height)} {Pixelated} href=\"data:image/png;base64,{data}\"/>");
    }

    /// <inheritdoc/>
    public void DrawText(CanvasPoint position, string text, TextStyle style)
    {
        ArgumentNullException.ThrowIfNull(text);
        // The shift of the baseline is computed, not left to dominant-baseline, which renderers disagree on.
        double shift = TextMetrics.BaselineShift(style.Baseline) * style.Size;
        string anchor = style.Anchor == TextAnchor.Start
            ? "" : $" text-anchor=\"{(style.Anchor == TextAnchor.Middle ? "middle" : "end")}\"";
        string bold = style.Bold ? " font-weight=\"bold\"" : "";
        string turned = Format($"transform=\"translate({position.X:0.##} {position.Y:0.##}) rotate({-style.Rotation:0.##})\"");
        string place = style.Rotation == 0 ? Format($"x=\"{position.X:0.##}\" y=\"{position.Y + shift:0.##}\"")
            : $"{turned} {Format($"x=\"0\" y=\"{shift:0.##}\"")}";
        Add($"<text {place} font-size=\"{style.Size:0.##}\"{anchor}{bold}{Fill(style.Paint)}>{Escape(text)}</text>");
    }

    /// <summary>The document: UTF-8 text that can stand alone as a file or within HTML.</summary>
    public override string ToString()
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width:0.##}\" height=\"{Height:0.##}\" ");
        svg.Append(CultureInfo.InvariantCulture,
            $"viewBox=\"0 0 {Width:0.##} {Height:0.##}\" role=\"img\" font-family=\"{FontFamily}\">\n");
        if (_title.Length > 0) svg.Append("<title>").Append(Escape(_title)).Append("</title>\n");
        if (_followPage) svg.Append("<style>").Append(PlotTheme.DarkPageStyle).Append("</style>\n");
        return svg.Append(_body).Append("</svg>\n").ToString();
    }

    private void Add(FormattableString element) => _body.Append(Format(element)).Append('\n');

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Box(double x, double y, double width, double height) =>
        Format($"x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\"");

    private string Fill(Paint paint) => Format($" fill=\"{paint.Color}\"{Role(paint, "f")}");

    private string Line(Stroke stroke)
    {
        string dash = stroke.Dash > 0 ? Format($" stroke-dasharray=\"{stroke.Dash:0.##}\"") : "";
        return Format($" stroke=\"{stroke.Paint.Color}\" stroke-width=\"{stroke.Width:0.##}\"{dash}{Role(stroke.Paint, "s")}");
    }

    // The colour stays an attribute, which any style rule outranks: readers without style sheets see the light theme.
    private string Role(Paint paint, string kind) => _followPage && paint.Role is not null ? $" class=\"ser-{paint.Role}-{kind}\"" : "";

    private static string Points(ReadOnlySpan<CanvasPoint> points)
    {
        var text = new StringBuilder(points.Length * 12);
        foreach (CanvasPoint point in points) text.Append(CultureInfo.InvariantCulture, $"{point.X:0.##},{point.Y:0.##} ");
        return text.ToString().TrimEnd();
    }

    // XML knows no way to write most control characters, nor lone surrogates; they become the replacement character.
    private static string Escape(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '<' => safe.Append("&lt;"),
                '>' => safe.Append("&gt;"),
                '&' => safe.Append("&amp;"),
                '"' => safe.Append("&quot;"),
                '\t' => safe.Append(' '),
                < 0x20 or 0xFFFE or 0xFFFF => safe.Append('\uFFFD'),
                _ => safe.Append(rune.ToString()),
            };
        }
        return safe.ToString();
    }
}
