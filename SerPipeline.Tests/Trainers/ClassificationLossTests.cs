using SerPipeline.Networks;
using SerPipeline.Tests.Networks;
using SerPipeline.Trainers;
using TorchSharp;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Trainers;

/// <summary>The loss and its gradient against the formula in double.</summary>
public sealed class ClassificationLossTests
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
                        foreach (bool mixed in new[] { false, true }) kinds.Add(gamma, weighted, smoothing, mixed);
            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Value_and_gradient_are_the_formulas(double gamma, bool weighted, double smoothing, bool mixed)
    {
        TorchEngine.Start();
        using DisposeScope scope = NewDisposeScope();
        float[] scores = [.. Loops.Normal(7, Examples, Classes).Select(v => 2 * v)], weights = weighted ? [0.5f, 2f, 1f, 0.25f] : [];
        (Batch batch, double[] shares) = Batch(mixed);
        Tensor input = tensor(scores, [Examples, Classes], requires_grad: true);
        Tensor value = new ClassificationLoss(weights, smoothing, gamma, CPU).Of(input, batch);
        value.backward();
        double[] z = [.. scores.Select(v => (double)v)];
        Loops.Near([Formula(z, shares, weights, smoothing, gamma, mixed)], Loops.Floats(value), Tolerance);
        float[] gradient = Loops.Floats(input.grad!);
        for (int i = 0; i < z.Length; i++)
        {
            // In double a step of 1e-5 leaves errors near 1e-10.
            const double step = 1e-5;
            double above = Formula([.. z.Select((v, j) => j == i ? v + step : v)], shares, weights, smoothing, gamma, mixed);
            double below = Formula([.. z.Select((v, j) => j == i ? v - step : v)], shares, weights, smoothing, gamma, mixed);
            Assert.Equal((above - below) / (2 * step), gradient[i], Tolerance);
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(2)]
    public void A_certain_score_has_a_finite_loss_and_gradient(double gamma)
    {
        TorchEngine.Start();
        using DisposeScope scope = NewDisposeScope();
        Tensor scores = tensor(new float[] { 200, -200, 0, -200, 200, 0 }, [2, 3], requires_grad: true);
        // The first is right beyond any doubt of float32, the second as wrong.
        Tensor value = new ClassificationLoss([], 0, gamma, CPU).Of(scores, new Batch(zeros(1), tensor(new long[] { 0, 0 }), [0, 0], null));
        value.backward();
        Assert.Equal(200, value.item<float>(), 1e-3);
        Loops.Near([0, 0, 0, -0.5, 0.5, 0], Loops.Floats(scores.grad!), 1e-4);
    }

    private static double Formula(double[] z, double[] shares, float[] weights, double smoothing, double gamma, bool mixed)
    {
        double sum = 0, divisor = 0;
        for (int n = 0; n < Examples; n++)
        {
            double[] e = [.. z.Skip(n * Classes).Take(Classes).Select(Math.Exp)];
            for (int k = 0; k < Classes; k++)
            {
                double p = e[k] / e.Sum(), w = weights.Length == 0 ? 1 : weights[k], q = shares[(n * Classes) + k];
                sum += w * (((1 - smoothing) * q) + (smoothing / Classes)) * Math.Pow(1 - p, gamma) * -Math.Log(p);
                divisor += mixed ? 1.0 / Classes : w * q;
            }
        }
        return sum / divisor;
    }

    private static (Batch Batch, double[] Shares) Batch(bool mixed)
    {
        int[] labels = [2, 0, 3, 1, 2], partners = [0, 0, 1, 2, 3];
        float first = mixed ? 0.75f : 1;
        var shares = new float[Examples * Classes];
        for (int n = 0; n < Examples; n++)
        {
            shares[(n * Classes) + labels[n]] += first;
            shares[(n * Classes) + partners[n]] += 1 - first;
        }
        Tensor target = mixed ? tensor(shares, [Examples, Classes]) : tensor((long[])[.. labels.Select(l => (long)l)]);
        return (new Batch(zeros(1), target, labels, mixed ? shares : null), [.. shares.Select(v => (double)v)]);
    }
}
