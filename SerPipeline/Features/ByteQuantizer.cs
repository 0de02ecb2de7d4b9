using System.Globalization;

namespace SerPipeline.Features;

/// <summary>
/// Maps a range of values onto the 256 levels of a byte: <c>level = round((value - Low) / (High - Low) * 255)</c>, clamped at both ends.
/// A value inside the range comes back from its level within half a step, <c>(High - Low) / 510</c>.
/// </summary>
public readonly record struct ByteQuantizer
{
    /// <summary>Creates the mapping.</summary>
    /// <param name="low">The value of level 0.</param>
    /// <param name="high">The value of level 255, above <paramref name="low"/>.</param>
    /// <exception cref="ArgumentException">The range is empty, reversed or not finite.</exception>
    public ByteQuantizer(double low, double high)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high) || !(high > low) || !double.IsFinite(high - low))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"Expected a finite range whose high end is above its low end, found {low} to {high}."));
        }
        Low = low;
        High = high;
    }

    /// <summary>The value of level 0.</summary>
    public double Low { get; }

    /// <summary>The value of level 255.</summary>
    public double High { get; }

    /// <summary>The distance between two levels, in the values' unit.</summary>
    public double Step => (High - Low) / 255;

    /// <summary>The level of a value; values outside the range take the nearest end.</summary>
    /// <param name="value">A number; NaN has no level.</param>
    /// <exception cref="ArgumentException">The value is NaN.</exception>
    public byte Quantize(double value)
    {
        if (double.IsNaN(value)) throw new ArgumentException("Expected a number, found NaN.", nameof(value));
        return (byte)Math.Round(Math.Clamp((value - Low) / (High - Low), 0, 1) * 255);
    }

    /// <summary>The value in the middle of a level.</summary>
    /// <param name="level">0 to 255.</param>
    public double Dequantize(byte level) => Low + (level * Step);
}
