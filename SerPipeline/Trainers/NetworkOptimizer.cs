using SerPipeline.Networks;
using static TorchSharp.torch;

namespace SerPipeline.Trainers;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019) over a network's parameters, matrices and kernels with weight decay, biases and normalisation
/// without; and what
/// else changes gradients: the limit on their norm (Pascanu et al. 2013) and the L2 term of the loss. A step is a few operations, however
/// many
/// parameters there are. One that no loss depends on has a gradient of 0 here, where PyTorch would leave it out: it decays, and changes no
/// score.
/// </summary>
/// <param name="network">On the device where it is trained: the optimizer puts the memory of its parameters together.</param>
/// <param name="options">Decay, limit, penalty and epsilon.</param>
internal sealed class NetworkOptimizer(nn.Module network, NeuralTrainerOptions options) : IDisposable
{
    // A layer used twice lists its parameters twice; networks of the caller's own may have several types.
    private readonly Group[] _groups = [.. network.parameters().Where(p => p.requires_grad).DistinctBy(p => p.Handle)
        .GroupBy(p => (p.dtype, Decays: p.dim() > 1))
        .Select(group => new Group(new FlatParameters([.. group]), group.Key.Decays))];

    /// <summary>Steps taken so far, which Adam's corrections depend on.</summary>
    public int Steps { get; set; }

    /// <summary>
    /// Adam's running means, by name: with <see cref="Steps"/> all that a step leaves to the next besides the parameters.
    /// </summary>
    public IEnumerable<(string Name, Tensor Value)> Moments => _groups.SelectMany((group, i) => new[]
    {
        (FormattableString.Invariant($"{i}.means"), group.Means), (FormattableString.Invariant($"{i}.squares"), group.Squares),
    });

    /// <summary>The step size of the next <see cref="Step"/>.</summary>
    public double LearningRate { get; set; } = options.LearningRate;

    /// <summary>
    /// Computes the gradients of a loss, a mean over some examples, and of half of the options' L2 penalty over these examples times the
    /// sum of the
    /// squares of matrices and kernels.
    /// </summary>
    /// <returns>The loss with that term.</returns>
    public Tensor Backward(Tensor loss, int examples)
    {
        double penalty = options.L2Penalty / examples;
        Tensor total = loss;
        foreach (Group group in _groups)
        {
            group.Flat.Gradients.zero_();
            if (penalty == 0 || !group.Decays) continue;
            // The term's own gradient is known.
            group.Flat.Gradients.With(penalty, (gradients, by) => gradients.add_(group.Flat.Values, by));
            total = total.detach() + group.Flat.Values.square().sum().With(penalty / 2, (sum, by) => sum.mul(by));
        }
        loss.backward();
        return total;
    }

    /// <summary>Limits the gradients and changes every parameter once.</summary>
    public void Step()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Steps++;
        double rate = LearningRate / (1 - Math.Pow(AdamWStep.Beta1, Steps));
        double correction = Math.Sqrt(1 - Math.Pow(AdamWStep.Beta2, Steps));
        // Added before the correction of the second moment, epsilon is as if divided by it.
        double epsilon = options.EpsilonHat ? options.Epsilon / correction : options.Epsilon;
        double scale = options.GradientClipNorm > 0 ? Scale(options.GradientClipNorm) : 1;
        foreach (Group group in _groups)
        {
            double keep = group.Decays ? 1 - (LearningRate * options.WeightDecay) : 1;
            var step = new AdamWStep(rate, correction, epsilon, keep);
            step.Apply(group.Flat.Values, group.Flat.Gradients, group.Means, group.Squares, scale);
        }
    }

    public void Dispose()
    {
        foreach (Group group in _groups) group.Dispose();
    }

    // What PyTorch's clip_grad_norm_ multiplies gradients by.
    private double Scale(double limit)
    {
        double squares = 0;
        foreach (Group group in _groups)
        {
            double norm = group.Flat.Gradients.norm().Number();
            squares += norm * norm;
        }
        return Math.Min(1, limit / (Math.Sqrt(squares) + 1e-6));
    }

    // Parameters with Adam's running means of their gradients and of the gradients' squares.
    private sealed class Group(FlatParameters flat, bool decays) : IDisposable
    {
        public FlatParameters Flat => flat;

        public bool Decays => decays;

        public Tensor Means { get; } = zeros_like(flat.Values).DetachFromDisposeScope();

        public Tensor Squares { get; } = zeros_like(flat.Values).DetachFromDisposeScope();

        public void Dispose()
        {
            Means.Dispose();
            Squares.Dispose();
            flat.Dispose();
        }
    }
}
