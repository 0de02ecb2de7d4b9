using SerPipeline.Onnx;

namespace SerPipeline.Features;

/// <summary><see cref="Statistics"/> as ONNX nodes, over a mask of frames; 0 if the mask is empty.</summary>
internal sealed class StatisticsOnnx
{
    private readonly OnnxGraphBuilder _graph;
    private readonly OnnxValue _mask, _divisor, _any;
    private readonly double _secondsPerFrame;

    /// <param name="mask">Frames to use, bool [batch, 1, frames].</param>
    /// <param name="secondsPerFrame">For slopes.</param>
    public StatisticsOnnx(OnnxValue mask, double secondsPerFrame)
    {
        (_graph, _mask, _secondsPerFrame) = (mask.Graph, mask, secondsPerFrame);
        Count = mask.To(OnnxType.Double).Sum(2);
        _divisor = Count.AtLeast(1);
        _any = Count > _graph.Scalar(0, OnnxType.Double);
    }

    /// <summary>Number of frames in the mask, double [batch, 1, 1].</summary>
    public OnnxValue Count { get; }

    /// <summary>From float [batch, bands, frames] to float [batch, bands * statistics], grouped by band.</summary>
    public OnnxValue Take(OnnxValue values, int bands, params IReadOnlyList<Statistic> statistics)
    {
        OnnxValue mean = Mean(values);
        double[] shares = [.. statistics.Select(Statistics.Share).OfType<double>()];
        OnnxValue? percentiles = shares.Length > 0 ? Percentiles(values, shares) : null;
        int next = 0;
        OnnxValue Percentile() => percentiles!.Slice(2, next, ++next);
        OnnxValue[] results = [.. statistics.Select(statistic => statistic switch
        {
            Statistic.Mean => mean,
            Statistic.Deviation => Deviation(values, mean),
            Statistic.Variation => Deviation(values, mean) / mean.AtLeast(Statistics.LeastMean),
            Statistic.Range => Range(values),
            Statistic.Slope => Slope(values, mean),
            _ => Percentile(),
        })];
        return _graph.Concat(2, results).To(OnnxType.Float).Reshape(0, bands * statistics.Count);
    }

    /// <returns>double [batch, bands, 1].</returns>
    public OnnxValue Mean(OnnxValue values) => Sum(values.To(OnnxType.Double)) / _divisor;

    /// <returns>double [batch, bands, 1].</returns>
    public OnnxValue Deviation(OnnxValue values, OnnxValue mean)
    {
        OnnxValue distance = values.To(OnnxType.Double) - mean;
        return (Sum(distance * distance) / _divisor).One("Sqrt");
    }

    /// <summary>From double [batch, bands, frames] to double [batch, bands, 1].</summary>
    public OnnxValue Sum(OnnxValue values) => values.Where(_mask, 0).Sum(2);

    // [batch, bands, shares]. Values outside the mask are sorted to the end.
    private OnnxValue Percentiles(OnnxValue values, double[] shares)
    {
        OnnxValue sorted = values.Where(_mask, double.PositiveInfinity).Sorted(2).Transpose(0, 2, 1);
        OnnxValue last = (Count.Squeeze(2) - 1).AtLeast(0);
        OnnxValue position = last * _graph.Constant<double>(shares), below = position.One("Floor"), above = (below + 1).Min(last);
        OnnxValue low = sorted.GatherRows(below.To(OnnxType.Int64)), high = sorted.GatherRows(above.To(OnnxType.Int64));
        // The difference is float32, as in Statistics.Percentile.
        OnnxValue between = low.To(OnnxType.Double) + ((position - below).Unsqueeze(2) * (high - low).To(OnnxType.Double));
        return between.Transpose(0, 2, 1).Where(_any, 0);
    }

    private OnnxValue Range(OnnxValue values) =>
        (values.Where(_mask, double.NegativeInfinity).Greatest(2) - values.Where(_mask, double.PositiveInfinity).Least(2))
            .To(OnnxType.Double).Where(_any, 0);

    // The mask must be the clip's first frames.
    private OnnxValue Slope(OnnxValue values, OnnxValue mean)
    {
        OnnxValue time = _graph.Range(values.Length(2)).To(OnnxType.Double) - ((Count - 1) / 2);
        OnnxValue slope = Sum(time * (values.To(OnnxType.Double) - mean)) / Sum(time * time) / _secondsPerFrame;
        return slope.Where(Count > _graph.Scalar(1, OnnxType.Double), 0);
    }
}

/// <summary><see cref="Segments"/> as ONNX nodes, and neighbours of frames.</summary>
internal static class SegmentsOnnx
{
    /// <summary>Length of each run of frames whose state is true.</summary>
    /// <param name="state">bool [batch, 1, frames]; false after each clip.</param>
    /// <param name="secondsPerFrame">Hop in seconds.</param>
    /// <returns>Seconds, float [batch, 1, frames], runs first, and the mask of runs, bool [batch, 1, frames].</returns>
    public static (OnnxValue Seconds, OnnxValue IsRun) Lengths(OnnxValue state, double secondsPerFrame)
    {
        OnnxValue frames = state.Length(2), position = state.Graph.Range(frames).Unsqueeze(0, 1);
        OnnxValue continues = Previous(state) & IsAfterFirst(state), isFollowed = Next(state) & (position < frames - 1);
        // Run n is from the n-th start to the n-th end.
        OnnxValue start = Ordered(state & !continues), end = Ordered(state & !isFollowed);
        return (((end - start + 1).To(OnnxType.Double) * secondsPerFrame).To(OnnxType.Float), start < frames);

        OnnxValue Ordered(OnnxValue where) => position.Where(where, frames).Sorted(2);
    }

    /// <summary>The previous frame of each frame; of the first, itself.</summary>
    public static OnnxValue Previous(OnnxValue frames) => frames.Gather((frames.Graph.Range(frames.Length(2)) - 1).AtLeast(0), 2);

    /// <summary>The next frame of each frame; of the last, itself.</summary>
    public static OnnxValue Next(OnnxValue frames)
    {
        OnnxValue count = frames.Length(2);
        return frames.Gather((frames.Graph.Range(count) + 1).Min(count - 1), 2);
    }

    /// <summary>False for the first frame, bool [1, 1, frames].</summary>
    public static OnnxValue IsAfterFirst(OnnxValue frames) =>
        frames.Graph.Range(frames.Length(2)).Unsqueeze(0, 1) > frames.Graph.Scalar(0, OnnxType.Int64);
}
