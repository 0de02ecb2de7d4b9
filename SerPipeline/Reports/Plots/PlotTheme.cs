namespace SerPipeline.Reports.Plots;

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

    /// <summary>The style sheet that turns the light theme into the dark one where the reader prefers dark pages, on screens only.</summary>
    internal static string DarkPageStyle { get; } = "@media screen and (prefers-color-scheme: dark){"
        + string.Concat(Dark.Roles().Select(p => $".ser-{p.Role}-f{{fill:{p.Color}}}.ser-{p.Role}-s{{stroke:{p.Color}}}")) + "}";

    private IEnumerable<Paint> Roles() => [Paper, Ink, Muted, Grid, Missing];

    private static PlotTheme Make(string paper, string ink, string muted, string grid, string missing) => new(
        new Paint(Rgb.Parse(paper), "paper"), new Paint(Rgb.Parse(ink), "ink"), new Paint(Rgb.Parse(muted), "muted"),
        new Paint(Rgb.Parse(grid), "grid"), new Paint(Rgb.Parse(missing), "missing"));
}
