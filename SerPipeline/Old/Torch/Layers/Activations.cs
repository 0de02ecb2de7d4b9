using SerPipeline.Onnx;

namespace SerPipeline.Old.Torch.Layers;

/// <summary>max(x, 0).</summary>
public sealed class ReLU : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Relu();

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.One("Relu");
    }
}

/// <summary>x Φ(x) (Hendrycks and Gimpel 2016).</summary>
public sealed class GELU : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Gelu();

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input * ((input * Math.Sqrt(0.5)).One("Erf") + 1) * 0.5;
    }
}

/// <summary>x σ(x) (Elfwing et al. 2017).</summary>
public sealed class SiLU : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Silu();

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input * input.One("Sigmoid");
    }
}

/// <summary>The hyperbolic tangent.</summary>
public sealed class Tanh : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Tanh();

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.One("Tanh");
    }
}

/// <summary>1 / (1 + exp(-x)).</summary>
public sealed class Sigmoid : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Sigmoid();

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxValue input, string name)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.One("Sigmoid");
    }
}
