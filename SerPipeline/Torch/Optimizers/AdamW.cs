using SerPipeline.Torch.Native;

namespace SerPipeline.Torch.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), all parameters of a group in one fused call. The decay is the group's: 0 unless
/// set, where PyTorch's AdamW takes 0.01. Parameters that no gradient reached still decay; frozen ones do not.
/// </summary>
public sealed class AdamW : Optimizer
{
    private readonly double _beta1, _beta2, _epsilon;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="groups">The parameters, with their weight decay; see <see cref="ParameterGroup.Split"/>.</param>
    /// <param name="learningRate">The step size; change it through <see cref="Optimizer.LearningRate"/>.</param>
    /// <param name="beta1">Decay of the mean of gradients (PyTorch: betas).</param>
    /// <param name="beta2">Decay of the mean of squared gradients.</param>
    /// <param name="epsilon">Added to the denominator (PyTorch: eps).</param>
    public AdamW(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8)
        : base(Checked(groups, beta1, beta2, epsilon), learningRate, ["exp_avg", "exp_avg_sq"], hasStep: true) =>
        (_beta1, _beta2, _epsilon) = (beta1, beta2, epsilon);

    private protected override void StepGroup(ParameterGroup group, IReadOnlyList<ParameterState> states)
    {
        foreach (ParameterState state in states) state.Step.Span<float>()[0]++;
        var call = new OperatorCall("aten::_fused_adamw_"u8, default);
        call.Push([.. states.Select(state => state.Parameter.Value)]);
        call.Push([.. states.Select(state => state.Parameter.Gradient)]);
        call.Push([.. states.Select(state => state.Buffers[0])]);
        call.Push([.. states.Select(state => state.Buffers[1])]);
        call.Push((IReadOnlyList<Tensor>)[]);
        call.Push([.. states.Select(state => state.Step)]);
        call.Push(LearningRate * group.LearningRateFactor);
        call.Push(_beta1);
        call.Push(_beta2);
        call.Push(group.WeightDecay);
        call.Push(_epsilon);
        call.Push(false);
        call.Push(false);
        call.PushNone();
        call.PushNone();
        call.RunVoid();
    }

    // Before the base class takes memory for its state.
    private static IEnumerable<ParameterGroup> Checked(IEnumerable<ParameterGroup> groups, double beta1, double beta2, double epsilon)
    {
        CheckBeta(beta1, nameof(beta1));
        CheckBeta(beta2, nameof(beta2));
        if (epsilon is not (> 0 and < double.PositiveInfinity)) throw TensorCheck.Fail(nameof(AdamW), nameof(epsilon), "a finite number above 0", $"{epsilon}");
        return groups;
    }

    private static void CheckBeta(double beta, string name)
    {
        if (beta is not (>= 0 and < 1)) throw TensorCheck.Fail(nameof(AdamW), name, "at least 0 and below 1", $"{beta}");
    }
}
