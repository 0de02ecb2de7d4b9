using SerPipeline.Reports.Plots;

namespace SerPipeline.Features;

/// <summary>An image of grey levels, as the network sees it.</summary>
public sealed class GrayImage
{
    /// <summary>Creates an image over its pixels.</summary>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="pixels">One byte a pixel, [height, width] row-major, top row first; kept, not copied.</param>
    /// <exception cref="ArgumentException">The pixels do not fill the image.</exception>
    public GrayImage(int height, int width, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.LongLength != (long)height * width)
            throw new ArgumentException($"Expected {height} x {width} = {(long)height * width} pixels, found {pixels.LongLength}.", nameof(pixels));
        Height = height;
        Width = width;
        Pixels = pixels;
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>One byte a pixel, [height, width] row-major, top row first.</summary>
    public byte[] Pixels { get; }

    /// <summary>The image as a PNG file of 8-bit grey.</summary>
    public byte[] ToPng() => PngEncoder.Encode(Width, Height, channels: 1, Pixels);

    /// <summary>Writes the image as a PNG file of 8-bit grey.</summary>
    /// <param name="path">The file to create or replace.</param>
    public void SavePng(string path) => AtomicFile.WriteAllBytes(path, ToPng());

    /// <summary>The image in colours.</summary>
    /// <param name="colors">The colour of each level.</param>
    public RgbImage Colorize(ColorMap colors)
    {
        ArgumentNullException.ThrowIfNull(colors);
        var image = new RgbImage(Height, Width);
        for (int i = 0; i < Pixels.Length; i++) image.SetPixel(i / Width, i % Width, colors[Pixels[i]]);
        return image;
    }
}
