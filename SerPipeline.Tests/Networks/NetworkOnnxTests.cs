using SerPipeline.Networks;
using SerPipeline.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SerPipeline.Tests.Networks;

/// <summary>Networks as ONNX graphs, run by ONNX Runtime.</summary>
public sealed class NetworkOnnxTests
{
    public NetworkOnnxTests() => TorchEngine.Start();

    public static TheoryData<string> Networks =>
        ["cnn", "cnn deep", "cnn attention", "cnn prosody", "mlp", "mlpclassifier", "conv1d", "lstm", "resnet18"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void The_graph_of_a_network_computes_what_it_does(string name)
    {
        var random = new SeededRandom(5);
        var cnn = new SpectrogramCnnOptions { Channels = [8, 20] };
        (Module<Tensor, Tensor> network, long[] shape) = Make();
        (Module<Tensor, Tensor>, long[]) Make() => name switch
        {
            "cnn" => (new SpectrogramCnn(16, 24, 3, cnn, random), [1, 16, 24]),
            "cnn deep" => (new SpectrogramCnn(16, 24, 3, cnn with { ConvolutionsPerBlock = 2 }, random), [1, 16, 24]),
            "cnn attention" => (new SpectrogramCnn(16, 24, 3, cnn with { SelfAttentionHeads = 3, SelfAttentionUnits = 12 }, random),
                [1, 16, 24]),
            "cnn prosody" => (new SpectrogramCnn(16, 24, 3, cnn, random, 6), [(16 * 24) + 6]),
            "mlp" => (new MlpNetwork(7, [9, 5], 3, 0.4, random), [7]),
            "mlpclassifier" => (new MlpClassifierNetwork(7, [9, 5], 3, random), [7]),
            // Odd sizes all the way down.
            "resnet18" => (new ResNet18(3, random), [1, 35, 69]),
            "conv1d" => (new Conv1dNetwork(20, [16, 8, 8], 5, 3, random), [20]),
            _ => (new LstmNetwork([12, 40], 6, 0.1, 3, random), [12]),
        };
        using (network)
        {
            Batches(network, shape);
            NetworkOnnx.Verify(network, shape, tolerance: 1e-5);
            OnnxModel model = NetworkOnnx.ToModel(network, shape);
            Assert.Equal(model.ToBytes(), NetworkOnnx.ToModel(network, shape).ToBytes());
            Assert.Contains(model.Graph.Initializers, weight => weight.Name == "classifier.weight");
        }
    }

    public static TheoryData<string> Layers =>
        ["image", "image grouped", "same padding", "average", "adaptive", "series", "series average", "vector", "activations", "elu",
        "frames", "unflattened", "clipped", "plain norms"];

    [Theory]
    [MemberData(nameof(Layers))]
    public void The_graph_of_a_users_layers_computes_what_they_do(string name)
    {
        (Module<Tensor, Tensor> network, long[] shape) = Make();
        (Module<Tensor, Tensor>, long[]) Make() => name switch
        {
            "image" => (Sequential(Conv2d(2, 5, 3, stride: 2, padding: 1), BatchNorm2d(5), LeakyReLU(0.2),
                MaxPool2d(3, stride: 2, padding: 1), Dropout2d(0.3), Flatten(), Linear(40, 3)), [2, 16, 8]),
            "image grouped" => (Sequential(Conv2d(4, 8, 3, dilation: 2, groups: 2, bias: false), SiLU(), MaxPool2d(2, 1), Flatten(1),
                Linear(24, 2, hasBias: false)), [4, 8, 6]),
            "same padding" => (Sequential(Conv2d(1, 2, 4, padding: Padding.Same), Conv2d(2, 2, (3, 1), padding: (1, 0)), GELU(),
                Identity()), [1, 6, 7]),
            "average" => (Sequential(AvgPool2d(3, 2, padding: 1), AvgPool2d((long[])[1, 2], count_include_pad: false), Flatten()),
                [2, 9, 10]),
            "adaptive" => (Sequential(Conv2d(1, 3, 3), AdaptiveAvgPool2d(1), Flatten(), Linear(3, 2)), [1, 7, 9]),
            "series" => (Sequential(Conv1d(2, 4, 3, stride: 2, padding: 2, dilation: 2), BatchNorm1d(4), ReLU(),
                MaxPool1d(3, stride: 2, padding: 1), AdaptiveAvgPool1d(2), Flatten(), Linear(8, 2)), [2, 21]),
            "series average" => (Sequential(AvgPool1d(3, stride: 2, padding: 1), AdaptiveAvgPool1d(1), Flatten()), [2, 11]),
            "vector" => (Sequential(("hidden", Linear(6, 8)), ("norm", BatchNorm1d(8)), ("act", Tanh()), ("drop", Dropout(0.5)),
                ("inner", Sequential(Linear(8, 4), Sigmoid(), Softmax(1)))), [6]),
            "activations" => (Sequential(ReLU(), Linear(6, 6), LogSoftmax(1)), [6]),
            "unflattened" => (Sequential(Unflatten(2, [3, 2]), MaxPool2d((3, 1)), Flatten(), Linear(8, 5), ReLU6()), [4, 6]),
            "clipped" => (Sequential(Linear(6, 6), Hardtanh(-0.4, 0.6, inplace: true), Linear(6, 2)), [6]),
            "elu" => (Sequential(ELU(0.7), Linear(6, 4), AlphaDropout(0.2)), [6]),
            "frames" => (Sequential(Linear(5, 4), LayerNorm(4), LayerNorm((long[])[3, 4]), Flatten(), Linear(12, 2)), [3, 5]),
            _ => (Sequential(BatchNorm2d(2, affine: false), Flatten(), LayerNorm(24, elementwise_affine: false)), [2, 3, 4]),
        };
        using (network)
        {
            Batches(network, shape);
            NetworkOnnx.Verify(network, shape, tolerance: 1e-5);
        }
    }

    [Theory]
    [InlineData(true, 1, true, true)]
    [InlineData(false, 2, false, true)]
    [InlineData(true, 2, true, false)]
    public void The_graph_of_a_users_recurrent_layers_computes_what_they_do(bool isLstm, int layers, bool both, bool bias)
    {
        using var network = new Recurrent(isLstm, layers, both, bias);
        NetworkOnnx.Verify(network, [5, 3], tolerance: 1e-5);
    }

    // Those that only stand within another have their form by that one's network above.
    [Fact]
    public void Every_module_of_the_library_says_what_it_is_in_onnx() =>
        Assert.Empty(typeof(SpectrogramCnn).Assembly.GetTypes()
            .Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(Module)) && !t.IsAssignableTo(typeof(IOnnxModule))).Select(t => t.FullName));

    [Fact]
    public void A_layer_without_a_form_is_named_with_what_the_user_can_do()
    {
        using Module<Tensor, Tensor> inner = Sequential(("fine", Linear(4, 4)), ("odd", new Doubling())),
            network = Sequential(("first", ReLU()), ("second", inner));
        string message = Assert.Throws<ModelExportException>(() => NetworkOnnx.ToModel(network, [4])).Message;
        Assert.Contains("'second.odd'", message, StringComparison.Ordinal);
        Assert.Contains(typeof(Doubling).FullName!, message, StringComparison.Ordinal);
        Assert.Contains("IOnnxModule", message, StringComparison.Ordinal);
        Assert.Contains("Add<Doubling>", message, StringComparison.Ordinal);
        using Module<Tensor, Tensor> pooled = Sequential(("pool", MaxPool2d(2, ceil_mode: true)));
        Assert.Contains("ceil_mode", Assert.Throws<ModelExportException>(() =>
            NetworkOnnx.ToModel(pooled, [1, 5, 5])).Message, StringComparison.Ordinal);
        using Module<Tensor, Tensor> clipped = Sequential(("clip", Hardtanh()));
        Assert.Contains("inplace: true", Assert.Throws<ModelExportException>(() =>
            NetworkOnnx.ToModel(clipped, [4])).Message, StringComparison.Ordinal);
        NetworkOnnx.Verify(network, [4], new OnnxConverters().Add<Doubling>((_, input, _) => input * 2));
    }

    [Fact]
    public void A_forward_of_the_users_own_is_not_guessed_from_its_children()
    {
        using var network = new Residual();
        Assert.Contains(nameof(Residual), Assert.Throws<ModelExportException>(() =>
            NetworkOnnx.ToModel(network, [4])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_form_that_says_something_else_is_found()
    {
        using Module<Tensor, Tensor> network = Sequential(("odd", new Doubling()));
        Assert.Contains("differ by up to", Assert.Throws<ModelExportException>(() =>
            NetworkOnnx.Verify(network, [4], new OnnxConverters().Add<Doubling>((_, input, _) => input * 2.01))).Message,
            StringComparison.Ordinal);
        // One value in the middle that is no number.
        Assert.Contains("differ by up to NaN", Assert.Throws<ModelExportException>(() =>
            NetworkOnnx.Verify(network, [4], new OnnxConverters().Add<Doubling>((_, input, _) =>
                input * input.Graph.Constant<float>([2, float.NaN, 2, 2])))).Message, StringComparison.Ordinal);
        Assert.Contains("[1, 4, 1]", Assert.Throws<ModelExportException>(() =>
            NetworkOnnx.Verify(network, [4], new OnnxConverters().Add<Doubling>((_, input, _) => (input * 2).Unsqueeze(2)))).Message,
            StringComparison.Ordinal);
        Assert.Contains("does not run", Assert.Throws<ModelExportException>(() =>
            NetworkOnnx.Verify(network, [4], new OnnxConverters().Add<Doubling>((_, input, _) => input.One("NoSuchOperator")))).Message,
            StringComparison.Ordinal);
    }

    // Running statistics other than 0 and 1.
    private static void Batches(Module<Tensor, Tensor> network, long[] shape)
    {
        network.train();
        for (int i = 0; i < 3; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            network.call((Loops.NormalTensor(i, [5, .. shape]) * 2) + 1);
        }
    }

    private sealed class Doubling() : Module<Tensor, Tensor>(nameof(Doubling))
    {
        public override Tensor forward(Tensor input) => input * 2;
    }

    private sealed class Residual : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> _linear = Linear(4, 4);

        public Residual() : base(nameof(Residual)) => RegisterComponents();

        public override Tensor forward(Tensor input) => input + _linear.call(input);
    }

    private sealed class Recurrent : Module<Tensor, Tensor>, IOnnxModule
    {
        private readonly TorchSharp.Modules.LSTM? _lstm;
        private readonly TorchSharp.Modules.GRU? _gru;

        public Recurrent(bool isLstm, int layers, bool both, bool bias) : base(nameof(Recurrent))
        {
            if (isLstm) _lstm = LSTM(3, 4, layers, bias, batchFirst: true, bidirectional: both);
            else _gru = GRU(3, 4, layers, bias, batchFirst: true, bidirectional: both);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => _lstm is not null ? _lstm.call(input).Item1 : _gru!.call(input).Item1;

        public OnnxValue ToOnnx(OnnxValue input, string name) => NetworkOnnx.Export((Module?)_lstm ?? _gru!, input, name);
    }
}
