using System.Collections.Immutable;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;
using SerPipeline.Onnx;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>Stages of a chain as one ONNX graph: the columns that are in it so far.</summary>
internal sealed class ChainGraph(OnnxDimension batch)
{
    private readonly Dictionary<string, OnnxColumn> _columns = new(StringComparer.Ordinal);

    public ColumnGraph Graph { get; } = new(batch);

    /// <summary>Whether a network that adapts takes a speaker's offset; else it is there for unknown voices alone.</summary>
    public bool Adapts { get; init; }

    /// <summary>How the network adapts, and the features without a speaker's offset; null where it does not.</summary>
    public (SpeakerAdaptation Of, OnnxValue Features)? Adaptation { get; private set; }

    /// <summary>What the classifier says, [batch, classes]; null before there is one in the graph.</summary>
    public (OnnxValue Logits, OnnxValue Probabilities)? Scores { get; private set; }

    public void Start(string column, DataViewType type, string? tensor = null) => _columns[column] = Graph.Input(tensor ?? column, type);

    public bool Has(string column) => _columns.ContainsKey(column);

    public OnnxColumn this[string column] => _columns[column];

    /// <summary>Adds a stage.</summary>
    /// <returns>Null when it is in the graph; else why it cannot be.</returns>
    public string? Add(ITransformer stage, DataViewSchema input)
    {
        // They change no values that a score depends on.
        if (stage is ColumnSelectingTransformer or KeyToValueMappingTransformer or ValueToKeyMappingTransformer) return null;
        string name = ChainStages.NameOf(stage);
        (string Output, string[] Inputs)[] columns = AddedBy(stage, input);
        if (columns.SelectMany(c => c.Inputs).FirstOrDefault(c => !Has(c)) is { } missing)
            return $"{name} reads column '{missing}', which is not in the graph";
        using IDisposable scope = Graph.Graph.Scope(name);
        switch (stage)
        {
            case RowTransformer own:
                _columns[own.OutputColumnName] = own.Stage.AddOnnx(_columns[own.InputColumnName]);
                return null;
            case NeuralModel neural:
                OnnxValue logits = RawScores(neural);
                Scores = (logits, logits.Softmax());
                return null;
            case MulticlassPredictionTransformer<MaximumEntropyModelParameters> linear:
                OnnxValue scores = Linear(linear.Model, _columns[linear.FeatureColumnName].Values);
                Scores = (scores, scores.Softmax());
                return null;
            case NormalizingTransformer normalizing:
                return Normalize(normalizing, columns);
            case ColumnCopyingTransformer:
                OnnxColumn[] copies = [.. columns.Select(c => _columns[c.Inputs.Single()])];
                foreach ((int i, (string output, _)) in columns.Index()) _columns[output] = copies[i];
                return null;
            case ImagePixelExtractingTransformer or ImageGrayscalingTransformer:
                return Images(stage, columns, input);
            default:
                return $"{name} has no form in ONNX here";
        }
    }

    /// <summary>The columns that a stage adds, each with those that it is computed from.</summary>
    public static (string Output, string[] Inputs)[] AddedBy(ITransformer stage, DataViewSchema input)
    {
        // Columns are selected, not added, and a mapper of it says that it needs them all.
        if (stage is ColumnSelectingTransformer) return [];
        // It drops a column within, and hidden ones with it, so that its mapper's columns do not start with the input's.
        if (stage is NeuralModel neural)
            return [.. new[] { neural.ScoreColumnName,
                neural.PredictedLabelColumnName }.Select(column => (column, neural.FeatureColumnNames.ToArray()))];
        IRowToRowMapper mapper = stage.GetRowToRowMapper(input);
        var added = new List<DataViewSchema.Column>();
        // ML.NET puts a column that takes the name of an old one right behind it, and others last.
        int old = 0;
        foreach (DataViewSchema.Column column in mapper.OutputSchema)
        {
            if (old < input.Count && input[old].Name == column.Name) old++;
            else added.Add(column);
        }
        return [.. added.Where(c => !c.IsHidden)
            .Select(c => (c.Name, mapper.GetDependencies([c]).Where(d => !d.IsHidden).Select(d => d.Name).Distinct().ToArray()))];
    }

    private OnnxValue RawScores(NeuralModel model)
    {
        OnnxGraph network = model.Network.Graph;
        if (!Adapts || model.Adaptation is not { } adaptation) return Graph.Graph.Inline(network, Inputs(network))[0];
        Adaptation = (adaptation, _columns[adaptation.FeatureColumnName].Values);
        return OnnxExporter.Adapting(Graph.Graph, network, adaptation, Inputs)[0];
    }

    private OnnxValue[] Inputs(OnnxGraph network) => [.. network.Inputs.Select(input => _columns[input.Name].Values)];

    private static OnnxValue Linear(MaximumEntropyModelParameters model, OnnxValue features)
    {
        VBuffer<float>[]? weights = null;
        model.GetWeights(ref weights!, out int classes);
        float[] dense = [.. weights.SelectMany(w => w.DenseValues())];
        OnnxGraphBuilder graph = features.Graph;
        OnnxValue matrix = graph.Constant<float>(dense, [classes, dense.Length / classes]);
        return features.MatMul(matrix.Transpose(1, 0)) + graph.Constant<float>([.. model.GetBiases()]);
    }

    private string? Normalize(NormalizingTransformer stage, (string Output, string[] Inputs)[] columns)
    {
        var results = new List<OnnxColumn>();
        foreach ((int i, (string output, string[] inputs)) in columns.Index())
        {
            if (stage.GetNormalizerModelParameters(
                i) is not NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>> affine)
                return $"the normaliser of column '{output}' is no line a slot";
            OnnxValue value = _columns[inputs.Single()].Values;
            if (!affine.Offset.IsDefaultOrEmpty) value -= value.Graph.Constant<float>([.. affine.Offset]);
            results.Add(new OnnxColumn(value * value.Graph.Constant<float>([.. affine.Scale])));
        }
        foreach ((int i, (string output, _)) in columns.Index()) _columns[output] = results[i];
        return null;
    }

    private string? Images(ITransformer stage, (string Output, string[] Inputs)[] columns, DataViewSchema schema)
    {
        foreach ((string output, string[] inputs) in columns)
        {
            string source = inputs.Single();
            if (schema[source].Type is not ImageDataViewType { Height: > 0, Width: > 0 } type)
                return $"the image column '{source}' has no fixed size";
            OnnxValue image = _columns[source].Values;
            _columns[output] = new OnnxColumn(stage is ImageGrayscalingTransformer gray
                ? PixelProbe.Grayscale(gray, source, output, image)
                : PixelProbe.Extract((ImagePixelExtractingTransformer)stage, source, output, type, image));
        }
        return null;
    }
}
