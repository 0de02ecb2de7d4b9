using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;
using Microsoft.ML.Transforms.Onnx;
using SerPipeline.Onnx;

namespace SerPipeline.Transforms;

/// <summary>An ONNX graph whose inputs and outputs are columns of a data view, named alike.</summary>
/// <param name="batch">The first dimension of inputs: 1 where ML.NET runs the graph, row by row.</param>
internal sealed class ColumnGraph(OnnxDimension batch)
{
    private const string TextDomain = "ai.onnx.ml";

    private readonly List<string> _inputs = [], _outputs = [];
    private readonly List<OnnxNode> _named = [];
    private readonly List<OnnxTensor> _keys = [];

    public OnnxGraphBuilder Graph { get; } = new();

    public IReadOnlyList<string> Inputs => _inputs;

    public IReadOnlyList<string> Outputs => _outputs;

    /// <summary>Takes a column in: a vector as [batch, slots], frames as [batch, bands, frames], an image as levels [batch, 1, height,
    /// width], else a waveform [batch, samples].</summary>
    public OnnxColumn Input(string name, DataViewType type)
    {
        _inputs.Add(name);
        switch (type)
        {
            case ImageDataViewType { Height: > 0 and var height, Width: > 0 and var width }:
                return new OnnxColumn(Graph.Input(name, OnnxType.Float, batch, 1, height, width));
            case VectorDataViewType { Size: > 0 and var slots }:
                return new OnnxColumn(Graph.Input(name, OnnxType.Float, batch, slots));
            case VectorDataViewType { Dimensions: [> 0 and var bands, 0] }:
                OnnxValue frames = Graph.Input(name, OnnxType.Float, batch, bands, "frames");
                return new OnnxColumn(frames, frames.Length(2).Expand(frames.Length(0).Unsqueeze(0)));
            case VectorDataViewType:
                return OnnxColumn.OfWaveform(Unplanned(NotEmpty(Graph.Input(name, OnnxType.Float, batch, "samples"), name)));
            default:
                throw new ModelExportException($"Column '{name}' of {type} has no form in ONNX: images need a fixed size, and other "
                    + "columns must be vectors of Single.");
        }
    }

    /// <summary>Gives a column out for ML.NET, which then has its type back but for the bands of frames: ML.NET knows no shape that is free
    /// in part.</summary>
    public void Output(string name, OnnxColumn column, DataViewType type, IReadOnlyList<string>? slotNames)
    {
        _outputs.Add(name);
        OnnxValue value = column.Lengths is { } lengths ? column.Values.Graph.Node("Slice", [column.Values, Long(0), lengths, Long(-1)])
            : column.Values;
        switch (type)
        {
            case VectorDataViewType { Size: > 0 } vector:
                long[] shape = [.. vector.Dimensions.Select(d => (long)d)];
                Graph.Output(name, value.Reshape(shape), [.. shape.Select(d => (OnnxDimension)d)]);
                break;
            case VectorDataViewType { Dimensions: [> 0 and var bands, 0] }:
                Graph.Output(name, value.Squeeze(0), bands, "frames");
                break;
            default:
                Graph.Output(name, value, 1, "samples");
                break;
        }
        if (slotNames is not null) Name(name, slotNames);
    }

    /// <summary>Gives a grey image out as three equal planes [3, height, width], which ML.NET's ConvertToImage reads.</summary>
    public void OutputPlanes(string name, OnnxColumn image, ImageDataViewType type)
    {
        _outputs.Add(name);
        Graph.Output(name, Graph.Concat(1, image.Values, image.Values, image.Values).Squeeze(0), 3, type.Height, type.Width);
    }

    /// <summary>Gives a tensor out as it is.</summary>
    public void Output(string name, OnnxValue value, params OnnxDimension[] shape)
    {
        _outputs.Add(name);
        Graph.Output(name, value, shape);
    }

    public OnnxModel Build(string name, IReadOnlyDictionary<string, string>? metadata = null)
    {
        OnnxGraph graph = Graph.Build(name);
        var sets = new Dictionary<string, long> { [""] = OnnxModel.OperatorSet };
        if (_named.Count > 0) sets[TextDomain] = 2;
        graph = graph with { Nodes = [.. graph.Nodes, .. _named], Initializers = [.. graph.Initializers, .. _keys] };
        return OnnxModel.Of(graph) with { OperatorSets = sets, Metadata = metadata ?? new Dictionary<string, string>() };
    }

    public OnnxTransformer ToTransformer(IHostEnvironment environment, string name) =>
        MlNetInternals.Onnx(environment, _outputs, _inputs, Build(name).ToBytes());

    // ML.NET's own convention for graphs: a node of this name holds the slot names of a column, and what it computes nobody asks for.
    private void Name(string column, IReadOnlyList<string> slots)
    {
        string key = $"mlnet.{column}.unusedInput";
        _keys.Add(OnnxTensor.From(key, [1, 1], [slots[0]]));
        var attributes = new Dictionary<string, object>
        {
            ["keys_strings"] = slots.ToArray(),
            ["values_int64s"] = Enumerable.Range(0, slots.Count).Select(i => (long)i).ToArray(),
        };
        _named.Add(new OnnxNode("LabelEncoder", [key], [$"mlnet.{column}.unusedOutput"], attributes, $"mlnet.{column}.SlotNames",
            TextDomain));
    }

    // ONNX has no messages, but a runtime names the node that fails. The first sample, which an empty clip has not, and the rest.
    private OnnxValue NotEmpty(OnnxValue samples, string name)
    {
        using IDisposable scope = Graph.Scope($"{name} must hold at least one sample");
        return Graph.Concat(1, samples.Gather(Long(0), 1), samples.Slice(1, 1, long.MaxValue));
    }

    // ONNX Runtime plans memory by comparing the shape of each tensor with those of all before it: of 2,000 nodes that takes four fifths of
    // the time to open the graph. Behind a reshape to a shape of unknown length it knows no shape, and compares none; it runs as fast.
    private static OnnxValue Unplanned(OnnxValue value)
    {
        OnnxGraphBuilder graph = value.Graph;
        OnnxValue shape = graph.Node("Shape", [value], type: OnnxType.Int64);
        return graph.Node("Reshape", [value, graph.Node("Compress", [shape, graph.Node("Equal", [shape, shape], type: OnnxType.Bool)])]);
    }

    private OnnxValue Long(long number) => Graph.Constant([number]);
}
