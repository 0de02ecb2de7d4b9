using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch;

/// <summary>A trained value and its gradient, which <see cref="Autograd.Backward"/> adds to.</summary>
public sealed class Parameter : IDisposable
{
    private bool _trained = true;

    /// <summary>Takes over a tensor as a parameter that is trained.</summary>
    /// <param name="value">A contiguous float32 tensor; the parameter disposes it.</param>
    /// <exception cref="TorchException">The tensor is of another type or not contiguous.</exception>
    public Parameter(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        TensorCheck.Type("Parameter", "value", value, ScalarType.Float32);
        // LinkGradient needs it: libtorch accumulates into a copy where the layouts of value and gradient differ.
        if (!value.IsContiguous) throw TensorCheck.Fail("Parameter", "value", "a contiguous tensor", $"{value} with other strides: call Contiguous() first");
        Value = value;
        value.Scope = null;
        Gradient = Tensor.Zeros(value.Shape);
        Gradient.Scope = null;
        Tensor.Succeed(NativeMethods.SetRequiresGrad(value.Handle, true), "requires_grad");
        LinkGradient();
    }

    /// <summary>The value.</summary>
    public Tensor Value { get; }

    /// <summary>The sum of the gradients since <see cref="ZeroGrad"/>, of the value's shape.</summary>
    public Tensor Gradient { get; }

    /// <summary>Whether gradients are computed for it; a frozen parameter keeps its value.</summary>
    public bool RequiresGrad
    {
        get => _trained;
        set
        {
            Tensor.Succeed(NativeMethods.SetRequiresGrad(Value.Handle, value), "requires_grad");
            _trained = value;
        }
    }

    /// <summary>Sets the gradient to zero.</summary>
    public void ZeroGrad() => Tensor.Succeed(NativeMethods.Zero(Gradient.Handle), "zero_grad");

    /// <inheritdoc/>
    public void Dispose()
    {
        Value.Dispose();
        Gradient.Dispose();
    }

    // The C interface has no way to read .grad. Accumulating a tensor into an undefined .grad with gradient mode off makes that very tensor
    // the .grad, so the memory seen through Gradient is where libtorch adds from then on.
    private void LinkGradient()
    {
        using var _ = NoGrad.New();
        using Tensor alias = Gradient.Detach();
        var call = new OperatorCall("inductor::accumulate_grad_"u8, default);
        call.Push(Value);
        call.Push(alias);
        call.RunVoid();
    }
}
