using SerPipeline.Features;

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
    /// <param name="pixelRatio">Pixels per canvas unit, above 0.</param>
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
        DrawPixels(Scale(points), stroke.Width * _scale, stroke.Paint.Color, stroke.Dash * _scale);
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
                DrawPixels(points, size * (style.Bold ? BoldStemWidth : StemWidth), style.Paint.Color, 0);
            }
            x += StrokeFont.Advance(c) * wide;
        }
    }

    private void DrawPixels(CanvasPoint[] points, double width, Rgb color, double dash)
    {
        Coverage coverage = CoverageOf(points, width);
        if (points.Length == 1) coverage.AddSegment(points[0], points[0], width);
        else if (dash > 0) AddDashed(coverage, points, width, dash);
        else for (int i = 1; i < points.Length; i++) coverage.AddSegment(points[i - 1], points[i], width);
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
        for (double d = 0; d < length; d += 2 * stroke.Dash)
            DrawLine(At(d), At(Math.Min(d + stroke.Dash, length)), stroke with { Dash = 0 });
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
                double phase = (travelled + d) % (2 * dash), left = (phase < dash ? dash : 2 * dash) - phase,
                    end = Math.Min(length, d + Math.Max(left, 1e-6));
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

/// <summary>How much of each pixel a shape covers, within the shape's own rectangle of pixels.</summary>
internal sealed class Coverage
{
    private const int SubRows = 8;
    private readonly int _left, _top, _width, _height;
    private readonly float[] _share;

    /// <summary>Makes room for shapes within a rectangle, cut to the canvas.</summary>
    public Coverage(double left, double top, double right, double bottom, int canvasWidth, int canvasHeight)
    {
        _left = (int)Math.Clamp(Math.Floor(left), 0, canvasWidth);
        _top = (int)Math.Clamp(Math.Floor(top), 0, canvasHeight);
        _width = (int)Math.Clamp(Math.Ceiling(right), 0, canvasWidth) - _left;
        _height = (int)Math.Clamp(Math.Ceiling(bottom), 0, canvasHeight) - _top;
        _share = _width > 0 && _height > 0 ? new float[_width * _height] : [];
    }

    /// <summary>Adds a straight stroke with round ends. Strokes are united, not summed, so that joins are no darker than lines.</summary>
    public void AddSegment(CanvasPoint a, CanvasPoint b, double strokeWidth)
    {
        if (_share.Length == 0) return;
        // Coverage falls from full to none over one pixel across the stroke's
        // edge; strokes under a pixel wide are paler instead of thinner.
        double reach = (strokeWidth / 2) + 0.5, full = Math.Min(1, strokeWidth);
        double dx = b.X - a.X, dy = b.Y - a.Y, lengthSquared = (dx * dx) + (dy * dy);
        int firstRow = Math.Max(0, (int)Math.Floor(Math.Min(a.Y, b.Y) - reach) - _top);
        int lastRow = Math.Min(_height - 1, (int)Math.Ceiling(Math.Max(a.Y, b.Y) + reach) - _top);
        for (int row = firstRow; row <= lastRow; row++)
        {
            double y = row + _top + 0.5;
            (double low, double high) = Extent(a, b, y, reach);
            int first = Math.Max(0, (int)Math.Floor(low) - _left), last = Math.Min(_width - 1, (int)Math.Ceiling(high) - _left);
            for (int column = first; column <= last; column++)
            {
                double x = column + _left + 0.5;
                double t = lengthSquared > 0 ? Math.Clamp((((x - a.X) * dx) + ((y - a.Y) * dy)) / lengthSquared, 0, 1) : 0;
                double ex = x - a.X - (t * dx), ey = y - a.Y - (t * dy);
                float share = (float)Math.Clamp(reach - Math.Sqrt((ex * ex) + (ey * ey)), 0, full);
                ref float cell = ref _share[(row * _width) + column];
                if (share > cell) cell = share;
            }
        }
    }

    /// <summary>Adds a polygon by the non-zero rule: eight sample lines a pixel row, exact along each.</summary>
    public void AddPolygon(ReadOnlySpan<CanvasPoint> points)
    {
        if (_share.Length == 0) return;
        var crossings = new List<(double X, int Direction)>();
        for (int row = 0; row < _height * SubRows; row++)
        {
            double y = _top + ((row + 0.5) / SubRows);
            crossings.Clear();
            for (int i = 0; i < points.Length; i++)
            {
                CanvasPoint a = points[i], b = points[(i + 1) % points.Length];
                if (a.Y <= y == b.Y <= y) continue;
                crossings.Add((a.X + ((y - a.Y) / (b.Y - a.Y) * (b.X - a.X)), a.Y < b.Y ? 1 : -1));
            }
            crossings.Sort(static (p, q) => p.X.CompareTo(q.X));
            int winding = 0;
            for (int i = 0; i + 1 < crossings.Count; i++)
            {
                winding += crossings[i].Direction;
                if (winding != 0) AddSpan(row / SubRows, crossings[i].X, crossings[i + 1].X);
            }
        }
    }

    /// <summary>Mixes a colour into an image by the shares.</summary>
    public void Blend(RgbImage image, Rgb color, double opacity)
    {
        for (int row = 0; row < _height; row++)
        {
            for (int column = 0; column < _width; column++)
            {
                double share = Math.Min(1, _share[(row * _width) + column]) * opacity;
                if (share > 0) image.SetPixel(row + _top, column + _left, image.GetPixel(row + _top, column + _left).Mix(color, share));
            }
        }
    }

    private void AddSpan(int row, double from, double to)
    {
        from = Math.Max(from - _left, 0);
        to = Math.Min(to - _left, _width);
        for (int column = (int)from; column < to; column++)
            _share[(row * _width) + column] += (float)((Math.Min(column + 1, to) - Math.Max(column, from)) / SubRows);
    }

    // The columns that a stroke can reach in one row: the part of its centre line within reach of the row, widened by the reach.
    private static (double Low, double High) Extent(CanvasPoint a, CanvasPoint b, double y, double reach)
    {
        double dy = b.Y - a.Y, from = 0, to = 1;
        if (Math.Abs(dy) > 1e-9)
        {
            double t0 = (y - reach - a.Y) / dy, t1 = (y + reach - a.Y) / dy;
            from = Math.Clamp(Math.Min(t0, t1), 0, 1);
            to = Math.Clamp(Math.Max(t0, t1), 0, 1);
        }
        double x0 = a.X + (from * (b.X - a.X)), x1 = a.X + (to * (b.X - a.X));
        return (Math.Min(x0, x1) - reach, Math.Max(x0, x1) + reach);
    }
}
