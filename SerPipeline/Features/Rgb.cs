namespace SerPipeline.Features;

/// <summary>An opaque colour in sRGB, 8 bits per channel.</summary>
/// <param name="R">Red, 0 to 255.</param>
/// <param name="G">Green, 0 to 255.</param>
/// <param name="B">Blue, 0 to 255.</param>
public readonly record struct Rgb(byte R, byte G, byte B)
{
    /// <summary>White.</summary>
    public static Rgb White { get; } = new(255, 255, 255);

    /// <summary>Black.</summary>
    public static Rgb Black { get; } = new(0, 0, 0);

    /// <summary>Relative luminance as WCAG 2 defines it: 0 for black, 1 for white.</summary>
    public double RelativeLuminance => (0.2126 * Linear(R)) + (0.7152 * Linear(G)) + (0.0722 * Linear(B));

    /// <summary>Reads a colour written as six hexadecimal digits.</summary>
    /// <param name="hex">The digits, with or without a leading <c>#</c>.</param>
    /// <exception cref="FormatException">The text is no colour.</exception>
    public static Rgb Parse(string hex)
    {
        ArgumentNullException.ThrowIfNull(hex);
        ReadOnlySpan<char> digits = hex.AsSpan().TrimStart('#');
        if (digits.Length != 6 || !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value))
            throw new FormatException($"Expected a colour as six hexadecimal digits such as #0072B2, found '{hex}'.");
        return new Rgb((byte)(value >> 16), (byte)(value >> 8), (byte)value);
    }

    /// <summary>The contrast ratio of two colours as WCAG 2 defines it: 1 for equal colours, 21 for black on white.</summary>
    /// <param name="other">The other colour.</param>
    public double ContrastWith(Rgb other)
    {
        double a = RelativeLuminance, b = other.RelativeLuminance;
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    /// <summary>White or black, whichever has more contrast with this colour; for text on it.</summary>
    internal Rgb ReadableInk => ContrastWith(White) >= ContrastWith(Black) ? White : Black;

    /// <summary>Mixes two colours, linear in sRGB.</summary>
    /// <param name="other">The colour at <paramref name="amount"/> 1.</param>
    /// <param name="amount">0 to 1; clamped.</param>
    public Rgb Mix(Rgb other, double amount)
    {
        double t = Math.Clamp(amount, 0, 1);
        return new Rgb(Blend(R, other.R, t), Blend(G, other.G, t), Blend(B, other.B, t));
    }

    /// <summary>The colour as <c>#rrggbb</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"#{R:x2}{G:x2}{B:x2}");

    private static byte Blend(byte from, byte to, double t) => (byte)Math.Round(from + ((to - from) * t));

    private static double Linear(byte channel)
    {
        double c = channel / 255.0;
        return c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
    }
}
