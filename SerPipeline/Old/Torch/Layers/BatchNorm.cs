using SerPipeline.Old.Torch.Native;
using SerPipeline.Onnx;


namespace SerPipeline.Old.Torch.Layers;

/// <summary>Batch normalisation (Ioffe and Szegedy 2015) over all dimensions but the channels.</summary>
public abstract class BatchNorm : Module
{
    private readonly double _momentum, _epsilon;
    private readonly Parameter _weight, _bias;
    private readonly Tensor _runningMean, _runningVariance, _batches;

    private protected BatchNorm(int channels, double epsilon, double momentum)
    {
        TensorCheck.Positive(nameof(BatchNorm), nameof(channels), channels);
        (_epsilon, _momentum) = (epsilon, momentum);
        _weight = AddParameter("weight", Tensor.Full(1, channels));
        _bias = AddParameter("bias", Tensor.Zeros(channels));
        _runningMean = AddBuffer("running_mean", Tensor.Zeros(channels));
        _runningVariance = AddBuffer("running_var", Tensor.Full(1, channels));
        _batches = AddBuffer("num_batches_tracked", Tensor.Zeros(ScalarType.Int64, []));
    }

    private protected abstract void CheckRank(Tensor input);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckRank(input);
        Tensor output = input.BatchNorm(_weight.Value, _bias.Value, _runningMean, _runningVariance, IsTraining, _momentum, _epsilon);
        if (IsTraining) _batches.Span<long>()[0]++;
        return output;
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        OnnxValue[] weights = ExportWeights(input.Graph, name, "weight", "bias", "running_mean", "running_var");
        return input.Graph.Node("BatchNormalization", [input, .. weights], [("epsilon", (float)_epsilon)]);
    }

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>
    {
        ["num_features"] = _weight.Value.Size(0),
        ["eps"] = _epsilon,
        ["momentum"] = _momentum,
    };
}

/// <summary>Batch normalisation of [N, C, H, W].</summary>
/// <param name="channels">Channels of the input.</param>
/// <param name="epsilon">Added to the variance.</param>
/// <param name="momentum">How far the running statistics move at each batch.</param>
public sealed class BatchNorm2d(int channels, double epsilon = 1e-5, double momentum = 0.1) : BatchNorm(channels, epsilon, momentum)
{
    private protected override void CheckRank(Tensor input) => TensorCheck.Rank(nameof(BatchNorm2d), "input", input, 4, "[N, C, H, W]");
}

/// <summary>Batch normalisation of [N, C] or [N, C, L].</summary>
/// <param name="channels">Channels of the input.</param>
/// <param name="epsilon">Added to the variance.</param>
/// <param name="momentum">How far the running statistics move at each batch.</param>
public sealed class BatchNorm1d(int channels, double epsilon = 1e-5, double momentum = 0.1) : BatchNorm(channels, epsilon, momentum)
{
    private protected override void CheckRank(Tensor input) => TensorCheck.Rank(nameof(BatchNorm1d), "input", input, 2, 3, "[N, C] or [N, C, L]");
}
