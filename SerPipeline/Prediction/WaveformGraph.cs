using SerPipeline.Onnx;

namespace SerPipeline.Prediction;

/// <summary>Models of format 2 hold one graph from the waveform on, in which each stage's nodes are named <c>NN-STAGE/…</c>.</summary>
internal static partial class WaveformGraph
{
    /// <summary>The part of a graph behind the audio stages, whose inputs are the columns that the stages compute.</summary>
    /// <param name="whole">The graph from the waveform on.</param>
    /// <param name="stages">The audio stages that it begins with.</param>
    /// <returns>
    /// Null where the classifier reads more of a stage than its one column, or stages of one name could be confused: then the whole graph
    /// scores, slower and in more
    /// memory.
    /// </returns>
    public static OnnxModel? BehindStages(OnnxModel whole, IReadOnlyList<ModelStage> stages)
    {
        if (stages.DistinctBy(stage => stage.Name).Count() != stages.Count) return null;
        var columns = stages.ToDictionary(stage => stage.Name, stage => stage.Output, StringComparer.Ordinal);
        OnnxNode[] kept = [.. whole.Graph.Nodes.Where(node => StageOf(node) is not { } stage || !columns.ContainsKey(stage))];
        var given = kept.SelectMany(node => node.Outputs).Concat(whole.Graph.Initializers.Select(i => i.Name))
            .ToHashSet(StringComparer.Ordinal);
        Dictionary<string, OnnxNode> producers = whole.Graph.Nodes.SelectMany(node => node.Outputs.Select(output => (output, node)))
            .ToDictionary(p => p.output, p => p.node, StringComparer.Ordinal);
        var inputs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string tensor in kept.SelectMany(node => node.Inputs).Where(i => i.Length > 0
            && !given.Contains(i)).Distinct(StringComparer.Ordinal))
        {
            if (!producers.TryGetValue(tensor, out OnnxNode? producer) || StageOf(producer) is not { } stage
                || !inputs.TryAdd(tensor, columns[stage])) return null;
        }
        if (inputs.Count == 0 || inputs.Values.Distinct().Count() != inputs.Count || inputs.Values.Any(given.Contains)) return null;
        kept = [.. kept.Select(node => node with { Inputs = [.. node.Inputs.Select(i => inputs.GetValueOrDefault(i, i))] })];
        var read = kept.SelectMany(node => node.Inputs).ToHashSet(StringComparer.Ordinal);
        OnnxValueInfo[] declared = [.. inputs.Values.Select(column => new OnnxValueInfo(column, OnnxType.Float, null))];
        return whole with
        {
            Graph = whole.Graph with
            {
                Inputs = declared,
                Nodes = kept,
                Initializers = [.. whole.Graph.Initializers.Where(i => read.Contains(i.Name))]
            }
        };
    }

    private static string? StageOf(OnnxNode node) => StageName().Match(node.Name) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("^[0-9]+-([A-Za-z0-9]+)/")]
    private static partial Regex StageName();
}
