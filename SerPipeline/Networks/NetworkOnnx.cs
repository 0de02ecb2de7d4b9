using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SerPipeline.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace SerPipeline.Networks;

/// <summary>Networks as ONNX graphs: the project's own, TorchSharp's common layers and <c>Sequential</c>s of them, and whatever says its
/// own form.</summary>
public static class NetworkOnnx
{
    /// <summary>Adds what a module computes in evaluation mode, in float32, to a graph.</summary>
    /// <param name="module">
    /// An <see cref="IOnnxModule"/>, a <c>Sequential</c>, or a layer of TorchSharp: Linear, Conv1d, Conv2d, BatchNorm1d, BatchNorm2d,
    /// LayerNorm, ReLU, ReLU6, LeakyReLU, GELU, ELU, SiLU, Sigmoid, Tanh, Hardtanh (in place), Softmax, LogSoftmax, Dropout of any kind,
    /// MaxPool1d, MaxPool2d, AvgPool1d, AvgPool2d, AdaptiveAvgPool1d, AdaptiveAvgPool2d, Flatten, Unflatten, Identity, LSTM and GRU (their
    /// outputs of all steps).
    /// </param>
    /// <param name="input">What its forward is given.</param>
    /// <param name="name">Its dotted path, empty for a whole network; weights are named by it.</param>
    /// <param name="converters">Forms that come before any other; those of modules inside an <see cref="IOnnxModule"/> are its own
    /// affair.</param>
    /// <returns>What its forward returns.</returns>
    /// <exception cref="ModelExportException">The module, or one within, has no form in ONNX; the message names it.</exception>
    public static OnnxValue Export(nn.Module module, OnnxValue input, string name, OnnxConverters? converters = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(name);
        if (converters?.For(module) is { } convert) return convert(module, input, name);
        return module switch
        {
            IOnnxModule own => own.ToOnnx(input, name),
            Sequential chain => chain.named_children().Aggregate(input, (current, child) =>
                Export(child.module, current, Join(name, child.name), converters)),
            _ => TorchLayersOnnx.Export(module, input, name),
        };
    }

    /// <summary>A parameter or buffer as a weight of a graph, float32.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">Its full name.</param>
    /// <param name="tensor">Its value, of any floating type, on any device.</param>
    public static OnnxValue Weight(OnnxGraphBuilder graph, string name, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(tensor);
        using DisposeScope scope = NewDisposeScope();
        Tensor plain = tensor.detach().cpu().As(ScalarType.Float32).contiguous();
        return graph.Weight(OnnxTensor.Raw(name, OnnxType.Float, plain.shape, plain.bytes.ToArray()));
    }

    /// <summary>A network as a model of its own: input <c>Input</c> [batch, shape...], output <c>Output</c> [batch, ...].</summary>
    /// <param name="network">The network; left in evaluation mode.</param>
    /// <param name="inputShape">Lengths of one example's dimensions.</param>
    /// <param name="converters">As in <see cref="Export"/>.</param>
    /// <exception cref="ModelExportException">As in <see cref="Export"/>.</exception>
    public static OnnxModel ToModel(nn.Module<Tensor, Tensor> network, IReadOnlyList<long> inputShape, OnnxConverters? converters = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(inputShape);
        var graph = new OnnxGraphBuilder();
        OnnxValue input = graph.Input("Input", OnnxType.Float, ["batch", .. inputShape.Select(length => (OnnxDimension)length)]);
        OnnxValue output = Export(network, input, "", converters);
        (long[] shape, _) = Forward(network, new float[Count(inputShape)], [1, .. inputShape]);
        graph.Output("Output", output, ["batch", .. shape.Skip(1).Select(length => (OnnxDimension)length)]);
        return OnnxModel.Of(graph.Build(network.GetName()));
    }

    /// <summary>Requires that ONNX Runtime computes from the exported graph what the network does: on a single drawn example and on
    /// three, in evaluation mode and float32.</summary>
    /// <param name="network">The network; left in evaluation mode and float32.</param>
    /// <param name="inputShape">Lengths of one example's dimensions.</param>
    /// <param name="converters">As in <see cref="Export"/>.</param>
    /// <param name="tolerance">How far values may differ, as a share of the greatest value or of 1, whichever is more.</param>
    /// <exception cref="ModelExportException">They differ by more, or in shape, or the graph does not run.</exception>
    public static void Verify(nn.Module<Tensor, Tensor> network, IReadOnlyList<long> inputShape, OnnxConverters? converters = null,
        double tolerance = 1e-4)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(inputShape);
        network.SetPrecision(ComputePrecision.Float32);
        byte[] model = ToModel(network, inputShape, converters).ToBytes();
        string name = network.GetName();
        var random = new SeededRandom(0).Fork("onnx check");
        try
        {
            // What is wrong with the graph is raised or found below; a warning on standard error would say it twice.
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            using var session = new InferenceSession(model, options);
            foreach (long batch in (long[])[1, 3])
            {
                float[] values = [.. Enumerable.Range(0, checked((int)(batch * Count(inputShape)))).Select(_ =>
                    (float)random.NextNormal())];
                long[] shape = [batch, .. inputShape];
                (long[] expectedShape, float[] expected) = Forward(network, values, shape);
                using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run(
                    [NamedOnnxValue.CreateFromTensor("Input",
                        new DenseTensor<float>(values, [.. shape.Select(length => checked((int)length))]))]);
                var found = (DenseTensor<float>)results[0].AsTensor<float>();
                if (!found.Dimensions.ToArray().Select(length => (long)length).SequenceEqual(expectedShape))
                    throw Differs(name, $"gives [{string.Join(", ", found.Dimensions.ToArray())}] for a batch of {batch} where the "
                        + $"network gives [{string.Join(", ", expectedShape)}]");
                double size = expected.Max(value => Math.Abs((double)value)), worst = found.ToArray().Zip(expected, (a, b) =>
                    Math.Abs((double)a - b)).Aggregate(0.0, Math.Max);
                if (!(worst <= tolerance * Math.Max(1, size)))
                    throw Differs(name, string.Create(CultureInfo.InvariantCulture,
                        $"gives values that differ by up to {worst:g3} where the network's reach {size:g3}"));
            }
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelExportException($"The ONNX graph of {name} does not run: {e.Message} Look at the "
                + $"{nameof(IOnnxModule.ToOnnx)} and converters of its layers.", e);
        }
    }

    /// <summary>A dotted path made longer.</summary>
    /// <param name="path">The path, empty for the whole network.</param>
    /// <param name="name">A name in it.</param>
    public static string Join(string path, string name) => string.IsNullOrEmpty(path) ? name : $"{path}.{name}";

    internal static OnnxValue Linear(OnnxValue input, string name, Tensor weight, Tensor? bias)
    {
        OnnxValue product = input.MatMul(Weight(input.Graph, Join(name, "weight"), weight).Transpose(1, 0));
        return bias is null ? product : product + Weight(input.Graph, Join(name, "bias"), bias);
    }

    internal static OnnxValue Convolution(OnnxValue input, string name, Tensor weight, Tensor? bias, long[] stride, long[] before,
        long[] after, long[] dilation, long groups)
    {
        OnnxGraphBuilder graph = input.Graph;
        OnnxValue kernel = Weight(graph, Join(name, "weight"), weight);
        return graph.Node("Conv", bias is null ? [input, kernel] : [input, kernel, Weight(graph, Join(name, "bias"), bias)],
        [
            ("kernel_shape", weight.shape[2..]), ("strides", stride), ("pads", (long[])[.. before, .. after]), ("dilations", dilation),
            ("group", groups),
        ]);
    }

    private static ModelExportException Differs(string name, string how) =>
        new($"The ONNX graph of {name} {how}. A layer's {nameof(IOnnxModule.ToOnnx)} or converter does not say what its forward "
            + "computes in evaluation mode.");

    private static long Count(IEnumerable<long> shape) => shape.Aggregate(1L, (a, b) => checked(a * b));

    private static (long[] Shape, float[] Values) Forward(nn.Module<Tensor, Tensor> network, float[] values, long[] shape)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        network.eval();
        Device device = network.parameters().FirstOrDefault()?.device ?? CPU;
        Tensor output = network.call(tensor(values, shape, device: device)).detach().cpu().As(ScalarType.Float32).contiguous();
        return (output.shape, output.data<float>().ToArray());
    }
}
