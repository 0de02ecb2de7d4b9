using Microsoft.ML.Transforms.Image;
using SerPipeline.Onnx;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>The part of a chain behind this library's stages as one ONNX graph, for programs that compute those stages in C#.</summary>
internal static class ScoringGraph
{
    public const string Probabilities = "probabilities";
    public const string Logits = "logits";

    /// <summary>The graph, or why there is none.</summary>
    /// <param name="stages">The chain from the waveform, or from features, on.</param>
    /// <param name="input">The columns that it starts from.</param>
    public static (OnnxModel? Model, IReadOnlyList<string> Inputs, string? Problem) Of(IReadOnlyList<ITransformer> stages,
        DataViewSchema input)
    {
        if (Classifier.Of(ChainStages.Output(input, stages)) is not { } classifier) return (null, [], "the chain has no classifier");
        var graph = new ChainGraph(OnnxColumn.BatchDimension);
        var outside = input.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        DataViewSchema schema = input;
        foreach (ITransformer stage in stages)
        {
            if (graph.Scores is not null)
            {
                // What comes behind the classifier matters only where it changes the scores.
                if (ChainGraph.AddedBy(stage, schema).Any(added => added.Output == classifier.ScoreColumn))
                    return (null, [], $"{ChainStages.NameOf(stage)} changes the scores");
            }
            else if (stage is RowTransformer own && !graph.Has(own.InputColumnName)) outside.Add(own.OutputColumnName);
            else if (Add(graph, stage, schema, outside) is { } problem) return (null, [], problem);
            schema = stage.GetOutputSchema(schema);
        }
        if (graph.Scores is not { } scores) return (null, [], "the chain has no classifier that has a form in ONNX here");
        graph.Graph.Output(Probabilities, scores.Probabilities, OnnxColumn.BatchDimension, classifier.Labels.Count);
        graph.Graph.Output(Logits, scores.Logits, OnnxColumn.BatchDimension, classifier.Labels.Count);
        return (graph.Graph.Build("scoring"), graph.Graph.Inputs, null);
    }

    private static string? Add(ChainGraph graph, ITransformer stage, DataViewSchema schema, HashSet<string> outside)
    {
        try
        {
            foreach (string column in ChainGraph.AddedBy(stage, schema).SelectMany(c => c.Inputs).Where(c => !graph.Has(c)
                && outside.Contains(c)))
                if (schema[column].Type is VectorDataViewType or ImageDataViewType) graph.Start(column, schema[column].Type);
            return graph.Add(stage, schema);
        }
        catch (ModelExportException e)
        {
            return e.Message;
        }
    }
}

/// <summary>What the columns of a chain say of its classifier.</summary>
/// <param name="ScoreColumn">Its column of probabilities.</param>
/// <param name="Labels">The classes, in the order of the scores.</param>
internal sealed record Classifier(string ScoreColumn, IReadOnlyList<string> Labels)
{
    public static Classifier? Of(DataViewSchema schema)
    {
        // A copy of an earlier classifier's scores may stand behind the last one's; ML.NET numbers classifiers in the order of the chain.
        foreach (DataViewSchema.Column column in schema.Reverse().Where(c => !c.IsHidden).OrderByDescending(NumberOf))
            if (KindOf(column) == "MulticlassClassification" && Waveform.SlotNamesOf(column) is { } labels)
                return new Classifier(column.Name, labels);
        return null;
    }

    private static uint NumberOf(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull("ScoreColumnSetId") is not { Type.RawType: var raw } || raw != typeof(uint)) return 0;
        uint number = 0;
        column.Annotations.GetValue("ScoreColumnSetId", ref number);
        return number;
    }

    private static string? KindOf(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull("ScoreColumnKind") is not { Type: TextDataViewType }) return null;
        ReadOnlyMemory<char> kind = default;
        column.Annotations.GetValue("ScoreColumnKind", ref kind);
        return kind.ToString();
    }
}
