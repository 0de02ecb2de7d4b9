using SerPipeline.Onnx;


namespace SerPipeline.Features;

/// <summary><see cref="Statistics"/> as ONNX nodes, of those frames of each clip that count; of none, all are 0.</summary>
internal sealed class StatisticsExport
{
    private readonly OnnxGraphBuilder _graph;
    private readonly OnnxValue _counted, _divisor, _any;
    private readonly double _secondsPerFrame;

    /// <param name="counted">The frames that count, bool [batch, 1, frames].</param>
    /// <param name="secondsPerFrame">The time between frames, for slopes.</param>
    public StatisticsExport(OnnxValue counted, double secondsPerFrame)
    {
        (_graph, _counted, _secondsPerFrame) = (counted.Graph, counted, secondsPerFrame);
        Count = counted.To(OnnxType.Double).Sum(2);
        _divisor = Count.AtLeast(1);
        _any = Count > _graph.Scalar(0, OnnxType.Double);
    }

    /// <summary>How many frames count, double [batch, 1, 1].</summary>
    public OnnxValue Count { get; }

    /// <summary>Takes statistics of every band.</summary>
    /// <param name="values">float [batch, bands, frames].</param>
    /// <param name="bands">Bands.</param>
    /// <param name="statistics">Which ones.</param>
    /// <returns>float [batch, bands * statistics], those of one band side by side.</returns>
    public OnnxValue Take(OnnxValue values, int bands, params IReadOnlyList<Statistic> statistics)
    {
        OnnxValue mean = Mean(values);
        double[] shares = [.. statistics.Select(Share).OfType<double>()];
        OnnxValue? percentiles = shares.Length > 0 ? Percentiles(values, shares) : null;
        int next = 0;
        OnnxValue Percentile() => percentiles!.Slice(2, next, ++next);
        OnnxValue[] results = [.. statistics.Select(statistic => statistic switch
        {
            Statistic.Mean => mean,
            Statistic.Deviation => Deviation(values, mean),
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

    /// <summary>The sum over the frames that count.</summary>
    /// <param name="values">double [batch, bands, frames].</param>
    /// <returns>double [batch, bands, 1].</returns>
    public OnnxValue Sum(OnnxValue values) => values.Where(_counted, 0).Sum(2);

    private static double? Share(Statistic statistic) => statistic switch
    {
        Statistic.P10 => 0.1,
        Statistic.P50 => 0.5,
        Statistic.P90 => 0.9,
        _ => null,
    };

    // Interpolated between the two neighbours among the sorted values: [batch, bands, shares]. What does not count is sorted behind the rest.
    private OnnxValue Percentiles(OnnxValue values, double[] shares)
    {
        OnnxValue sorted = values.Where(_counted, double.PositiveInfinity).Sorted(2).Transpose(0, 2, 1), last = (Count.Squeeze(2) - 1).AtLeast(0);
        OnnxValue position = last * _graph.Constant<double>(shares), below = position.One("Floor"), above = (below + 1).Min(last);
        OnnxValue low = sorted.GatherRows(below.To(OnnxType.Int64)), high = sorted.GatherRows(above.To(OnnxType.Int64));
        // The difference is of float32, as there.
        OnnxValue between = low.To(OnnxType.Double) + ((position - below).Unsqueeze(2) * (high - low).To(OnnxType.Double));
        return between.Transpose(0, 2, 1).Where(_any, 0);
    }

    private OnnxValue Range(OnnxValue values) =>
        (values.Where(_counted, double.NegativeInfinity).Greatest(2) - values.Where(_counted, double.PositiveInfinity).Least(2)).To(OnnxType.Double).Where(_any, 0);

    // The least-squares slope per second of evenly spaced values: the frames that count are the clip's first ones.
    private OnnxValue Slope(OnnxValue values, OnnxValue mean)
    {
        OnnxValue time = _graph.Range(values.Length(2)).To(OnnxType.Double) - ((Count - 1) / 2);
        OnnxValue slope = Sum(time * (values.To(OnnxType.Double) - mean)) / Sum(time * time) / _secondsPerFrame;
        return slope.Where(Count > _graph.Scalar(1, OnnxType.Double), 0);
    }
}
