using System.Runtime.InteropServices;

namespace SerPipeline.Features;

/// <summary>Writes numbers one after the other.</summary>
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
        Statistics.Compute(CollectionsMarshal.AsSpan(contour), secondsPerFrame, statistics, new float[contour.Count], _rest[..statistics.Length]);
        _rest = _rest[statistics.Length..];
    }
}

/// <summary>Runs of frames that share a state.</summary>
internal static class Segments
{
    /// <summary>How long each run of frames with the given state lasts, in seconds.</summary>
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
