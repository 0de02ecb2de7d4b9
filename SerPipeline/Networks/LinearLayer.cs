using SerPipeline.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SerPipeline.Networks;

/// <summary>
/// x Wᵀ + b over the last dimension: [..., inputs] to float32 [..., outputs]. Draws its first weights from a seeded generator of its own,
/// as PyTorch distributes them, and multiplies in bfloat16 where that is faster. Weights stay float32.
/// </summary>
public sealed class LinearLayer : Module<Tensor, Tensor>, IOnnxModule, IComputesInPrecision, ILayer
{
    /// <param name="inputs">Length of the last dimension of the input.</param>
    /// <param name="outputs">Length of the last dimension of the output.</param>
    /// <param name="random">Draws the first weights.</param>
    /// <param name="bias">Whether each output has a bias.</param>
    /// <exception cref="OptionsException">A size is not positive.</exception>
    public LinearLayer(int inputs, int outputs, SeededRandom random, bool bias = true) : base(Started.As(nameof(LinearLayer)))
    {
        ArgumentNullException.ThrowIfNull(random);
        new OptionsCheck(nameof(LinearLayer)).Require(inputs >= 1, inputs, "be at least 1")
            .Require(outputs >= 1, outputs, "be at least 1").ThrowIfAny();
        register_parameter("weight", Initializers.UniformByFanIn(random, inputs, outputs, inputs));
        if (bias) register_parameter("bias", Initializers.UniformByFanIn(random, inputs, outputs));
    }

    /// <summary>[outputs, inputs].</summary>
    public Parameter Weight => get_parameter("weight")!;

    /// <summary>[outputs], or null.</summary>
    public Parameter? Bias => get_parameter("bias");

    /// <inheritdoc/>
    public ComputePrecision Precision { get; set; } = ComputePrecision.Float32;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = Precision.TypeFor(input);
        return functional.linear(input.As(type), Weight.As(type), Bias?.As(type)).As(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxValue input, string name) => NetworkOnnx.Linear(input, name, Weight, Bias);

    string ILayer.Kind => "Linear";

    IReadOnlyDictionary<string, object> ILayer.HyperParameters => new Dictionary<string, object>
    {
        ["in_features"] = Weight.shape[1],
        ["out_features"] = Weight.shape[0],
        ["bias"] = Bias is not null,
    };
}
