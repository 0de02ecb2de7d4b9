using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Transforms;
using SerPipeline.Onnx;

namespace SerPipeline.Old.Models;

/// <summary>
/// Turns a fitted chain into one ONNX model, from the waveform (or a vector of features) to probabilities and label, with opset 17 operators and float32 weights.
/// </summary>
/// <remarks>
/// Input: <c>waveform</c>, float [batch, samples], mono, of the chain's sample rate; the clips of a batch have one length, and none changes another's scores. Outputs:
/// <c>probabilities</c>, float [batch, classes]; <c>label</c>, text [batch]; <c>logits</c>, float [batch, classes]. Metadata: <c>sample_rate_hz</c>, <c>labels</c> (JSON),
/// <c>input_column</c>, <c>stages</c>, <c>options</c> (JSON, one item a stage, as the model file has them).
/// </remarks>
public static class OnnxExporter
{
    /// <summary>The output of probabilities.</summary>
    public const string Probabilities = "probabilities";

    /// <summary>The output of labels.</summary>
    public const string Label = "label";

    /// <summary>The output of logits.</summary>
    public const string Logits = "logits";

    /// <summary>The metadata that hold the options of the stages in the graph: a JSON list.</summary>
    public const string OptionsKey = "options";

    internal const string RateKey = "sample_rate_hz";
    private const string LabelsKey = "labels";

    // Labels in any script stay readable.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Exports a chain.</summary>
    /// <param name="model">The chain.</param>
    /// <param name="inputSchema">The columns its first stage was given.</param>
    /// <param name="startColumn">
    /// A vector column that the graph starts from instead of the waveform; the stages up to the one that computes it are left out. Null for the waveform, or where the
    /// chain reads no audio, its one vector column.
    /// </param>
    /// <exception cref="ModelExportException">A stage or layer has no form in ONNX; the message says which and why.</exception>
    public static OnnxModel Export(ITransformer model, DataViewSchema inputSchema, string? startColumn = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputSchema);
        var export = new OnnxExport(new OnnxGraphBuilder());
        ITransformer[] stages = [.. StageRegistry.Flatten(model)];
        int first = Start(export, stages, inputSchema, startColumn);
        for (int i = first; i < stages.Length; i++)
        {
            if (stages[i] is not RowTransformer stage)
                throw new ModelExportException($"A {stages[i].GetType().Name} cannot be exported to ONNX: it is no {nameof(RowTransformer)}.");
            using (export.Enter(NameOf(i, stage.StageName))) stage.Export(export);
        }
        OnnxScores scores = export.Scores ?? throw new ModelExportException("The chain cannot be exported to ONNX: it has no classifier.");
        AddOutputs(export.Graph, scores);
        return new OnnxModel
        {
            Producer = "SerPipeline",
            ProducerVersion = ModelDocument.ThisVersion,
            Graph = export.Graph.Build("SerPipeline"),
            Metadata = Metadata(export, scores, stages.Skip(first)),
        };
    }

    /// <summary>The classes of an exported model, in the order of its outputs.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="ModelFormatException">It was not exported by this library.</exception>
    public static IReadOnlyList<string> LabelsOf(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        try
        {
            string[]? labels = model.Metadata.TryGetValue(LabelsKey, out string? json) ? JsonSerializer.Deserialize<string[]>(json) : null;
            return labels is { Length: > 0 } && labels.All(l => !string.IsNullOrEmpty(l)) ? labels : throw new ModelFormatException($"The ONNX model does not name its classes in '{LabelsKey}'.");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"The ONNX model names its classes in '{LabelsKey}', but they cannot be read: {e.Message}", e);
        }
    }

    /// <summary>How a stage is called in graphs and model files.</summary>
    internal static string NameOf(int index, string stage) => string.Create(CultureInfo.InvariantCulture, $"{index:00}-{stage}");

    // Where the graph starts, and the first stage that is part of it.
    private static int Start(OnnxExport export, ITransformer[] stages, DataViewSchema schema, string? column)
    {
        if (column is null && stages.Any(s => s is LoadAudioTransformer)) return 0;
        int first = 0;
        if (column is null)
        {
            DataViewSchema.Column[] vectors = [.. schema.Where(c => !c.IsHidden && c.Type is VectorDataViewType { Size: > 0 })];
            if (vectors.Length != 1)
                throw new ModelExportException($"The chain cannot be exported to ONNX: it reads no audio, and its input has {vectors.Length} vector columns of one length where one is expected. Name the column to start from.");
            column = vectors[0].Name;
        }
        else
        {
            // Behind the first stage that adds it.
            while (schema.GetColumnOrNull(column) is null && first < stages.Length) schema = stages[first++].GetOutputSchema(schema);
        }
        if (schema.GetColumnOrNull(column)?.Type is not VectorDataViewType { Size: > 0 } vector)
            throw new ModelExportException($"The graph cannot start from column '{column}': there is no such column of vectors of one length. The columns are: {schema}.");
        export.StartFromVector(column, vector.Size);
        return first;
    }

    private static void AddOutputs(OnnxGraphBuilder graph, OnnxScores scores)
    {
        int classes = scores.Labels.Count;
        OnnxValue label = graph.Constant(scores.Labels).Gather(scores.Probabilities.ArgMax(1), 0);
        graph.Output(Probabilities, scores.Probabilities, OnnxExport.BatchDimension, classes);
        graph.Output(Label, label, OnnxExport.BatchDimension);
        graph.Output(Logits, scores.Logits, OnnxExport.BatchDimension, classes);
    }

    private static Dictionary<string, string> Metadata(OnnxExport export, OnnxScores scores, IEnumerable<ITransformer> stages)
    {
        var metadata = new Dictionary<string, string>
        {
            [LabelsKey] = JsonSerializer.Serialize(scores.Labels, Json),
            ["input_column"] = export.InputName!,
            ["stages"] = string.Join(", ", stages.Cast<RowTransformer>().Select(s => s.StageName)),
            [OptionsKey] = $"[{string.Join(',', stages.Cast<RowTransformer>().Select(OptionsOf))}]",
        };
        if (export.SampleRateHz is { } rate) metadata[RateKey] = rate.ToString(CultureInfo.InvariantCulture);
        return metadata;
    }

    // A stage of which no model file can be made keeps its options to itself.
    private static string OptionsOf(RowTransformer stage) => StageRegistry.Knows(stage) ? StageRegistry.Save(stage).OptionsJson : "null";
}
