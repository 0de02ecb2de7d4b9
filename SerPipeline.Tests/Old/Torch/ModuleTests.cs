using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;


namespace SerPipeline.Tests.Old.Torch;

public class ModuleTests
{
    [Fact]
    public void Names_are_those_of_PyTorch()
    {
        using Sequential network = Network(1);
        Assert.Equal(
            ["0.weight", "0.bias", "1.weight", "1.bias", "6.weight", "6.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"],
            network.StateDict().Keys);
        using var lstm = new LSTM(2, 3, new SeededRandom(1), layers: 2, bidirectional: true);
        Assert.Contains("weight_hh_l1_reverse", lstm.StateDict().Keys);
        Assert.Equal([12L, 6L], lstm.StateDict()["weight_ih_l1"].Shape.ToArray());
        using var attention = new MultiheadAttention(4, 2, new SeededRandom(1));
        Assert.Equal(["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"], attention.StateDict().Keys);
    }

    [Fact]
    public void A_saved_state_makes_another_network_give_the_same_scores()
    {
        using var scope = TensorScope.New();
        using Sequential trained = Network(1), other = Network(2);
        Tensor x = Tensor.From(Draw.Normal(1, 3 * 36), 3, 1, 6, 6);
        trained.Forward(x);
        trained.Eval();
        other.Eval();
        float[] expected = trained.Forward(x).ToFloats();
        Assert.NotEqual(expected, other.Forward(x).ToFloats());
        other.LoadStateDict(trained.StateDict());
        Assert.Equal(expected, other.Forward(x).ToFloats());
    }

    [Fact]
    public void A_state_that_does_not_fit_changes_nothing_and_every_problem_is_named()
    {
        using Sequential network = Network(1);
        var state = new Dictionary<string, TensorData>(network.StateDict()) { ["extra"] = TensorData.From([1f], 1), ["0.bias"] = TensorData.From([1f], 1) };
        state.Remove("6.weight");
        float[] before = network.Values("0.weight");
        state["0.weight"] = TensorData.From(new float[before.Length], 2, 1, 3, 3);
        string message = Assert.Throws<ModelFormatException>(() => network.LoadStateDict(state)).Message;
        Assert.Contains("missing: 6.weight, float32[3, 18]", message, StringComparison.Ordinal);
        Assert.Contains("unexpected: extra, float32[1]", message, StringComparison.Ordinal);
        Assert.Contains("different: 0.bias is float32[1], expected float32[2]", message, StringComparison.Ordinal);
        Assert.Equal(before, network.Values("0.weight"));
    }

    [Fact]
    public void Initial_values_are_seeded_and_spread_as_PyTorch_spreads_them()
    {
        using var one = new Conv2d(16, 64, 3, new SeededRandom(5));
        using var same = new Conv2d(16, 64, 3, new SeededRandom(5));
        using var other = new Conv2d(16, 64, 3, new SeededRandom(6));
        Assert.Equal(one.Values("weight"), same.Values("weight"));
        Assert.NotEqual(one.Values("weight"), other.Values("weight"));
        // Uniform in ±1/12 (fan-in 144), so variance 1/432; 9216 draws put the sample variance within 4 % (five standard errors of 0.9 %).
        float[] weight = one.Values("weight");
        Assert.All(weight, value => Assert.InRange(value, -1f / 12, 1f / 12));
        Assert.Equal(1.0 / 432, weight.Average(value => (double)value * value), 0.045 / 432);
    }

    [Fact]
    public void A_network_describes_its_layers_in_order()
    {
        using Sequential network = Network(1);
        LayerDescription[] layers = [.. network.Describe()];
        Assert.Equal(["Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d", "Dropout", "Flatten", "Linear"], layers.Select(layer => layer.Kind));
        Assert.Equal([3L, 3L], layers[0].Wholes("kernel_size"));
        Assert.Equal((1L, 2L), (layers[0].Whole("in_channels"), layers[0].Whole("out_channels")));
        Assert.Equal(["0.weight", "0.bias"], layers[0].ParameterNames);
        Assert.Equal(["1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"], layers[1].ParameterNames);
        Assert.Equal(1e-5, layers[1].Number("eps"));
        Assert.True(layers[6].Flag("bias"));
        Assert.Equal(layers.SelectMany(layer => layer.ParameterNames).Order(), network.StateDict().Keys.Order());
        Assert.Throws<TorchException>(() => layers[2].Whole("in_channels"));
        using var pooling = new AttentiveStatisticsPooling(3, new SeededRandom(1));
        Assert.Equal(["pool.hidden.weight", "pool.hidden.bias", "pool.score.weight", "pool.score.bias"], Assert.Single(pooling.Describe("pool")).ParameterNames);
    }

    [Fact]
    public void Modes_reach_every_layer_and_disposal_frees_every_tensor()
    {
        Sequential network = Network(1);
        network.Eval();
        Assert.All(network.Children, child => Assert.False(child.Module.IsTraining));
        network.Train();
        Assert.All(network.Children, child => Assert.True(child.Module.IsTraining));
        network.SetPrecision(ComputePrecision.BFloat16);
        Assert.All(network.Children, child => Assert.Equal(ComputePrecision.BFloat16, child.Module.Precision));
        Parameter[] parameters = [.. network.Parameters()];
        network.Dispose();
        Assert.All(parameters, parameter => Assert.True(parameter.Value.IsDisposed && parameter.Gradient.IsDisposed));
    }

    [Fact]
    public void Names_are_used_once_and_later_parts_take_over_mode_and_precision()
    {
        foreach (string name in (string[])["weight", "buffer", "child"])
        {
            using var module = new Growing();
            Assert.Contains($"'{name}' again", Assert.Throws<TorchException>(() => module.Add(name)).Message, StringComparison.Ordinal);
            using var other = new ReLU();
            Assert.Throws<TorchException>(() => module.Add(name, other));
        }
        Assert.Throws<TorchException>(() => new Sequential(("a", new ReLU()), ("a", new ReLU())));
        using var late = new Growing();
        late.Eval();
        late.SetPrecision(ComputePrecision.BFloat16);
        Module added = late.Add("later", new Sequential(new ReLU()));
        Assert.All(added.Children.Select(child => child.Module).Append(added), module => Assert.Equal((false, ComputePrecision.BFloat16), (module.IsTraining, module.Precision)));
        // A parent that was told nothing leaves its parts as they are.
        var told = new ReLU();
        told.Eval();
        told.SetPrecision(ComputePrecision.BFloat16);
        using var around = new Sequential(told);
        Assert.Equal((false, ComputePrecision.BFloat16), (told.IsTraining, told.Precision));
    }

    private sealed class Growing : Module
    {
        public Growing()
        {
            AddParameter("weight", Tensor.Zeros(1));
            AddBuffer("buffer", Tensor.Zeros(1));
            AddChild("child", new ReLU());
        }

        public void Add(string name)
        {
            using Tensor value = Tensor.Zeros(1);
            AddParameter(name, value);
        }

        public Module Add(string name, Module child) => AddChild(name, child);

        public override Tensor Forward(Tensor input) => input.Alias();
    }

    [Fact]
    public void Layers_refuse_what_they_cannot_be_built_with()
    {
        var random = new SeededRandom(1);
        Assert.Throws<TorchException>(() => new Conv2d(3, 4, 3, random, groups: 2));
        Assert.Throws<TorchException>(() => new Conv2d(0, 4, 3, random));
        Assert.Throws<TorchException>(() => new Linear(0, 1, random));
        Assert.Throws<TorchException>(() => new Dropout(1, random));
        Assert.Throws<TorchException>(() => new MultiheadAttention(5, 2, random));
        Assert.Throws<TorchException>(() => new LSTM(1, 1, random, layers: 0));
        Assert.Throws<TorchException>(() => new CrossEntropyLoss(labelSmoothing: 1.5));
    }

    private static Sequential Network(long seed)
    {
        var random = new SeededRandom(seed);
        return new Sequential(new Conv2d(1, 2, 3, random, padding: 1), new BatchNorm2d(2), new ReLU(), new MaxPool2d(2), new Dropout(0.5, random),
            new Flatten(), new Linear(18, 3, random));
    }
}
