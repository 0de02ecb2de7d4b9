namespace SerPipeline.Features;

/// <summary>
/// Maps a number in [0, 1] to a colour. The maps are perceptually ordered: luminance rises (or falls) all the way, so that they survive
/// greyscale printing and colour-blind eyes.
/// </summary>
/// <remarks>
/// Viridis, magma and inferno are by Nathaniel Smith, Stéfan van der Walt and Eric Firing, released under CC0
/// (https://bids.github.io/colormap/). Here each is 18 knots, every fifteenth of the published 256 entries, joined by Catmull-Rom curves
/// in sRGB. The largest difference to the published tables, over all entries and channels, is 3 of 255 for viridis and inferno, 2 of 255
/// for magma.
/// </remarks>
public sealed class ColorMap
{
    private const int Levels = 256;
    private readonly Rgb[] _table;

    private ColorMap(string name, Rgb[] table)
    {
        Name = name;
        _table = table;
    }

    /// <summary>The map's name, in lower case.</summary>
    public string Name { get; }

    /// <summary>Dark violet over green to yellow: the default of spectrograms here.</summary>
    public static ColorMap Viridis { get; } = FromKnots("viridis",
        "440154 481769 472a7a 433d84 3d4e8a 355e8d 2e6d8e 297b8e 23898e 1f978b 21a585 2eb37c 46c06f 65cb5e 89d548 b0dd2f d8e219 fde725");

    /// <summary>Black over purple to cream: much used for spectrograms, silence stays dark.</summary>
    public static ColorMap Magma { get; } = FromKnots("magma",
        "000004 090720 1a1042 311165 4a1079 621980 792282 912b81 aa337d c23b75 d9466b ec5860 f7725c fc8e64 feaa74 fec68a fde2a3 fcfdbf");

    /// <summary>Black over red to light yellow.</summary>
    public static ColorMap Inferno { get; } = FromKnots("inferno",
        "000004 0a0722 1e0c45 380962 510e6c 69166e 801f6c 982766 b0315b c63d4d d94d3d e9612b f47918 fa9407 fcb014 f8cd37 f2ea69 fcffa4");

    /// <summary>Black to white.</summary>
    public static ColorMap Gray { get; } = FromKnots("gray", "000000 ffffff");

    /// <summary>White to black: for print.</summary>
    public static ColorMap GrayReversed { get; } = FromKnots("gray_r", "ffffff 000000");

    /// <summary>White to dark blue, through the blue of Okabe and Ito (#0072B2): for counts and shares.</summary>
    public static ColorMap Blues { get; } = FromKnots("blues", "ffffff d3e5f1 a0c9e3 65a9d1 2b87bd 0c66a0 06477a");

    /// <summary>Every map, by name.</summary>
    public static IReadOnlyList<ColorMap> All { get; } = [Viridis, Magma, Inferno, Gray, GrayReversed, Blues];

    /// <summary>The map of a name.</summary>
    /// <param name="name">A name such as <c>viridis</c>, in any case.</param>
    /// <exception cref="OptionsException">There is no such map; the message lists those there are.</exception>
    public static ColorMap Find(string name)
    {
        ColorMap? found = All.FirstOrDefault(map => string.Equals(map.Name, name, StringComparison.OrdinalIgnoreCase));
        new OptionsCheck(nameof(ColorMap))
            .Require(found is not null, name, $"be one of {string.Join(", ", All.Select(map => map.Name))}").ThrowIfAny();
        return found!;
    }

    /// <summary>The colour of a byte level.</summary>
    /// <param name="level">0 to 255.</param>
    public Rgb this[byte level] => _table[level];

    /// <summary>The colour of a number.</summary>
    /// <param name="value">0 to 1; clamped. Must be a number: decide first how a missing value is drawn.</param>
    /// <exception cref="ArgumentException">The value is NaN.</exception>
    public Rgb At(double value)
    {
        if (double.IsNaN(value)) throw new ArgumentException("Expected a number from 0 to 1, found NaN.", nameof(value));
        return _table[(int)Math.Round(Math.Clamp(value, 0, 1) * (Levels - 1))];
    }

    private static ColorMap FromKnots(string name, string knots)
    {
        Rgb[] colors = [.. knots.Split(' ').Select(Rgb.Parse)];
        var table = new Rgb[Levels];
        for (int i = 0; i < Levels; i++)
        {
            double position = i / (Levels - 1.0) * (colors.Length - 1);
            int k = Math.Min((int)position, colors.Length - 2);
            double t = position - k;
            table[i] = new Rgb(Curve(colors, c => c.R, k, t), Curve(colors, c => c.G, k, t), Curve(colors, c => c.B, k, t));
        }
        return new ColorMap(name, table);
    }

    // A uniform Catmull-Rom segment; the neighbours beyond the ends are mirrored points.
    private static byte Curve(Rgb[] knots, Func<Rgb, byte> channel, int k, double t)
    {
        double p1 = channel(knots[k]), p2 = channel(knots[k + 1]);
        double p0 = k > 0 ? channel(knots[k - 1]) : (2 * p1) - p2;
        double p3 = k + 2 < knots.Length ? channel(knots[k + 2]) : (2 * p2) - p1;
        double value = 0.5 * ((2 * p1) + ((p2 - p0) * t) + (((2 * p0) - (5 * p1) + (4 * p2) - p3) * t * t)
            + (((3 * p1) - p0 - (3 * p2) + p3) * t * t * t));
        return (byte)Math.Round(Math.Clamp(value, 0, 255));
    }
}
