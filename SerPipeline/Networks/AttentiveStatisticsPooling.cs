using SerPipeline.Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SerPipeline.Networks;

/// <summary>
/// Attentive statistics pooling (Okabe et al. 2018): a small network weighs the frames; their weighted mean and standard deviation are
/// joined. [n, frames, features] to [n, 2 features], float32 whatever comes in.
/// </summary>
public sealed class AttentiveStatisticsPooling : Module<Tensor, Tensor>, IOnnxModule, ILayer
{
    // Keeps the square root's gradient finite where all frames are equal.
    private const float LeastVariance = 1e-6f;
    private readonly LinearLayer _hidden, _score;

    /// <param name="features">Features of a frame.</param>
    /// <param name="random">Draws the first weights.</param>
    /// <param name="hiddenUnits">Units of the weighing network's hidden layer.</param>
    public AttentiveStatisticsPooling(int features, SeededRandom random, int hiddenUnits = 128)
        : base(Started.As(nameof(AttentiveStatisticsPooling)))
    {
        _hidden = new LinearLayer(features, hiddenUnits, random);
        _score = new LinearLayer(hiddenUnits, 1, random);
        register_module("hidden", _hidden);
        register_module("score", _score);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        Tensor frames = input.As(ScalarType.Float32);                                                   // [n, t, c]
        Tensor weights = _score.call(_hidden.call(frames).tanh()).transpose(1, 2).softmax(-1);          // [n, 1, t]
        Tensor mean = weights.matmul(frames);                                                           // [n, 1, c]
        Tensor variance = weights.matmul((frames - mean).square());                                     // [n, 1, c]
        Tensor deviation = variance.With(LeastVariance, (v, least) => v.clamp_min(least)).sqrt();
        return cat([mean, deviation], -1).flatten(1).MoveToOuterDisposeScope();                         // [n, 2c]
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        OnnxValue hidden = _hidden.ToOnnx(input, NetworkOnnx.Join(name, "hidden")).One("Tanh");
        OnnxValue scores = _score.ToOnnx(hidden, NetworkOnnx.Join(name, "score")).Transpose(0, 2, 1);
        OnnxValue weights = scores.Softmax(), mean = weights.MatMul(input), distance = input - mean;
        OnnxValue deviation = weights.MatMul(distance * distance).AtLeast(LeastVariance).One("Sqrt");
        return input.Graph.Concat(-1, mean, deviation).Reshape(0, -1);
    }

    string ILayer.Kind => nameof(AttentiveStatisticsPooling);

    IReadOnlyDictionary<string, object> ILayer.HyperParameters => new Dictionary<string, object>
    {
        ["features"] = _hidden.Weight.shape[1],
        ["hidden_size"] = _hidden.Weight.shape[0],
        ["least_variance"] = (double)LeastVariance,
    };
}
