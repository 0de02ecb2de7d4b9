using BigGustave;
using SerPipeline.Features;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Features;

public class PngTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(64, 310)]
    [InlineData(37, 3)]
    public void Colours_come_back_from_an_independent_reader(int height, int width)
    {
        var random = new SeededRandom(5);
        var image = new RgbImage(height, width);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)random.Next(256);
        Png read = Png.Open(image.ToPng());
        Assert.Equal((width, height), (read.Width, read.Height));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                Pixel pixel = read.GetPixel(x, y);
                Assert.Equal(image.GetPixel(y, x), new Rgb(pixel.R, pixel.G, pixel.B));
            }
        }
    }

    [Fact]
    public void Grey_levels_come_back_from_a_file_and_are_one_channel()
    {
        using var folder = new TemporaryFolder();
        // A smooth ramp takes row filters, which noise does not.
        byte[] pixels = [.. Enumerable.Range(0, 40 * 50).Select(i => (byte)((i / 50 * 3) + (i % 50)))];
        new GrayImage(40, 50, pixels).SavePng(folder.File("gray.png"));
        byte[] bytes = File.ReadAllBytes(folder.File("gray.png"));
        Png read = Png.Open(bytes);
        for (int i = 0; i < pixels.Length; i++) Assert.Equal(pixels[i], read.GetPixel(i % 50, i / 50).R);
        Assert.Equal(0, bytes[25]);
        Assert.True(bytes.Length < pixels.Length / 4, $"{bytes.Length} bytes for a ramp of {pixels.Length} pixels");
    }

    [Fact]
    public void Images_that_cannot_be_are_refused()
    {
        Assert.Contains("6", Assert.Throws<ArgumentException>(() => new GrayImage(2, 3, new byte[5])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RgbImage(0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RgbImage(2, 2).GetPixel(0, 2));
    }
}
