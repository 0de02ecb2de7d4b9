using System.Buffers;
using System.Globalization;

namespace SerPipeline.Features;

/// <summary>A group of utterance features: fixed names, and one number for each. Immutable and thread-safe.</summary>
internal interface IFunctional
{
    /// <summary>The features' names, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Computes the features.</summary>
    /// <param name="frames">The clip's contours.</param>
    /// <param name="values">Receives one number a name.</param>
    public void Compute(UtteranceFrames frames, Span<float> values);
}

/// <summary>Statistics of every band of one contour over all frames.</summary>
internal sealed class ContourFunctionals : IFunctional
{
    private readonly Statistic[] _statistics;

    /// <param name="names">One name a band.</param>
    /// <param name="contour">The contour.</param>
    /// <param name="statistics">What is taken of each band.</param>
    public ContourFunctionals(IReadOnlyList<string> names, Contour contour, params Statistic[] statistics)
    {
        Contour = contour;
        _statistics = statistics;
        Bands = names.Count;
        Names = [.. names.SelectMany(name => statistics.Select(statistic => $"{name}_{Statistics.Suffix(statistic)}"))];
    }

    public IReadOnlyList<string> Names { get; }

    public Contour Contour { get; }

    public int Bands { get; }

    /// <summary>What is taken of each band.</summary>
    public IReadOnlyList<Statistic> Taken => _statistics;

    /// <summary>Names of numbered bands: <c>mfcc0</c>, <c>mfcc1</c> ...</summary>
    public static IReadOnlyList<string> Numbered(string name, int bands) => [.. Enumerable.Range(0, bands).Select(b => string.Create(CultureInfo.InvariantCulture, $"{name}{b}"))];

    public void Compute(UtteranceFrames frames, Span<float> values)
    {
        FrameMatrix contour = frames.Of(Contour);
        float[] sorted = ArrayPool<float>.Shared.Rent(contour.Frames);
        for (int band = 0; band < Bands; band++)
            Statistics.Compute(contour.Row(band), frames.SecondsPerFrame, _statistics, sorted, values.Slice(band * _statistics.Length, _statistics.Length));
        ArrayPool<float>.Shared.Return(sorted);
    }
}
