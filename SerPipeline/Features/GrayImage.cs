namespace SerPipeline.Features;

/// <summary>An 8-bit greyscale image, row-major <c>[height, width]</c>, top row first.</summary>
public sealed class GrayImage
{
    /// <summary>Wraps an array of pixels without copying it.</summary>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="pixels">Row-major <c>[height, width]</c>, 0 (black) to 255.</param>
    /// <exception cref="ArgumentException">The number of pixels is not height times width.</exception>
    public GrayImage(int height, int width, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.LongLength != (long)height * width)
            throw new ArgumentException($"Expected {height} x {width} = {(long)height * width} pixels, found {pixels.LongLength}.",
                nameof(pixels));
        Height = height;
        Width = width;
        Pixels = pixels;
    }

    /// <summary>Number of rows.</summary>
    public int Height { get; }

    /// <summary>Number of columns.</summary>
    public int Width { get; }

    /// <summary>The array itself, not a copy: row-major <c>[height, width]</c>, 0 (black) to 255.</summary>
    public byte[] Pixels { get; }

    /// <summary>Encodes the image as an 8-bit greyscale PNG.</summary>
    public byte[] ToPng() => PngEncoder.Encode(Width, Height, channels: 1, Pixels);

    /// <summary>Writes the image as an 8-bit greyscale PNG.</summary>
    /// <param name="path">The file to create or replace.</param>
    public void SavePng(string path) => AtomicFile.WriteAllBytes(path, ToPng());
}
