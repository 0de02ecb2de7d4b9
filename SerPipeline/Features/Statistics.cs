namespace SerPipeline.Features;

/// <summary>A number that sums up a contour.</summary>
internal enum Statistic
{
    Mean,
    Deviation,
    P10,
    P50,
    P90,
    Range,
    Slope,
}

/// <summary>Numbers that sum up contours; an empty contour gives 0, and a single value has no deviation, range or slope.</summary>
internal static class Statistics
{
    /// <summary>The names a feature's name ends with.</summary>
    public static string Suffix(Statistic statistic) => statistic switch
    {
        Statistic.Mean => "mean",
        Statistic.Deviation => "std",
        Statistic.P10 => "p10",
        Statistic.P50 => "p50",
        Statistic.P90 => "p90",
        Statistic.Range => "range",
        _ => "slope",
    };

    /// <summary>Writes the statistics asked for.</summary>
    /// <param name="values">The contour.</param>
    /// <param name="secondsPerFrame">The time between values, for the slope.</param>
    /// <param name="statistics">Which ones.</param>
    /// <param name="sorted">Working space of the contour's length.</param>
    /// <param name="results">Receives one number a statistic.</param>
    public static void Compute(ReadOnlySpan<float> values, double secondsPerFrame, ReadOnlySpan<Statistic> statistics, Span<float> sorted, Span<float> results)
    {
        bool isSorted = false;
        double mean = Mean(values);
        sorted = sorted[..values.Length];
        for (int i = 0; i < statistics.Length; i++)
        {
            if (!isSorted && statistics[i] is Statistic.P10 or Statistic.P50 or Statistic.P90 or Statistic.Range)
            {
                values.CopyTo(sorted);
                sorted.Sort();
                isSorted = true;
            }
            results[i] = (float)(statistics[i] switch
            {
                Statistic.Mean => mean,
                Statistic.Deviation => Deviation(values, mean),
                Statistic.P10 => Percentile(sorted, 0.1),
                Statistic.P50 => Percentile(sorted, 0.5),
                Statistic.P90 => Percentile(sorted, 0.9),
                Statistic.Range => sorted.IsEmpty ? 0 : sorted[^1] - sorted[0],
                _ => Slope(values, mean, secondsPerFrame),
            });
        }
    }

    public static double Mean(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float v in values) sum += v;
        return values.IsEmpty ? 0 : sum / values.Length;
    }

    /// <summary>The population's standard deviation.</summary>
    public static double Deviation(ReadOnlySpan<float> values, double mean)
    {
        double sum = 0;
        foreach (float v in values) sum += (v - mean) * (v - mean);
        return values.IsEmpty ? 0 : Math.Sqrt(sum / values.Length);
    }

    /// <summary>The value below which a share of the sorted values lies, interpolated linearly between neighbours (NumPy's default).</summary>
    public static double Percentile(ReadOnlySpan<float> sorted, double share)
    {
        if (sorted.IsEmpty) return 0;
        double position = share * (sorted.Length - 1);
        int below = (int)position, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }

    /// <summary>The least-squares slope per second of evenly spaced values.</summary>
    public static double Slope(ReadOnlySpan<float> values, double mean, double secondsPerFrame)
    {
        if (values.Length < 2) return 0;
        double center = (values.Length - 1) / 2.0, product = 0, square = 0;
        for (int t = 0; t < values.Length; t++)
        {
            product += (t - center) * (values[t] - mean);
            square += (t - center) * (t - center);
        }
        return product / square / secondsPerFrame;
    }
}
