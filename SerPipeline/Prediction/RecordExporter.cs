using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using SerPipeline.Onnx;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>Writes a saved model as one ONNX graph.</summary>
public static class RecordExporter
{
    private const string Waveform = "waveform", Label = "label";

    // Labels in any script stay readable.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// The audio stages' ONNX forms and the model's own scoring graph behind them: from <c>waveform</c>, float [batch, samples] at the
    /// model's rate, to
    /// <c>probabilities</c> and <c>logits</c>, float [batch, classes], and <c>label</c>, text [batch].
    /// </summary>
    /// <param name="model">The model's record.</param>
    /// <param name="startColumn">Start from this column of features, float [batch, slots], in place of the waveform; null for the
    /// waveform.</param>
    /// <exception cref="ModelExportException">The model has no scoring graph, or does not read that column alone.</exception>
    public static OnnxModel Export(ModelRecord model, string? startColumn = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Scoring is not { } bytes) throw new ModelExportException($"The model cannot be exported to ONNX: {model.ScoringProblem}");
        OnnxModel scoring = OnnxModel.Read(bytes);
        if (model.ScoresWaveform)
            return startColumn is null ? scoring
                : throw new ModelExportException($"The model's graph starts from the waveform and cannot start from '{startColumn}'.");
        var graph = new ColumnGraph(OnnxColumn.BatchDimension);
        OnnxValue[] inputs = startColumn is null ? FromWaveform(model, graph.Graph) : [FromColumn(scoring, graph.Graph, startColumn)];
        OnnxValue[] scores = [.. graph.Graph.Inline(scoring.Graph, inputs)];
        OnnxValue Score(string name) => scores[scoring.Graph.Outputs.ToList().FindIndex(output => output.Name == name)];
        OnnxValue probabilities = Score(ScoringGraph.Probabilities);
        int classes = model.Labels.Count;
        graph.Output(ScoringGraph.Probabilities, probabilities, OnnxColumn.BatchDimension, classes);
        graph.Output(Label, graph.Graph.Constant(model.Labels).Gather(probabilities.ArgMax(1), 0), OnnxColumn.BatchDimension);
        graph.Output(ScoringGraph.Logits, Score(ScoringGraph.Logits), OnnxColumn.BatchDimension, classes);
        var metadata = new Dictionary<string, string>
        {
            ["labels"] = JsonSerializer.Serialize(model.Labels, Json),
            ["input_column"] = startColumn ?? Waveform,
            ["stages"] = string.Join(", ", startColumn is null ? model.Stages.Select(stage => stage.Name) : []),
            ["options"] = $"[{string.Join(',', startColumn is null ? model.Stages.Select(stage => stage.Options.GetRawText()) : [])}]",
        };
        if (startColumn is null && model.SampleRateHz is { } rate) metadata["sample_rate_hz"] = rate.ToString(CultureInfo.InvariantCulture);
        return graph.Build("SerPipeline", metadata);
    }

    private static OnnxValue[] FromWaveform(ModelRecord model, OnnxGraphBuilder graph)
    {
        var columns = new Dictionary<string, OnnxColumn>(StringComparer.Ordinal);
        OnnxColumn waveform = OnnxColumn.OfWaveform(graph.Input(Waveform, OnnxType.Float, OnnxColumn.BatchDimension, "samples"));
        foreach ((int i, ModelStage stage) in model.Stages.Index())
        {
            using IDisposable scope = graph.Scope(string.Create(CultureInfo.InvariantCulture, $"{i:00}-{stage.Name}"));
            columns[stage.Output] = StageOptions.Create(stage.Name, stage.Output, stage.Input, stage.Options).AddOnnx(i == 0 ? waveform
                : columns[stage.Input]);
        }
        return [.. model.ScoringInputs.Select(name => columns[name].Values)];
    }

    private static OnnxValue FromColumn(OnnxModel scoring, OnnxGraphBuilder graph, string column)
    {
        if (scoring.Graph.Inputs is not [{ Shape: { } shape } only] || only.Name != column)
            throw new ModelExportException($"The graph cannot start from column '{column}': the model scores "
                + $"{string.Join(" and ", scoring.Graph.Inputs.Select(input => input.Name))}.");
        return graph.Input(column, OnnxType.Float, [.. shape]);
    }
}
