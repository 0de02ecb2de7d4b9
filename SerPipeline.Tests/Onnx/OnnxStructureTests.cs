using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Networks;
using SerPipeline.Onnx;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Onnx;

/// <summary>What can be said of an exported model without running it.</summary>
public sealed class OnnxStructureTests
{
    [Fact]
    public void The_model_declares_what_goes_in_and_out()
    {
        OnnxModel model = Cnn();
        Assert.Equal(["waveform: Float [batch, samples]"], model.Graph.Inputs.Select(i => i.ToString()));
        Assert.Equal(["probabilities: Float [batch, 8]", "label: String [batch]", "logits: Float [batch, 8]"],
            model.Graph.Outputs.Select(o => o.ToString()));
        Assert.Equal(new Dictionary<string, long> { [""] = 17 }, model.OperatorSets);
        Assert.Equal(8, model.IrVersion);
        Assert.Equal("16000", model.Metadata["sample_rate_hz"]);
        Assert.Equal("""["neutral","calm","happy","sad","angry","fearful","disgust","surprised"]""", model.Metadata["labels"]);
        using TransformerChain<ITransformer> paper = ExportedChains.Paper("Mlp");
        Assert.Equal("22050", OnnxExporter.Export(paper, ExportedChains.Paths).Metadata["sample_rate_hz"]);
    }

    [Fact]
    public void Every_chain_is_sound_and_read_back_as_written()
    {
        foreach (Func<TransformerChain<ITransformer>> create in Chains)
        {
            using TransformerChain<ITransformer> chain = create();
            byte[] bytes = OnnxExporter.Export(chain, ExportedChains.Paths).ToBytes();
            OnnxModel read = OnnxModel.Read(bytes);
            Assert.Empty(OnnxModelCheck.Problems(read));
            Assert.Equal(bytes, read.ToBytes());
            Assert.Equal(bytes, OnnxExporter.Export(chain, ExportedChains.Paths).ToBytes());
            Assert.All(read.Graph.Nodes, n => Assert.Equal("", n.Domain));
        }
    }

    // The check must be able to fail.
    [Fact]
    public void Unsound_models_are_found_out()
    {
        OnnxModel model = Cnn();
        OnnxGraph graph = model.Graph;
        void Found(OnnxGraph broken, string part) =>
            Assert.Contains(OnnxModelCheck.Problems(model with { Graph = broken }), p => p.Contains(part, StringComparison.Ordinal));
        Found(graph with { Nodes = [.. graph.Nodes.Reverse()] }, "no node before it");
        Found(graph with { Nodes = [.. graph.Nodes, graph.Nodes[0]] }, "used before");
        Found(graph with { Initializers = [.. graph.Initializers.Skip(1)] }, "no node before it");
        Found(graph with
        {
            Initializers = [.. graph.Initializers.Skip(1),
            OnnxTensor.Raw(graph.Initializers[0].Name, OnnxType.Float, [1_000_003], new byte[8])]
        }, "bytes");
        Found(graph with { Outputs = [new OnnxValueInfo("elsewhere", OnnxType.Float, [1L])] }, "given by nothing");
        Found(graph with { Outputs = [graph.Outputs[0] with { Shape = null }] }, "without a type or shape");
        Assert.NotEmpty(OnnxModelCheck.Problems(model with { OperatorSets = new Dictionary<string, long>() }));
    }

    [Fact]
    public void An_optional_input_fits_its_default_and_branches_share_their_weights()
    {
        using TransformerChain<ITransformer> chain = ExportedChains.Voices();
        OnnxModel model = OnnxExporter.Export(chain, ExportedChains.Paths);
        OnnxGraph graph = model.Graph;
        void Found(OnnxGraph broken, string part) =>
            Assert.Contains(OnnxModelCheck.Problems(model with { Graph = broken }), p => p.Contains(part, StringComparison.Ordinal));
        OnnxTensor zeros = graph.Initializers.Single(tensor => tensor.Name == OnnxExporter.SpeakerOffset);
        OnnxTensor[] others = [.. graph.Initializers.Except([zeros])];
        Found(graph with { Initializers = [.. graph.Initializers, zeros] }, "used before");
        Found(graph with { Initializers = [.. others, OnnxTensor.From<float>(zeros.Name, [2], [0, 0])] }, "does not fit the input");
        Found(graph with { Initializers = [.. others, OnnxTensor.From<long>(zeros.Name, zeros.Shape, new long[zeros.Count])] }, "does not");
        OnnxNode choice = graph.Nodes.Single(node => node.Operator == "If");
        var (known, unknown) = ((OnnxGraph)choice.Attributes["else_branch"], (OnnxGraph)choice.Attributes["then_branch"]);
        Found(graph with
        {
            Nodes = [.. graph.Nodes.Select(node => node != choice ? node : node with
            {
                Attributes = new Dictionary<string, object> { ["then_branch"] = unknown, ["else_branch"] = known with { Outputs = [] } },
            })],
        }, "a branch has 0");
        // The network over images is in both, its weights in the file once.
        Assert.Equal(unknown.Nodes.Count(node => node.Operator == "Conv"), known.Nodes.Count(node => node.Operator == "Conv"));
        string[][] kernels = [.. new[] { unknown, known }.Select(branch => branch.Nodes.Where(node => node.Operator == "Conv")
            .Select(node => node.Inputs[1]).ToArray())];
        Assert.NotEmpty(kernels[0]);
        Assert.Equal(kernels[0], kernels[1]);
    }

    [Fact]
    public void A_loop_carries_its_states_and_is_read_back_as_written()
    {
        OnnxModel model = new() { Graph = Loop() };
        Assert.Empty(OnnxModelCheck.Problems(model));
        OnnxModel read = OnnxModel.Read(model.ToBytes());
        Assert.Equal(model.ToBytes(), read.ToBytes());
        OnnxNode scan = read.Graph.Nodes.Single(n => n.Operator == "Scan");
        var body = (OnnxGraph)scan.Attributes["body"];
        Assert.Equal([scan.Inputs.Count, scan.Outputs.Count], [body.Inputs.Count, body.Outputs.Count]);
        Assert.Equal(1L, scan.Attributes["num_scan_inputs"]);

        void Found(OnnxGraph broken, string part)
        {
            OnnxNode other = scan with { Attributes = new Dictionary<string, object>(scan.Attributes) { ["body"] = broken } };
            OnnxGraph graph = model.Graph with { Nodes = [.. model.Graph.Nodes.Select(n => n.Operator == "Scan" ? other : n)] };
            Assert.Contains(OnnxModelCheck.Problems(model with { Graph = graph }), p => p.Contains(part, StringComparison.Ordinal));
        }
        Found(body with { Nodes = [.. body.Nodes.Skip(1)] }, "no node before it");
        Found(body with { Inputs = [.. body.Inputs.Append(new OnnxValueInfo("more", OnnxType.Float, ["batch"]))] }, "its body has");
        Found(body with { Inputs = [body.Inputs[0] with { Name = "x" }, .. body.Inputs.Skip(1)] }, "used before");
        // A step that returns other types than it was given could not be repeated.
        Assert.Throws<ArgumentException>(() => Loop(sum => sum.To(OnnxType.Double)));
    }

    [Fact]
    public void A_fraction_beside_whole_numbers_is_refused_and_not_cut()
    {
        var graph = new OnnxGraphBuilder();
        OnnxValue count = graph.Input("n", OnnxType.Int64, 1);
        Assert.Equal(OnnxType.Int64, (count * 2).Type);
        Assert.Contains("0.5", Assert.Throws<ArgumentException>(() => count * 0.5).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_computes_the_same_under_the_runtime()
    {
        OnnxOutput found = OnnxRuntime.Run(new OnnxModel { Graph = Loop() }.ToBytes(), ([1, 2, 3, -4, 5, -6], [2, 3]))[0]["y"];
        // Each step halves what there is and adds the next column.
        Assert.Equal([(((1 / 2f) + 2) / 2) + 3, (((-4 / 2f) + 5) / 2) - 6], found.Numbers);
    }

    // Graphs within graphs to a depth that would exhaust the stack of a reader that went on.
    [Fact]
    public void Graphs_too_deep_within_graphs_are_refused()
    {
        OnnxGraph graph = Loop();
        for (int depth = 0; depth < 12; depth++)
            graph = graph with { Nodes = [new OnnxNode("Scan", [], [], new Dictionary<string, object> { ["body"] = graph })] };
        Assert.Contains("deep", Assert.Throws<ModelFormatException>(() =>
            OnnxModel.Read(new OnnxModel { Graph = graph }.ToBytes())).Message, StringComparison.Ordinal);
    }

    // Bit for bit, under the names of the state dictionary: a reader can tell which weights a graph was made of.
    [Fact]
    public void Every_weight_stands_in_the_graph()
    {
        TorchEngine.Start();
        using var network = new SpectrogramCnn(64, 128, 8, new(), new SeededRandom(3));
        Dictionary<string, OnnxTensor> tensors = NetworkOnnx.ToModel(network, [1, 64, 128]).Graph.Initializers.ToDictionary(t => t.Name);
        (string Name, Tensor Value)[] weights =
        [
            .. network.named_parameters().Select(p => (p.name, (Tensor)p.parameter)),
            .. network.named_buffers().Where(b => b.buffer.dtype == ScalarType.Float32).Select(b => (b.name, b.buffer)),
        ];
        Assert.True(weights.Length > 20);
        foreach ((string name, Tensor value) in weights)
        {
            Assert.Equal(value.shape, tensors[name].Shape);
            Assert.True(value.bytes.SequenceEqual(tensors[name].Bytes.Span), name);
        }
        // And those of a trained network in the graph from the waveform on.
        using TransformerChain<ITransformer> chain = ExportedChains.Cnn();
        HashSet<string> whole = [.. OnnxExporter.Export(chain, ExportedChains.Paths).Graph.Initializers.Select(Content)];
        Assert.All(chain.OfType<NeuralModel>().Single().Network.Graph.Initializers, tensor => Assert.Contains(Content(tensor), whole));

        static string Content(OnnxTensor tensor) => Convert.ToBase64String(tensor.Bytes.Span);
    }

    [Fact]
    public void Bytes_that_are_no_model_are_refused_whatever_they_are()
    {
        byte[] bytes = Cnn().ToBytes();
        var random = new SeededRandom(4);
        int refused = 0;
        for (int i = 0; i < 400; i++)
        {
            byte[] damaged = i % 2 == 0 ? bytes[..random.Next(bytes.Length)] : [.. bytes];
            if (i % 2 == 1) damaged[random.Next(3000)] ^= (byte)(1 << random.Next(8));
            Exception? error = Record.Exception(() => OnnxModelCheck.Problems(OnnxModel.Read(damaged)));
            Assert.True(error is null or ModelFormatException, error?.ToString());
            if (error is not null) refused++;
        }
        Assert.InRange(refused, 150, 400);
        Assert.Throws<ModelFormatException>(() => OnnxModel.Read("no model at all"u8.ToArray()));
        Assert.Throws<ModelFormatException>(() => OnnxModel.Read(Array.Empty<byte>()));
    }

    // ONNX's own checker, with shape inference: the Python of SER_ONNX_PYTHON, or python3, with the package onnx.
    [Fact]
    public void Onnx_own_checker_takes_every_chain()
    {
        string python = Environment.GetEnvironmentVariable("SER_ONNX_PYTHON") is { Length: > 0 } named ? named : "python3";
        Assert.SkipUnless(Programs.Succeeds(python, "-c", "import onnx"),
            $"needs the Python package onnx: in '{python}', or in the Python that the variable SER_ONNX_PYTHON names");
        using var folder = new TemporaryFolder();
        var files = new List<string>();
        foreach (Func<TransformerChain<ITransformer>> create in Chains)
        {
            using TransformerChain<ITransformer> chain = create();
            files.Add(folder.File($"{files.Count}.onnx"));
            File.WriteAllBytes(files[^1], OnnxExporter.Export(chain, ExportedChains.Paths).ToBytes());
        }
        const string Check = "import onnx, sys\nfor f in sys.argv[1:]:\n    onnx.checker.check_model(onnx.load(f), full_check=True)\n    "
            + "print('sound')";
        (int code, string output) = Programs.Run(python, ["-c", Check, .. files]);
        Assert.True(code == 0, output);
        Assert.Equal(files.Count, output.Split("sound").Length - 1);
    }

    private static Func<TransformerChain<ITransformer>>[] Chains { get; } =
    [
        () => ExportedChains.Cnn(),
        () => ExportedChains.Cnn(
            new() { Trim = new() { Mode = SerPipeline.Audio.SilenceMode.FrameRms }, Normalization = new() },
            new() { Padding = SerPipeline.Features.SignalPadding.Reflect, Power = 1 },
            new() { Fit = SerPipeline.Features.WidthFit.Resize, Scaling = SerPipeline.Features.PixelScaling.MinMax }),
        () => ExportedChains.Cnn(new() { Normalization = new() { Mode = SerPipeline.Audio.NormalizationMode.Loudness } }),
        () => ExportedChains.Paper("Mlp"),
        () => ExportedChains.Paper("MlpClassifier"),
        () => ExportedChains.Paper("Conv1d"),
        () => ExportedChains.Paper("Lstm"),
        ExportedChains.Utterance,
        ExportedChains.Recipe,
        ExportedChains.Voices,
    ];

    private static OnnxGraph Loop(Func<OnnxValue, OnnxValue>? spoil = null)
    {
        var graph = new OnnxGraphBuilder();
        OnnxValue x = graph.Input("x", OnnxType.Float, "batch", "steps"), start = x.Slice(1, 0, 1).Squeeze(1) * 0;
        graph.Output("y", graph.Scan([start], [x], 1, ["batch"],
            (states, parts) => [(spoil ?? (sum => sum))((states[0] / 2) + parts[0])])[0], "batch");
        return graph.Build("loop");
    }

    private static OnnxModel Cnn()
    {
        using TransformerChain<ITransformer> chain = ExportedChains.Cnn();
        return OnnxExporter.Export(chain, ExportedChains.Paths);
    }
}
