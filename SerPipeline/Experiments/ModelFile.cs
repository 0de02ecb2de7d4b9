using SerPipeline.Old.Models;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Trainers;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>A model as the console uses it. Dispose it to free the network.</summary>
/// <param name="Path">The file.</param>
/// <param name="Chain">The fitted chain.</param>
/// <param name="Labels">What the classes are called, in the order of the scores.</param>
/// <param name="History">How its training went.</param>
/// <param name="Record">What the notes tell of its training, or null.</param>
internal sealed record ModelFile(
    string Path, TransformerChain<ITransformer> Chain, IReadOnlyList<string> Labels, TrainingHistory History, TrainingRecord? Record) : IDisposable
{
    /// <summary>Loads a model.</summary>
    /// <param name="ser">The context.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFormatException">It is no model with a trained network.</exception>
    public static ModelFile Load(SerContext ser, string path)
    {
        ModelDocument document = ser.Model.ReadDocument(path);
        TransformerChain<ITransformer> chain = ser.Model.Load(path, out _);
        IClassificationModel? network = chain.Transformers.OfType<IClassificationModel>().LastOrDefault();
        if (network is null)
        {
            chain.Dispose();
            throw new ModelFormatException($"'{path}' holds no trained network: its stages are {string.Join(", ", document.Stages.Select(stage => stage.StageName))}.");
        }
        try
        {
            return new ModelFile(path, chain, network.Labels, network.History, TrainingRecord.From(document, path));
        }
        catch
        {
            chain.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Chain.Dispose();
}
