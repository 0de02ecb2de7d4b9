namespace SerPipeline.Reports;

/// <summary>
/// The 95 % score interval of a share (Wilson 1927, "Probable inference, the law of succession, and statistical inference").
/// </summary>
public static class WilsonInterval
{
    // The 97.5 % point of the normal distribution.
    private const double Z = 1.959963984540054;

    /// <summary>The ends for a share of a number of clips.</summary>
    public static IReadOnlyList<double> Of(double share, long clips)
    {
        double n = Math.Max(1, clips), scale = 1 + (Z * Z / n), centre = (share + (Z * Z / (2 * n))) / scale;
        double half = Z / scale * Math.Sqrt((share * (1 - share) / n) + (Z * Z / (4 * n * n)));
        return [Math.Max(0, centre - half), Math.Min(1, centre + half)];
    }
}
