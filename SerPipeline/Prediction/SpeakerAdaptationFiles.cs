using SerPipeline.Onnx;
using SerPipeline.Trainers;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>
/// What adapts a saved model to a speaker, as two attachments: versions of the library that do not know them keep them and predict for
/// unknown voices.
/// </summary>
internal static class SpeakerAdaptationFiles
{
    /// <summary>Like scoring.onnx, for features without their speaker's offset.</summary>
    public const string Graph = "adaptation.onnx";

    /// <summary>What the offset is computed by.</summary>
    public const string Statistics = "adaptation.json";

    /// <summary>The attachments of a chain, none where its model does not adapt.</summary>
    /// <param name="stages">The chain from the waveform on.</param>
    /// <param name="input">The columns that it starts from.</param>
    /// <exception cref="ModelExportException">Another stage stands between the audio features and the model.</exception>
    public static IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Of(IReadOnlyList<ITransformer> stages, DataViewSchema input)
    {
        if (stages.OfType<NeuralModel>().SingleOrDefault(model => model.Adaptation is not null) is not { Adaptation: { } adaptation } model)
            return new Dictionary<string, ReadOnlyMemory<byte>>();
        DataViewSchema schema = input;
        foreach (ITransformer stage in stages.TakeWhile(stage => stage != model))
        {
            if (stage is not RowTransformer && ChainGraph.AddedBy(stage, schema).Any(c => c.Output == adaptation.FeatureColumnName))
                throw new ModelExportException($"{ChainStages.NameOf(stage)} makes column '{adaptation.FeatureColumnName}', whose offset a "
                    + "saved model takes out as the audio stages compute it. Let VoiceEnsemble read UtteranceFeatures directly: it "
                    + "standardises by itself.");
            schema = stage.GetOutputSchema(schema);
        }
        NeuralModel known = model.Adapted!;
        (OnnxModel? graph, _, string? problem) = ScoringGraph.Of([.. stages.Select(stage => stage == model ? known : stage)], input);
        if (graph is null) throw new ModelExportException($"The model's adaptation to speakers cannot be saved: {problem}.");
        var statistics = new SavedStatistics(adaptation.FeatureColumnName, adaptation.Center, adaptation.Shrinkage, adaptation.Speakers,
            adaptation.ClassMeans, adaptation.Weights, adaptation.Biases);
        return new Dictionary<string, ReadOnlyMemory<byte>>
        {
            [Graph] = graph.ToBytes(),
            [Statistics] = JsonSerializer.SerializeToUtf8Bytes(statistics, ModelZip.Strict),
        };
    }

    /// <summary>Whether a model has them.</summary>
    public static bool AreIn(ModelRecord record) => record.Attachments.ContainsKey(Graph) && record.Attachments.ContainsKey(Statistics);

    /// <summary>Reads them.</summary>
    /// <param name="record">A record that has them.</param>
    /// <param name="name">The model's file, for messages.</param>
    /// <exception cref="ModelFormatException">They cannot be read.</exception>
    public static SpeakerAdaptation Read(ModelRecord record, string name)
    {
        try
        {
            SavedStatistics saved = JsonSerializer.Deserialize<SavedStatistics>(record.Attachments[Statistics].Span, ModelZip.Strict)
                ?? throw new JsonException("it is null");
            if (!double.IsFinite(saved.Shrinkage) || saved.Shrinkage < 0 || saved.Center.Count == 0 || !saved.Center.All(float.IsFinite)
                || !saved.Biases.All(float.IsFinite))
                throw new JsonException("a number is out of its range");
            OnnxModel network = OnnxModel.Read(record.Attachments[Graph].ToArray());
            if (network.Graph.Inputs.FirstOrDefault(input => input.Name == saved.FeatureColumn)
                is not { Shape: [_, { Length: { } slots }] } || slots != saved.Center.Count)
                throw new ModelFormatException($"'{name}' adapts column '{saved.FeatureColumn}' of {saved.Center.Count} values, and its "
                    + $"graph for known voices reads [{string.Join("; ", network.Graph.Inputs)}].");
            if (!Fits(saved.ClassMeans, saved) || !Fits(saved.Weights, saved)) throw new JsonException("its matrices do not fit");
            return new SpeakerAdaptation
            {
                FeatureColumnName = saved.FeatureColumn,
                Center = saved.Center,
                Shrinkage = saved.Shrinkage,
                Speakers = saved.Speakers,
                ClassMeans = saved.ClassMeans,
                Weights = saved.Weights,
                Biases = saved.Biases,
                Network = network,
            };
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"'{name}' has an {Statistics} that cannot be read: {e.Message}", e);
        }
    }

    // A row for each class.
    private static bool Fits(IReadOnlyList<float[]> rows, SavedStatistics saved) => rows.Count == saved.Biases.Count
        && rows.All(row => row is not null && row.Length == saved.Center.Count && row.All(float.IsFinite));

    private sealed record SavedStatistics(string FeatureColumn, IReadOnlyList<float> Center, double Shrinkage, int Speakers,
        IReadOnlyList<float[]> ClassMeans, IReadOnlyList<float[]> Weights, IReadOnlyList<float> Biases);
}
