namespace SerPipeline.Reports.Plots;

/// <summary>Draws into pixels, with smooth edges and its own stroke font: no system font, no native library.</summary>
public sealed class RasterCanvas : ICanvas
{
    // The stems of common sans-serif faces: about 9 % of the font size, 12 % in bold.
    private const double StemWidth = 0.088, BoldStemWidth = 0.118;
    private readonly double _scale;

    /// <summary>Creates a canvas.</summary>
    /// <param name="width">The width in canvas units, above 0.</param>
    /// <param name="height">The height in canvas units, above 0.</param>
    /// <param name="background">The colour of every pixel at first.</param>
    /// <param name="pixelRatio">Pixels a canvas unit, above 0.</param>
    public RasterCanvas(double width, double height, Rgb background, double pixelRatio = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pixelRatio);
        Width = width;
        Height = height;
        _scale = pixelRatio;
        Image = new RgbImage(checked((int)Math.Ceiling(height * pixelRatio)), checked((int)Math.Ceiling(width * pixelRatio)));
        FillPixels(0, 0, Image.Width, Image.Height, background);
    }

    /// <inheritdoc/>
    public double Width { get; }

    /// <inheritdoc/>
    public double Height { get; }

    /// <summary>The pixels drawn so far.</summary>
    public RgbImage Image { get; }

    /// <inheritdoc/>
    public void FillRectangle(double x, double y, double width, double height, Paint paint)
    {
        if (width > 0 && height > 0) FillPixels(Snap(x), Snap(y), Snap(x + width), Snap(y + height), paint.Color);
    }

    /// <inheritdoc/>
    public void DrawLine(CanvasPoint first, CanvasPoint second, Stroke stroke)
    {
        bool vertical = first.X == second.X, horizontal = first.Y == second.Y;
        if (stroke.Dash > 0) DrawDashes(first, second, stroke);
        else if (!vertical && !horizontal) DrawPolyline([first, second], stroke);
        else FillAxisLine(first, second, stroke, vertical);
    }

    /// <inheritdoc/>
    public void DrawPolyline(ReadOnlySpan<CanvasPoint> points, Stroke stroke)
    {
        if (points.Length == 0) return;
        double width = stroke.Width * _scale;
        CanvasPoint[] scaled = Scale(points);
        Coverage coverage = CoverageOf(scaled, width);
        if (scaled.Length == 1) coverage.AddSegment(scaled[0], scaled[0], width);
        else if (stroke.Dash > 0) AddDashed(coverage, scaled, width, stroke.Dash * _scale);
        else for (int i = 1; i < scaled.Length; i++) coverage.AddSegment(scaled[i - 1], scaled[i], width);
        coverage.Blend(Image, stroke.Paint.Color, 1);
    }

    /// <inheritdoc/>
    public void FillPolygon(ReadOnlySpan<CanvasPoint> points, Paint paint, double opacity = 1)
    {
        if (points.Length < 3) return;
        CanvasPoint[] scaled = Scale(points);
        Coverage coverage = CoverageOf(scaled, 0);
        coverage.AddPolygon(scaled);
        coverage.Blend(Image, paint.Color, opacity);
    }

    /// <inheritdoc/>
    public void DrawImage(RgbImage image, double x, double y, double width, double height)
    {
        ArgumentNullException.ThrowIfNull(image);
        int left = Snap(x), top = Snap(y), right = Snap(x + width), bottom = Snap(y + height);
        for (int row = Math.Max(0, top); row < Math.Min(bottom, Image.Height); row++)
        {
            int sourceRow = (int)((row - top + 0.5) / (bottom - top) * image.Height);
            for (int column = Math.Max(0, left); column < Math.Min(right, Image.Width); column++)
                Image.SetPixel(row, column, image.GetPixel(sourceRow, (int)((column - left + 0.5) / (right - left) * image.Width)));
        }
    }

    /// <inheritdoc/>
    public void DrawText(CanvasPoint position, string text, TextStyle style)
    {
        ArgumentNullException.ThrowIfNull(text);
        double size = style.Size * _scale, unit = size / StrokeFont.UnitsPerEm, wide = unit * TextMetrics.BoldWidth(style.Bold);
        double length = TextMetrics.Width(text, style.Size, style.Bold) * _scale;
        double x = style.Anchor switch { TextAnchor.Middle => -length / 2, TextAnchor.End => -length, _ => 0 };
        double y = TextMetrics.BaselineShift(style.Baseline) * size;
        (double sin, double cos) = Math.SinCos(-style.Rotation * Math.PI / 180);
        double originX = position.X * _scale, originY = position.Y * _scale;
        // Standing on whole pixels keeps level letters sharp.
        if (style.Rotation == 0) y = Math.Round(originY + y) - originY;
        foreach (char c in text)
        {
            foreach (CanvasPoint[] stroke in StrokeFont.Strokes(c))
            {
                CanvasPoint[] points = [.. stroke.Select(p =>
                {
                    double px = x + (p.X * wide), py = y - (p.Y * unit);
                    return new CanvasPoint(originX + (px * cos) - (py * sin), originY + (px * sin) + (py * cos));
                })];
                DrawGlyphStroke(points, size * (style.Bold ? BoldStemWidth : StemWidth), style.Paint.Color);
            }
            x += StrokeFont.Advance(c) * wide;
        }
    }

    private void DrawGlyphStroke(CanvasPoint[] points, double width, Rgb color)
    {
        Coverage coverage = CoverageOf(points, width);
        for (int i = 1; i < points.Length; i++) coverage.AddSegment(points[i - 1], points[i], width);
        coverage.Blend(Image, color, 1);
    }

    // A level or upright line fills whole pixels, at least one across.
    private void FillAxisLine(CanvasPoint from, CanvasPoint to, Stroke stroke, bool vertical)
    {
        int thickness = Math.Max(1, (int)Math.Round(stroke.Width * _scale));
        double across = (vertical ? from.X : from.Y) * _scale;
        int first = (int)Math.Round(across - (thickness / 2.0), MidpointRounding.AwayFromZero);
        double a = vertical ? from.Y : from.X, b = vertical ? to.Y : to.X;
        int low = Snap(Math.Min(a, b)), high = Math.Max(Snap(Math.Max(a, b)), low + 1);
        if (vertical) FillPixels(first, low, first + thickness, high, stroke.Paint.Color);
        else FillPixels(low, first, high, first + thickness, stroke.Paint.Color);
    }

    private void DrawDashes(CanvasPoint from, CanvasPoint to, Stroke stroke)
    {
        double length = Math.Sqrt(((to.X - from.X) * (to.X - from.X)) + ((to.Y - from.Y) * (to.Y - from.Y)));
        CanvasPoint At(double d) => new(from.X + ((to.X - from.X) * d / length), from.Y + ((to.Y - from.Y) * d / length));
        for (double d = 0; d < length; d += 2 * stroke.Dash) DrawLine(At(d), At(Math.Min(d + stroke.Dash, length)), stroke with { Dash = 0 });
    }

    private static void AddDashed(Coverage coverage, CanvasPoint[] points, double width, double dash)
    {
        double travelled = 0;
        for (int i = 1; i < points.Length; i++)
        {
            CanvasPoint a = points[i - 1], b = points[i];
            double length = Math.Sqrt(((b.X - a.X) * (b.X - a.X)) + ((b.Y - a.Y) * (b.Y - a.Y)));
            for (double d = 0; d < length;)
            {
                double phase = (travelled + d) % (2 * dash), left = (phase < dash ? dash : 2 * dash) - phase, end = Math.Min(length, d + Math.Max(left, 1e-6));
                CanvasPoint At(double t) => new(a.X + ((b.X - a.X) * t / length), a.Y + ((b.Y - a.Y) * t / length));
                if (phase < dash) coverage.AddSegment(At(d), At(end), width);
                d = end;
            }
            travelled += length;
        }
    }

    private Coverage CoverageOf(CanvasPoint[] points, double strokeWidth)
    {
        double margin = (strokeWidth / 2) + 1;
        return new Coverage(points.Min(p => p.X) - margin, points.Min(p => p.Y) - margin,
            points.Max(p => p.X) + margin, points.Max(p => p.Y) + margin, Image.Width, Image.Height);
    }

    private CanvasPoint[] Scale(ReadOnlySpan<CanvasPoint> points)
    {
        var scaled = new CanvasPoint[points.Length];
        for (int i = 0; i < points.Length; i++) scaled[i] = new CanvasPoint(points[i].X * _scale, points[i].Y * _scale);
        return scaled;
    }

    private int Snap(double coordinate) => (int)Math.Round(coordinate * _scale, MidpointRounding.AwayFromZero);

    private void FillPixels(int left, int top, int right, int bottom, Rgb color)
    {
        for (int row = Math.Max(0, top); row < Math.Min(bottom, Image.Height); row++)
            for (int column = Math.Max(0, left); column < Math.Min(right, Image.Width); column++)
                Image.SetPixel(row, column, color);
    }
}
