using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch.Layers;

/// <summary>The mean cross entropy of raw scores, with class weights and label smoothing.</summary>
public sealed class CrossEntropyLoss : IDisposable
{
    private readonly Tensor? _classWeights;
    private readonly double _labelSmoothing;

    /// <summary>Creates the loss.</summary>
    /// <param name="classWeights">One weight a class, or none for equal weights; with class indices the mean is weighted by them.</param>
    /// <param name="labelSmoothing">The share of each target spread evenly over all classes, 0 to 1 (Szegedy et al. 2016).</param>
    public CrossEntropyLoss(ReadOnlySpan<float> classWeights = default, double labelSmoothing = 0)
    {
        if (labelSmoothing is not (>= 0 and <= 1)) throw TensorCheck.Fail(nameof(CrossEntropyLoss), nameof(labelSmoothing), "in [0, 1]", $"{labelSmoothing}");
        _labelSmoothing = labelSmoothing;
        if (classWeights.IsEmpty) return;
        _classWeights = Tensor.From(classWeights, classWeights.Length);
        _classWeights.Scope = null;
    }

    /// <summary>The loss of a batch.</summary>
    /// <param name="scores">[N, C], raw; bfloat16 is brought to float32.</param>
    /// <param name="target">int64 [N] class indices, or float32 [N, C] probabilities.</param>
    /// <returns>A single number.</returns>
    public Tensor Forward(Tensor scores, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(scores);
        using var cast = new PrecisionCast(ComputePrecision.Float32);
        return cast.Own(cast.In(scores).CrossEntropy(target, _classWeights, _labelSmoothing));
    }

    /// <inheritdoc/>
    public void Dispose() => _classWeights?.Dispose();
}
