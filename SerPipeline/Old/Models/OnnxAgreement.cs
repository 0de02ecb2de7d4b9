using System.Globalization;
using System.Text.Json;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Torch;
using SerPipeline.Old.Trainers;
using SerPipeline.Old.Transforms;
using SerPipeline.Onnx;

namespace SerPipeline.Old.Models;

/// <summary>
/// Whether a model's ONNX graph and its stages say the same: weights, labels, rate, options. A graph names each weight by its stage, the member of the stage and its name in the state
/// dictionary, <c>03-ImageClassification.block1.conv.weight</c>; the stage keeps it in its part <c>weights.safetensors</c>, or <c>MEMBER.weights.safetensors</c>.
/// </summary>
internal static class OnnxAgreement
{
    /// <summary>Compares weights.</summary>
    /// <exception cref="ModelFormatException">They differ.</exception>
    public static void RequireWeights(ModelDocument document, OnnxModel onnx, string name)
    {
        // From the waveform on every stage is part of the graph; of a graph that starts from a vector, only those behind it are.
        bool whole = onnx.Graph.Inputs.Any(i => i.Name == OnnxExport.WaveformInput);
        var tensors = onnx.Graph.Initializers.ToDictionary(t => t.Name, StringComparer.Ordinal);
        int compared = 0;
        for (int i = 0; i < document.Stages.Count; i++)
            foreach ((string path, ReadOnlyMemory<byte> bytes) in Weights(document.Stages[i], OnnxExporter.NameOf(i, document.Stages[i].StageName)))
            {
                if (!tensors.TryGetValue(path, out OnnxTensor? tensor))
                {
                    if (whole || HasStage(tensors, path)) throw Disagreement(name, path, "the graph lacks it");
                    continue;
                }
                if (!tensor.Bytes.Span.SequenceEqual(bytes.Span)) throw Disagreement(name, path, "its values differ");
                compared++;
            }
        if (compared == 0) throw Disagreement(name, "every weight", "the graph holds none of the model's");
    }

    /// <summary>Compares what a loaded chain says of itself with what its graph's metadata say. Graphs of earlier versions do not name the options of their stages.</summary>
    /// <exception cref="ModelFormatException">They differ.</exception>
    public static void RequireSettings(ModelDocument document, ITransformer chain, string name)
    {
        if (document.Onnx is not { } bytes) return;
        OnnxModel onnx = OnnxModel.Read(bytes);
        ITransformer[] stages = [.. StageRegistry.Flatten(chain)];
        // 1. What the scores are called.
        if (stages.OfType<IClassificationModel>().LastOrDefault() is { } classifier && !classifier.Labels.SequenceEqual(OnnxExporter.LabelsOf(onnx), StringComparer.Ordinal))
            throw Disagreement(name, "the labels", $"the graph's are {string.Join(", ", OnnxExporter.LabelsOf(onnx))}, the model's {string.Join(", ", classifier.Labels)}");
        // 2. What is heard.
        if (stages.OfType<LoadAudioTransformer>().FirstOrDefault() is { } loading && onnx.Metadata.GetValueOrDefault(OnnxExporter.RateKey) is { } rate
            && rate != loading.Options.SampleRateHz.ToString(CultureInfo.InvariantCulture))
            throw Disagreement(name, "the sample rate", string.Create(CultureInfo.InvariantCulture, $"the graph hears {rate} Hz, the model {loading.Options.SampleRateHz} Hz"));
        // 3. Everything else.
        if (onnx.Metadata.GetValueOrDefault(OnnxExporter.OptionsKey) is { } options) RequireOptions(document, options, name);
    }

    private static void RequireOptions(ModelDocument document, string json, string name)
    {
        try
        {
            using JsonDocument options = JsonDocument.Parse(json);
            JsonElement[] graph = [.. options.RootElement.EnumerateArray()];
            // A graph that starts from a vector lacks the first stages.
            int missing = document.Stages.Count - graph.Length;
            if (missing < 0) throw Disagreement(name, "the options", "the graph has more stages");
            for (int i = 0; i < graph.Length; i++)
            {
                StageContent stage = document.Stages[missing + i];
                using JsonDocument own = JsonDocument.Parse(stage.OptionsJson);
                if (!JsonElement.DeepEquals(graph[i], own.RootElement)) throw Disagreement(name, $"the options of {OnnxExporter.NameOf(missing + i, stage.StageName)}", $"the graph was made with {graph[i]}");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Disagreement(name, "the options", $"the graph's cannot be read: {e.Message}");
        }
    }

    private static bool HasStage(Dictionary<string, OnnxTensor> tensors, string path) => tensors.Keys.Any(k => k.StartsWith(path[..(path.IndexOf('.', StringComparison.Ordinal) + 1)], StringComparison.Ordinal));

    private static ModelFormatException Disagreement(string name, string path, string how) =>
        new($"'{name}' holds an ONNX graph and stages that disagree: {path}: {how}. Other apps would get other scores than this library; save the model again.");

    private static IEnumerable<(string Path, ReadOnlyMemory<byte> Bytes)> Weights(StageContent stage, string path)
    {
        foreach ((string part, byte[] content) in stage.Parts)
        {
            if (part is "mean" or "scale") yield return ($"{path}.{part}", content);
            if (!part.EndsWith(NeuralModel.WeightsPart, StringComparison.Ordinal)) continue;
            using var stream = new MemoryStream(content, writable: false);
            // Counters are no part of a graph.
            foreach ((string weight, TensorData data) in SafeTensors.Read(stream))
                if (data.Type == ScalarType.Float32) yield return ($"{path}.{part[..^NeuralModel.WeightsPart.Length]}{weight}", data.Bytes);
        }
    }
}
