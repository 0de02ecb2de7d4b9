using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch;

/// <summary>Gradients by reverse-mode differentiation.</summary>
public static class Autograd
{
    /// <summary>Adds the gradient of a loss to <see cref="Parameter.Gradient"/> of every trained parameter it was computed from, and frees what was recorded.</summary>
    /// <param name="loss">A single number computed from parameters outside any <see cref="NoGrad"/> scope.</param>
    public static void Backward(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        TensorCheck.Floating("backward", "loss", loss);
        if (loss.ElementCount != 1) throw TensorCheck.Fail("backward", "loss", "a single number", loss.ToString());
        var call = new OperatorCall("aten::_backward"u8, default);
        call.Push(loss);
        call.Push((IReadOnlyList<Tensor>)[]);
        call.PushNone();
        call.PushNone();
        call.Push(false);
        call.RunVoid();
    }
}
