using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Onnx;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>The transformers of a chain, and the chain that starts at the waveform.</summary>
internal static class ChainStages
{
    /// <summary>The transformers that score, of chains within chains too, in order.</summary>
    public static IEnumerable<ITransformer> Flatten(ITransformer model)
    {
        if (model is not IEnumerable<ITransformer> chain) return [model];
        // Stages of the training alone take no part in Transform; only the generic chain tells which they are.
        var scoring = model.GetType().GetMethod(nameof(TransformerChain<ITransformer>.GetModelFor))?.Invoke(model,
            [TransformerScope.Scoring]) as IEnumerable<ITransformer>;
        return (scoring ?? chain).SelectMany(Flatten);
    }

    /// <summary>The chain behind the decoding of files, and its columns; the model's own stages where it reads no files.</summary>
    /// <exception cref="SchemaException">A stage needs a column that is not made from the waveform.</exception>
    public static (IReadOnlyList<ITransformer> Stages, DataViewSchema Input) FromWaveform(IReadOnlyList<ITransformer> stages)
    {
        (int start, int count, string column, LoadAudioOptions options) = FindLoading(stages);
        DataViewSchema schema = MemoryView.Empty(column, Waveform.Type).Schema;
        return (From(schema, [.. stages.Take(start), new PrepareWaveformTransformer(column, column, options),
            .. stages.Skip(start + count)]), schema);
    }

    /// <summary>The stages that a start from fewer columns leaves.</summary>
    /// <exception cref="SchemaException">A stage needs a column that is not there.</exception>
    public static IReadOnlyList<ITransformer> From(DataViewSchema start, IReadOnlyList<ITransformer> stages)
    {
        var kept = new List<ITransformer>();
        DataViewSchema schema = start;
        foreach (ITransformer stage in stages)
        {
            try
            {
                schema = stage.GetOutputSchema(schema);
                kept.Add(stage);
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or SchemaException)
            {
                // Of the label and of what the corpus says of a clip nothing is asked; what a later stage misses it says itself.
                if (stage is ValueToKeyMappingTransformer or ColumnCopyingTransformer or ColumnSelectingTransformer) continue;
                throw new SchemaException(
                    $"The chain cannot start from {string.Join(", ", start.Select(c => $"'{c.Name}'"))}: {NameOf(stage)} needs another "
                        + $"column ({FirstLine(e)}). "
                    + "Leave that stage out of the chain, or let it read only columns that are made from the waveform.", e);
            }
        }
        return kept;
    }

    /// <summary>What messages call a transformer: its name in the catalog where it has one.</summary>
    public static string NameOf(ITransformer stage) => stage is RowTransformer own ? own.StageName : stage.GetType().Name.Split('`')[0];

    public static DataViewSchema Output(DataViewSchema schema, IEnumerable<ITransformer> stages) =>
        stages.Aggregate(schema, (columns, stage) => stage.GetOutputSchema(columns));

    /// <summary>Whether a chain has a waveform to start from.</summary>
    public static bool HearsAudio(IReadOnlyList<ITransformer> stages) =>
        stages.Any(stage => stage is LoadAudioTransformer or PrepareWaveformTransformer) || LoadAudioMapping.Find(stages) is not null;

    /// <summary>Whether a chain is what SavePortable wrote: it starts with a graph.</summary>
    public static bool StartsWithGraph(IReadOnlyList<ITransformer> stages) =>
        stages.SkipWhile(stage => stage is ColumnCopyingTransformer).FirstOrDefault() is OnnxTransformer;

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0].Trim();

    private static (int Start, int Count, string Column, LoadAudioOptions Options) FindLoading(IReadOnlyList<ITransformer> stages)
    {
        LoadAudioTransformer[] loading = [.. stages.OfType<LoadAudioTransformer>()];
        if (loading.Length > 1) throw new SchemaException($"The chain has {loading.Length} LoadAudio stages, and only one waveform can "
            + "take their place. Load the audio once.");
        if (loading.Length == 1) return (stages.ToList().IndexOf(loading[0]), 1, loading[0].OutputColumnName, loading[0].Options);
        if (stages.OfType<PrepareWaveformTransformer>().FirstOrDefault() is { } prepare)
            return (stages.ToList().IndexOf(prepare), 1, prepare.OutputColumnName, prepare.Options);
        return LoadAudioMapping.Find(stages)
            ?? throw new SchemaException("The chain has no LoadAudio stage, so there is no waveform to start from. Its own input "
            + "columns are the start already.");
    }
}
