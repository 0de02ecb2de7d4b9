using System.Numerics.Tensors;

namespace SerPipeline.Features;

/// <summary>The range of values that is mapped to the 256 levels of an image.</summary>
public enum PixelScaling
{
    /// <summary>A fixed range, <see cref="SpectrogramRendererOptions.LowDb"/> to <see cref="SpectrogramRendererOptions.HighDb"/>: keeps
    /// loudness.</summary>
    FixedRange,

    /// <summary>Minimum to maximum of each image: removes loudness.</summary>
    MinMax,

    /// <summary>Mean of each image plus and minus <see cref="SpectrogramRendererOptions.StandardDeviations"/>: like <see cref="MinMax"/>,
    /// but robust to single outliers.</summary>
    Standardized,
}

/// <summary>How a clip is fitted to a fixed number of columns.</summary>
public enum WidthFit
{
    /// <summary>Crop or pad (with level 0) at both ends.</summary>
    Center,

    /// <summary>Crop or pad (with level 0) at the end.</summary>
    Start,

    /// <summary>Stretch or compress time: average or interpolate frames.</summary>
    Resize,
}

/// <summary>Options of <see cref="SpectrogramRenderer"/>.</summary>
public sealed record SpectrogramRendererOptions
{
    /// <summary>Width in columns, at most 65536; 0 for one column per frame. Default 200: two seconds with a hop of 10 ms.</summary>
    public int Width { get; init; } = 200;

    /// <summary>How a clip is fitted to <see cref="Width"/>, unless that is 0. Default <see cref="WidthFit.Center"/>.</summary>
    public WidthFit Fit { get; init; } = WidthFit.Center;

    /// <summary>Range of values mapped to levels. Default <see cref="PixelScaling.Standardized"/>.</summary>
    public PixelScaling Scaling { get; init; } = PixelScaling.Standardized;

    /// <summary>Value of level 0 in dB, for <see cref="PixelScaling.FixedRange"/>. Default -80.</summary>
    public double LowDb { get; init; } = -80;

    /// <summary>Value of level 255 in dB, for <see cref="PixelScaling.FixedRange"/>. Default 0.</summary>
    public double HighDb { get; init; }

    /// <summary>Half of the range in standard deviations, for <see cref="PixelScaling.Standardized"/>, above 0 and at most 100. Default
    /// 3.</summary>
    public double StandardDeviations { get; init; } = 3;

    /// <summary>Whether the lowest band is the bottom row. Default true.</summary>
    public bool LowFrequencyAtBottom { get; init; } = true;

    /// <summary>Checks all options.</summary>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public void Validate()
    {
        new OptionsCheck(nameof(SpectrogramRendererOptions))
            .Require(Width is >= 0 and <= 65_536, Width, "be between 0 (one column per frame) and 65536")
            .Require(Enum.IsDefined(Fit), Fit, "be Center, Start or Resize")
            .Require(Enum.IsDefined(Scaling), Scaling, "be FixedRange, MinMax or Standardized")
            .Require(double.IsFinite(LowDb), LowDb, "be a finite number of dB")
            .Require(double.IsFinite(HighDb) && HighDb > LowDb, HighDb, "be a finite number of dB above LowDb")
            .Require(StandardDeviations is > 0 and <= 100, StandardDeviations, "be above 0 and at most 100")
            .ThrowIfAny();
    }
}

/// <summary>A rendered spectrogram and the mapping of its levels back to values.</summary>
/// <param name="Image">Levels, <c>[bands, width]</c>.</param>
/// <param name="Quantizer">Maps values to levels and back.</param>
public sealed record SpectrogramPixels(GrayImage Image, ByteQuantizer Quantizer);

/// <summary>Renders a spectrogram to a greyscale image for image classification. Values in the range are quantized to 256 levels (see
/// <see cref="ByteQuantizer"/>), values outside are clamped.</summary>
public sealed class SpectrogramRenderer
{
    private readonly SpectrogramRendererOptions _options;

    /// <summary>Creates a renderer.</summary>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="OptionsException">An option is invalid; the message lists all problems.</exception>
    public SpectrogramRenderer(SpectrogramRendererOptions? options = null)
    {
        _options = options ?? new SpectrogramRendererOptions();
        _options.Validate();
    }

    /// <summary>Renders a spectrogram.</summary>
    /// <param name="values">Values in dB, row-major <c>[rows, columns]</c>, lowest frequency first.</param>
    /// <param name="rows">Number of bands.</param>
    /// <param name="columns">Number of frames.</param>
    /// <returns>The image and the range of its levels. Padding is level 0; so is everything for constant input, unless the range is
    /// fixed.</returns>
    /// <exception cref="ArgumentException">There are not rows times columns values, or one is NaN or infinite.</exception>
    public SpectrogramPixels Render(ReadOnlySpan<float> values, int rows, int columns)
    {
        MatrixCheck.Shape(values.Length, rows, columns);
        if (Finite.IndexOfOther(values) is >= 0 and int other)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"Expected finite values, found {values[other]} at row {other / columns}, column {other % columns}; "
                    + $"set a floor for the power before taking its logarithm."));
        // 1. Resize first: the range is that of the resized values, before cropping and padding.
        bool resize = _options.Fit == WidthFit.Resize && _options.Width > 0 && _options.Width != columns;
        int width = _options.Width == 0 ? columns : _options.Width;
        if (resize)
        {
            values = ColumnResampler.Resize(values, rows, columns, width);
            columns = width;
        }
        // 2. First frame in the image; negative for padding.
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
        double min = TensorPrimitives.Min<float>(values), max = TensorPrimitives.Max<float>(values);
        // A constant image has an empty range: extend it upwards, so that all pixels are level 0.
        if (max <= min) return new ByteQuantizer(min, min + Math.Max(1, Math.Abs(min)));
        if (_options.Scaling == PixelScaling.MinMax) return new ByteQuantizer(min, max);
        double mean = Statistics.Mean(values), half = _options.StandardDeviations * Statistics.Deviation(values, mean);
        return new ByteQuantizer(mean - half, mean + half);
    }
}

internal static class MatrixCheck
{
    public static void Shape(int length, int rows, int columns)
    {
        if (rows < 1 || columns < 1)
            throw new ArgumentException($"Expected at least one row and one column, found {rows} rows and {columns} columns.");
        if ((long)rows * columns != length)
            throw new ArgumentException($"Expected {rows} x {columns} = {(long)rows * columns} values, found {length}.");
    }
}

/// <summary>Resizes the columns of a matrix: area average when shrinking, linear interpolation when growing.</summary>
internal static class ColumnResampler
{
    /// <summary>From [rows, columns] to [rows, width].</summary>
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

    // Column x covers the source interval [x, x + 1) * columns / width; partly covered source columns count in proportion.
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

    // Pixel centres are aligned, as in image resizing: target centre x + 0.5 is at (x + 0.5) * ratio in the source.
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

/// <summary>Maps a range of values to the 256 levels of a byte: <c>level = round((value - Low) / (High - Low) * 255)</c>, clamped. The
/// error for values in the range is at most half a step, <c>(High - Low) / 510</c>.</summary>
public readonly record struct ByteQuantizer
{
    /// <summary>Creates a mapping.</summary>
    /// <param name="low">Value of level 0.</param>
    /// <param name="high">Value of level 255, above <paramref name="low"/>.</param>
    /// <exception cref="ArgumentException">The range is empty, reversed or not finite.</exception>
    public ByteQuantizer(double low, double high)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high) || !(high > low) || !double.IsFinite(high - low))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"Expected a finite range with high above low, found {low} to {high}."));
        }
        Low = low;
        High = high;
    }

    /// <summary>Value of level 0.</summary>
    public double Low { get; }

    /// <summary>Value of level 255.</summary>
    public double High { get; }

    /// <summary>Difference in value between two levels: <c>(High - Low) / 255</c>.</summary>
    public double Step => (High - Low) / 255;

    /// <summary>Converts a value to a level, 0 to 255; values outside the range are clamped.</summary>
    /// <param name="value">Any value except NaN.</param>
    /// <exception cref="ArgumentException">The value is NaN.</exception>
    public byte Quantize(double value)
    {
        if (double.IsNaN(value)) throw new ArgumentException("Expected a number, found NaN.", nameof(value));
        return (byte)Math.Round(Math.Clamp((value - Low) / (High - Low), 0, 1) * 255);
    }

    /// <summary>Converts a level to its value.</summary>
    /// <param name="level">0 to 255.</param>
    public double Dequantize(byte level) => Low + (level * Step);
}
