using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>Draws a matrix as colours between two axes with a colour bar: the body of spectrograms and heat maps.</summary>
internal static class MatrixPainter
{
    /// <summary>Draws the whole figure.</summary>
    /// <param name="canvas">The surface.</param>
    /// <param name="options">Sizes, title and theme.</param>
    /// <param name="matrix">What to draw, row 0 at the bottom.</param>
    /// <param name="colors">The colours of low to high.</param>
    /// <param name="barLabel">The colour bar's name.</param>
    /// <param name="horizontal">Makes the horizontal axis for a number of ticks.</param>
    /// <param name="vertical">Makes the vertical axis for the height of the area.</param>
    public static void Draw(
        ICanvas canvas, PlotOptions options, Matrix matrix, ColorMap colors, string barLabel, Func<int, Axis> horizontal, Func<double, Axis> vertical)
    {
        // 1. Room: the axes' labels decide the margins.
        double padding = PlotArea.Padding(options), top = PlotArea.TitleRoom(options);
        double height = canvas.Height - top - padding - PlotArea.HorizontalAxisRoom(horizontal(2), options);
        Axis y = vertical(height), bar = Axis.Exact(barLabel, matrix.Low, matrix.High, PlotArea.TickTarget(height, options.FontSize * 4));
        double left = padding + PlotArea.VerticalAxisRoom(y, options);
        var area = new PlotArea(left, top, canvas.Width - padding - PlotArea.ColorBarRoom(bar, options), top + height);
        Axis x = horizontal(PlotArea.TickTarget(area.Width, options.FontSize * 6));
        // 2. Colours, then what frames them.
        canvas.DrawImage(ToImage(matrix, colors, options, area), area.Left, area.Top, area.Width, area.Height);
        area.DrawHorizontalAxis(canvas, options, x);
        area.DrawVerticalAxis(canvas, options, y);
        area.DrawColorBar(canvas, options, bar, colors);
        PlotArea.DrawTitle(canvas, options, left);
    }

    internal static RgbImage ToImage(Matrix matrix, ColorMap colors, PlotOptions options, PlotArea area)
    {
        // More columns than pixels: averages, so that a long clip is neither aliased nor a huge file.
        int pixels = Math.Max(1, (int)(area.Width * options.PixelRatio));
        int columns = Math.Min(matrix.Columns, pixels);
        float[] values = columns < matrix.Columns ? ColumnResampler.Resize(matrix.Values, matrix.Rows, matrix.Columns, columns) : matrix.Values;
        var image = new RgbImage(matrix.Rows, columns);
        for (int row = 0; row < matrix.Rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                float value = values[(row * columns) + column];
                Rgb color = float.IsFinite(value) ? colors.At((value - matrix.Low) / (matrix.High - matrix.Low)) : options.Theme.Missing.Color;
                image.SetPixel(matrix.Rows - 1 - row, column, color);
            }
        }
        return image;
    }
}

/// <summary>Values to draw, [rows, columns] row-major, and the range of their colours.</summary>
internal sealed record Matrix(float[] Values, int Rows, int Columns, double Low, double High)
{
    /// <summary>Copies values and finds the range where it is not given. Values that are no finite number are drawn as missing.</summary>
    /// <exception cref="ArgumentException">The shape does not fit, or there is no finite value and no range.</exception>
    public static Matrix Create(ReadOnlySpan<float> values, int rows, int columns, double? low, double? high)
    {
        MatrixCheck.Shape(values.Length, rows, columns);
        double min = double.PositiveInfinity, max = double.NegativeInfinity;
        foreach (float value in values)
        {
            if (!float.IsFinite(value)) continue;
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }
        if (min > max && (low is null || high is null))
            throw new ArgumentException("Expected at least one finite value to colour, found none; give the colour range in the options to draw an empty matrix.");
        double from = low ?? min, to = high ?? max;
        // A constant, or a limit beyond every value, leaves no range: one unit is as good as any.
        if (to <= from) (from, to) = low is null && high is not null ? (to - 1, to) : (from, from + Math.Max(1, Math.Abs(from) * 0.1));
        return new Matrix(values.ToArray(), rows, columns, from, to);
    }
}
