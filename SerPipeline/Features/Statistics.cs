namespace SerPipeline.Features;

internal enum Statistic
{
    Mean,
    Deviation,
    P10,
    P20,
    P50,
    P80,
    P90,
    Range,
    Slope,
    /// <summary>Deviation over the mean, of what is never negative.</summary>
    Variation,
}

/// <summary>Statistics of contours: 0 for an empty contour; deviation, range and slope of a single value are 0.</summary>
internal static class Statistics
{
    /// <summary>Divides instead of a lesser mean, so that rounding noise around 0 does not look like variation.</summary>
    internal const double LeastMean = 1e-4;

    /// <summary>The share of values below a percentile; null for other statistics.</summary>
    public static double? Share(Statistic statistic) => statistic switch
    {
        Statistic.P10 => 0.1,
        Statistic.P20 => 0.2,
        Statistic.P50 => 0.5,
        Statistic.P80 => 0.8,
        Statistic.P90 => 0.9,
        _ => null,
    };

    /// <summary>Suffix of feature names.</summary>
    public static string Suffix(Statistic statistic) => statistic switch
    {
        Statistic.Deviation => "std",
        Statistic.Variation => "cv",
        _ => statistic.ToString().ToLowerInvariant(),
    };

    /// <summary>Writes one result per statistic; <paramref name="sorted"/> is working space of at least the contour's length.</summary>
    public static void Compute(ReadOnlySpan<float> values, double secondsPerFrame, ReadOnlySpan<Statistic> statistics, Span<float> sorted,
        Span<float> results)
    {
        bool isSorted = false;
        double mean = Mean(values);
        sorted = sorted[..values.Length];
        for (int i = 0; i < statistics.Length; i++)
        {
            if (!isSorted && (Share(statistics[i]) is not null || statistics[i] == Statistic.Range))
            {
                values.CopyTo(sorted);
                sorted.Sort();
                isSorted = true;
            }
            results[i] = (float)(statistics[i] switch
            {
                Statistic.Mean => mean,
                Statistic.Deviation => Deviation(values, mean),
                Statistic.Variation => Deviation(values, mean) / Math.Max(mean, LeastMean),
                Statistic.Range => sorted.IsEmpty ? 0 : sorted[^1] - sorted[0],
                Statistic.Slope => Slope(values, mean, secondsPerFrame),
                _ => Percentile(sorted, Share(statistics[i])!.Value),
            });
        }
    }

    public static double Mean(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float v in values) sum += v;
        return values.IsEmpty ? 0 : sum / values.Length;
    }

    /// <summary>Population standard deviation.</summary>
    public static double Deviation(ReadOnlySpan<float> values, double mean)
    {
        double sum = 0;
        foreach (float v in values) sum += (v - mean) * (v - mean);
        return values.IsEmpty ? 0 : Math.Sqrt(sum / values.Length);
    }

    /// <summary>Percentile with linear interpolation (NumPy's default).</summary>
    public static double Percentile(ReadOnlySpan<float> sorted, double share)
    {
        if (sorted.IsEmpty) return 0;
        double position = share * (sorted.Length - 1);
        int below = (int)position, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }

    /// <summary>Least-squares slope per second.</summary>
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

/// <summary>Appends values and statistics to a span.</summary>
internal ref struct StatisticsWriter(Span<float> values, double secondsPerFrame)
{
    private Span<float> _rest = values;

    public void Add(float value)
    {
        _rest[0] = value;
        _rest = _rest[1..];
    }

    public void Add(List<float> contour, ReadOnlySpan<Statistic> statistics)
    {
        Statistics.Compute(CollectionsMarshal.AsSpan(contour), secondsPerFrame, statistics, new float[contour.Count],
            _rest[..statistics.Length]);
        _rest = _rest[statistics.Length..];
    }
}

/// <summary>Runs of frames with equal state.</summary>
internal static class Segments
{
    /// <summary>Length of each run in seconds.</summary>
    public static List<float> Lengths(ReadOnlySpan<bool> states, bool value, double secondsPerFrame)
    {
        var lengths = new List<float>();
        int run = 0;
        foreach (bool state in states)
        {
            if (state == value)
            {
                run++;
                continue;
            }
            if (run > 0) lengths.Add((float)(run * secondsPerFrame));
            run = 0;
        }
        if (run > 0) lengths.Add((float)(run * secondsPerFrame));
        return lengths;
    }
}
