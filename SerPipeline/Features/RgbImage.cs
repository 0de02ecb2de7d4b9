using System.IO.Hashing;
using SkiaSharp;

namespace SerPipeline.Features;

/// <summary>An image in colours: sRGB, 8 bits per channel, no transparency.</summary>
public sealed class RgbImage
{
    /// <summary>Creates a black image.</summary>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    public RgbImage(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        Height = height;
        Width = width;
        Pixels = new byte[checked(height * width * 3)];
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Red, green and blue of each pixel, [height, width, 3] row-major, top row first.</summary>
    public byte[] Pixels { get; }

    /// <summary>The colour of one pixel.</summary>
    /// <param name="row">0 at the top.</param>
    /// <param name="column">0 at the left.</param>
    public Rgb GetPixel(int row, int column)
    {
        int i = Offset(row, column);
        return new Rgb(Pixels[i], Pixels[i + 1], Pixels[i + 2]);
    }

    /// <summary>Sets the colour of one pixel.</summary>
    /// <param name="row">0 at the top.</param>
    /// <param name="column">0 at the left.</param>
    /// <param name="color">The colour.</param>
    public void SetPixel(int row, int column, Rgb color)
    {
        int i = Offset(row, column);
        Pixels[i] = color.R;
        Pixels[i + 1] = color.G;
        Pixels[i + 2] = color.B;
    }

    /// <summary>The image as a PNG file of 8-bit RGB.</summary>
    public byte[] ToPng() => PngEncoder.Encode(Width, Height, channels: 3, Pixels);

    /// <summary>Writes the image as a PNG file of 8-bit RGB.</summary>
    /// <param name="path">The file to create or replace.</param>
    public void SavePng(string path) => AtomicFile.WriteAllBytes(path, ToPng());

    private int Offset(int row, int column)
    {
        if ((uint)row >= (uint)Height) throw new ArgumentOutOfRangeException(nameof(row), row, $"Expected a row below {Height}.");
        if ((uint)column >= (uint)Width) throw new ArgumentOutOfRangeException(nameof(column), column, $"Expected a column below {Width}.");
        return ((row * Width) + column) * 3;
    }
}

/// <summary>Writes 8-bit grey and RGB images as PNG.</summary>
internal static class PngEncoder
{
    // The signature and the header, behind which a density belongs.
    private const int HeadBytes = 33;

    /// <summary>Encodes an image.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="channels">1 for grey, 3 for RGB.</param>
    /// <param name="pixels">Samples, [height, width, channels] row-major.</param>
    /// <param name="pixelsPerMetre">The density to record for print, or 0 for none.</param>
    public static byte[] Encode(int width, int height, int channels, byte[] pixels, int pixelsPerMetre = 0)
    {
        // Skia keeps three channels in four bytes, and writes three.
        byte[] own = channels == 1 ? pixels : new byte[pixels.Length / 3 * 4];
        for (int i = 0; channels > 1 && i < pixels.Length; i++) own[(i / 3 * 4) + (i % 3)] = pixels[i];
        var info = new SKImageInfo(width, height, channels == 1 ? SKColorType.Gray8 : SKColorType.Rgb888x, SKAlphaType.Opaque);
        using SKImage image = SKImage.FromPixelCopy(info, own, info.RowBytes);
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        byte[] png = data.ToArray();
        return pixelsPerMetre == 0 ? png : [.. png[..HeadBytes], .. Density(pixelsPerMetre), .. png[HeadBytes..]];
    }

    // A pHYs chunk (PNG specification, third edition, 11.3.4.3), which Skia does not write.
    private static byte[] Density(int pixelsPerMetre)
    {
        var chunk = new byte[21];
        chunk[3] = 9;
        "pHYs"u8.CopyTo(chunk.AsSpan(4));
        BinaryPrimitives.WriteInt32BigEndian(chunk.AsSpan(8), pixelsPerMetre);
        BinaryPrimitives.WriteInt32BigEndian(chunk.AsSpan(12), pixelsPerMetre);
        chunk[16] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(17), Crc32.HashToUInt32(chunk.AsSpan(4, 13)));
        return chunk;
    }
}
