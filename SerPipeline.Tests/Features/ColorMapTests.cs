using SerPipeline.Features;
using SerPipeline.Reports.Plots;


namespace SerPipeline.Tests.Features;

public class ColorMapTests
{
    public static TheoryData<string> Names => [.. ColorMap.All.Select(map => map.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Luminance_never_turns_back(string name)
    {
        ColorMap map = ColorMap.Find(name);
        double direction = map[255].RelativeLuminance > map[0].RelativeLuminance ? 1 : -1;
        for (int level = 1; level < 256; level++)
        {
            double step = direction * (map[(byte)level].RelativeLuminance - map[(byte)(level - 1)].RelativeLuminance);
            // One 8-bit step of the blue channel, by rounding alone, is below 0.0007.
            Assert.True(step > -0.0007, $"{name} falls back by {-step} at level {level}");
        }
        Assert.True(Math.Abs(map[255].RelativeLuminance - map[0].RelativeLuminance) > 0.7);
    }

    [Theory]
    // Entries of the published 256-entry tables (matplotlib 3.6.3) that are
    // no knots here; 3 is the largest deviation stated in the documentation.
    [InlineData("viridis", 64, "3b528b")]
    [InlineData("viridis", 128, "21918c")]
    [InlineData("viridis", 192, "5ec962")]
    [InlineData("magma", 64, "51127c")]
    [InlineData("magma", 128, "b73779")]
    [InlineData("magma", 192, "fc8961")]
    [InlineData("inferno", 64, "57106e")]
    [InlineData("inferno", 128, "bc3754")]
    [InlineData("inferno", 192, "f98e09")]
    public void Published_entries_are_met(string name, int level, string published)
    {
        Rgb expected = Rgb.Parse(published), found = ColorMap.Find(name)[(byte)level];
        Assert.InRange(Math.Abs(expected.R - found.R), 0, 3);
        Assert.InRange(Math.Abs(expected.G - found.G), 0, 3);
        Assert.InRange(Math.Abs(expected.B - found.B), 0, 3);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Black_or_white_text_reads_on_every_level(string name)
    {
        for (int level = 0; level < 256; level++)
        {
            Rgb color = ColorMap.Find(name)[(byte)level];
            // WCAG 2 asks 4.5 of body text.
            Assert.True(Math.Max(color.ContrastWith(Rgb.Black), color.ContrastWith(Rgb.White)) >= 4.5);
        }
    }

    [Fact]
    public void Numbers_outside_are_clamped_and_nan_is_refused()
    {
        Assert.Equal(ColorMap.Gray[0], ColorMap.Gray.At(-3));
        Assert.Equal(ColorMap.Gray[255], ColorMap.Gray.At(double.PositiveInfinity));
        Assert.Equal(new Rgb(128, 128, 128), ColorMap.Gray.At(128 / 255.0));
        Assert.Throws<ArgumentException>(() => ColorMap.Gray.At(double.NaN));
        Assert.Contains("viridis", Assert.Throws<OptionsException>(() => ColorMap.Find("jet")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Contrast_and_luminance_have_their_defined_ends()
    {
        Assert.Equal(21.0, Rgb.Black.ContrastWith(Rgb.White), 1e-9);
        Assert.Equal(1.0, Palette.Blue.ContrastWith(Palette.Blue), 1e-9);
        Assert.Equal(new Rgb(0, 0x72, 0xB2), Rgb.Parse("#0072B2"));
        Assert.Equal("#0072b2", Palette.Blue.ToString());
        Assert.Throws<FormatException>(() => Rgb.Parse("#12345"));
    }
}
