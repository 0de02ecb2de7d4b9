using SerPipeline.Features;
using SkiaSharp;
using SkiaSharp.HarfBuzz;

namespace SerPipeline.Reports.Plots;

/// <summary>
/// Draws into pixels with Skia. Letters are those of its own stroke font, so that the same text gives the same pixels on every machine;
/// a script that this font has not is drawn with a font of the machine, and a text that none can draw is replaced by a number
/// (<see cref="Numbered"/>).
/// </summary>
public sealed class RasterCanvas : ICanvas, IDisposable
{
    // The stems of common sans-serif faces: about 9 % of the font size, 12 % in bold.
    private const double StemWidth = 0.088, BoldStemWidth = 0.118;
    private readonly double _scale;
    private readonly SKBitmap _bitmap;
    private readonly SKCanvas _canvas;
    private readonly List<string> _numbered = [];

    /// <summary>Creates a canvas.</summary>
    /// <param name="width">The width in canvas units, above 0.</param>
    /// <param name="height">The height in canvas units, above 0.</param>
    /// <param name="background">The colour of every pixel at first.</param>
    /// <param name="pixelRatio">Pixels per canvas unit, above 0.</param>
    /// <param name="footer">Room below the height, in canvas units, that plots do not know of.</param>
    public RasterCanvas(double width, double height, Rgb background, double pixelRatio = 1, double footer = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pixelRatio);
        ArgumentOutOfRangeException.ThrowIfNegative(footer);
        Width = width;
        Height = height;
        _scale = pixelRatio;
        int columns = checked((int)Math.Ceiling(width * pixelRatio)), rows = checked((int)Math.Ceiling((height + footer) * pixelRatio));
        _bitmap = new SKBitmap(columns, rows, SKColorType.Rgba8888, SKAlphaType.Opaque);
        _canvas = new SKCanvas(_bitmap);
        _canvas.Clear(ColorOf(background));
    }

    /// <inheritdoc/>
    public double Width { get; }

    /// <inheritdoc/>
    public double Height { get; }

    /// <summary>The texts that no font of this machine can draw: <c>#1</c> stands for the first of them, and so on.</summary>
    public IReadOnlyList<string> Numbered => _numbered;

    /// <summary>The pixels drawn so far.</summary>
    public RgbImage ToImage()
    {
        var image = new RgbImage(_bitmap.Height, _bitmap.Width);
        ReadOnlySpan<byte> rgba = _bitmap.GetPixelSpan();
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = rgba[(i / 3 * 4) + (i % 3)];
        return image;
    }

    /// <inheritdoc/>
    public void FillRectangle(double x, double y, double width, double height, Paint paint)
    {
        if (width > 0 && height > 0) FillPixels(Snap(x), Snap(y), Snap(x + width), Snap(y + height), paint.Color);
    }

    /// <inheritdoc/>
    public void DrawLine(CanvasPoint first, CanvasPoint second, Stroke stroke)
    {
        bool vertical = first.X == second.X;
        if (!vertical && first.Y != second.Y)
        {
            DrawPolyline([first, second], stroke);
            return;
        }
        // A level or upright line fills whole pixels, at least one across.
        (double across, double from, double to) = vertical ? (first.X, first.Y, second.Y) : (first.Y, first.X, second.X);
        if (from > to) (from, to) = (to, from);
        double dash = stroke.Dash > 0 ? stroke.Dash : to - from;
        int thickness = Math.Max(1, (int)Math.Round(stroke.Width * _scale));
        int edge = (int)Math.Round((across * _scale) - (thickness / 2.0), MidpointRounding.AwayFromZero);
        do
        {
            int low = Snap(from), high = Math.Max(Snap(Math.Min(from + dash, to)), low + 1);
            if (vertical) FillPixels(edge, low, edge + thickness, high, stroke.Paint.Color);
            else FillPixels(low, edge, high, edge + thickness, stroke.Paint.Color);
            from += 2 * dash;
        }
        while (from < to);
    }

    /// <inheritdoc/>
    public void DrawPolyline(ReadOnlySpan<CanvasPoint> points, Stroke stroke)
    {
        if (points.Length == 0) return;
        using var path = new SKPath();
        AddLine(path, points, _scale, 0, 0, _scale);
        using SKPaint paint = Pen(stroke.Width * _scale, stroke.Paint.Color);
        float dash = (float)(stroke.Dash * _scale);
        if (dash > 0) paint.PathEffect = SKPathEffect.CreateDash([dash, dash], 0);
        _canvas.DrawPath(path, paint);
    }

    /// <inheritdoc/>
    public void FillPolygon(ReadOnlySpan<CanvasPoint> points, Paint paint, double opacity = 1)
    {
        if (points.Length < 3) return;
        using var path = new SKPath();
        AddLine(path, points, _scale, 0, 0, _scale);
        path.Close();
        using var fill = new SKPaint { IsAntialias = true, Color = ColorOf(paint.Color).WithAlpha((byte)Math.Round(255 * opacity)) };
        _canvas.DrawPath(path, fill);
    }

    /// <inheritdoc/>
    public void DrawImage(RgbImage image, double x, double y, double width, double height)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var source = new SKBitmap(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        source.Pixels = [.. image.Pixels.Chunk(3).Select(rgb => new SKColor(rgb[0], rgb[1], rgb[2]))];
        _canvas.DrawBitmap(source, new SKRect(Snap(x), Snap(y), Snap(x + width), Snap(y + height)));
    }

    /// <inheritdoc/>
    public void DrawText(CanvasPoint position, string text, TextStyle style)
    {
        ArgumentNullException.ThrowIfNull(text);
        IReadOnlyList<TextRun> runs = TextRun.Divide(text) ?? [new TextRun(NumberOf(text), null)];
        double[] lengths = [.. runs.Select(run => TextMetrics.Width(run.Text, style.Size, style.Bold) * _scale)];
        double x = lengths.Sum() * style.Anchor switch { TextAnchor.Middle => -0.5, TextAnchor.End => -1, _ => 0 };
        double y = TextMetrics.BaselineShift(style.Baseline) * style.Size * _scale, originY = position.Y * _scale;
        // Standing on whole pixels keeps level letters sharp.
        if (style.Rotation == 0) y = Math.Round(originY + y) - originY;
        _canvas.Save();
        _canvas.Translate((float)(position.X * _scale), (float)originY);
        _canvas.RotateDegrees((float)-style.Rotation);
        foreach ((TextRun run, double length) in runs.Zip(lengths))
        {
            if (run.Font is null) DrawStrokes(run.Text, x, y, style);
            else DrawShaped(run.Text, run.Font, x, y, length, style);
            x += length;
        }
        _canvas.Restore();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _canvas.Dispose();
        _bitmap.Dispose();
    }

    private string NumberOf(string text)
    {
        if (!_numbered.Contains(text)) _numbered.Add(text);
        return $"#{Format.Whole(_numbered.IndexOf(text) + 1)}";
    }

    private void DrawStrokes(string text, double x, double y, TextStyle style)
    {
        double size = style.Size * _scale, unit = size / StrokeFont.UnitsPerEm, wide = unit * TextMetrics.BoldWidth(style.Bold);
        using var path = new SKPath();
        foreach (char c in text)
        {
            foreach (CanvasPoint[] stroke in StrokeFont.Strokes(c)) AddLine(path, stroke, wide, x, y, -unit);
            x += StrokeFont.Advance(c) * wide;
        }
        using SKPaint pen = Pen(size * (style.Bold ? BoldStemWidth : StemWidth), style.Paint.Color);
        _canvas.DrawPath(path, pen);
    }

    // The room is the one that the layout kept: a font with wider letters is drawn narrower.
    private void DrawShaped(string text, SKTypeface font, double x, double y, double room, TextStyle style)
    {
        using var shaper = new SKShaper(font);
        using var paint = new SKPaint
        {
            Typeface = font,
            TextSize = (float)(style.Size * _scale),
            IsAntialias = true,
            FakeBoldText = style.Bold,
            Color = ColorOf(style.Paint.Color),
        };
        float natural = shaper.Shape(text, paint).Width;
        if (natural > room) paint.TextScaleX = (float)(room / natural);
        _canvas.DrawShapedText(shaper, text, (float)(x + (Math.Max(0, room - natural) / 2)), (float)y, paint);
    }

    private static void AddLine(SKPath path, ReadOnlySpan<CanvasPoint> points, double scaleX, double x, double y, double scaleY)
    {
        path.MoveTo(At(points[0]));
        // A point alone is a line onto itself: with round ends, a dot.
        foreach (CanvasPoint point in points.Length == 1 ? points : points[1..]) path.LineTo(At(point));

        SKPoint At(CanvasPoint point) => new((float)(x + (point.X * scaleX)), (float)(y + (point.Y * scaleY)));
    }

    private static SKPaint Pen(double width, Rgb color) => new()
    {
        IsAntialias = true,
        IsStroke = true,
        StrokeWidth = (float)width,
        StrokeCap = SKStrokeCap.Round,
        StrokeJoin = SKStrokeJoin.Round,
        Color = ColorOf(color),
    };

    private static SKColor ColorOf(Rgb color) => new(color.R, color.G, color.B);

    private int Snap(double coordinate) => (int)Math.Round(coordinate * _scale, MidpointRounding.AwayFromZero);

    private void FillPixels(int left, int top, int right, int bottom, Rgb color)
    {
        using var paint = new SKPaint { Color = ColorOf(color) };
        _canvas.DrawRect(new SKRect(left, top, right, bottom), paint);
    }
}
