using System.Reflection;
using SerPipeline.Old.Models;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch;
using SerPipeline.Old.Torch.Layers;
using SerPipeline.Old.Trainers;
using SerPipeline.Onnx;
using SerPipeline.Tests.Support;
using Module = SerPipeline.Old.Torch.Layers.Module;

namespace SerPipeline.Tests.Onnx;

/// <summary>Every layer and every stage brings its export with it, and each layer computes under ONNX Runtime what it computes here.</summary>
public sealed class LayerExportTests
{
    private const int Features = 16;

    /// <summary>One of each kind of layer and setting, with the shape it takes.</summary>
    private static readonly Dictionary<string, (Func<SeededRandom, Module> Create, long[] Shape)> Layers = new()
    {
        ["ReLU"] = (_ => new ReLU(), [2, 7]),
        ["GELU"] = (_ => new GELU(), [2, 7]),
        ["SiLU"] = (_ => new SiLU(), [2, 7]),
        ["Tanh"] = (_ => new Tanh(), [2, 7]),
        ["Sigmoid"] = (_ => new Sigmoid(), [2, 7]),
        ["Linear"] = (r => new Linear(Features, 5, r), [2, 3, Features]),
        ["Linear without bias"] = (r => new Linear(Features, 5, r, bias: false), [2, Features]),
        ["Conv1d"] = (r => new Conv1d(Features, 32, 5, r, stride: 2, padding: 1, dilation: 2, groups: 2), [2, Features, 20]),
        ["Conv2d"] = (r => new Conv2d(Features, 32, 3, r, stride: new Size2d(2, 1), padding: new Size2d(1, 2), groups: 1, bias: false), [2, Features, 9, 8]),
        ["BatchNorm1d"] = (_ => new BatchNorm1d(Features), [3, Features]),
        ["BatchNorm1d of sequences"] = (_ => new BatchNorm1d(Features, epsilon: 1e-3), [3, Features, 4]),
        ["BatchNorm2d"] = (_ => new BatchNorm2d(Features), [2, Features, 4, 5]),
        ["LayerNorm"] = (_ => new LayerNorm(Features), [2, 3, Features]),
        ["MaxPool1d"] = (_ => new MaxPool1d(3, stride: 2, padding: 1), [2, 3, 9]),
        ["AvgPool1d"] = (_ => new AvgPool1d(3, padding: 1), [2, 3, 9]),
        ["AdaptiveAvgPool1d"] = (_ => new AdaptiveAvgPool1d(4), [2, 3, 9]),
        ["MaxPool2d"] = (_ => new MaxPool2d(2, padding: 1), [2, 3, 9, 8]),
        ["AvgPool2d"] = (_ => new AvgPool2d(new Size2d(3, 2), padding: 1), [2, 3, 9, 8]),
        ["AdaptiveAvgPool2d"] = (_ => new AdaptiveAvgPool2d(new Size2d(2, 5)), [2, 3, 9, 8]),
        ["Flatten"] = (_ => new Flatten(), [2, 3, 4, 5]),
        ["Flatten from 2"] = (_ => new Flatten(2), [2, 3, 4, 5]),
        ["Dropout"] = (r => new Dropout(0.5, r), [2, 7]),
        ["Dropout2d"] = (r => new Dropout2d(0.5, r), [2, 3, 4, 5]),
        ["LSTM"] = (r => new LSTM(5, 4, r), [2, 6, 5]),
        ["LSTM in layers and both directions"] = (r => new LSTM(5, 4, r, layers: 2, bidirectional: true, dropout: 0.3), [2, 6, 5]),
        ["MultiheadAttention"] = (r => new MultiheadAttention(Features, 4, r), [2, 6, Features]),
        ["AttentiveStatisticsPooling"] = (r => new AttentiveStatisticsPooling(Features, r, 8), [2, 6, Features]),
        ["Sequential"] = (r => new Sequential(("a", new Linear(4, 4, r)), ("b", new Sequential(new ReLU(), new Linear(4, 2, r)))), [3, 4]),
        ["FlattenFrequency"] = (_ => new FlattenFrequency(), [2, 3, 4, 5]),
        ["Unsqueeze"] = (_ => new Unsqueeze(2), [2, 3]),
        ["SelfAttention"] = (r => new SelfAttention(24, Features, 4, r), [2, 6, 24]),
        ["ProsodyNetwork"] = (r => new ProsodyNetwork(4, 5, 6, new Sequential(("flat", new Flatten()), ("a", new Linear(20, 3, r))), new Linear(6, 2, r), new Linear(5, 4, r)), [3, 26]),
        ["LastStep"] = (_ => new LastStep(), [2, 3, 4]),
    };

    public static TheoryData<string> Names { get; } = [.. Layers.Keys];

    // A new layer must be in the list above, with its export.
    [Fact]
    public void Every_module_of_the_library_overrides_its_export_and_has_a_case_here()
    {
        // What is private to a layer is exported by that layer.
        Type[] modules = [.. Concrete<Module>().Where(m => !m.IsNestedPrivate)];
        Assert.True(modules.Length > 20);
        Assert.Empty(modules.Where(m => !Overrides(m, nameof(Module.Export), typeof(Module))).Select(m => m.FullName));
        HashSet<Type> covered = [.. Layers.Values.Select(layer =>
        {
            using Module module = layer.Create(new SeededRandom(1));
            return module.GetType();
        })];
        Assert.Empty(modules.Where(m => !covered.Contains(m)).Select(m => m.FullName));
    }

    [Fact]
    public void Every_stage_of_the_library_overrides_its_export()
    {
        Type[] stages = [.. Concrete<RowTransformer>()];
        Assert.True(stages.Length >= StageRegistry.Names.Count);
        Assert.Empty(stages.Where(s => !Overrides(s, nameof(RowTransformer.Export), typeof(RowTransformer))).Select(s => s.FullName));
    }

    [Fact]
    public void A_layer_or_stage_without_export_is_refused_by_name()
    {
        using var network = new Sequential(("first", new ReLU()), ("mine", new Homemade()));
        var graph = new OnnxGraphBuilder();
        OnnxValue input = graph.Input("x", OnnxType.Float, "batch", 3);
        var layer = Assert.Throws<ModelExportException>(() => network.Export(input, "net"));
        Assert.Contains("net.mine", layer.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Homemade), layer.Message, StringComparison.Ordinal);
        using TransformerChain<ITransformer> chain = ExportedChains.WithoutForm();
        var stage = Assert.Throws<ModelExportException>(() => OnnxExporter.Export(chain, ExportedChains.Paths));
        Assert.Contains("SpectrogramImage", stage.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_layer_computes_the_same_under_the_runtime(string name)
    {
        (Func<SeededRandom, Module> create, long[] shape) = Layers[name];
        using Module layer = create(new SeededRandom(11));
        Shake(layer);
        layer.Eval();
        float[] values = SerPipeline.Tests.Old.Torch.Draw.Normal(21, shape.Aggregate(1L, (a, b) => a * b));
        var graph = new OnnxGraphBuilder();
        OnnxValue input = graph.Input("x", OnnxType.Float, [.. shape.Select((length, i) => i == 0 ? (OnnxDimension)"batch" : length)]);
        OnnxValue output = layer.Export(input, "layer");
        // As in scoring: libtorch then takes other ways than in training.
        using NoGrad noGrad = NoGrad.New();
        using Tensor expected = layer.Forward(Tensor.From(values, shape));
        graph.Output("y", output, [.. expected.Shape.ToArray().Select((length, i) => i == 0 ? (OnnxDimension)"batch" : length)]);
        var model = new OnnxModel { Graph = graph.Build("layer") };
        Assert.Empty(OnnxModelCheck.Problems(model));
        OnnxOutput found = OnnxRuntimeNode.Run(model.ToBytes(), (values, shape))[0]["y"];
        Assert.Equal(expected.Shape.ToArray(), found.Shape);
        float[] wanted = expected.ToFloats();
        for (int i = 0; i < wanted.Length; i++) Assert.Equal(wanted[i], found.Numbers[i], 2e-5f * Math.Max(1, Math.Abs(wanted[i])));
    }

    // Statistics and scales that are not those of the start.
    private static void Shake(Module layer)
    {
        var random = new SeededRandom(31);
        layer.LoadStateDict(layer.StateDict().ToDictionary(p => p.Key, p => p.Value.Type != ScalarType.Float32 ? p.Value : TensorData.From(
            [.. p.Value.ToFloats().Select(v => v + (float)(p.Key.EndsWith("running_var", StringComparison.Ordinal) ? random.NextDouble(0, 1) : random.NextDouble(-0.3, 0.3)))], p.Value.Shape)));
    }

    private static IEnumerable<Type> Concrete<T>() => typeof(T).Assembly.GetTypes().Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(T)));

    private static bool Overrides(Type type, string method, Type from) => type.GetMethods(BindingFlags.Public | BindingFlags.Instance).Single(m => m.Name == method).DeclaringType != from;

    private sealed class Homemade : Module
    {
        public override Tensor Forward(Tensor input) => input.Relu();
    }
}
