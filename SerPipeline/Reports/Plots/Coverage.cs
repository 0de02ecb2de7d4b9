namespace SerPipeline.Reports.Plots;

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
        // Coverage falls from full to none over one pixel across the stroke's edge; strokes under a pixel wide are paler instead of thinner.
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
