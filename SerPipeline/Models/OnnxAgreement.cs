using SerPipeline.Onnx;
using SerPipeline.Pipeline;
using SerPipeline.Torch;
using SerPipeline.Trainers;

namespace SerPipeline.Models;

/// <summary>
/// Whether a model's ONNX graph and its stages hold the same numbers. A graph names each weight by its stage, the member of the stage and its name in the state
/// dictionary, <c>03-ImageClassification.block1.conv.weight</c>; the stage keeps it in its part <c>weights.safetensors</c>, or <c>MEMBER.weights.safetensors</c>.
/// </summary>
internal static class OnnxAgreement
{
    /// <exception cref="ModelFormatException">They differ.</exception>
    public static void Require(ModelDocument document, OnnxModel onnx, string name)
    {
        var tensors = onnx.Graph.Initializers.ToDictionary(t => t.Name, StringComparer.Ordinal);
        int compared = 0;
        for (int i = 0; i < document.Stages.Count; i++)
            foreach ((string path, ReadOnlyMemory<byte> bytes) in Weights(document.Stages[i], OnnxExporter.NameOf(i, document.Stages[i].StageName)))
            {
                // Stages before the one that the graph starts from are none of it.
                if (!tensors.TryGetValue(path, out OnnxTensor? tensor))
                {
                    if (HasStage(tensors, path)) throw Disagreement(name, path, "the graph lacks it");
                    continue;
                }
                if (!tensor.Bytes.Span.SequenceEqual(bytes.Span)) throw Disagreement(name, path, "its values differ");
                compared++;
            }
        if (compared == 0) throw Disagreement(name, "every weight", "the graph holds none of the model's");
    }

    private static bool HasStage(Dictionary<string, OnnxTensor> tensors, string path) => tensors.Keys.Any(k => k.StartsWith(path[..(path.IndexOf('.', StringComparison.Ordinal) + 1)], StringComparison.Ordinal));

    private static ModelFormatException Disagreement(string name, string path, string how) =>
        new($"'{name}' holds an ONNX graph and weights that disagree: {path}: {how}. Other apps would get other scores than this library; save the model again.");

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
