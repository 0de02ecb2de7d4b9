using SerPipeline.Networks;
using SerPipeline.Tests.Networks;
using SerPipeline.Trainers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Trainers;

/// <summary>Steps over one tensor of all parameters, against PyTorch's own optimizer over each of them and against the formulas in double
/// precision.</summary>
public sealed class NetworkOptimizerTests
{
    // Convolutions, norms, attention and linear layers of sizes that fill no block of memory, and one parameter that is not trained.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.05, 0)]
    [InlineData(0.05, 0.5)]
    public void Steps_are_those_of_AdamW_with_clipped_gradients(double decay, double clip)
    {
        using Sequential ours = Network(), theirs = Network();
        using var optimizer = new NetworkOptimizer(ours,
            new MlpOptions { WeightDecay = decay, GradientClipNorm = clip, LearningRate = 0.01 });
        Parameter[] trained = [.. theirs.parameters().Where(p => p.requires_grad)];
        AdamW.ParamGroup[] groups =
        [
            new(trained.Where(p => p.dim() > 1), 0.01, eps: 1e-8, weight_decay: decay),
                new(trained.Where(p => p.dim() <= 1), 0.01, eps: 1e-8, weight_decay: 0),
        ];
        using var reference = optim.AdamW(groups, 0.01);
        Assert.Equal(Loops.State(theirs), Loops.State(ours));
        for (int step = 0; step < 20; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            double rate = 0.01 / (1 + step);
            optimizer.LearningRate = rate;
            foreach (AdamW.ParamGroup group in groups) group.LearningRate = rate;
            Tensor input = Loops.NormalTensor(step, 4, 1, 9, 7), labels = tensor((long[])[0, 1, 2, 1]);
            float loss = optimizer.Backward(nn.functional.cross_entropy(ours.call(input), labels), 4).item<float>();
            optimizer.Step();
            Tensor expected = nn.functional.cross_entropy(theirs.call(input), labels);
            reference.zero_grad();
            expected.backward();
            if (clip > 0) nn.utils.clip_grad_norm_(trained, clip);
            reference.step();
            Assert.Equal(expected.item<float>(), loss, 1e-5);
        }
        foreach ((string name, float[] values) in Loops.State(theirs))
            Loops.Near([.. values.Select(v => (double)v)], Loops.State(ours)[name], 1e-6);
        Assert.Equal(Loops.State(Network())["3.bias"], Loops.State(ours)["3.bias"]);
    }

    // Kingma and Ba 2015, end of section 2, where epsilon joins the root before its correction, with an epsilon that shows; and PyTorch's
    // order.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Epsilon_and_penalty_stand_where_the_formulas_have_them(bool keras)
    {
        TorchEngine.Start();
        NeuralTrainerOptions options = keras
            ? new MlpClassifierOptions { L2Regularization = 0.3, LearningRate = 0.05 }
            : new MlpOptions { WeightDecay = 0.1, GradientClipNorm = 0, LearningRate = 0.05 };
        double penalty = keras ? 0.3 / 2 : 0, decay = keras ? 0 : 0.1, epsilon = options.Epsilon;
        // Gradients so small that epsilon weighs as much as they do.
        const double scale = 3e-8;
        using var layer = nn.Linear(1, 3, hasBias: false);
        using (no_grad()) layer.weight!.copy_(tensor(new float[] { 0.9f, -1.4f, 0.3f }, 3, 1));
        using var optimizer = new NetworkOptimizer(layer, options);
        double[] w = [0.9f, -1.4f, 0.3f], m = new double[3], v = new double[3];
        for (int t = 1; t <= 12; t++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor loss = optimizer.Backward(layer.weight!.square().square().sum() * (scale / 4), 2);
            Assert.Equal(w.Sum(x => (scale / 4 * x * x * x * x) + (penalty / 2 * x * x)), loss.item<float>(), 1e-6);
            optimizer.Step();
            for (int i = 0; i < 3; i++)
            {
                double g = (scale * w[i] * w[i] * w[i]) + (penalty * w[i]), first = 1 - Math.Pow(0.9, t), second = 1 - Math.Pow(0.999, t);
                m[i] = (0.9 * m[i]) + (0.1 * g);
                v[i] = (0.999 * v[i]) + (0.001 * g * g);
                w[i] *= 1 - (0.05 * decay);
                w[i] -= keras
                    ? 0.05 * Math.Sqrt(second) / first * m[i] / (Math.Sqrt(v[i]) + epsilon)
                    : 0.05 * m[i] / first / (Math.Sqrt(v[i] / second) + epsilon);
            }
            // A dozen float32 steps on values of order 1.
            Loops.Near(w, Loops.Floats(layer.weight!), 1e-5);
        }
    }

    [Fact]
    public void Parameters_of_several_types_are_clipped_by_their_common_norm()
    {
        TorchEngine.Start();
        Parameter[] ours = Both(), theirs = Both();
        using var network = nn.ParameterList(ours);
        using var optimizer = new NetworkOptimizer(network, new MlpOptions { GradientClipNorm = 1, WeightDecay = 0.1, LearningRate = 0.1 });
        AdamW.ParamGroup[] groups = [new(theirs, 0.1, eps: 1e-8, weight_decay: 0.1)];
        using var reference = optim.AdamW(groups, 0.1);
        for (int step = 0; step < 8; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            // Below the limit and above it in turn, the larger part not in float32, by numbers that fill every bit.
            double size = step % 2 == 0 ? 0.07 : 7.1;
            Tensor Loss(Parameter[] p) => (p[0] * tensor(new float[] { (float)(3 * size), 0 }, 2, 1)).sum()
                + (p[1] * tensor(new double[] { 0, -4 * size }, 2, 1)).sum();
            optimizer.Backward(Loss(ours), 1);
            optimizer.Step();
            reference.zero_grad();
            Loss(theirs).backward();
            nn.utils.clip_grad_norm_(theirs, 1);
            reference.step();
        }
        for (int i = 0; i < 2; i++) Loops.Near([.. Loops.Floats(theirs[i]).Select(v => (double)v)], Loops.Floats(ours[i]), 1e-6);

        static Parameter[] Both() => [new(tensor(new float[] { 1, 2 }, 2, 1)), new(tensor(new double[] { 3, -4 }, 2, 1))];
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void A_number_is_read_from_a_tensor_of_any_type(ScalarType type)
    {
        TorchEngine.Start();
        using Tensor norm = tensor(new float[] { 3.5f }).to_type(type).norm();
        Assert.Equal(3.5f, norm.Number());
    }

    [Fact]
    public void A_layer_used_twice_is_stepped_once_and_the_network_outlives_the_optimizer()
    {
        TorchEngine.Start();
        using var tied = nn.Linear(2, 2, hasBias: false);
        using var network = nn.Sequential(("first", tied), ("second", tied));
        using DisposeScope scope = NewDisposeScope();
        float[] before = Loops.Floats(tied.weight!), gradient;
        using (var optimizer = new NetworkOptimizer(network, new MlpOptions { WeightDecay = 0, GradientClipNorm = 0, LearningRate = 0.1 }))
        {
            optimizer.Backward(network.call(tensor(new float[] { 1, -2 }, 1, 2)).square().sum(), 1);
            gradient = Loops.Floats(tied.weight!.grad!);
            optimizer.Step();
        }
        // The first step of Adam moves every value by the rate, against its gradient's sign; 1e-4 allows for epsilon beside small
        // gradients.
        Loops.Near([.. before.Select((w, i) => w - (0.1 * Math.Sign(gradient[i])))], Loops.Floats(tied.weight!), 1e-4);
        Assert.Null(tied.weight!.grad);
        Assert.Equal([1, 2], network.call(ones(1, 2)).shape);
    }

    private static Sequential Network()
    {
        TorchEngine.Start();
        var random = new SeededRandom(5);
        // No bias before a norm: its gradient would be rounding alone, which Adam makes large.
        Sequential network = nn.Sequential(
            new Conv2dLayer(1, 5, 3, random, bias: false), nn.BatchNorm2d(5), nn.Flatten(), new LinearLayer(5 * 7 * 5, 11, random),
                nn.ReLU(), new LinearLayer(11, 3, random));
        network.get_parameter("3.bias")!.requires_grad = false;
        return network;
    }
}
