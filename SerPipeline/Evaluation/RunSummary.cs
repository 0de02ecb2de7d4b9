namespace SerPipeline.Evaluation;

/// <summary>
/// The folds and seeds of one data set, trainer and protocol together: an entry of <c>summary</c> in <c>metrics.json</c>.
/// </summary>
public sealed record RunSummary
{
    /// <summary>The data set's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>The trainer's name.</summary>
    public required string Trainer { get; init; }

    /// <summary>How clips were split into training and test.</summary>
    public required string Protocol { get; init; }

    /// <summary>The data set trained on where it is another than the one tested; else null.</summary>
    public string? TrainDataset { get; init; }

    /// <summary>How many runs.</summary>
    public required int Runs { get; init; }

    /// <summary>How many different folds among them.</summary>
    public required int Folds { get; init; }

    /// <summary>How many different seeds among them.</summary>
    public required int Seeds { get; init; }

    /// <summary>Test clips of all runs together.</summary>
    public required long TestClips { get; init; }

    /// <summary>The accuracies.</summary>
    public required MetricSummary Accuracy { get; init; }

    /// <summary>The unweighted average recalls.</summary>
    public required MetricSummary Uar { get; init; }

    /// <summary>The macro F1s.</summary>
    public required MetricSummary MacroF1 { get; init; }

    /// <summary>The log-losses; null when a run has none.</summary>
    public MetricSummary? LogLoss { get; init; }

    /// <summary>Summarises every data set, trainer and protocol that has at least two runs, in the order of their first runs.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="confidence">The intervals' confidence.</param>
    public static IReadOnlyList<RunSummary> Of(IReadOnlyList<RunMetrics> runs, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return [.. runs.GroupBy(run => (run.Dataset, run.TrainDataset, run.Trainer, run.Protocol)).Where(group => group.Count() > 1)
            .Select(group => Of([.. group]))];

        RunSummary Of(RunMetrics[] group) => new()
        {
            Dataset = group[0].Dataset,
            Trainer = group[0].Trainer,
            Protocol = group[0].Protocol,
            TrainDataset = group[0].TrainDataset,
            Runs = group.Length,
            Folds = group.Select(run => run.Fold).Distinct().Count(),
            Seeds = group.Select(run => run.Seed).Distinct().Count(),
            TestClips = group.Sum(run => run.TestClips),
            Accuracy = Over(group, run => run.Accuracy),
            Uar = Over(group, run => run.Uar),
            MacroF1 = Over(group, run => run.MacroF1),
            LogLoss = group.All(run => run.LogLoss is not null) ? Over(group, run => run.LogLoss!.Value) : null,
        };

        MetricSummary Over(RunMetrics[] group, Func<RunMetrics, double> value)
        {
            var all = MetricSummary.Of([.. group.Select(value)], confidence);
            return all with { Interval = HalfWidth(group, value) is { } half ? [all.Mean - half, all.Mean + half] : null };
        }

        // Another seed tests the same people again, or draws other folds of them, and is no further evidence.
        double? HalfWidth(RunMetrics[] group, Func<RunMetrics, double> value)
        {
            RunMetrics[][] folds = [.. group.GroupBy(run => run.Fold).Select(fold => fold.ToArray())],
                seeds = [.. group.GroupBy(run => run.Seed).Select(seed => seed.ToArray())];
            return seeds.Length > 1 && folds.All(SameTest) ? HalfOf(folds.Select(fold => fold.Average(value)))
                : seeds.Max(seed => HalfOf(seed.Select(value)));
        }

        double? HalfOf(IEnumerable<double> values) => values.ToArray() is { Length: > 1 } several
            && MetricSummary.Of(several, confidence).Interval is { } ends ? (ends[1] - ends[0]) / 2 : null;

        static bool SameTest(RunMetrics[] fold) => fold.All(run => run.TestClips == fold[0].TestClips && run.HeldOutSpeakers.Count > 0
            && run.HeldOutSpeakers.ToHashSet(StringComparer.Ordinal).SetEquals(fold[0].HeldOutSpeakers));
    }
}

/// <summary>One metric over several folds or seeds.</summary>
/// <remarks>
/// The interval is Student's t interval of the mean over folds. Seeds do not narrow it: where they test the same people in the same
/// folds, each fold's value is the mean over its seeds; where each seed draws its folds, it is as wide as the widest of the seeds';
/// without folds there is none. It takes folds as independent; those of one cross-validation share training clips, so its true coverage is
/// lower (Bengio and Grandvalet 2004, "No unbiased estimator of the variance of k-fold cross-validation").
/// </remarks>
public sealed record MetricSummary
{
    /// <summary>The number of values.</summary>
    public required int Count { get; init; }

    /// <summary>Their mean.</summary>
    public required double Mean { get; init; }

    /// <summary>Their sample standard deviation (divisor: count less 1).</summary>
    public required double Deviation { get; init; }

    /// <summary>The interval's ends, low and high, not cut off at 0 or 1; null where only seeds differ.</summary>
    public IReadOnlyList<double>? Interval { get; init; }

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
        if (!(confidence > 0 && confidence < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "Expected a confidence between 0 and 1.");
        if (values.Count < 2)
            throw new EvaluationException($"Expected at least 2 values to summarise; found {values.Count}. One fold has no deviation.");
        if (values.Any(value => !double.IsFinite(value)))
            throw new EvaluationException("Expected finite values to summarise; one is not a number or infinite.");
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

/// <summary>Student's t distribution for whole degrees of freedom (Abramowitz and Stegun 1964, formulas 26.7.3 and 26.7.4).</summary>
internal static class StudentT
{
    /// <summary>The probability that |T| is at most <paramref name="t"/>.</summary>
    public static double TwoSidedProbability(int degrees, double t)
    {
        double theta = Math.Atan(t / Math.Sqrt(degrees));
        double sine = Math.Sin(theta), cosine = Math.Cos(theta), square = cosine * cosine;
        bool odd = degrees % 2 == 1;

        // Odd: sin (cos + 2/3 cos^3 + 2*4/(3*5) cos^5 + ...), even: sin (1 +
        // 1/2 cos^2 + 1*3/(2*4) cos^4 + ...); the last power is degrees - 2.
        double term = odd ? cosine : 1, sum = 0;
        for (int power = odd ? 1 : 0; power <= degrees - 2; power += 2)
        {
            sum += term;
            term *= square * (power + 1) / (power + 2);
        }
        return odd ? 2 / Math.PI * (theta + (sine * sum)) : sine * sum;
    }

    /// <summary>The t with probability <paramref name="confidence"/> that |T| is at most t.</summary>
    public static double TwoSidedQuantile(int degrees, double confidence)
    {
        double low = 0, high = 1;
        while (TwoSidedProbability(degrees, high) < confidence) high *= 2;
        // Halving a double's interval stops changing it after at most some 60 rounds beyond its exponent.
        for (int i = 0; i < 200 && low < high; i++)
        {
            double middle = (low + high) / 2;
            if (middle <= low || middle >= high) break;
            if (TwoSidedProbability(degrees, middle) < confidence) low = middle;
            else high = middle;
        }
        return (low + high) / 2;
    }
}
