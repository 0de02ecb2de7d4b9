using System.Reflection;
using SerPipeline.Features;

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

    /// <summary>
    /// Whether an SVG in the light theme turns dark where the reader prefers dark pages. Default: no, it carries its white background
    /// along.
    /// </summary>
    public bool FollowPageColors { get; init; }

    /// <summary>Checks the options and lists all problems.</summary>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public void Validate()
    {
        OptionsCheck check = new OptionsCheck(GetType().Name)
            .Require(Width >= 160 && Width >= 14 * FontSize && Width <= 10_000, Width,
                "be between 160 and 10000, and at least 14 times FontSize")
            .Require(Height >= 120 && Height >= 10 * FontSize && Height <= 10_000, Height,
                "be between 120 and 10000, and at least 10 times FontSize")
            .Require(FontSize is >= 6 and <= 48, FontSize, "be between 6 and 48")
            .Require(PixelRatio is >= 0.5 and <= 8, PixelRatio, "be between 0.5 and 8");
        var nullability = new NullabilityInfoContext();
        foreach (PropertyInfo option in GetType().GetProperties().Where(option => !option.PropertyType.IsValueType
            && nullability.Create(option).ReadState == NullabilityState.NotNull))
            check.Require(option.GetValue(this) is not null, "null", "be given", option.Name);
        Check(check);
        check.ThrowIfAny();
    }

    private protected virtual void Check(OptionsCheck check) { }
}

/// <summary>
/// A figure that can be saved as PNG and as SVG from the same drawing code. The same data and options give the same bytes.
/// </summary>
public abstract class Plot
{
    internal const string LegendExtension = ".labels.txt";
    private readonly PlotOptions _options;

    private protected Plot(PlotOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <summary>Draws the plot in pixels.</summary>
    /// <returns>
    /// An image of width and height times the pixel ratio. A text that no font of this machine can draw is a number, and a line below the
    /// plot says so.
    /// </returns>
    public RgbImage ToImage() => Draw(out _);

    /// <summary>The plot as a PNG file; its density is recorded so that a CSS pixel is 1/96 inch in print.</summary>
    public byte[] ToPng() => ToPng(out _);

    private byte[] ToPng(out IReadOnlyList<string> numbered)
    {
        RgbImage image = Draw(out numbered);
        int pixelsPerMetre = (int)Math.Round(96 * _options.PixelRatio / 0.0254);
        return PngEncoder.Encode(image.Width, image.Height, channels: 3, image.Pixels, pixelsPerMetre);
    }

    private RgbImage Draw(out IReadOnlyList<string> numbered)
    {
        using RasterCanvas canvas = Raster(footer: 0);
        Draw(canvas);
        numbered = canvas.Numbered;
        if (numbered.Count == 0) return canvas.ToImage();
        double font = _options.FontSize;
        using RasterCanvas taller = Raster(footer: 2 * font);
        Draw(taller);
        string which = numbered.Count switch
        {
            1 => "#1 is a name",
            2 => "#1 and #2 are names",
            var n => $"#1 to #{Format.Whole(n)} are names",
        };
        taller.DrawText(new(font, _options.Height + font), $"{which} that no font here can show: see the .labels.txt beside this file.",
            new TextStyle(font, _options.Theme.Ink));
        return taller.ToImage();
    }

    private RasterCanvas Raster(double footer) =>
        new(_options.Width, _options.Height, _options.Theme.Paper.Color, _options.PixelRatio, footer);

    /// <summary>The plot as an SVG document.</summary>
    public string ToSvg()
    {
        var canvas = new SvgCanvas(_options.Width, _options.Height, _options.Title,
            followPage: _options.FollowPageColors && _options.Theme == PlotTheme.Light);
        canvas.FillRectangle(0, 0, _options.Width, _options.Height, _options.Theme.Paper);
        Draw(canvas);
        return canvas.ToString();
    }

    /// <summary>
    /// Writes the plot as a PNG file. Where no font of this machine can draw some texts, a file of the same name with <c>.labels.txt</c>
    /// lists what their numbers stand for.
    /// </summary>
    /// <param name="path">The file to create or replace.</param>
    public void SavePng(string path)
    {
        AtomicFile.WriteAllBytes(path, ToPng(out IReadOnlyList<string> numbered));
        string legend = Path.ChangeExtension(path, LegendExtension);
        if (numbered.Count > 0)
            AtomicFile.WriteAllText(legend, string.Concat(numbered.Select((text, i) => $"#{Format.Whole(i + 1)}\t{text}\n")));
        else File.Delete(legend);
    }

    /// <summary>Writes the plot as an SVG file.</summary>
    /// <param name="path">The file to create or replace.</param>
    public void SaveSvg(string path) => AtomicFile.WriteAllText(path, ToSvg());

    // Everything but the background.
    private protected abstract void Draw(ICanvas canvas);
}

/// <summary>The colours of everything in a plot that is not data.</summary>
/// <param name="Paper">The background.</param>
/// <param name="Ink">Axes and text.</param>
/// <param name="Muted">Secondary text and guides.</param>
/// <param name="Grid">Grid lines.</param>
/// <param name="Missing">Cells without a value.</param>
public sealed record PlotTheme(Paint Paper, Paint Ink, Paint Muted, Paint Grid, Paint Missing)
{
    /// <summary>Dark on white: for papers and print. The background is painted, so that the figure also reads on a dark page.</summary>
    public static PlotTheme Light { get; } = Make("ffffff", "1a1a1a", "5c5c5c", "e3e3e3", "bdbdbd");

    /// <summary>Light on near-black: for slides and dark pages.</summary>
    public static PlotTheme Dark { get; } = Make("16181c", "e8e8e8", "a8a8a8", "363a40", "6b6b6b");

    /// <summary>
    /// The style sheet that turns the light theme into the dark one where the reader prefers dark pages, on screens only.
    /// </summary>
    internal static string DarkPageStyle { get; } = "@media screen and (prefers-color-scheme: dark){"
        + string.Concat(Dark.Roles().Select(p => $".ser-{p.Role}-f{{fill:{p.Color}}}.ser-{p.Role}-s{{stroke:{p.Color}}}")) + "}";

    private IEnumerable<Paint> Roles() => [Paper, Ink, Muted, Grid, Missing];

    private static PlotTheme Make(string paper, string ink, string muted, string grid, string missing) => new(
        new Paint(Rgb.Parse(paper), "paper"), new Paint(Rgb.Parse(ink), "ink"), new Paint(Rgb.Parse(muted), "muted"),
        new Paint(Rgb.Parse(grid), "grid"), new Paint(Rgb.Parse(missing), "missing"));
}
