using SerPipeline.Old.Torch.Native;
using SerPipeline.Onnx;


namespace SerPipeline.Old.Torch.Layers;

/// <summary>
/// Attentive statistics pooling (Okabe et al. 2018): a small network weighs the frames; their weighted mean and standard deviation are joined.
/// [N, T, C] to [N, 2C], float32 out.
/// </summary>
public sealed class AttentiveStatisticsPooling : Module
{
    // Keeps the square root's gradient finite where all frames are equal.
    private const float LeastVariance = 1e-6f;
    private readonly Linear _hidden, _score;

    /// <summary>Creates the layer.</summary>
    /// <param name="features">C: features of a frame.</param>
    /// <param name="random">Draws the initial values.</param>
    /// <param name="hiddenSize">Features of the weighing network's hidden layer.</param>
    public AttentiveStatisticsPooling(int features, SeededRandom random, int hiddenSize = 128)
    {
        _hidden = AddChild("hidden", new Linear(features, hiddenSize, random));
        _score = AddChild("score", new Linear(hiddenSize, 1, random));
    }

    /// <inheritdoc/>
    protected override bool IsOneLayer => true;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null);

    /// <summary>Pools over the frames.</summary>
    /// <param name="input">[N, T, C].</param>
    /// <param name="valid">bool [N, T]: false where a frame is padding, which gets no weight; null when all are valid. Every item needs a valid frame.</param>
    /// <returns>[N, 2C]: means, then standard deviations.</returns>
    public Tensor Forward(Tensor input, Tensor? valid)
    {
        ArgumentNullException.ThrowIfNull(input);
        TensorCheck.Rank(nameof(AttentiveStatisticsPooling), "input", input, 3, "[N, T, C]");
        using var cast = new PrecisionCast(ComputePrecision.Float32);
        Tensor frames = cast.In(input);
        // 1. A weight for each frame: [N, 1, T].
        Tensor scores = _score.Forward(_hidden.Forward(frames).Tanh()).Transpose(1, 2);
        if (valid is not null) scores += Penalty(valid, input);
        Tensor weights = scores.Softmax(-1);
        // 2. Weighted mean and deviation: [N, 1, C].
        Tensor mean = weights.MatMul(frames);
        Tensor variance = weights.MatMul((frames - mean).Square());
        Tensor deviation = variance.ClampMin(LeastVariance).Sqrt();
        // 3. Joined.
        return cast.Own(Tensor.Cat([mean, deviation], -1).Flatten());
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        OnnxValue scores = _score.Export(_hidden.Export(input, name + ".hidden").One("Tanh"), name + ".score").Transpose(0, 2, 1);
        OnnxValue weights = scores.Softmax(), mean = weights.MatMul(input), distance = input - mean;
        OnnxValue deviation = weights.MatMul(distance * distance).AtLeast(LeastVariance).One("Sqrt");
        return input.Graph.Concat(-1, mean, deviation).Reshape(0, -1);
    }

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>
    {
        ["features"] = _hidden.Weight.Value.Size(1),
        ["hidden_size"] = _hidden.Weight.Value.Size(0),
        ["least_variance"] = (double)LeastVariance,
    };

    // 0 for valid frames; for padding so far below any score that its weight is exactly 0.
    private static Tensor Penalty(Tensor valid, Tensor input)
    {
        TensorCheck.Type(nameof(AttentiveStatisticsPooling), nameof(valid), valid, ScalarType.Bool);
        TensorCheck.Shape(nameof(AttentiveStatisticsPooling), nameof(valid), valid, input.Size(0), input.Size(1));
        return valid.To(ScalarType.Float32).Add(-1).Multiply(1e9f).Unsqueeze(1);
    }
}
