using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch;

public sealed partial class Tensor
{
    /// <summary>max(x, 0).</summary>
    public Tensor Relu() => Unary("aten::relu"u8, "relu");

    /// <summary>x Φ(x), with the error function (not the tanh approximation).</summary>
    public Tensor Gelu()
    {
        TensorCheck.Floating("gelu", "tensor", this);
        var call = new OperatorCall("aten::gelu"u8, default);
        call.Push(this);
        call.PushString("none"u8);
        return call.Run();
    }

    /// <summary>x σ(x).</summary>
    public Tensor Silu() => Unary("aten::silu"u8, "silu");

    /// <summary>The hyperbolic tangent.</summary>
    public Tensor Tanh() => Unary("aten::tanh"u8, "tanh");

    /// <summary>1 / (1 + exp(-x)).</summary>
    public Tensor Sigmoid() => Unary("aten::sigmoid"u8, "sigmoid");

    /// <summary>Normalises each channel to mean 0 and variance 1, then scales and shifts it.</summary>
    /// <param name="weight">[C], or null.</param>
    /// <param name="bias">[C], or null.</param>
    /// <param name="runningMean">[C]: used when not training, moved towards the batch's when training.</param>
    /// <param name="runningVariance">[C]: likewise.</param>
    /// <param name="training">Whether to use the batch's own statistics.</param>
    /// <param name="momentum">How far the running statistics move at each call, 0 to 1.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public Tensor BatchNorm(Tensor? weight, Tensor? bias, Tensor runningMean, Tensor runningVariance, bool training, double momentum = 0.1, double epsilon = 1e-5)
    {
        TensorCheck.Floating("batch_norm", "input", this);
        TensorCheck.Rank("batch_norm", "input", this, 2, 5, "[N, C, ...]");
        ArgumentNullException.ThrowIfNull(runningMean);
        ArgumentNullException.ThrowIfNull(runningVariance);
        (string, Tensor?)[] arguments = [("weight", weight), ("bias", bias), ("running mean", runningMean), ("running variance", runningVariance)];
        foreach ((string argument, Tensor? tensor) in arguments)
        {
            if (tensor is null) continue;
            TensorCheck.Shape("batch_norm", argument, tensor, Size(1));
            TensorCheck.Type("batch_norm", argument, tensor, ScalarType.Float32);
        }
        if (training && ElementCount / Math.Max(1, Size(1)) < 2)
            throw TensorCheck.Fail("batch_norm", "input", "of at least 2 values a channel while training", ToString());
        var call = new OperatorCall("aten::batch_norm"u8, default);
        call.Push(this);
        call.PushOptional(weight);
        call.PushOptional(bias);
        call.PushOptional(runningMean);
        call.PushOptional(runningVariance);
        call.Push(training);
        call.Push(momentum);
        call.Push(epsilon);
        call.Push(false);
        return call.Run();
    }

    /// <summary>Normalises each item over its last dimensions, then scales and shifts it.</summary>
    /// <param name="normalizedShape">The lengths of those last dimensions.</param>
    /// <param name="weight">Of that shape, or null.</param>
    /// <param name="bias">Of that shape, or null.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public Tensor LayerNorm(ReadOnlySpan<long> normalizedShape, Tensor? weight, Tensor? bias, double epsilon = 1e-5)
    {
        TensorCheck.Floating("layer_norm", "input", this);
        if (normalizedShape.IsEmpty || Rank < normalizedShape.Length || !Shape[^normalizedShape.Length..].SequenceEqual(normalizedShape))
            throw TensorCheck.Fail("layer_norm", "input", $"[..., {string.Join(", ", normalizedShape.ToArray())}]", ToString());
        (string, Tensor?)[] arguments = [("weight", weight), ("bias", bias)];
        foreach ((string argument, Tensor? tensor) in arguments)
        {
            if (tensor is null) continue;
            TensorCheck.Shape("layer_norm", argument, tensor, normalizedShape);
            TensorCheck.SameType("layer_norm", argument, tensor, this);
        }
        var call = new OperatorCall("aten::layer_norm"u8, default);
        call.Push(this);
        call.Push(normalizedShape);
        call.PushOptional(weight);
        call.PushOptional(bias);
        call.Push(epsilon);
        call.Push(false);
        return call.Run();
    }

    /// <summary>The mean cross entropy of raw scores against classes, or against probabilities of classes.</summary>
    /// <param name="target">int64 [N] class indices, or float32 [N, C] probabilities, for this of shape [N, C].</param>
    /// <param name="classWeights">[C] weights, or null; with class indices the mean is weighted by them.</param>
    /// <param name="labelSmoothing">The share of each target spread evenly over all classes, 0 to 1.</param>
    /// <returns>A single number.</returns>
    public Tensor CrossEntropy(Tensor target, Tensor? classWeights = null, double labelSmoothing = 0)
    {
        TensorCheck.Rank("cross_entropy", "input", this, 2, "[N, C]");
        TensorCheck.Type("cross_entropy", "input", this, ScalarType.Float32);
        if (labelSmoothing is not (>= 0 and <= 1)) throw TensorCheck.Fail("cross_entropy", "labelSmoothing", "in [0, 1]", $"{labelSmoothing}");
        ArgumentNullException.ThrowIfNull(target);
        if (target.Type == ScalarType.Int64) CheckClasses(target);
        else
        {
            TensorCheck.Type("cross_entropy", "target", target, ScalarType.Float32);
            TensorCheck.Shape("cross_entropy", "target", target, Shape);
        }
        if (classWeights is not null)
        {
            TensorCheck.Shape("cross_entropy", "classWeights", classWeights, Size(1));
            TensorCheck.Type("cross_entropy", "classWeights", classWeights, ScalarType.Float32);
        }
        const long meanReduction = 1, ignoreNone = -100;
        var call = new OperatorCall("aten::cross_entropy_loss"u8, default);
        call.Push(this);
        call.Push(target);
        call.PushOptional(classWeights);
        call.Push(meanReduction);
        call.Push(ignoreNone);
        call.Push(labelSmoothing);
        return call.Run();
    }

    private void CheckClasses(Tensor target)
    {
        TensorCheck.Shape("cross_entropy", "target", target, Size(0));
        foreach (long index in target.ToInt64s())
            if (index < 0 || index >= Size(1)) throw TensorCheck.Fail("cross_entropy", "target", $"classes in [0, {Size(1) - 1}]", $"{index}");
    }
}
