namespace SerPipeline.Evaluation;

/// <summary>
/// Collects predictions one by one, in memory that does not grow with the number of clips. The result does not depend on their order:
/// counts are whole numbers, and log-loss is summed in fixed point. One thread at a time.
/// </summary>
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
    private Int128 _loss;
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
        float[] probabilities = prediction.Probabilities;
        // 1. Check before counting, so that an error leaves the sums unchanged.
        CheckProbabilities(probabilities, where);
        RequireSameKind(probabilities.Length > 0, where);

        // 2. Count.
        _counts[(label * Labels.Count) + predicted]++;
        Count++;
        if (probabilities.Length == 0) return;

        // 3. The loss, and how many classes stand before the true one. Ties go to the lower index, as in an argmax and in ML.NET.
        double clipped = Math.Clamp(probabilities[label], LogLossEpsilon, 1 - LogLossEpsilon);
        _loss += (Int128)(-Math.Log(clipped) * LossScale);
        int rank = 0;
        for (int i = 0; i < probabilities.Length; i++)
            if (probabilities[i] > probabilities[label] || (i < label && probabilities[i] == probabilities[label])) rank++;
        _ranks[rank]++;
    }

    /// <summary>The metrics of everything added so far; more can be added afterwards.</summary>
    /// <exception cref="EvaluationException">Nothing was added.</exception>
    public ClassificationReport ToReport()
    {
        if (Count == 0)
            throw new EvaluationException(
                "Expected at least one prediction; found none. Check that the test set is not empty and that its clips could be read.");
        var confusion = new ConfusionMatrix(Labels, _counts);
        return _hasProbabilities == true ? new ClassificationReport(confusion, (double)_loss / LossScale, [.. _ranks])
            : new ClassificationReport(confusion, double.NaN, []);
    }

    /// <summary>The place of a label that was added.</summary>
    internal int Place(string label) => _index.Of(label, "label", "a clip");

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
            throw new EvaluationException($"Expected all predictions with probabilities or all without; {where} has "
                + $"{(hasProbabilities ? "some" : "none")}, those before have {(known ? "some" : "none")}.");
        _hasProbabilities = hasProbabilities;
    }
}
