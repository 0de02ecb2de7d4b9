using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Trainers;
using SerPipeline.Old.Transforms;


namespace SerPipeline.Old.Models;

/// <summary>Every kind of stage a model file may hold, by the name it is kept under.</summary>
internal static class StageRegistry
{
    private static readonly Dictionary<string, Func<StageContent, SerContext, ITransformer>> Loaders = new(StringComparer.Ordinal)
    {
        [LoadAudioTransformer.Name] = LoadAudioTransformer.Load,
        [LogMelSpectrogramTransformer.Name] = LogMelSpectrogramTransformer.Load,
        [SpectrogramImageTransformer.Name] = SpectrogramImageTransformer.Load,
        [UtteranceFeaturesTransformer.Name] = UtteranceFeaturesTransformer.Load,
        [PaperMfccTransformer.Name] = PaperMfccTransformer.Load,
        [NormalizeMeanVarianceTransformer.Name] = NormalizeMeanVarianceTransformer.Load,
        [ValueToKeyMappingTransformer.Name] = ValueToKeyMappingTransformer.Load,
        [KeyToValueMappingTransformer.Name] = KeyToValueMappingTransformer.Load,
        [ImageClassificationModel.Name] = ImageClassificationModel.Load,
        [MlpModel.Name] = MlpModel.Load,
        [MlpClassifierModel.Name] = MlpClassifierModel.Load,
        [Conv1dClassificationModel.Name] = Conv1dClassificationModel.Load,
        [LstmClassificationModel.Name] = LstmClassificationModel.Load,
        [EnsembleModel.Name] = EnsembleModel.Load,
    };

    /// <summary>The names of all kinds.</summary>
    public static IReadOnlyCollection<string> Names => Loaders.Keys;

    /// <summary>The stages of a chain, and of chains within it, in order.</summary>
    public static IEnumerable<ITransformer> Flatten(ITransformer model) =>
        model is ITransformerChain chain ? chain.Transformers.SelectMany(Flatten) : [model];

    /// <summary>Whether a model file may hold a stage.</summary>
    public static bool Knows(ISaveableTransformer stage) => Loaders.ContainsKey(stage.StageName);

    public static StageContent Save(ITransformer stage)
    {
        if (stage is not ISaveableTransformer saveable)
            throw new ModelFormatException($"A {stage.GetType().Name} cannot be saved: it is no {nameof(ISaveableTransformer)}.");
        if (!Knows(saveable))
            throw new ModelFormatException($"A {stage.GetType().Name} cannot be saved: no loader is known for '{saveable.StageName}'.");
        var content = new StageContent(saveable.StageName);
        saveable.Save(content);
        return content;
    }

    public static TransformerChain<ITransformer> Load(ModelDocument document, SerContext context, string name)
    {
        if (document.Stages.Count == 0) throw new ModelFormatException($"'{name}' holds no stage.");
        var stages = new List<ITransformer>();
        try
        {
            foreach (StageContent content in document.Stages)
            {
                if (!Loaders.TryGetValue(content.StageName, out Func<StageContent, SerContext, ITransformer>? load))
                    throw new ModelFormatException($"'{name}' holds a stage '{content.StageName}', which this version does not know. It knows: {string.Join(", ", Loaders.Keys)}.");
                stages.Add(Load(load, content, context, name));
            }
            var chain = new TransformerChain<ITransformer>([.. stages]);
            OnnxAgreement.RequireSettings(document, chain, name);
            return chain;
        }
        catch
        {
            foreach (IDisposable stage in stages.OfType<IDisposable>()) stage.Dispose();
            throw;
        }
    }

    private static ITransformer Load(Func<StageContent, SerContext, ITransformer> load, StageContent content, SerContext context, string name)
    {
        try
        {
            return load(content, context);
        }
        catch (Exception e) when (e is OptionsException or ArgumentException)
        {
            throw new ModelFormatException($"'{name}' holds a stage '{content.StageName}' whose settings cannot be used: {e.Message}", e);
        }
    }
}
