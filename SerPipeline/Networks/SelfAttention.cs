using SerPipeline.Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SerPipeline.Networks;

/// <summary>
/// Lets every frame look at every other (Vaswani et al. 2017): frames are projected to a smaller width, attend to each other in several
/// heads, and what they see is added to what they are, layer-normalised. [n, frames, features] to [n, frames, units].
/// </summary>
public sealed class SelfAttention : Module<Tensor, Tensor>, IOnnxModule, ILayer
{
    private readonly LinearLayer _project;
    private readonly SelfAttentionHeads _attention;
    private readonly LayerNorm _norm;
    private readonly int _heads;

    /// <param name="features">Features of a frame.</param>
    /// <param name="units">Features of a frame afterwards.</param>
    /// <param name="heads">Heads; they divide the units.</param>
    /// <param name="random">Draws the first weights.</param>
    /// <exception cref="OptionsException">A size is not positive, or the heads do not divide the units.</exception>
    public SelfAttention(int features, int units, int heads, SeededRandom random) : base(Started.As(nameof(SelfAttention)))
    {
        ArgumentNullException.ThrowIfNull(random);
        _heads = heads;
        _project = new LinearLayer(features, units, random.Fork("project"));
        _attention = new SelfAttentionHeads(units, heads, random.Fork("attention"));
        _norm = LayerNorm(units);
        register_module("project", _project);
        register_module("attention", _attention);
        register_module("norm", _norm);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor frames = _project.call(input);
        return _norm.call(frames + _attention.call(frames)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxValue input, string name)
    {
        OnnxValue frames = _project.ToOnnx(input, NetworkOnnx.Join(name, "project"));
        OnnxValue seen = _attention.ToOnnx(frames, NetworkOnnx.Join(name, "attention"));
        return NetworkOnnx.Export(_norm, frames + seen, NetworkOnnx.Join(name, "norm"));
    }

    string ILayer.Kind => nameof(SelfAttention);

    IReadOnlyDictionary<string, object> ILayer.HyperParameters => new Dictionary<string, object>
    {
        ["in_features"] = _project.Weight.shape[1],
        ["embed_dim"] = _project.Weight.shape[0],
        ["num_heads"] = (long)_heads,
    };
}

/// <summary>The attention itself: [n, frames, units] to float32 of the same shape. Names and first weights are those of PyTorch's
/// MultiheadAttention.</summary>
internal sealed class SelfAttentionHeads : Module<Tensor, Tensor>, IOnnxModule, IComputesInPrecision
{
    private readonly int _units, _heads;
    private readonly LinearLayer _output;

    public SelfAttentionHeads(int units, int heads, SeededRandom random) : base(Started.As(nameof(SelfAttentionHeads)))
    {
        new OptionsCheck(nameof(SelfAttention)).Require(heads >= 1 && units % heads == 0, heads, $"divide {units} units").ThrowIfAny();
        (_units, _heads) = (units, heads);
        // Xavier uniform (Glorot and Bengio 2010) over the joined projection: fan-in E, fan-out 3E.
        register_parameter("in_proj_weight", Initializers.Uniform(random, Math.Sqrt(6.0 / (4.0 * units)), 3L * units, units));
        register_parameter("in_proj_bias", new Parameter(zeros(3L * units)));
        _output = new LinearLayer(units, units, random);
        Initializers.Assign(_output.Bias!, new float[units]);
        register_module("out_proj", _output);
    }

    public ComputePrecision Precision { get; set; } = ComputePrecision.Float32;

    private Parameter InputWeight => get_parameter("in_proj_weight")!;

    private Parameter InputBias => get_parameter("in_proj_bias")!;

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = Precision.TypeFor(input);
        long n = input.shape[0], frames = input.shape[1];
        // One product gives queries, keys and values.
        Tensor joined = functional.linear(input.As(type), InputWeight.As(type), InputBias.As(type))             // [n, t, 3e]
            .reshape(n, frames, 3, _heads, _units / _heads).permute(2, 0, 3, 1, 4);                     // [3, n, heads, t, e / heads]
        Tensor mixed = functional.scaled_dot_product_attention(joined[0], joined[1], joined[2]);        // [n, heads, t, e / heads]
        return _output.call(mixed.transpose(1, 2).reshape(n, frames, _units)).MoveToOuterDisposeScope();
    }

    public OnnxValue ToOnnx(OnnxValue input, string name)
    {
        OnnxGraphBuilder graph = input.Graph;
        OnnxValue joined = input.MatMul(NetworkOnnx.Weight(graph, NetworkOnnx.Join(name, "in_proj_weight"), InputWeight).Transpose(1, 0))
            + NetworkOnnx.Weight(graph, NetworkOnnx.Join(name, "in_proj_bias"), InputBias);
        // [n, t, e] to [n, heads, t, e / heads].
        OnnxValue[] parts = [.. joined.Split(2, 3).Select(part => part.Reshape(0, 0, _heads, _units / _heads).Transpose(0, 2, 1, 3))];
        OnnxValue weights = (parts[0].MatMul(parts[1].Transpose(0, 1, 3, 2)) / Math.Sqrt((double)_units / _heads)).Softmax();
        return _output.ToOnnx(weights.MatMul(parts[2]).Transpose(0, 2, 1, 3).Reshape(0, 0, _units), NetworkOnnx.Join(name, "out_proj"));
    }
}
