namespace SerPipeline.Reports.Plots;

/// <summary>An image in colours: sRGB, 8 bits a channel, no transparency.</summary>
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
