using SerPipeline.Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SerPipeline.Networks;

/// <summary>
/// x Wᵀ + b over the last dimension: [..., inputs] to float32 [..., outputs]. Draws its first weights from a seeded generator of its own,
/// as PyTorch distributes them, and multiplies in bfloat16 where that is faster. Weights stay float32.
/// </summary>
public sealed class LinearLayer : WeightedLayer
{
    /// <param name="inputs">Length of the last dimension of the input.</param>
    /// <param name="outputs">Length of the last dimension of the output.</param>
    /// <param name="random">Draws the first weights.</param>
    /// <param name="bias">Whether each output has a bias.</param>
    /// <exception cref="OptionsException">A size is not positive.</exception>
    public LinearLayer(int inputs, int outputs, SeededRandom random, bool bias = true) : base(nameof(LinearLayer))
    {
        ArgumentNullException.ThrowIfNull(random);
        new OptionsCheck(nameof(LinearLayer)).Require(inputs >= 1, inputs, "be at least 1")
            .Require(outputs >= 1, outputs, "be at least 1").ThrowIfAny();
        Draw(random, inputs, bias, outputs, inputs);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = Precision.TypeFor(input);
        return functional.linear(input.As(type), Weight.As(type), Bias?.As(type)).As(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override OnnxValue ToOnnx(OnnxValue input, string name) => NetworkOnnx.Linear(input, name, Weight, Bias);

    private protected override string Kind => "Linear";

    private protected override IReadOnlyDictionary<string, object> HyperParameters => new Dictionary<string, object>
    {
        ["in_features"] = Weight.shape[1],
        ["out_features"] = Weight.shape[0],
        ["bias"] = Bias is not null,
    };
}
