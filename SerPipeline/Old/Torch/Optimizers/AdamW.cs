using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), all parameters of a group in one fused call. The decay is the group's: 0 unless
/// set, where PyTorch's AdamW takes 0.01. Parameters that no gradient reached still decay; frozen ones do not.
/// </summary>
public sealed class AdamW : Optimizer
{
    private readonly double _beta1, _beta2, _epsilon;
    private readonly bool _epsilonHat;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="groups">The parameters, with their weight decay; see <see cref="ParameterGroup.Split"/>.</param>
    /// <param name="learningRate">The step size; change it through <see cref="Optimizer.LearningRate"/>.</param>
    /// <param name="beta1">Decay of the mean of gradients (PyTorch: betas).</param>
    /// <param name="beta2">Decay of the mean of squared gradients.</param>
    /// <param name="epsilon">Added to the denominator (PyTorch: eps).</param>
    /// <param name="epsilonHat">
    /// Whether epsilon joins the root of the mean squared gradient before its bias is corrected, as in the shorter form at the end of section 2 of Kingma and Ba
    /// (2015), which Keras and scikit-learn use; PyTorch corrects first. It matters only for gradients not far above epsilon.
    /// </param>
    public AdamW(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, bool epsilonHat = false)
        : base(Checked(groups, beta1, beta2, epsilon), learningRate, ["exp_avg", "exp_avg_sq"], hasStep: true) =>
        (_beta1, _beta2, _epsilon, _epsilonHat) = (beta1, beta2, epsilon, epsilonHat);

    private protected override void StepGroup(ParameterGroup group, IReadOnlyList<ParameterState> states)
    {
        foreach (ParameterState state in states) state.Step.Span<float>()[0]++;
        if (!_epsilonHat)
        {
            Run(group, states, _epsilon);
            return;
        }
        // The operator adds its epsilon after the correction √(1 - β2^t): divided by that, it is as if added before. A parameter frozen for a while has a t of its own.
        foreach (IGrouping<float, ParameterState> alike in states.GroupBy(state => state.Step.Span<float>()[0]))
            Run(group, [.. alike], _epsilon / Math.Sqrt(1 - Math.Pow(_beta2, alike.Key)));
    }

    private void Run(ParameterGroup group, IReadOnlyList<ParameterState> states, double epsilon)
    {
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
        call.Push(epsilon);
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
