namespace SerPipeline.Reports.Plots;

/// <summary>What every plot's options share.</summary>
public abstract record PlotOptions
{
    /// <summary>The width in CSS pixels, at least 160 and 14 times <see cref="FontSize"/>. Default: 720.</summary>
    public int Width { get; init; } = 720;

    /// <summary>The height in CSS pixels, at least 120 and 10 times <see cref="FontSize"/>. Default: 360.</summary>
    public int Height { get; init; } = 360;

    /// <summary>The size of labels in CSS pixels; titles are a sixth larger. Default: 12.</summary>
    public double FontSize { get; init; } = 12;

    /// <summary>Pixels of a PNG for each CSS pixel. Default: 2, sharp on dense screens; 3 suits print.</summary>
    public double PixelRatio { get; init; } = 2;

    /// <summary>The title above the plot; none when empty, the default.</summary>
    public string Title { get; init; } = "";

    /// <summary>The colours of axes and background. Default: light.</summary>
    public PlotTheme Theme { get; init; } = PlotTheme.Light;

    /// <summary>Whether an SVG in the light theme turns dark where the reader prefers dark pages. Default: no, it carries its white background along.</summary>
    public bool FollowPageColors { get; init; }

    /// <summary>Reports every problem at once.</summary>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public void Validate()
    {
        var check = new OptionsCheck(GetType().Name);
        check.Require(Width >= 160 && Width >= 14 * FontSize && Width <= 10_000, Width, "be between 160 and 10000, and at least 14 times FontSize")
            .Require(Height >= 120 && Height >= 10 * FontSize && Height <= 10_000, Height, "be between 120 and 10000, and at least 10 times FontSize")
            .Require(FontSize is >= 6 and <= 48, FontSize, "be between 6 and 48")
            .Require(PixelRatio is >= 0.5 and <= 8, PixelRatio, "be between 0.5 and 8")
            .Require(Title is not null, Title, "not be null")
            .Require(Theme is not null, Theme, "not be null");
        Check(check);
        check.ThrowIfAny();
    }

    /// <summary>Adds the problems of the options that a plot has beyond these.</summary>
    /// <param name="check">The collector.</param>
    protected virtual void Check(OptionsCheck check) { }
}

/// <summary>A figure that can be saved as PNG and as SVG from the same drawing code. The same data and options give the same bytes.</summary>
public abstract class Plot
{
    private readonly PlotOptions _options;

    /// <summary>Checks the options.</summary>
    /// <param name="options">The plot's options.</param>
    private protected Plot(PlotOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <summary>Draws the plot in pixels.</summary>
    /// <returns>An image of width and height times the pixel ratio.</returns>
    public RgbImage ToImage()
    {
        var canvas = new RasterCanvas(_options.Width, _options.Height, _options.Theme.Paper.Color, _options.PixelRatio);
        Draw(canvas);
        return canvas.Image;
    }

    /// <summary>The plot as a PNG file; its density is recorded so that a CSS pixel is 1/96 inch in print.</summary>
    public byte[] ToPng()
    {
        RgbImage image = ToImage();
        int pixelsPerMetre = (int)Math.Round(96 * _options.PixelRatio / 0.0254);
        return PngEncoder.Encode(image.Width, image.Height, channels: 3, image.Pixels, pixelsPerMetre);
    }

    /// <summary>The plot as an SVG document.</summary>
    public string ToSvg()
    {
        var canvas = new SvgCanvas(_options.Width, _options.Height, _options.Title, _options.FollowPageColors && _options.Theme == PlotTheme.Light);
        canvas.FillRectangle(0, 0, _options.Width, _options.Height, _options.Theme.Paper);
        Draw(canvas);
        return canvas.ToString();
    }

    /// <summary>Writes the plot as a PNG file.</summary>
    /// <param name="path">The file to create or replace.</param>
    public void SavePng(string path) => AtomicFile.WriteAllBytes(path, ToPng());

    /// <summary>Writes the plot as an SVG file.</summary>
    /// <param name="path">The file to create or replace.</param>
    public void SaveSvg(string path) => AtomicFile.WriteAllText(path, ToSvg());

    /// <summary>Draws everything but the background.</summary>
    /// <param name="canvas">The surface.</param>
    private protected abstract void Draw(ICanvas canvas);
}
