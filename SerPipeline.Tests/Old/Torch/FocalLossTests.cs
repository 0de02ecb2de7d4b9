using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;


namespace SerPipeline.Tests.Old.Torch;

/// <summary>The focal loss and its gradient against the formula in double.</summary>
public sealed class FocalLossTests
{
    private const int Examples = 5, Classes = 4;

    // float32 sums of twenty terms below 10: about 1e-6 absolute.
    private const double Tolerance = 3e-6;

    public static TheoryData<double, bool, double, bool> Kinds
    {
        get
        {
            var kinds = new TheoryData<double, bool, double, bool>();
            foreach (double gamma in new[] { 0, 0.5, 1, 2, 5 })
                foreach (bool weighted in new[] { false, true })
                    foreach (double smoothing in new[] { 0, 0.2 })
                        foreach (bool soft in new[] { false, true }) kinds.Add(gamma, weighted, smoothing, soft);
            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Value_and_gradient_are_the_formulas(double gamma, bool weighted, double smoothing, bool soft)
    {
        using var scope = TensorScope.New();
        float[] scores = Array.ConvertAll(Draw.Normal(7, Examples * Classes), v => 2 * v), weights = weighted ? [0.5f, 2f, 1f, 0.25f] : [];
        (Tensor target, double[] shares) = Target(soft);
        var loss = new FocalLoss(gamma, weights, smoothing);
        using var parameter = new Parameter(Tensor.From(scores, Examples, Classes));
        Tensor value = loss.Forward(parameter.Value, target);
        Autograd.Backward(value);

        double[] z = Array.ConvertAll(scores, v => (double)v);
        Near.Equal([Formula(z, shares, weights, smoothing, gamma, soft)], value, Tolerance);
        float[] gradient = parameter.Gradient.ToFloats();
        for (int i = 0; i < z.Length; i++)
        {
            // In double a step of 1e-5 leaves errors near 1e-10.
            const double step = 1e-5;
            double above = Formula([.. z.Select((v, j) => j == i ? v + step : v)], shares, weights, smoothing, gamma, soft);
            double below = Formula([.. z.Select((v, j) => j == i ? v - step : v)], shares, weights, smoothing, gamma, soft);
            Assert.Equal((above - below) / (2 * step), gradient[i], Tolerance);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gamma_0_is_cross_entropy(bool soft)
    {
        using var scope = TensorScope.New();
        Tensor scores = Tensor.From(Draw.Normal(9, Examples * Classes), Examples, Classes);
        (Tensor target, _) = Target(soft);
        using var cross = new CrossEntropyLoss([0.5f, 2f, 1f, 0.25f], 0.1);
        Assert.Equal(cross.Forward(scores, target).ToSingle(), new FocalLoss(0, [0.5f, 2f, 1f, 0.25f], 0.1).Forward(scores, target).ToSingle(), 1e-6);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(2)]
    public void A_certain_score_has_a_finite_loss_and_gradient(double gamma)
    {
        using var scope = TensorScope.New();
        using var scores = new Parameter(Tensor.From([200f, -200f, 0f, -200f, 200f, 0f], 2, 3));
        // The first is right beyond any doubt of float32, the second as wrong.
        Tensor value = new FocalLoss(gamma).Forward(scores.Value, Tensor.From([0L, 0L], 2));
        Autograd.Backward(value);
        Assert.Equal(200, value.ToSingle(), 1e-3);
        Near.Equal([0, 0, 0, -0.5, 0.5, 0], scores.Gradient.ToFloats(), 1e-4);
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        using var scope = TensorScope.New();
        Tensor scores = Tensor.Zeros(2, 3);
        Assert.Throws<TorchException>(() => new FocalLoss(-1));
        Assert.Throws<TorchException>(() => new FocalLoss(double.NaN));
        Assert.Throws<TorchException>(() => new FocalLoss(1, labelSmoothing: 2));
        Assert.Throws<TorchException>(() => new FocalLoss(1, [1f, 2f]).Forward(scores, Tensor.From([0L, 1L], 2)));
        Assert.Throws<TorchException>(() => new FocalLoss(1).Forward(scores, Tensor.From([0L, 3L], 2)));
        Assert.Throws<TorchException>(() => new FocalLoss(1).Forward(scores, Tensor.From([0L], 1)));
        Assert.Throws<TorchException>(() => new FocalLoss(1).Forward(scores, Tensor.Zeros(2, 2)));
    }

    private static double Formula(double[] z, double[] shares, float[] weights, double smoothing, double gamma, bool soft)
    {
        double sum = 0, divisor = 0;
        for (int n = 0; n < Examples; n++)
        {
            double[] e = [.. z.Skip(n * Classes).Take(Classes).Select(Math.Exp)];
            for (int k = 0; k < Classes; k++)
            {
                double p = e[k] / e.Sum(), w = weights.Length == 0 ? 1 : weights[k], q = shares[(n * Classes) + k];
                sum += w * (((1 - smoothing) * q) + (smoothing / Classes)) * Math.Pow(1 - p, gamma) * -Math.Log(p);
                divisor += soft ? 1.0 / Classes : w * q;
            }
        }
        return sum / divisor;
    }

    private static (Tensor Target, double[] Shares) Target(bool soft)
    {
        int[] labels = [2, 0, 3, 1, 2], partners = [0, 0, 1, 2, 3];
        float first = soft ? 0.75f : 1;
        var shares = new float[Examples * Classes];
        for (int n = 0; n < Examples; n++)
        {
            shares[(n * Classes) + labels[n]] += first;
            shares[(n * Classes) + partners[n]] += 1 - first;
        }
        Tensor target = soft ? Tensor.From(shares, Examples, Classes) : Tensor.From([.. labels.Select(l => (long)l)], Examples);
        return (target, Array.ConvertAll(shares, v => (double)v));
    }
}
