using FsCheck;
using FsCheck.Fluent;
using SerPipeline.Features;

namespace SerPipeline.Tests.Reports.Plots;

public class SpectrogramRendererTests
{
    private static readonly float[] TwoBands = [0, 1, 2, 3, 10, 11, 12, 13];

    // One column a frame, from each image's own minimum to its own maximum: every pixel follows from its value alone.
    private static readonly SpectrogramRendererOptions Plain = new() { Width = 0, Scaling = PixelScaling.MinMax };

    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        var expected = new SpectrogramRendererOptions
        {
            Width = 200,
            Fit = WidthFit.Center,
            Scaling = PixelScaling.Standardized,
            LowDb = -80,
            HighDb = 0,
            StandardDeviations = 3,
            LowFrequencyAtBottom = true,
        };
        Assert.Equal(expected, new SpectrogramRendererOptions());
        SpectrogramPixels pixels = new SpectrogramRenderer().Render(TwoBands, 2, 4),
            same = new SpectrogramRenderer(expected).Render(TwoBands, 2, 4);
        Assert.Equal((2, 200), (pixels.Image.Height, pixels.Image.Width));
        Assert.Equal(same.Image.Pixels, pixels.Image.Pixels);
    }

    [Fact]
    public void Values_come_back_within_half_a_level()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(20261129UL, 7UL),
            Prop.ForAll<NormalFloat, NormalFloat, byte>((a, b, part) =>
        {
            double low = Math.Clamp(Math.Min(a.Get, b.Get), -1e12, 1e12),
                high = Math.Max(Math.Clamp(Math.Max(a.Get, b.Get), -1e12, 1e12), low + 1e-3);
            var quantizer = new ByteQuantizer(low, high);
            double value = low + ((high - low) * part / 255.0 * 0.987);
            double error = Math.Abs(quantizer.Dequantize(quantizer.Quantize(value)) - value);
            // Half a level, and the rounding of doubles as large as the ends.
            return error <= (quantizer.Step / 2) + (1e-12 * Math.Max(Math.Abs(low), Math.Abs(high)));
        }));
    }

    [Fact]
    public void Quantizer_ends_clamp_and_levels_return_themselves()
    {
        var quantizer = new ByteQuantizer(-80, 0);
        Assert.Equal(0, quantizer.Quantize(-200));
        Assert.Equal(255, quantizer.Quantize(double.PositiveInfinity));
        for (int level = 0; level < 256; level++) Assert.Equal(level, quantizer.Quantize(quantizer.Dequantize((byte)level)));
        Assert.Throws<ArgumentException>(() => quantizer.Quantize(double.NaN));
        Assert.Throws<ArgumentException>(() => new ByteQuantizer(1, 1));
        Assert.Throws<ArgumentException>(() => new ByteQuantizer(0, double.PositiveInfinity));
    }

    [Fact]
    public void Low_bands_are_at_the_bottom_unless_asked_otherwise()
    {
        SpectrogramPixels up = new SpectrogramRenderer(Plain).Render(TwoBands, 2, 4);
        Assert.Equal((2, 4), (up.Image.Height, up.Image.Width));
        Assert.Equal(0, up.Image.Pixels[4]);
        Assert.Equal(255, up.Image.Pixels[3]);
        SpectrogramPixels down = new SpectrogramRenderer(Plain with { LowFrequencyAtBottom = false }).Render(TwoBands, 2, 4);
        Assert.Equal([.. up.Image.Pixels[4..], .. up.Image.Pixels[..4]], down.Image.Pixels);
    }

    [Theory]
    [InlineData(WidthFit.Center, 2, new float[] { 1, 2 })]
    [InlineData(WidthFit.Center, 3, new float[] { 0, 1, 2 })]
    [InlineData(WidthFit.Start, 2, new float[] { 0, 1 })]
    [InlineData(WidthFit.Center, 6, new float[] { -1, 0, 1, 2, 3, -1 })]
    [InlineData(WidthFit.Center, 7, new float[] { -1, -1, 0, 1, 2, 3, -1 })]
    [InlineData(WidthFit.Start, 6, new float[] { 0, 1, 2, 3, -1, -1 })]
    [InlineData(WidthFit.Resize, 2, new float[] { 0.5f, 2.5f })]
    // Pixel centres at 0.5 * (x + 0.5) - 0.5: -0.25, 0.25, 0.75 and so on, clamped at the ends.
    [InlineData(WidthFit.Resize, 8, new float[] { 0, 0.25f, 0.75f, 1.25f, 1.75f, 2.25f, 2.75f, 3 })]
    public void Width_is_fitted_by_cropping_padding_or_resizing(WidthFit fit, int width, float[] expected)
    {
        // Level 0 is -1 dB here, so padding reads as -1.
        var options = new SpectrogramRendererOptions
        {
            Width = width,
            Fit = fit,
            Scaling = PixelScaling.FixedRange,
            LowDb = -1,
            HighDb = 4
        };
        SpectrogramPixels pixels = new SpectrogramRenderer(options).Render([0, 1, 2, 3], 1, 4);
        Assert.Equal(width, pixels.Image.Width);
        for (int x = 0; x < width; x++)
            Assert.Equal(expected[x], pixels.Quantizer.Dequantize(pixels.Image.Pixels[x]), pixels.Quantizer.Step / 2);
    }

    [Fact]
    public void Ranges_follow_their_definitions()
    {
        ByteQuantizer own = new SpectrogramRenderer(Plain).Render(TwoBands, 2, 4).Quantizer;
        Assert.Equal((0.0, 13.0), (own.Low, own.High));
        ByteQuantizer standardized = new SpectrogramRenderer(Plain with { Scaling = PixelScaling.Standardized, StandardDeviations = 2 })
            .Render(TwoBands, 2, 4).Quantizer;
        // Mean 6.5; variance: 25 between the bands and 1.25 within them.
        Assert.Equal(6.5 - (2 * Math.Sqrt(26.25)), standardized.Low, 1e-9);
        Assert.Equal(6.5 + (2 * Math.Sqrt(26.25)), standardized.High, 1e-9);
        ByteQuantizer constant = new SpectrogramRenderer(Plain).Render([-80f, -80f], 1, 2).Quantizer;
        Assert.Equal(-80, constant.Low);
        Assert.All(new SpectrogramRenderer(Plain with { Scaling = PixelScaling.Standardized }).Render([5f, 5f], 1, 2).Image.Pixels, p =>
            Assert.Equal(0, p));
    }

    [Fact]
    public void Bad_input_is_refused_with_its_place()
    {
        var renderer = new SpectrogramRenderer();
        Assert.Contains("row 1, column 2",
            Assert.Throws<ArgumentException>(() => renderer.Render([0, 0, 0, 0, 0, float.NegativeInfinity], 2, 3)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => renderer.Render([0, 0, 0], 2, 2));
        Assert.Throws<ArgumentException>(() => renderer.Render([], 0, 4));
        var bad = new SpectrogramRendererOptions { Width = -1, LowDb = double.NaN, StandardDeviations = 0 };
        Assert.Equal(4, Assert.Throws<OptionsException>(() => new SpectrogramRenderer(bad)).Problems.Count);
    }
}
