using System.Globalization;

namespace SerPipeline.Evaluation;

/// <summary>
/// Collects predictions one by one, batch by batch or from several threads' accumulators, in memory that does not grow with the number of
/// clips. The result does not depend on the order or the batches: counts are whole numbers, and log-loss is summed in fixed point.
/// </summary>
/// <remarks>One thread at a time; give each thread its own and <see cref="Merge"/> them.</remarks>
public sealed class MetricsAccumulator
{
    /// <summary>
    /// Probabilities are clipped to [eps, 1 - eps] before the logarithm. This is what scikit-learn's log_loss (1.5 and later) uses for
    /// float32 predictions: the type's machine epsilon, 2^-23.
    /// </summary>
    public const double LogLossEpsilon = 1.0 / (1 << 23);

    /// <summary>
    /// The greatest distance of a row's sum of probabilities from 1. The rounding of a softmax in float32 stays far below it.
    /// </summary>
    public const double SumTolerance = 1e-3;

    // A loss lies in [0, 16); 2^60 steps per unit keep it to 1e-18, and an
    // Int128 holds 2^63 of them. Whole numbers add up the same in any order.
    private const double LossScale = 1UL << 60;

    private readonly LabelIndex _index;
    private readonly long[] _counts;
    private readonly long[] _ranks;
    private readonly Int128[] _losses;
    private bool? _hasProbabilities;

    /// <summary>Creates an empty accumulator.</summary>
    /// <param name="labels">The classes, in the order of the probabilities.</param>
    /// <exception cref="EvaluationException">A label is empty or repeated, or there is none.</exception>
    public MetricsAccumulator(IReadOnlyList<string> labels)
    {
        _index = new LabelIndex(labels);
        int classes = _index.Labels.Count;
        _counts = new long[classes * classes];
        _ranks = new long[classes];
        _losses = new Int128[classes];
    }

    /// <summary>The classes, in the order of the probabilities.</summary>
    public IReadOnlyList<string> Labels => _index.Labels;

    /// <summary>The predictions added so far.</summary>
    public long Count { get; private set; }

    /// <summary>Adds one prediction.</summary>
    /// <param name="prediction">The prediction; errors name its path.</param>
    /// <exception cref="EvaluationException">A label is unknown, or the probabilities do not sum to 1 over the labels.</exception>
    public void Add(ClipPrediction prediction)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        string where = $"clip '{prediction.Path}'";
        int label = _index.Of(prediction.Label, "label", where);
        int predicted = _index.Of(prediction.Predicted, "predicted label", where);
        Add(label, predicted, prediction.Probabilities, where);
    }

    /// <summary>Adds one prediction by the places of its labels.</summary>
    /// <param name="label">The true class, an index into <see cref="Labels"/>.</param>
    /// <param name="predicted">The class chosen, an index into <see cref="Labels"/>.</param>
    /// <param name="probabilities">One probability per class, or empty when the model gives none.</param>
    /// <exception cref="EvaluationException">The probabilities do not sum to 1 over the labels.</exception>
    public void Add(int label, int predicted, ReadOnlySpan<float> probabilities)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfNegative(predicted);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, Labels.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(predicted, Labels.Count);
        Add(label, predicted, probabilities, string.Create(CultureInfo.InvariantCulture, $"prediction number {Count + 1}"));
    }

    /// <summary>Adds everything another accumulator holds; the other stays as it is.</summary>
    /// <param name="other">An accumulator over the same labels in the same order.</param>
    /// <exception cref="EvaluationException">The labels differ, or only one of the two has probabilities.</exception>
    public void Merge(MetricsAccumulator other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!Labels.SequenceEqual(other.Labels, StringComparer.Ordinal))
            throw new EvaluationException(
                $"Expected the labels {string.Join(", ", Labels)} in this order; found {string.Join(", ", other.Labels)}. "
                    + "Merge metrics of the same classes only.");
        if (other.Count == 0) return;
        RequireSameKind(other._hasProbabilities!.Value, "the merged metrics");
        for (int i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        for (int i = 0; i < _ranks.Length; i++) _ranks[i] += other._ranks[i];
        for (int i = 0; i < _losses.Length; i++) _losses[i] += other._losses[i];
        Count += other.Count;
    }

    /// <summary>The metrics of everything added so far; more can be added afterwards.</summary>
    /// <exception cref="EvaluationException">Nothing was added.</exception>
    public ClassificationReport ToReport()
    {
        if (Count == 0)
            throw new EvaluationException(
                "Expected at least one prediction; found none. Check that the test set is not empty and that its clips could be read.");
        double[] losses = [.. _losses.Select(loss => _hasProbabilities == true ? (double)loss / LossScale : double.NaN)];
        Int128 sum = 0;
        foreach (Int128 loss in _losses) sum += loss;
        double total = _hasProbabilities == true ? (double)sum / LossScale : double.NaN;
        return new ClassificationReport(new ConfusionMatrix(Labels, _counts), total, losses, _hasProbabilities == true ? [.. _ranks] : []);
    }

    private void Add(int label, int predicted, ReadOnlySpan<float> probabilities, string where)
    {
        // 1. Check before counting, so that an error leaves the sums unchanged.
        CheckProbabilities(probabilities, where);
        RequireSameKind(!probabilities.IsEmpty, where);

        // 2. Count.
        _counts[(label * Labels.Count) + predicted]++;
        Count++;
        if (probabilities.IsEmpty) return;

        // 3. The loss, and how many classes stand before the true one. Ties go to the lower index, as in an argmax and in ML.NET.
        double clipped = Math.Clamp(probabilities[label], LogLossEpsilon, 1 - LogLossEpsilon);
        _losses[label] += (Int128)(-Math.Log(clipped) * LossScale);
        int rank = 0;
        for (int i = 0; i < probabilities.Length; i++)
            if (probabilities[i] > probabilities[label] || (i < label && probabilities[i] == probabilities[label])) rank++;
        _ranks[rank]++;
    }

    private void CheckProbabilities(ReadOnlySpan<float> probabilities, string where)
    {
        if (probabilities.IsEmpty) return;
        if (probabilities.Length != Labels.Count)
            throw new EvaluationException(string.Create(CultureInfo.InvariantCulture,
                $"Expected {Labels.Count} probabilities for {where}, one per label; found {probabilities.Length}."));
        double sum = 0;
        for (int i = 0; i < probabilities.Length; i++)
        {
            if (!float.IsFinite(probabilities[i]) || probabilities[i] < 0)
                throw new EvaluationException(string.Create(CultureInfo.InvariantCulture,
                    $"Expected probabilities from 0 to 1 for {where}; found {probabilities[i]} for '{Labels[i]}'. "
                        + $"A model that diverged in training gives NaN: train again with a lower learning rate."));
            sum += probabilities[i];
        }
        if (Math.Abs(sum - 1) > SumTolerance)
            throw new EvaluationException(string.Create(CultureInfo.InvariantCulture,
                $"Expected probabilities that sum to 1 for {where}; their sum is {sum:0.######}. Apply a softmax to scores first."));
    }

    private void RequireSameKind(bool hasProbabilities, string where)
    {
        if (_hasProbabilities is { } known && known != hasProbabilities)
            throw new EvaluationException(
                $"Expected all predictions with probabilities or all without; "
                    + $"{where} has {(hasProbabilities ? "some" : "none")}, those before have {(known ? "some" : "none")}.");
        _hasProbabilities = hasProbabilities;
    }
}
