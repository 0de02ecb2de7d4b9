using SerPipeline.Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SerPipeline.Networks;

/// <summary>A linear layer or convolution: float32 weights, drawn as PyTorch draws them, multiplied in a precision of its own.</summary>
public abstract class WeightedLayer : Module<Tensor, Tensor>, IOnnxModule, IComputesInPrecision, ILayer
{
    private protected WeightedLayer(string name) : base(Started.As(name)) { }

    // Not kept in a field: moving a module to another device puts new parameters in the place of its old ones.
    /// <summary>Of a linear layer [outputs, inputs], of a convolution [outputs, inputs / groups, kernel...].</summary>
    public Parameter Weight => get_parameter("weight")!;

    /// <summary>[outputs], or null.</summary>
    public Parameter? Bias => get_parameter("bias");

    /// <inheritdoc/>
    public ComputePrecision Precision { get; set; } = ComputePrecision.Float32;

    /// <inheritdoc/>
    public abstract OnnxValue ToOnnx(OnnxValue input, string name);

    string ILayer.Kind => Kind;

    IReadOnlyDictionary<string, object> ILayer.HyperParameters => HyperParameters;

    private protected abstract string Kind { get; }

    private protected abstract IReadOnlyDictionary<string, object> HyperParameters { get; }

    private protected void Draw(SeededRandom random, long fanIn, bool bias, params long[] shape)
    {
        register_parameter("weight", Initializers.UniformByFanIn(random, fanIn, shape));
        if (bias) register_parameter("bias", Initializers.UniformByFanIn(random, fanIn, shape[0]));
    }
}
