using SerPipeline.Old.Torch.Native;
using SerPipeline.Onnx;


namespace SerPipeline.Old.Torch.Layers;

/// <summary>Self-attention of frames in several heads (Vaswani et al. 2017): [N, T, E] to [N, T, E], float32 out. Names and initialisation are PyTorch's.</summary>
public sealed class MultiheadAttention : Module
{
    private readonly int _features, _heads;
    private readonly Parameter _weight, _bias;
    private readonly Linear _output;

    /// <summary>Creates the layer.</summary>
    /// <param name="features">E: features of a frame.</param>
    /// <param name="heads">Heads; they divide the features.</param>
    /// <param name="random">Draws the initial values.</param>
    public MultiheadAttention(int features, int heads, SeededRandom random)
    {
        TensorCheck.Positive(nameof(MultiheadAttention), nameof(features), features);
        TensorCheck.Positive(nameof(MultiheadAttention), nameof(heads), heads);
        if (features % heads != 0) throw TensorCheck.Fail(nameof(MultiheadAttention), nameof(heads), $"a divisor of the {features} features", $"{heads}");
        (_features, _heads) = (features, heads);
        // Xavier uniform (Glorot and Bengio 2010) over the joined projection, as PyTorch does it: fan-in E, fan-out 3E.
        _weight = AddParameter("in_proj_weight", Initializers.Uniform(random, Math.Sqrt(6.0 / (4.0 * features)), [3L * features, features]));
        _bias = AddParameter("in_proj_bias", Tensor.Zeros(3L * features));
        _output = AddChild("out_proj", new Linear(features, features, random));
        _output.Bias!.Value.Assign(new float[features]);
    }

    /// <inheritdoc/>
    protected override bool IsOneLayer => true;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null);

    /// <summary>Applies the layer.</summary>
    /// <param name="input">[N, T, E].</param>
    /// <param name="valid">bool [N, T]: false where a frame is padding and must not be attended to; null when all are valid. Every item needs a valid frame.</param>
    /// <returns>[N, T, E].</returns>
    public Tensor Forward(Tensor input, Tensor? valid)
    {
        ArgumentNullException.ThrowIfNull(input);
        TensorCheck.Rank(nameof(MultiheadAttention), "input", input, 3, "[N, T, E]");
        using var cast = new PrecisionCast(Precision);
        long items = input.Size(0), frames = input.Size(1);
        // 1. One product gives queries, keys and values: [N, T, 3, heads, E / heads] to 3 times [N, heads, T, E / heads].
        Tensor joined = cast.In(input).Linear(cast.In(_weight.Value), cast.In(_bias.Value))
            .Reshape(items, frames, 3, _heads, _features / _heads).Permute(2, 0, 3, 1, 4);
        Tensor Part(int index) => joined.Narrow(0, index, 1).Reshape(items, _heads, frames, _features / _heads);
        // 2. Attention within each head.
        if (valid is not null) TensorCheck.Shape(nameof(MultiheadAttention), nameof(valid), valid, items, frames);
        Tensor? attend = valid?.Reshape(items, 1, 1, frames);
        Tensor mixed = Part(0).ScaledDotProductAttention(Part(1), Part(2), attend);
        // 3. The heads are joined and mixed.
        return cast.Own(_output.Forward(mixed.Transpose(1, 2).Reshape(items, frames, _features)));
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        OnnxGraphBuilder graph = input.Graph;
        OnnxValue joined = input.MatMul(ExportWeight(graph, name, "in_proj_weight").Transpose(1, 0)) + ExportWeight(graph, name, "in_proj_bias");
        // [N, T, E] to [N, heads, T, E / heads].
        OnnxValue[] parts = [.. joined.Split(2, 3).Select(part => part.Reshape(0, 0, _heads, _features / _heads).Transpose(0, 2, 1, 3))];
        OnnxValue weights = (parts[0].MatMul(parts[1].Transpose(0, 1, 3, 2)) / Math.Sqrt((double)_features / _heads)).Softmax();
        return _output.Export(weights.MatMul(parts[2]).Transpose(0, 2, 1, 3).Reshape(0, 0, _features), name + ".out_proj");
    }

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> HyperParameters() => new Dictionary<string, object>
    {
        ["embed_dim"] = (long)_features,
        ["num_heads"] = (long)_heads,
    };
}
