using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;
using Microsoft.ML.Transforms.Onnx;
using SerPipeline.Onnx;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>
/// Turns a chain into transformers of ML.NET alone: this library's stages, and what reads their images, become ONNX graphs, one for each
/// column that they start from; networks have graphs of their own, and the rest stays. A graph gives out only what the rest reads.
/// </summary>
internal sealed class PortableChain
{
    private const string GraphName = "SerPipeline";

    // Most of what saving takes is ONNX Runtime opening the graph of utterance features, and the folds of a run have the same stages.
    private const int MaxRecent = 4;

    private static readonly List<(byte[] Hash, OnnxTransformer Graph)> Recent = [];

    private readonly MLContext _ml = new();
    private readonly List<object> _plan = [];
    private readonly Dictionary<string, Segment> _owners = new(StringComparer.Ordinal);
    private readonly HashSet<string> _stock = new(StringComparer.Ordinal);
    private readonly HashSet<string> _renamed;

    // Columns out of a graph that networks alone read, and that others read as well.
    private readonly HashSet<string> _passing = new(StringComparer.Ordinal), _kept = new(StringComparer.Ordinal);

    private PortableChain(HashSet<string> renamed) => _renamed = renamed;

    /// <param name="stages">The stages, none of which decodes files.</param>
    /// <param name="input">The columns that they start from.</param>
    /// <exception cref="ModelExportException">A stage is neither ML.NET's nor has a form in ONNX.</exception>
    public static IReadOnlyList<ITransformer> Of(IReadOnlyList<ITransformer> stages, DataViewSchema input)
    {
        // A graph cannot give out a column under the name of its input: the second try gives that input another name.
        var renamed = new HashSet<string>(StringComparer.Ordinal);
        for (; ; )
        {
            var chain = new PortableChain(renamed);
            chain.Add(stages, input);
            string[] clashes = [.. chain._plan.OfType<Segment>().Where(s => s.Given.ContainsKey(s.Source)).Select(s => s.Source)
                .Where(renamed.Add)];
            if (clashes.Length == 0) return ChainStages.From(input, [.. chain._plan.SelectMany(chain.Finish)]);
        }
    }

    private void Add(IReadOnlyList<ITransformer> stages, DataViewSchema schema)
    {
        foreach (ITransformer stage in stages)
        {
            if (!TryFold(stage, schema)) Keep(stage, schema);
            schema = stage.GetOutputSchema(schema);
        }
        string[] drop = [.. _passing.Where(column => !_kept.Contains(column) && _owners.ContainsKey(column))];
        if (drop.Length > 0) _plan.Add(MlNetInternals.DropColumns(_ml, drop));
        // Features alone, without anything that reads them.
        foreach (Segment segment in _plan.OfType<Segment>().Where(s => s.Given.Count == 0))
            foreach (string column in segment.Leaves) segment.Give(schema[column]);
    }

    private bool TryFold(ITransformer stage, DataViewSchema schema)
    {
        if (stage is not (RowTransformer or ImagePixelExtractingTransformer or ImageGrayscalingTransformer)) return false;
        (string Output, string[] Inputs)[] columns = ChainGraph.AddedBy(stage, schema);
        string[] inputs = [.. columns.SelectMany(c => c.Inputs).Distinct()];
        if (stage is RowTransformer own && !_owners.ContainsKey(own.InputColumnName)) Open(schema[own.InputColumnName]);
        Segment? segment = inputs.Length > 0 ? _owners.GetValueOrDefault(inputs[0]) : null;
        if (segment is null || inputs.Any(input => _owners.GetValueOrDefault(input) != segment)) return false;
        foreach ((string column, _) in columns)
            if (_stock.Contains(column) || segment.Given.ContainsKey(column))
                throw new ModelExportException($"The chain cannot be saved without this library: column '{column}' is computed twice, "
                    + $"and both are needed. Give {ChainStages.NameOf(stage)}'s another name.");
        if (segment.Graph.Add(stage, schema) is { } problem)
            throw new ModelExportException($"The chain cannot be saved without this library: {problem}.");
        foreach (string input in inputs) segment.Leaves.Remove(input);
        foreach ((string column, _) in columns)
        {
            _owners[column] = segment;
            segment.Leaves.Add(column);
        }
        return true;
    }

    private void Keep(ITransformer stage, DataViewSchema schema)
    {
        Type type = stage.GetType();
        string assembly = type.Assembly.GetName().Name!;
        bool isMapping = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(CustomMappingTransformer<,>);
        if (stage is not NeuralModel && (isMapping || !assembly.StartsWith("Microsoft.ML.", StringComparison.Ordinal)))
            throw new ModelExportException($"The chain cannot be saved without this library: "
                + $"{(isMapping ? "CustomMapping" : $"{type.Name} of {assembly}")} is code of your own, which no other "
                + "program has. Compute its column before the chain starts, put a stage of ML.NET in its place, or save the whole chain "
                + "by ml.Model.Save.");
        foreach ((string output, string[] inputs) in ChainGraph.AddedBy(stage, schema))
        {
            foreach (string input in inputs)
                if (_owners.TryGetValue(input, out Segment? segment) && segment.Give(schema[input]))
                    (stage is NeuralModel ? _passing : _kept).Add(input);
            _owners.Remove(output);
            _stock.Add(output);
        }
        if (stage is NeuralModel neural) _plan.AddRange(neural.Stock);
        else _plan.Add(stage);
    }

    private void Open(DataViewSchema.Column column)
    {
        var segment = new Segment(column.Name, _renamed.Contains(column.Name) ? StockForm.Temporary + column.Name : column.Name);
        segment.Graph.Start(column.Name, column.Type, segment.Tensor);
        _plan.Add(segment);
        _owners[column.Name] = segment;
        segment.Original = column;
    }

    private IEnumerable<ITransformer> Finish(object part)
    {
        if (part is not Segment segment) return [(ITransformer)part];
        var stages = new List<ITransformer>();
        var drop = new List<string>();
        if (segment.Tensor != segment.Source)
        {
            stages.Add(_ml.Transforms.CopyColumns(segment.Tensor, segment.Source)
                .Fit(MemoryView.Empty(segment.Source, segment.Original.Type)));
            drop.Add(segment.Tensor);
        }
        ColumnGraph graph = segment.Graph.Graph;
        var images = new List<ITransformer>();
        foreach (DataViewSchema.Column column in segment.Given.Values)
        {
            OnnxColumn value = segment.Graph[column.Name];
            if (column.Type is not ImageDataViewType image)
            {
                graph.Output(column.Name, value, column.Type, Waveform.SlotNamesOf(column));
                continue;
            }
            if (image is not { Height: > 0, Width: > 0 })
                throw new ModelExportException($"The chain cannot be saved without this library: the images of column '{column.Name}' "
                    + "have no fixed size. Set SpectrogramImage's Width.");
            graph.OutputPlanes(StockForm.Planes(column.Name), value, image);
            images.Add(StockForm.ToImage(_ml, column.Name, image));
            drop.Add(StockForm.Planes(column.Name));
        }
        // Nothing reads it.
        if (graph.Outputs.Count == 0) return [];
        stages.Add(Shared(graph));
        stages.AddRange(images);
        if (drop.Count > 0) stages.Add(MlNetInternals.DropColumns(_ml, [.. drop]));
        return stages;
    }

    private OnnxTransformer Shared(ColumnGraph graph)
    {
        byte[] model = graph.Build(GraphName).ToBytes(), hash = SHA256.HashData(model);
        lock (Recent)
        {
            int at = Recent.FindIndex(one => one.Hash.AsSpan().SequenceEqual(hash));
            (byte[] Hash, OnnxTransformer Graph) found = at >= 0 ? Recent[at]
                : (hash, MlNetInternals.Onnx(_ml, graph.Outputs, graph.Inputs, model));
            if (at >= 0 || Recent.Count == MaxRecent) Recent.RemoveAt(Math.Max(at, 0));
            Recent.Add(found);
            return found.Graph;
        }
    }

    private sealed class Segment(string source, string tensor)
    {
        public string Source => source;

        public string Tensor => tensor;

        public ChainGraph Graph { get; } = new(1);

        public DataViewSchema.Column Original { get; set; }

        /// <summary>The columns that the stages outside read.</summary>
        public Dictionary<string, DataViewSchema.Column> Given { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Leaves { get; } = new(StringComparer.Ordinal);

        // What it started from is there anyway, as long as nothing in the graph took its name.
        public bool Give(DataViewSchema.Column column)
        {
            if (column.Name == source && column.Index == Original.Index) return false;
            Given[column.Name] = column;
            return true;
        }
    }
}
