namespace SerPipeline.Evaluation;

/// <summary>
/// The expected calibration error (ECE, Naeini et al. 2015; Guo et al. 2017): clips are put in bins of equal width by their greatest
/// probability, and each bin's mean probability is compared with the share of its clips that were recognised.
/// </summary>
public static class Calibration
{
    /// <summary>The bins, as in Guo et al. 2017.</summary>
    public const int Bins = 15;

    /// <summary>The calibration of one model's predictions.</summary>
    /// <param name="predictions">Predictions with probabilities.</param>
    /// <param name="temperature">
    /// The temperature fitted on that model's validation part (<see cref="TemperatureScaling"/>), or null.
    /// </param>
    /// <exception cref="EvaluationException">
    /// There is no prediction, they have no probabilities, or a temperature is not above 0.
    /// </exception>
    public static RunCalibration Of(PredictionSet predictions, double? temperature = null) => Of([(predictions, temperature)]);

    /// <summary>The calibration of several folds' predictions together, each scaled with its own fold's temperature.</summary>
    /// <param name="folds">
    /// Each fold's predictions and the temperature of its model. Where one has none, no scaled figures are reported.
    /// </param>
    /// <exception cref="EvaluationException">
    /// There is no prediction, they have no probabilities, or a temperature is not above 0.
    /// </exception>
    public static RunCalibration Of(IReadOnlyList<(PredictionSet Predictions, double? Temperature)> folds)
    {
        ArgumentNullException.ThrowIfNull(folds);
        (PredictionSet Set, ClipPrediction Row, double? Temperature)[] clips =
            [.. folds.SelectMany(fold => fold.Predictions.Rows.Select(row => (fold.Predictions, row, fold.Temperature)))];
        if (clips.Length == 0)
            throw new EvaluationException("Expected at least one prediction to measure calibration on; found none.");
        if (clips.FirstOrDefault(clip => clip.Row.Probabilities.Length == 0).Row is { } without)
            throw new EvaluationException(
                $"Expected probabilities for every clip to measure calibration on; clip '{without.Path}' has none.");
        RunReliabilityBin[] plain = Reliability(clips.Select(clip => ((double)clip.Row.Probabilities.Max(), IsRight(clip.Row))));
        var calibration = new RunCalibration { Bins = Bins, Ece = Ece(plain), Reliability = plain };
        if (folds.Any(fold => fold.Temperature is null)) return calibration;

        var scaled = clips.Select(clip =>
            (clip.Set, clip.Row, P: TemperatureScaling.Apply(clip.Row.Probabilities, clip.Temperature!.Value))).ToArray();
        RunReliabilityBin[] bins = Reliability(scaled.Select(clip => (clip.P.Max(), IsRight(clip.Row))));
        const double eps = MetricsAccumulator.LogLossEpsilon;
        return calibration with
        {
            Temperature = folds.Average(fold => fold.Temperature!.Value),
            ScaledEce = Ece(bins),
            ScaledReliability = bins,
            ScaledLogLoss = scaled.Average(clip => -Math.Log(Math.Clamp(clip.P[clip.Set.Place(clip.Row.Label)], eps, 1 - eps))),
        };
    }

    private static bool IsRight(ClipPrediction row) => string.Equals(row.Label, row.Predicted, StringComparison.Ordinal);

    // Bins are (low, high], as in the authors' code; the first also has 0, and the last what rounding put above 1.
    private static RunReliabilityBin[] Reliability(IEnumerable<(double Confidence, bool Right)> clips)
    {
        var count = new long[Bins];
        var right = new long[Bins];
        var sum = new double[Bins];
        foreach ((double confidence, bool isRight) in clips)
        {
            int bin = 0;
            while (bin < Bins - 1 && confidence > Edge(bin + 1)) bin++;
            count[bin]++;
            sum[bin] += confidence;
            if (isRight) right[bin]++;
        }
        return [.. Enumerable.Range(0, Bins).Select(b => new RunReliabilityBin(
            Edge(b), Edge(b + 1), count[b], count[b] == 0 ? 0 : sum[b] / count[b], count[b] == 0 ? 0 : (double)right[b] / count[b]))];
    }

    private static double Edge(int bin) => (double)bin / Bins;

    private static double Ece(RunReliabilityBin[] bins) =>
        bins.Sum(b => b.Clips * Math.Abs(b.Accuracy - b.Confidence)) / bins.Sum(b => b.Clips);
}

/// <summary>
/// Temperature scaling (Guo et al. 2017, "On Calibration of Modern Neural Networks"): one number T that divides the logits, so that
/// probabilities match the share of right predictions better. The order of the classes, and so the predicted label, never changes.
/// </summary>
public static class TemperatureScaling
{
    /// <summary>The lowest temperature searched: without it, a model that is never wrong on the validation clips would get 0.</summary>
    public const double Least = 0.05;

    /// <summary>The highest temperature searched: without it, a model without skill would get infinity.</summary>
    public const double Greatest = 20;

    // Far more than the about ten that Newton's steps need; bisection alone would need 60 for a double.
    private const int Steps = 200;

    /// <summary>The temperature from <see cref="Least"/> to <see cref="Greatest"/> with the least mean negative log-likelihood.</summary>
    /// <param name="logits">Raw scores or log-probabilities, [examples][classes].</param>
    /// <param name="labels">The true class of each, from 0.</param>
    /// <returns>The temperature; an end of the range when the likelihood still grows there, 1 when no temperature changes it.</returns>
    /// <exception cref="EvaluationException">
    /// There is no example, a score is not finite, rows differ in length, or a label is outside of them.
    /// </exception>
    /// <remarks>
    /// With b = 1/T the negative log-likelihood is convex; its slope is the mean of E_p[z] - z_y and its curvature the mean variance of z
    /// under p. The root of the slope is found by Newton's steps, and by halving the range in log b wherever such a step leaves it.
    /// </remarks>
    public static double Fit(IReadOnlyList<float[]> logits, IReadOnlyList<int> labels)
    {
        Check(logits, labels);
        double low = 1 / Greatest, high = 1 / Least, inverse = 1;
        double atLow = Slope(logits, labels, low).Slope, atHigh = Slope(logits, labels, high).Slope;
        if (atLow == 0 && atHigh == 0) return 1;
        if (atLow >= 0) return Greatest;
        if (atHigh <= 0) return Least;
        for (int i = 0; i < Steps; i++)
        {
            (double slope, double curvature) = Slope(logits, labels, inverse);
            if (slope == 0) break;
            if (slope > 0) high = inverse;
            else low = inverse;
            double next = inverse - (slope / curvature);
            if (!(next > low && next < high)) next = Math.Sqrt(low * high);
            bool settled = Math.Abs(next - inverse) <= 1e-13 * inverse;
            inverse = next;
            if (settled) break;
        }
        return 1 / inverse;
    }

    /// <summary>The probabilities softmax(log p / T), in double; a probability of 0 stays 0.</summary>
    /// <param name="probabilities">One per class, as a model gives them.</param>
    /// <param name="temperature">Above 0.</param>
    public static double[] Apply(ReadOnlySpan<float> probabilities, double temperature)
    {
        if (!(temperature > 0 && double.IsFinite(temperature)))
            throw new EvaluationException(string.Create(CultureInfo.InvariantCulture,
                $"Expected a temperature above 0; found {temperature}."));
        var scaled = new double[probabilities.Length];
        double greatest = double.NegativeInfinity;
        for (int i = 0; i < scaled.Length; i++)
        {
            scaled[i] = Math.Log(probabilities[i]) / temperature;
            greatest = Math.Max(greatest, scaled[i]);
        }
        double sum = 0;
        for (int i = 0; i < scaled.Length; i++) sum += scaled[i] = Math.Exp(scaled[i] - greatest);
        for (int i = 0; i < scaled.Length; i++) scaled[i] /= sum;
        return scaled;
    }

    private static (double Slope, double Curvature) Slope(IReadOnlyList<float[]> logits, IReadOnlyList<int> labels, double inverse)
    {
        double slope = 0, curvature = 0;
        for (int n = 0; n < logits.Count; n++)
        {
            float[] z = logits[n];
            double greatest = z.Max(), sum = 0, first = 0, second = 0;
            foreach (float value in z)
            {
                // Scores relative to the greatest: only differences matter, and small numbers keep their digits.
                double d = value - greatest, p = Math.Exp(d * inverse);
                sum += p;
                first += p * d;
                second += p * d * d;
            }
            double mean = first / sum;
            slope += mean - (z[labels[n]] - greatest);
            curvature += (second / sum) - (mean * mean);
        }
        return (slope / logits.Count, curvature / logits.Count);
    }

    private static void Check(IReadOnlyList<float[]> logits, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        if (logits.Count == 0)
            throw new EvaluationException("Expected at least one example to fit a temperature on; found none. Hold out a validation part.");
        if (logits.Count != labels.Count)
            throw new EvaluationException($"Expected one label for each of {logits.Count} rows of scores; found {labels.Count}.");
        for (int n = 0; n < logits.Count; n++)
        {
            if (logits[n].Length != logits[0].Length || labels[n] < 0 || labels[n] >= logits[n].Length)
                throw new EvaluationException(string.Create(CultureInfo.InvariantCulture,
                    $"Expected row {n + 1} to have {logits[0].Length} scores and a label from 0 below that; "
                        + $"found {logits[n].Length} and {labels[n]}."));
            if (!logits[n].All(float.IsFinite))
                throw new EvaluationException(string.Create(CultureInfo.InvariantCulture,
                    $"Expected finite scores in row {n + 1}; found {string.Join(", ", logits[n])}."));
        }
    }
}
