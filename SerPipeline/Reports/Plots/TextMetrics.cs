namespace SerPipeline.Reports.Plots;

/// <summary>How much room text takes, the same for both canvases: advances of <see cref="StrokeFont"/>, which are close to Helvetica's.</summary>
public static class TextMetrics
{
    /// <summary>The height of capital letters as a share of the font size.</summary>
    public const double CapHeight = 0.7;

    /// <summary>How far letters such as g reach below the line, as a share of the font size.</summary>
    public const double Descent = 0.21;

    private const double BoldFactor = 1.07;

    /// <summary>The width of a text.</summary>
    /// <param name="text">One line.</param>
    /// <param name="size">The font size in canvas units.</param>
    /// <param name="bold">Whether it is bold.</param>
    public static double Width(string text, double size, bool bold = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        double units = 0;
        foreach (char c in text) units += StrokeFont.Advance(c);
        return units / StrokeFont.UnitsPerEm * size * (bold ? BoldFactor : 1);
    }

    /// <summary>The text, or its beginning and an ellipsis where it is wider than the room for it.</summary>
    /// <param name="text">One line.</param>
    /// <param name="size">The font size in canvas units.</param>
    /// <param name="room">The width there is.</param>
    public static string Shorten(string text, double size, double room)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Width(text, size) <= room) return text;
        int length = text.Length;
        while (length > 1 && Width(text[..length] + "…", size) > room) length--;
        return text[..length].TrimEnd() + "…";
    }

    /// <summary>The distance from the position given down to the line the letters stand on, as a share of the font size.</summary>
    internal static double BaselineShift(TextBaseline baseline) => baseline switch
    {
        TextBaseline.Middle => CapHeight / 2,
        TextBaseline.Top => CapHeight,
        _ => 0,
    };

    internal static double BoldWidth(bool bold) => bold ? BoldFactor : 1;
}
