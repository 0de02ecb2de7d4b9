namespace SerPipeline.Features;

/// <summary>Changes the number of columns of a matrix: averages over each new column's share when shrinking, linear interpolation when growing.</summary>
internal static class ColumnResampler
{
    /// <summary>Resizes [rows, columns] to [rows, width].</summary>
    public static float[] Resize(ReadOnlySpan<float> values, int rows, int columns, int width)
    {
        var result = new float[checked(rows * width)];
        for (int r = 0; r < rows; r++)
        {
            ReadOnlySpan<float> source = values.Slice(r * columns, columns);
            Span<float> target = result.AsSpan(r * width, width);
            if (width < columns) Average(source, target);
            else Interpolate(source, target);
        }
        return result;
    }

    // Column x covers the source interval [x, x + 1) * columns / width; cut columns count with their share.
    private static void Average(ReadOnlySpan<float> source, Span<float> target)
    {
        double ratio = (double)source.Length / target.Length;
        for (int x = 0; x < target.Length; x++)
        {
            double from = x * ratio, to = Math.Min((x + 1) * ratio, source.Length), sum = 0;
            for (int i = (int)from; i < to; i++) sum += source[i] * (Math.Min(i + 1, to) - Math.Max(i, from));
            target[x] = (float)(sum / (to - from));
        }
    }

    // Pixel centres are aligned, as in image resizing: centre x + 0.5 of the target lies at (x + 0.5) * ratio of the source.
    private static void Interpolate(ReadOnlySpan<float> source, Span<float> target)
    {
        double ratio = (double)source.Length / target.Length;
        for (int x = 0; x < target.Length; x++)
        {
            double position = Math.Clamp(((x + 0.5) * ratio) - 0.5, 0, source.Length - 1);
            int left = Math.Min((int)position, Math.Max(0, source.Length - 2)), right = Math.Min(left + 1, source.Length - 1);
            double t = position - left;
            target[x] = (float)((source[left] * (1 - t)) + (source[right] * t));
        }
    }
}
