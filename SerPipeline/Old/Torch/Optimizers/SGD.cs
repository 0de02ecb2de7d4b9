using SerPipeline.Old.Torch.Native;


namespace SerPipeline.Old.Torch.Optimizers;

/// <summary>
/// Stochastic gradient descent with momentum, as PyTorch defines it: v = momentum v + (g + decay w), w = w - rate v. The decay is the group's, 0
/// unless set; parameters that no gradient reached still decay, frozen ones do not.
/// </summary>
public sealed class SGD : Optimizer
{
    private readonly double _momentum;
    private readonly bool _nesterov;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="groups">The parameters, with their weight decay; see <see cref="ParameterGroup.Split"/>.</param>
    /// <param name="learningRate">The step size; change it through <see cref="Optimizer.LearningRate"/>.</param>
    /// <param name="momentum">How much of the last step is kept, at least 0 and below 1.</param>
    /// <param name="nesterov">Whether to look ahead by one momentum step (Sutskever et al. 2013); needs momentum.</param>
    public SGD(IEnumerable<ParameterGroup> groups, double learningRate, double momentum = 0, bool nesterov = false)
        : base(Checked(groups, momentum, nesterov), learningRate, momentum > 0 ? ["momentum_buffer"] : [], hasStep: false) =>
        (_momentum, _nesterov) = (momentum, nesterov);

    // Before the base class takes memory for its state.
    private static IEnumerable<ParameterGroup> Checked(IEnumerable<ParameterGroup> groups, double momentum, bool nesterov)
    {
        if (momentum is not (>= 0 and < 1)) throw TensorCheck.Fail(nameof(SGD), nameof(momentum), "at least 0 and below 1", $"{momentum}");
        if (nesterov && momentum == 0) throw TensorCheck.Fail(nameof(SGD), nameof(nesterov), "false without momentum", "true");
        return groups;
    }

    private protected override void StepGroup(ParameterGroup group, IReadOnlyList<ParameterState> states)
    {
        // Buffers start at zero, which makes the first step like all others: is_first_step stays false.
        const double dampening = 0;
        var call = new OperatorCall("aten::_fused_sgd_"u8, default);
        call.Push([.. states.Select(state => state.Parameter.Value)]);
        call.Push([.. states.Select(state => state.Parameter.Gradient)]);
        call.Push([.. states.Where(state => state.Buffers.Length > 0).Select(state => state.Buffers[0])]);
        call.Push(group.WeightDecay);
        call.Push(_momentum);
        call.Push(LearningRate * group.LearningRateFactor);
        call.Push(dampening);
        call.Push(_nesterov);
        call.Push(false);
        call.Push(false);
        call.PushNone();
        call.PushNone();
        call.RunVoid();
    }
}
