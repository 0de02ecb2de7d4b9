using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch.Layers;

/// <summary>
/// The focal loss of raw scores (Lin et al. 2017, "Focal Loss for Dense Object Detection"): cross entropy in which a class that already has probability
/// p counts by (1 - p)^gamma, so that what is known well teaches little.
/// </summary>
/// <remarks>
/// For targets q (a class index is q = 1 for that class) the loss of an example is the sum over classes k of w_k q'_k (1 - p_k)^gamma (-log p_k), with
/// class weights w, and q' the smoothed target (1 - s) q + s / C: smoothing changes the target first, and every class's share of it is then modulated by
/// that class's own probability. The mean over a batch is cross entropy's: weighted by the weights of the classes with class indices, over the examples
/// with probabilities. With gamma 0 this is <see cref="CrossEntropyLoss"/>.
/// </remarks>
public sealed class FocalLoss
{
    // Keeps the logarithm of 1 - p finite where p is 1 in float32; the step of float32 below 1 is 6e-8.
    private const float LeastRest = 1e-8f;

    private readonly float[] _classWeights;
    private readonly double _labelSmoothing;
    private readonly float _gamma;

    /// <summary>Creates the loss.</summary>
    /// <param name="gamma">How strongly what is known well is held back, 0 or more; the paper's best was 2.</param>
    /// <param name="classWeights">One weight a class, or none for equal weights: the paper's alpha.</param>
    /// <param name="labelSmoothing">The share of each target spread evenly over all classes, 0 to 1 (Szegedy et al. 2016).</param>
    public FocalLoss(double gamma, ReadOnlySpan<float> classWeights = default, double labelSmoothing = 0)
    {
        if (!(gamma >= 0 && double.IsFinite(gamma))) throw TensorCheck.Fail(nameof(FocalLoss), nameof(gamma), "0 or more", $"{gamma}");
        if (labelSmoothing is not (>= 0 and <= 1)) throw TensorCheck.Fail(nameof(FocalLoss), nameof(labelSmoothing), "in [0, 1]", $"{labelSmoothing}");
        _gamma = (float)gamma;
        _labelSmoothing = labelSmoothing;
        _classWeights = classWeights.ToArray();
    }

    /// <summary>The loss of a batch.</summary>
    /// <param name="scores">[N, C], raw; bfloat16 is brought to float32.</param>
    /// <param name="target">int64 [N] class indices, or float32 [N, C] probabilities.</param>
    /// <returns>A single number.</returns>
    public Tensor Forward(Tensor scores, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(target);
        TensorCheck.Rank(nameof(FocalLoss), nameof(scores), scores, 2, "[N, C]");
        if (_classWeights.Length > 0 && _classWeights.Length != scores.Size(1))
            throw TensorCheck.Fail(nameof(FocalLoss), "classWeights", $"{scores.Size(1)} of them for {scores}", $"{_classWeights.Length}");
        using var cast = new PrecisionCast(ComputePrecision.Float32);
        Tensor logs = cast.In(scores).LogSoftmax();
        Tensor modulation = ((-logs.Exp() + 1f).ClampMin(LeastRest).Log() * _gamma).Exp();
        return cast.Own(-(modulation * logs * Shares(target, (int)scores.Size(0), (int)scores.Size(1))).Sum());
    }

    // How much each class of each example counts, class weights, smoothing and the mean's divisor included: [N, C].
    private Tensor Shares(Tensor target, int examples, int classes)
    {
        var shares = new float[examples * classes];
        double divisor = examples;
        if (target.Type == ScalarType.Int64)
        {
            TensorCheck.Shape(nameof(FocalLoss), nameof(target), target, examples);
            divisor = 0;
            foreach ((int i, long label) in target.ToInt64s().Index())
            {
                if (label < 0 || label >= classes) throw TensorCheck.Fail(nameof(FocalLoss), nameof(target), $"classes in [0, {classes - 1}]", $"{label}");
                shares[(i * classes) + label] = 1;
                divisor += Weight((int)label);
            }
        }
        else
        {
            TensorCheck.Type(nameof(FocalLoss), nameof(target), target, ScalarType.Float32);
            TensorCheck.Shape(nameof(FocalLoss), nameof(target), target, examples, classes);
            target.CopyTo(shares);
        }
        for (int i = 0; i < shares.Length; i++)
            shares[i] = (float)(Weight(i % classes) * (((1 - _labelSmoothing) * shares[i]) + (_labelSmoothing / classes)) / divisor);
        return Tensor.From(shares, examples, classes);
    }

    private double Weight(int label) => _classWeights.Length == 0 ? 1 : _classWeights[label];
}
