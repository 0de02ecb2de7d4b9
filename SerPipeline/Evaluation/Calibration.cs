using System.Globalization;

namespace SerPipeline.Evaluation;

/// <summary>
/// The expected calibration error (ECE, Naeini et al. 2015; Guo et al. 2017): clips are put in bins of equal width by their greatest probability, and each
/// bin's mean of it is held against the share of its clips that were recognised.
/// </summary>
public static class Calibration
{
    /// <summary>The bins, as in Guo et al. 2017.</summary>
    public const int Bins = 15;

    /// <summary>The calibration of one model's predictions.</summary>
    /// <param name="predictions">Predictions with probabilities.</param>
    /// <param name="temperature">The temperature fitted on that model's validation part (<see cref="TemperatureScaling"/>), or null.</param>
    /// <exception cref="EvaluationException">There is no prediction, they have no probabilities, or a temperature is not above 0.</exception>
    public static RunCalibration Of(PredictionSet predictions, double? temperature = null) => Of([(predictions, temperature)]);

    /// <summary>The calibration of predictions with a temperature for each clip, such as pooled folds.</summary>
    /// <param name="predictions">Predictions with probabilities.</param>
    /// <param name="temperatures">One for each row, in the same order. The mean reported is over clips.</param>
    /// <exception cref="EvaluationException">There is no prediction, they have no probabilities, or there is not one temperature above 0 for each.</exception>
    public static RunCalibration Of(PredictionSet predictions, IReadOnlyList<double> temperatures)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(temperatures);
        if (temperatures.Count != predictions.Rows.Count)
            throw new EvaluationException(string.Create(CultureInfo.InvariantCulture, $"Expected a temperature for each of {predictions.Rows.Count} clips; found {temperatures.Count}."));
        return Of([.. predictions.Rows.Select((row, i) => (predictions.Labels, row, (double?)temperatures[i]))], temperatures.Count == 0 ? null : temperatures.Average());
    }

    /// <summary>The calibration of several folds' predictions together, each scaled with its own fold's temperature.</summary>
    /// <param name="folds">Each fold's predictions and the temperature of its model. Where one has none, nothing scaled is reported: a mixture would be neither.</param>
    /// <exception cref="EvaluationException">There is no prediction, they have no probabilities, or a temperature is not above 0.</exception>
    public static RunCalibration Of(IReadOnlyList<(PredictionSet Predictions, double? Temperature)> folds)
    {
        ArgumentNullException.ThrowIfNull(folds);
        double? mean = folds.Count > 0 && folds.All(fold => fold.Temperature is not null) ? folds.Average(fold => fold.Temperature!.Value) : null;
        return Of([.. folds.SelectMany(fold => fold.Predictions.Rows.Select(row => (fold.Predictions.Labels, row, fold.Temperature)))], mean);
    }

    private static RunCalibration Of(IReadOnlyList<(IReadOnlyList<string> Labels, ClipPrediction Row, double? Temperature)> clips, double? temperature)
    {
        if (clips.Count == 0)
            throw new EvaluationException("Expected at least one prediction to measure calibration on; found none.");
        if (clips.FirstOrDefault(clip => clip.Row.Probabilities.Length == 0).Row is { } without)
            throw new EvaluationException($"Expected probabilities for every clip to measure calibration on; clip '{without.Path}' has none.");
        RunReliabilityBin[] plain = Reliability(clips.Select(clip => ((double)clip.Row.Probabilities.Max(), IsRight(clip.Row))));
        var calibration = new RunCalibration { Bins = Bins, Ece = Ece(plain), Reliability = plain };
        if (temperature is null) return calibration;

        var scaled = clips.Select(clip => (clip.Labels, clip.Row, P: TemperatureScaling.Apply(clip.Row.Probabilities, clip.Temperature!.Value))).ToArray();
        RunReliabilityBin[] bins = Reliability(scaled.Select(clip => (clip.P.Max(), IsRight(clip.Row))));
        const double eps = MetricsAccumulator.LogLossEpsilon;
        return calibration with
        {
            Temperature = temperature,
            ScaledEce = Ece(bins),
            ScaledReliability = bins,
            ScaledLogLoss = scaled.Average(clip => -Math.Log(Math.Clamp(clip.P[Place(clip.Labels, clip.Row.Label)], eps, 1 - eps))),
        };
    }

    private static bool IsRight(ClipPrediction row) => string.Equals(row.Label, row.Predicted, StringComparison.Ordinal);

    private static int Place(IReadOnlyList<string> labels, string label)
    {
        for (int i = 0; i < labels.Count; i++)
            if (string.Equals(labels[i], label, StringComparison.Ordinal)) return i;
        throw new EvaluationException($"Expected one of {string.Join(", ", labels)}; found '{label}'.");
    }

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

    private static double Ece(RunReliabilityBin[] bins) => bins.Sum(b => b.Clips * Math.Abs(b.Accuracy - b.Confidence)) / bins.Sum(b => b.Clips);
}
