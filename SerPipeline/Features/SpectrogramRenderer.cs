using System.Globalization;

namespace SerPipeline.Features;

/// <summary>An image with the range its levels stand for, so that levels can be read back as values.</summary>
/// <param name="Image">Height = bands, width = frames or the fixed width.</param>
/// <param name="Quantizer">The range of the 256 levels.</param>
public sealed record SpectrogramPixels(GrayImage Image, ByteQuantizer Quantizer);

/// <summary>
/// Renders a spectrogram into the image a network learns from. Every value inside the image's range comes back from its pixel within half of
/// one of the 256 levels (see <see cref="ByteQuantizer"/>); values outside the range are clamped to its ends.
/// </summary>
public sealed class SpectrogramRenderer
{
    private readonly SpectrogramRendererOptions _options;

    /// <summary>Creates a renderer.</summary>
    /// <param name="options">How to render; the defaults when null.</param>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public SpectrogramRenderer(SpectrogramRendererOptions? options = null)
    {
        _options = options ?? new SpectrogramRendererOptions();
        _options.Validate();
    }

    /// <summary>Renders one spectrogram.</summary>
    /// <param name="values">Values in dB, [rows, columns] row-major: bands rows from low to high frequency, frames columns.</param>
    /// <param name="rows">Bands.</param>
    /// <param name="columns">Frames.</param>
    /// <returns>The image and the range of its levels. Padding is level 0. A constant input gives the level 0 everywhere.</returns>
    /// <exception cref="ArgumentException">The shape does not fit the values, or a value is NaN or infinite.</exception>
    public SpectrogramPixels Render(ReadOnlySpan<float> values, int rows, int columns)
    {
        MatrixCheck.Shape(values.Length, rows, columns);
        MatrixCheck.Finite(values, columns);
        // 1. Resizing changes values, so the range is taken after it; padding and cropping come last and do not shift it.
        bool resize = _options.Fit == WidthFit.Resize && _options.Width > 0 && _options.Width != columns;
        int width = _options.Width == 0 ? columns : _options.Width;
        if (resize)
        {
            values = ColumnResampler.Resize(values, rows, columns, width);
            columns = width;
        }
        // 2. The part of the clip that the image shows; negative starts mean padding.
        int start = _options.Fit == WidthFit.Center ? (int)Math.Floor((columns - width) / 2.0) : 0;
        // 3. Levels.
        ByteQuantizer quantizer = Range(values);
        var pixels = new byte[checked(rows * width)];
        for (int band = 0; band < rows; band++)
        {
            int row = _options.LowFrequencyAtBottom ? rows - 1 - band : band;
            for (int x = Math.Max(0, -start); x < width && x + start < columns; x++)
                pixels[(row * width) + x] = quantizer.Quantize(values[(band * columns) + x + start]);
        }
        return new SpectrogramPixels(new GrayImage(rows, width, pixels), quantizer);
    }

    private ByteQuantizer Range(ReadOnlySpan<float> values)
    {
        if (_options.Scaling == PixelScaling.FixedRange) return new ByteQuantizer(_options.LowDb, _options.HighDb);
        double min = double.PositiveInfinity, max = double.NegativeInfinity, sum = 0;
        foreach (float value in values)
        {
            min = Math.Min(min, value);
            max = Math.Max(max, value);
            sum += value;
        }
        // A constant image has no range of its own: one unit above its value makes it level 0, black, under both scalings.
        if (max <= min) return new ByteQuantizer(min, min + Math.Max(1, Math.Abs(min)));
        if (_options.Scaling == PixelScaling.MinMax) return new ByteQuantizer(min, max);
        double mean = sum / values.Length, squares = 0;
        foreach (float value in values) squares += (value - mean) * (value - mean);
        double half = _options.StandardDeviations * Math.Sqrt(squares / values.Length);
        return new ByteQuantizer(mean - half, mean + half);
    }
}

/// <summary>The checks every matrix passes before it is drawn.</summary>
internal static class MatrixCheck
{
    public static void Shape(int length, int rows, int columns)
    {
        if (rows < 1 || columns < 1)
            throw new ArgumentException($"Expected at least one row and one column, found {rows} rows and {columns} columns.");
        if ((long)rows * columns != length)
            throw new ArgumentException($"Expected {rows} x {columns} = {(long)rows * columns} values, found {length}.");
    }

    public static void Finite(ReadOnlySpan<float> values, int columns)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (float.IsFinite(values[i])) continue;
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"Expected finite values, found {values[i]} at row {i / columns}, column {i % columns}; put a floor under the power before taking its logarithm."));
        }
    }
}
