using System.Text.Encodings.Web;
using Microsoft.ML.Transforms;
using SerPipeline.Onnx;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>
/// Turns a fitted chain, or a saved model, into one ONNX model, from the waveform (or a vector of features) to probabilities and label,
/// with opset 17 operators and float32 weights.
/// </summary>
/// <remarks>
/// Input: <c>waveform</c>, float [batch, samples], mono, of the chain's sample rate; the clips of a batch have one length, and none changes
/// another's scores. Outputs:
/// <c>probabilities</c>, float [batch, classes]; <c>label</c>, text [batch]; <c>logits</c>, float [batch, classes]. Metadata:
/// <c>sample_rate_hz</c>, <c>labels</c> (JSON),
/// <c>input_column</c>, <c>stages</c>, <c>options</c> (JSON, one item a stage; null for ML.NET's).
/// <para>
/// A model that adapts to speakers has one more input, which need not be given: <c>speaker_offset</c>, float [slots], of the speaker of all
/// clips of the batch, zeros (the default) for an unknown one. The output <c>speaker_features</c>, float [batch, slots], and the metadata
/// <c>speaker_adaptation</c> (JSON: <c>offset</c>, the formula; <c>shrinkage</c>; <c>passes</c>; <c>center</c>, [slots];
/// <c>class_means</c> and <c>weights</c>, [classes][slots]; <c>biases</c>, [classes]; <c>minimum_clips</c>; <c>training_speakers</c>) are
/// what it is computed from, see <see cref="SpeakerAdaptation"/>.
/// </para>
/// </remarks>
public static class OnnxExporter
{
    /// <summary>The input of a graph that starts from audio.</summary>
    public const string WaveformInput = "waveform";

    /// <summary>The output of probabilities.</summary>
    public const string Probabilities = ScoringGraph.Probabilities;

    /// <summary>The output of labels.</summary>
    public const string Label = "label";

    /// <summary>The output of logits.</summary>
    public const string Logits = ScoringGraph.Logits;

    /// <summary>The optional input of models that adapt: the offset of the clips' speaker.</summary>
    public const string SpeakerOffset = "speaker_offset";

    /// <summary>The output of such models from which offsets are computed.</summary>
    public const string SpeakerFeatures = "speaker_features";

    // Labels in any script stay readable.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Exports a chain.</summary>
    /// <param name="model">The fitted chain.</param>
    /// <param name="inputSchema">The columns that it was fitted on.</param>
    /// <param name="startColumn">
    /// A vector column that the graph starts from instead of the waveform; the stages up to the one that computes it are left out. Null for
    /// the waveform, or where the
    /// chain reads no audio, its one vector column.
    /// </param>
    /// <exception cref="ModelExportException">A stage has no form in ONNX, or the chain has no classifier; the message says which and
    /// why.</exception>
    /// <exception cref="SchemaException">A stage needs a column that is not made from the waveform.</exception>
    public static OnnxModel Export(ITransformer model, DataViewSchema inputSchema, string? startColumn = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputSchema);
        IReadOnlyList<ITransformer> stages = [.. ChainStages.Flatten(model)];
        DataViewSchema schema = inputSchema;
        int? rate = null;
        var graph = new ChainGraph(OnnxColumn.BatchDimension) { Adapts = true };
        if (startColumn is null && ChainStages.HearsAudio(stages))
        {
            (stages, schema) = ChainStages.FromWaveform(stages);
            rate = stages.OfType<PrepareWaveformTransformer>().First().Options.SampleRateHz;
            graph.Start(schema[0].Name, schema[0].Type, WaveformInput);
        }
        else
        {
            (int first, schema, DataViewSchema.Column start) = Start(stages, schema, startColumn);
            stages = [.. stages.Skip(first)];
            graph.Start(start.Name, start.Type);
        }
        return Build(graph, stages, schema, rate);
    }

    // The first stage behind the one that adds the column, and the columns there.
    private static (int First, DataViewSchema Schema, DataViewSchema.Column Start) Start(IReadOnlyList<ITransformer> stages,
        DataViewSchema schema, string? column)
    {
        int first = 0;
        if (column is null)
        {
            DataViewSchema.Column[] vectors = [.. schema.Where(c => !c.IsHidden && c.Type is VectorDataViewType { Size: > 0 })];
            if (vectors.Length != 1)
                throw new ModelExportException($"The chain cannot be exported to ONNX: it reads no audio, and its input has "
                    + $"{vectors.Length} vector columns of one length where one is "
                    + "expected. Name the column to start from.");
            column = vectors[0].Name;
        }
        while (schema.GetColumnOrNull(column) is null && first < stages.Count) schema = stages[first++].GetOutputSchema(schema);
        if (schema.GetColumnOrNull(column) is not
            {
                Type: VectorDataViewType
                {
                    Size: > 0,
                    ItemType: NumberDataViewType { RawType: var raw }
                }
            } start || raw != typeof(float))
            throw new ModelExportException($"The graph cannot start from column '{column}': there is no such column of vectors of one "
                + $"length. The columns are: {schema}.");
        return (first, schema, start);
    }

    /// <summary>
    /// Exports a saved model: the audio stages' ONNX forms and the model's own scoring graph behind them, or that graph alone where it
    /// starts from the waveform itself.
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
        Dictionary<string, OnnxValue> columns = startColumn is null ? FromWaveform(model, graph)
            : FromColumn(scoring, graph, startColumn);
        OnnxValue[] Inputs(OnnxGraph of) => [.. of.Inputs.Select(input => columns.GetValueOrDefault(input.Name)
            ?? throw new ModelFormatException($"The model scores the column '{input.Name}', which its audio stages do not compute."))];
        SpeakerAdaptation? adaptation = SpeakerAdaptationFiles.AreIn(model) ? SpeakerAdaptationFiles.Read(model, "model.zip") : null;
        OnnxValue[] scores = [.. adaptation is null ? graph.Graph.Inline(scoring.Graph, Inputs(scoring.Graph))
            : Adapting(graph.Graph, scoring.Graph, adaptation, Inputs)];
        OnnxValue Score(string name) => scores[scoring.Graph.Outputs.ToList().FindIndex(output => output.Name == name)];
        IReadOnlyList<ModelStage> stages = startColumn is null ? model.Stages : [];
        return Finish(graph, Score(Probabilities), Score(Logits), model.Labels, stages.Select(stage => stage.Name),
            stages.Select(stage => stage.Options.GetRawText()), startColumn is null ? model.SampleRateHz : null,
            adaptation is null ? null : (adaptation, columns[adaptation.FeatureColumnName]));
    }

    /// <summary>Adds the network for unknown voices and, where an offset is given, in its place the one for known voices.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="unknown">The network for unknown voices.</param>
    /// <param name="adaptation">The other network, of the same columns and outputs.</param>
    /// <param name="inputs">What takes the place of a network's inputs, in their order.</param>
    /// <returns>The networks' outputs.</returns>
    /// <exception cref="ModelFormatException">The networks do not fit each other.</exception>
    internal static IReadOnlyList<OnnxValue> Adapting(OnnxGraphBuilder graph, OnnxGraph unknown, SpeakerAdaptation adaptation,
        Func<OnnxGraph, OnnxValue[]> inputs)
    {
        OnnxGraph known = adaptation.Network.Graph;
        string Outputs(OnnxGraph of) => string.Join(", ", of.Outputs.Select(output => output.Name));
        if (Outputs(known) != Outputs(unknown))
            throw new ModelFormatException($"The model's graph for known voices has the outputs [{Outputs(known)}], and that for unknown "
                + $"ones [{Outputs(unknown)}].");
        int slots = adaptation.Center.Count;
        OnnxValue offset = graph.OptionalInput(OnnxTensor.From<float>(SpeakerOffset, [slots], new float[slots]));
        // An offset that is no number is none of zero: it gives no scores that look like any other.
        OnnxValue none = graph.Node("Equal", [offset.One("Abs").Sum(0), graph.Scalar(0, OnnxType.Float)], type: OnnxType.Bool);
        OnnxValue[] adapted = inputs(known);
        adapted[known.Inputs.ToList().FindIndex(input => input.Name == adaptation.FeatureColumnName)] -= offset;
        return graph.If(none, (unknown, inputs(unknown)), (known, adapted));
    }

    private static Dictionary<string, OnnxValue> FromWaveform(ModelRecord model, ColumnGraph graph)
    {
        var columns = new Dictionary<string, OnnxColumn>(StringComparer.Ordinal);
        OnnxColumn waveform = graph.Input(WaveformInput, Waveform.Type);
        foreach ((int i, ModelStage stage) in model.Stages.Index())
        {
            using IDisposable scope = graph.Graph.Scope(string.Create(CultureInfo.InvariantCulture, $"{i:00}-{stage.Name}"));
            columns[stage.Output] = ClipStage.Create(stage.Name, stage.Options).AddOnnx(i == 0 ? waveform : columns[stage.Input]);
        }
        return columns.ToDictionary(column => column.Key, column => column.Value.Values, StringComparer.Ordinal);
    }

    private static Dictionary<string, OnnxValue> FromColumn(OnnxModel scoring, ColumnGraph graph, string column)
    {
        if (scoring.Graph.Inputs is not [{ Shape: [_, { Length: { } slots }] } only] || only.Name != column)
            throw new ModelExportException($"The graph cannot start from column '{column}': the model scores "
                + $"{string.Join(" and ", scoring.Graph.Inputs.Select(input => input.Name))}.");
        return new() { [column] = graph.Input(column, new VectorDataViewType(NumberDataViewType.Single, (int)slots)).Values };
    }

    private static OnnxModel Build(ChainGraph graph, IReadOnlyList<ITransformer> stages, DataViewSchema schema, int? rate)
    {
        var included = new List<ITransformer>();
        foreach (ITransformer stage in stages)
        {
            // What comes behind the scores, or maps the label, is no part of the graph.
            string? problem = graph.Scores is null && stage is not (ValueToKeyMappingTransformer or ColumnSelectingTransformer)
                ? graph.Add(stage, schema) : null;
            if (problem is not null) throw new ModelExportException($"The chain cannot be exported to ONNX: {problem}.");
            included.Add(stage);
            schema = stage.GetOutputSchema(schema);
        }
        if (graph.Scores is not var (logits, probabilities) || Classifier.Of(schema) is not { } classifier)
            throw new ModelExportException("The chain cannot be exported to ONNX: it has no classifier.");
        return Finish(graph.Graph, probabilities, logits, classifier.Labels, included.Select(ChainStages.NameOf),
            included.Select(OptionsOf), rate, graph.Adaptation);
    }

    private static OnnxModel Finish(ColumnGraph graph, OnnxValue probabilities, OnnxValue logits, IReadOnlyList<string> labels,
        IEnumerable<string> stages, IEnumerable<string> options, int? rate, (SpeakerAdaptation Of, OnnxValue Features)? adaptation)
    {
        graph.Output(Probabilities, probabilities, OnnxColumn.BatchDimension, labels.Count);
        graph.Output(Label, graph.Graph.Constant(labels).Gather(probabilities.ArgMax(1), 0), OnnxColumn.BatchDimension);
        graph.Output(Logits, logits, OnnxColumn.BatchDimension, labels.Count);
        var metadata = new Dictionary<string, string>
        {
            ["labels"] = JsonSerializer.Serialize(labels, Json),
            ["input_column"] = graph.Inputs[0],
            ["stages"] = string.Join(", ", stages),
            ["options"] = $"[{string.Join(',', options)}]",
        };
        if (rate is { } hz) metadata["sample_rate_hz"] = hz.ToString(CultureInfo.InvariantCulture);
        if (adaptation is var (known, features))
        {
            // A graph that starts from the features need not give them out.
            if (features.Name != graph.Inputs[0])
                graph.Output(SpeakerFeatures, features, OnnxColumn.BatchDimension, known.Center.Count);
            metadata["speaker_adaptation"] = JsonSerializer.Serialize(new
            {
                offset = "n / (n + shrinkage) * mean over n clips of the speaker of (m - p class_means), with "
                    + $"m = {SpeakerFeatures} - center and p = softmax(weights (m - offset) + biases); from p = 0 on, passes times",
                shrinkage = known.Shrinkage,
                passes = known.ClassMeans.Count == 0 ? 0 : SpeakerAdaptation.Passes,
                minimum_clips = SpeakerAdaptation.MinimumClips,
                training_speakers = known.Speakers,
                center = known.Center,
                class_means = known.ClassMeans,
                weights = known.Weights,
                biases = known.Biases,
            }, Json);
        }
        return graph.Build("SerPipeline", metadata);
    }

    private static string OptionsOf(ITransformer stage) => stage is RowTransformer own ? own.Stage.Json.GetRawText() : "null";
}
