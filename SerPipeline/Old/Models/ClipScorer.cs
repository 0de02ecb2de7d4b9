using SerPipeline.Audio;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Transforms;


namespace SerPipeline.Old.Models;

/// <summary>A loaded chain, bound once, from prepared audio to probabilities. Any number of threads may score at once.</summary>
internal sealed class ClipScorer
{
    private readonly RowPlan _plan;
    private readonly int _score;

    private ClipScorer(LoadAudioTransformer loading, RowPlan plan, DataViewSchema.Column score)
    {
        Loading = loading;
        _plan = plan;
        _score = score.Index;
        Labels = score.Annotations.SlotNames!;
    }

    /// <summary>The chain's first stage, which prepares audio.</summary>
    public LoadAudioTransformer Loading { get; }

    /// <summary>The labels in the order of the probabilities.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Binds a chain.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="name">The model's file, for messages.</param>
    /// <exception cref="ModelFormatException">The chain does not begin with audio or does not end in labels.</exception>
    public static ClipScorer Create(ITransformerChain chain, string name)
    {
        if (chain.Transformers[0] is not LoadAudioTransformer loading)
            throw new ModelFormatException($"'{name}' does not predict from audio: its first stage is no {LoadAudioTransformer.Name} but {NameOf(chain.Transformers[0])}.");
        var schema = new DataViewSchema([new(loading.Settings.Output, new AudioDataViewType(loading.Options.SampleRateHz))]);
        try
        {
            IDataView view = chain.Transformers.Skip(1).Aggregate((IDataView)new ListDataView(schema, []), (data, stage) => stage.Transform(data));
            if (view is MappedDataView mapped && ScoreOf(view.Schema) is { } score && RowPlan.For(mapped, [score]) is { SourceColumns.Count: 1 } plan)
                return new ClipScorer(loading, plan, score);
        }
        catch (SchemaException e)
        {
            throw new ModelFormatException($"'{name}' holds stages that do not fit together: {e.Message}", e);
        }
        throw new ModelFormatException($"'{name}' holds no trained classifier of audio: its stages are {string.Join(", ", chain.Transformers.Select(NameOf))}.");
    }

    /// <summary>One probability a label.</summary>
    /// <param name="prepared">What <see cref="Loading"/> made of a clip.</param>
    public float[] Score(AudioClip prepared) => ((VBuffer<float>)_plan.Evaluate([prepared])[_score]!).GetValues().ToArray();

    // Whatever the classifier and its columns are called: a vector whose slots carry the values of a key.
    private static DataViewSchema.Column? ScoreOf(DataViewSchema schema) => schema.LastOrDefault(column =>
        column.Type is VectorDataViewType && column.Annotations.SlotNames is { } slots
        && schema.Any(key => key.Type is KeyDataViewType && key.Annotations.KeyValues is { } values && values.SequenceEqual(slots, StringComparer.Ordinal)));

    private static string NameOf(ITransformer stage) => stage is ISaveableTransformer saveable ? saveable.StageName : stage.GetType().Name;
}
