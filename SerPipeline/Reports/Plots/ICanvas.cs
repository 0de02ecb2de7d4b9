using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>A point on a canvas: x to the right, y downwards, in canvas units (CSS pixels).</summary>
/// <param name="X">From the left edge.</param>
/// <param name="Y">From the top edge.</param>
public readonly record struct CanvasPoint(double X, double Y);

/// <summary>A colour, and its role in the theme, by which an SVG exchanges it on a dark page.</summary>
/// <param name="Color">The colour.</param>
/// <param name="Role">A role in the theme such as <c>ink</c>; null for a fixed colour.</param>
public readonly record struct Paint(Rgb Color, string? Role = null)
{
    /// <summary>A fixed colour, without a role in the theme.</summary>
    /// <param name="color">The colour.</param>
    public static implicit operator Paint(Rgb color) => new(color);

    /// <summary>A fixed colour, without a role in the theme.</summary>
    /// <param name="color">The colour.</param>
    public static Paint FromRgb(Rgb color) => new(color);
}

/// <summary>How a line is drawn.</summary>
/// <param name="Paint">Its colour.</param>
/// <param name="Width">Its width in canvas units.</param>
/// <param name="Dash">The length of dashes and of the gaps between them; 0 for a solid line.</param>
public readonly record struct Stroke(Paint Paint, double Width = 1, double Dash = 0);

/// <summary>Which point of a text lies at the position given.</summary>
public enum TextAnchor
{
    /// <summary>Its left end.</summary>
    Start,

    /// <summary>Its middle.</summary>
    Middle,

    /// <summary>Its right end.</summary>
    End,
}

/// <summary>Which height of a text lies at the position given.</summary>
public enum TextBaseline
{
    /// <summary>The line the letters stand on.</summary>
    Alphabetic,

    /// <summary>Half the height of capital letters.</summary>
    Middle,

    /// <summary>The top of capital letters.</summary>
    Top,
}

/// <summary>How a text is drawn.</summary>
/// <param name="Size">The font size in canvas units.</param>
/// <param name="Paint">Its colour.</param>
/// <param name="Anchor">Which point along the text lies at the position.</param>
/// <param name="Baseline">Which height of the text lies at the position.</param>
/// <param name="Bold">Whether it is bold.</param>
/// <param name="Rotation">Degrees counterclockwise around the position; 90 reads upwards.</param>
public readonly record struct TextStyle(
    double Size, Paint Paint, TextAnchor Anchor = TextAnchor.Start, TextBaseline Baseline = TextBaseline.Alphabetic, bool Bold = false,
        double Rotation = 0);

/// <summary>A surface that plots draw on: <see cref="SvgCanvas"/> or <see cref="RasterCanvas"/>.</summary>
public interface ICanvas
{
    /// <summary>The width in canvas units.</summary>
    public double Width { get; }

    /// <summary>The height in canvas units.</summary>
    public double Height { get; }

    /// <summary>Fills an axis-aligned rectangle; edges are sharp, so that neighbours meet without a seam.</summary>
    /// <param name="x">The left edge.</param>
    /// <param name="y">The top edge.</param>
    /// <param name="width">To the right; nothing is drawn when it is not positive.</param>
    /// <param name="height">Downwards; nothing is drawn when it is not positive.</param>
    /// <param name="paint">The colour.</param>
    public void FillRectangle(double x, double y, double width, double height, Paint paint);

    /// <summary>Draws a straight line; horizontal and vertical lines are sharp.</summary>
    /// <param name="first">One end.</param>
    /// <param name="second">The other end.</param>
    /// <param name="stroke">Colour, width and dashes.</param>
    public void DrawLine(CanvasPoint first, CanvasPoint second, Stroke stroke);

    /// <summary>Draws joined lines with round joins and ends.</summary>
    /// <param name="points">The points in order; a single point gives a dot.</param>
    /// <param name="stroke">Colour, width and dashes.</param>
    public void DrawPolyline(ReadOnlySpan<CanvasPoint> points, Stroke stroke);

    /// <summary>Fills a polygon by the non-zero rule.</summary>
    /// <param name="points">The corners in order.</param>
    /// <param name="paint">The colour.</param>
    /// <param name="opacity">0, invisible, to 1.</param>
    public void FillPolygon(ReadOnlySpan<CanvasPoint> points, Paint paint, double opacity = 1);

    /// <summary>Draws an image into a rectangle; pixels stay sharp squares when enlarged.</summary>
    /// <param name="image">The image.</param>
    /// <param name="x">The left edge.</param>
    /// <param name="y">The top edge.</param>
    /// <param name="width">To the right; nothing is drawn when it is not positive.</param>
    /// <param name="height">Downwards; nothing is drawn when it is not positive.</param>
    public void DrawImage(RgbImage image, double x, double y, double width, double height);

    /// <summary>Draws one line of text.</summary>
    /// <param name="position">Where its anchor lies.</param>
    /// <param name="text">The text.</param>
    /// <param name="style">Size, colour, alignment, weight, rotation.</param>
    public void DrawText(CanvasPoint position, string text, TextStyle style);
}
