using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Old.Torch.Optimizers;


namespace SerPipeline.Tests.Old.Torch;

/// <summary>Optimizer steps against the published formulas in double precision.</summary>
public class OptimizerTests
{
    // A dozen float32 steps on values of order 1: rounding stays below 1e-5.
    private const double Tolerance = 1e-5;
    private const double Rate = 0.05, Decay = 0.1;
    private static readonly double[] Start = [0.9, -1.4, 0.3];

    [Fact]
    public void AdamW_follows_its_formula()
    {
        double[] m = new double[3], v = new double[3];
        int t = 0;
        Compare(groups => new AdamW(groups, Rate, beta1: 0.8, beta2: 0.95, epsilon: 1e-6), (w, g, i) =>
        {
            if (i == 0) t++;
            m[i] = (0.8 * m[i]) + (0.2 * g);
            v[i] = (0.95 * v[i]) + (0.05 * g * g);
            double decayed = w * (1 - (Rate * Decay));
            return decayed - (Rate * (m[i] / (1 - Math.Pow(0.8, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.95, t))) + 1e-6));
        });
    }

    [Fact]
    public void AdamW_with_epsilon_before_the_correction_follows_its_formula()
    {
        // Kingma and Ba 2015, end of section 2; an epsilon as large as the gradients, so that its place shows.
        double[] m = new double[3], v = new double[3];
        int t = 0;
        Compare(groups => new AdamW(groups, Rate, beta1: 0.8, beta2: 0.95, epsilon: 0.5, epsilonHat: true), (w, g, i) =>
        {
            if (i == 0) t++;
            m[i] = (0.8 * m[i]) + (0.2 * g);
            v[i] = (0.95 * v[i]) + (0.05 * g * g);
            double rate = Rate * Math.Sqrt(1 - Math.Pow(0.95, t)) / (1 - Math.Pow(0.8, t));
            return (w * (1 - (Rate * Decay))) - (rate * m[i] / (Math.Sqrt(v[i]) + 0.5));
        });
    }

    [Fact]
    public void SGD_follows_its_formula() => Compare(groups => new SGD(groups, Rate), (w, g, _) => w - (Rate * (g + (Decay * w))));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SGD_with_momentum_follows_its_formula(bool nesterov)
    {
        double[] v = new double[3];
        Compare(groups => new SGD(groups, Rate, momentum: 0.9, nesterov), (w, g, i) =>
        {
            double decayed = g + (Decay * w);
            v[i] = (0.9 * v[i]) + decayed;
            return w - (Rate * (nesterov ? decayed + (0.9 * v[i]) : v[i]));
        });
    }

    [Fact]
    public void Clipping_scales_all_gradients_to_the_bound_and_returns_the_norm()
    {
        using var scope = TensorScope.New();
        using var a = new Parameter(Tensor.Zeros(23));
        using var b = new Parameter(Tensor.Zeros(2));
        using var optimizer = new SGD([Group(0, a, b)], 1);
        float[] first = Draw.Normal(1, 23);
        a.Gradient.Assign(first);
        b.Gradient.Assign([3f, -4f]);
        double norm = Math.Sqrt(first.Sum(value => (double)value * value) + 25);
        Assert.Equal(norm, optimizer.ClipGradientNorm(100), 1e-9);
        Assert.Equal([3f, -4f], b.Gradient.ToFloats());
        Assert.Equal(norm, optimizer.ClipGradientNorm(2), 1e-9);
        Near.Equal([.. first.Select(value => value * 2 / norm)], a.Gradient, 1e-6);
        Near.Equal([6 / norm, -8 / norm], b.Gradient, 1e-6);
    }

    [Fact]
    public void Groups_spare_biases_and_norms_and_frozen_parameters_stay()
    {
        using var network = new Sequential(new Linear(2, 2, new SeededRandom(1)), new BatchNorm1d(2));
        IReadOnlyList<ParameterGroup> groups = ParameterGroup.Split(network, 0.5);
        Assert.Equal(["0.weight"], groups.Single(group => group.WeightDecay == 0.5).Parameters.Select(named => named.Key));
        Assert.Equal(["0.bias", "1.weight", "1.bias"], groups.Single(group => group.WeightDecay == 0).Parameters.Select(named => named.Key));
        Assert.Equal(4, Assert.Single(ParameterGroup.Split(network, 0.5, decayBiasAndNorm: true)).Parameters.Count);
        // With zero gradients SGD only decays: w (1 - rate * decay).
        float[] weight = network.Values("0.weight"), bias = network.Values("0.bias");
        using var optimizer = new SGD(groups, 0.2);
        optimizer.Step();
        Near.Equal([.. weight.Select(value => value * 0.9)], network.Values("0.weight"), 1e-6);
        Assert.Equal(bias, network.Values("0.bias"));
        weight = network.Values("0.weight");
        foreach (Parameter parameter in network.Parameters()) parameter.RequiresGrad = false;
        optimizer.Step();
        Assert.Equal(weight, network.Values("0.weight"));
    }

    [Fact]
    public void A_layer_used_twice_is_stepped_and_clipped_once()
    {
        using var scope = TensorScope.New();
        using var tied = new Linear(2, 2, new SeededRandom(1), bias: false);
        using var network = new Sequential(("first", tied), ("second", tied));
        Parameter weight = Assert.Single(network.Parameters());
        Assert.Equal(["first.weight", "second.weight"], network.StateDict().Keys);
        using var sgd = new SGD(ParameterGroup.Split(network, Decay), Rate);
        using var adam = new AdamW(ParameterGroup.Split(network, 0), Rate);
        Assert.Same(weight, Assert.Single(sgd.Parameters));
        Assert.Equal(["state.first.weight.exp_avg", "state.first.weight.exp_avg_sq", "state.first.weight.step"], adam.StateDict().Keys.Order(StringComparer.Ordinal));
        Autograd.Backward(network.Forward(Tensor.From([1f, -2f], 1, 2)).Square().Sum());
        double[] before = weight.Value.ToFloats().ToDoubles(), gradient = weight.Gradient.ToFloats().ToDoubles();
        double norm = Math.Sqrt(gradient.Sum(g => g * g));
        Assert.True(norm > 0);
        Assert.Equal(norm, sgd.ClipGradientNorm(norm / 4), 1e-9);
        Near.Equal([.. gradient.Select(g => g / 4)], weight.Gradient, 1e-6);
        sgd.Step();
        Near.Equal([.. before.Select((w, i) => w - (Rate * ((gradient[i] / 4) + (Decay * w))))], weight.Value, 1e-6);
        before = weight.Value.ToFloats().ToDoubles();
        adam.Step();
        // The first step of Adam moves every value by the rate, against its gradient's sign; 1e-4 allows for epsilon beside small gradients.
        Near.Equal([.. before.Select((w, i) => w - (Rate * Math.Sign(gradient[i])))], weight.Value, 1e-4);
    }

    [Fact]
    public void Groups_have_their_own_learning_rate()
    {
        using var scope = TensorScope.New();
        using var a = new Parameter(Tensor.From([1f, 2f], 2));
        using var b = new Parameter(Tensor.From([1f, 2f], 2));
        using var c = new Parameter(Tensor.From([1f, 2f], 2));
        ParameterGroup[] groups =
        [
            new([KeyValuePair.Create("a", a)]), new([KeyValuePair.Create("b", b)], LearningRateFactor: 0.25), new([KeyValuePair.Create("c", c)], LearningRateFactor: 0),
        ];
        foreach (Func<Optimizer> create in (Func<Optimizer>[])[() => new SGD(groups, 0.1), () => new AdamW(groups, 0.1)])
        {
            foreach (Parameter parameter in (Parameter[])[a, b, c])
            {
                parameter.Value.Assign([1f, 2f]);
                parameter.Gradient.Assign([1f, 1f]);
            }
            using Optimizer optimizer = create();
            optimizer.Step();
            // Gradients of 1 make both SGD and the first step of Adam move by the learning rate.
            Near.Equal([0.9, 1.9], a.Value, 1e-6);
            Near.Equal([0.975, 1.975], b.Value, 1e-6);
            Assert.Equal([1f, 2f], c.Value.ToFloats());
        }
    }

    [Fact]
    public void Saved_memory_continues_a_run_to_the_same_bits()
    {
        float[] straight = Run(interrupt: false), resumed = Run(interrupt: true);
        Assert.Equal(straight, resumed);

        static float[] Run(bool interrupt)
        {
            using var scope = TensorScope.New();
            using var w = new Parameter(Tensor.From([1f, 2f], 2));
            var optimizer = new AdamW([Group(0.01, w)], 0.1);
            for (int step = 0; step < 6; step++)
            {
                if (interrupt && step == 3)
                {
                    IReadOnlyDictionary<string, TensorData> saved = optimizer.StateDict();
                    optimizer.Dispose();
                    optimizer = new AdamW([Group(0.01, w)], 0.1);
                    optimizer.LoadStateDict(saved);
                }
                optimizer.ZeroGrad();
                Autograd.Backward(w.Value.Square().Square().Sum());
                optimizer.Step();
            }
            optimizer.Dispose();
            return w.Value.ToFloats();
        }
    }

    [Fact]
    public void Memory_of_other_parameters_is_refused()
    {
        using var a = new Parameter(Tensor.Zeros(2));
        using var b = new Parameter(Tensor.Zeros(3));
        using var one = new AdamW([Group(0, a)]);
        using var two = new AdamW([Group(0, b)]);
        string message = Assert.Throws<ModelFormatException>(() => two.LoadStateDict(one.StateDict())).Message;
        Assert.Contains("different: state.p0.exp_avg is float32[2], expected float32[3]", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unusable_settings_are_refused()
    {
        using var a = new Parameter(Tensor.Zeros(2));
        ParameterGroup[] groups = [Group(0, a)];
        Assert.Throws<TorchException>(() => new AdamW([]));
        Assert.Throws<TorchException>(() => new AdamW(groups, double.NaN));
        Assert.Throws<TorchException>(() => new AdamW(groups, beta1: 1));
        Assert.Throws<TorchException>(() => new AdamW(groups, epsilon: 0));
        Assert.Throws<TorchException>(() => new SGD(groups, 0.1, momentum: 1));
        Assert.Throws<TorchException>(() => new AdamW(groups, epsilon: double.PositiveInfinity));
        Assert.Throws<TorchException>(() => new SGD(groups, 0.1, nesterov: true));
        using var b = new Parameter(Tensor.Zeros(2));
        void Refused(string message, params ParameterGroup[] wrong) =>
            Assert.Contains(message, Assert.Throws<TorchException>(() => new SGD(wrong, 0.1)).Message, StringComparison.Ordinal);
        foreach (double value in (double[])[-0.1, double.NaN, double.PositiveInfinity])
        {
            Refused("WeightDecay must be a finite number of at least 0", groups[0] with { WeightDecay = value });
            Refused("LearningRateFactor must be a finite number of at least 0", groups[0] with { LearningRateFactor = value });
        }
        Refused("'p0' for two", Group(0, a), Group(0, b));
        Refused("'p0' in two", Group(0, a), Group(0.1, a));
    }

    private static ParameterGroup Group(double decay, params Parameter[] parameters) =>
        new([.. parameters.Select((parameter, i) => KeyValuePair.Create($"p{i}", parameter))], decay);

    // Minimises sum(w^4 / 4), of gradient w^3, for twelve steps beside the formula.
    private static void Compare(Func<IEnumerable<ParameterGroup>, Optimizer> create, Func<double, double, int, double> formula)
    {
        using var scope = TensorScope.New();
        using var w = new Parameter(Tensor.From(Array.ConvertAll(Start, value => (float)value), 3));
        using Optimizer optimizer = create([Group(Decay, w)]);
        double[] expected = [.. Start];
        for (int step = 0; step < 12; step++)
        {
            optimizer.ZeroGrad();
            Autograd.Backward((w.Value.Square().Square() * 0.25f).Sum());
            optimizer.Step();
            for (int i = 0; i < 3; i++) expected[i] = formula(expected[i], Math.Pow(expected[i], 3), i);
            Near.Equal(expected, w.Value, Tolerance);
        }
    }
}
