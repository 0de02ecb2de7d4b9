using SerPipeline.Features;

namespace SerPipeline.Reports.Plots;

/// <summary>
/// Colours for categories that colour-blind readers tell apart: Okabe and Ito 2008, "Color Universal Design",
/// https://jfly.uni-koeln.de/color/. Their yellow comes last and black is left out: one is faint on white, the other is the ink.
/// </summary>
public static class Palette
{
    /// <summary>Blue.</summary>
    public static Rgb Blue { get; } = Rgb.Parse("0072B2");

    /// <summary>Vermilion.</summary>
    public static Rgb Vermilion { get; } = Rgb.Parse("D55E00");

    /// <summary>Bluish green.</summary>
    public static Rgb Green { get; } = Rgb.Parse("009E73");

    /// <summary>Reddish purple.</summary>
    public static Rgb Purple { get; } = Rgb.Parse("CC79A7");

    /// <summary>Sky blue.</summary>
    public static Rgb SkyBlue { get; } = Rgb.Parse("56B4E9");

    /// <summary>Orange.</summary>
    public static Rgb Orange { get; } = Rgb.Parse("E69F00");

    /// <summary>Yellow.</summary>
    public static Rgb Yellow { get; } = Rgb.Parse("F0E442");

    /// <summary>The colours in the order in which series take them.</summary>
    public static IReadOnlyList<Rgb> Series { get; } = [Blue, Vermilion, Green, Purple, SkyBlue, Orange, Yellow];
}
