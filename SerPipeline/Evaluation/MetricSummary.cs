namespace SerPipeline.Evaluation;

/// <summary>One metric over several folds or seeds.</summary>
/// <remarks>
/// The interval is Student's t interval of the mean. It takes the values as independent; the folds of one cross-validation share training clips,
/// so its true coverage is lower (Bengio and Grandvalet 2004, "No unbiased estimator of the variance of k-fold cross-validation").
/// </remarks>
public sealed record MetricSummary
{
    /// <summary>How many values.</summary>
    public required int Count { get; init; }

    /// <summary>Their mean.</summary>
    public required double Mean { get; init; }

    /// <summary>Their sample standard deviation (divisor: count less 1).</summary>
    public required double Deviation { get; init; }

    /// <summary>The interval's ends, low and high; not cut off at 0 or 1.</summary>
    public required IReadOnlyList<double> Interval { get; init; }

    /// <summary>The interval's confidence, such as 0.95.</summary>
    public required double Confidence { get; init; }

    /// <summary>The least value.</summary>
    public required double Min { get; init; }

    /// <summary>The greatest value.</summary>
    public required double Max { get; init; }

    /// <summary>Summarises values.</summary>
    /// <param name="values">At least two finite values.</param>
    /// <param name="confidence">The interval's confidence, between 0 and 1.</param>
    /// <exception cref="EvaluationException">There are fewer than two values, or one is not finite.</exception>
    public static MetricSummary Of(IReadOnlyList<double> values, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (!(confidence > 0 && confidence < 1)) throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "Expected a confidence between 0 and 1.");
        if (values.Count < 2) throw new EvaluationException($"Expected at least 2 values to summarise; found {values.Count}. One fold has no deviation.");
        if (values.Any(value => !double.IsFinite(value))) throw new EvaluationException("Expected finite values to summarise; one is not a number or infinite.");
        double mean = values.Average();
        double deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        double half = StudentT.TwoSidedQuantile(values.Count - 1, confidence) * deviation / Math.Sqrt(values.Count);
        return new MetricSummary
        {
            Count = values.Count,
            Mean = mean,
            Deviation = deviation,
            Interval = [mean - half, mean + half],
            Confidence = confidence,
            Min = values.Min(),
            Max = values.Max(),
        };
    }
}
