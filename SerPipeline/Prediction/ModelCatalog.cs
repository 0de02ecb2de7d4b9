using SerPipeline.Prediction;

// In the library's own namespace, so that one using brings every catalog method.
namespace SerPipeline;

/// <summary>Saving of chains for programs that do not know this library, and chains that start from samples.</summary>
public static class ModelCatalogExtensions
{
    /// <summary>
    /// The chain behind the decoding of files: it starts from mono samples at the model's rate, as recorded (it trims and levels them
    /// itself), and asks for neither path
    /// nor label.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A fitted chain with LoadAudio, or such a chain loaded from a zip. A chain that <see cref="SavePortable"/> wrote
    /// is given back as it is.</param>
    /// <returns>
    /// A chain whose input is the column that LoadAudio wrote, a vector of Single of unknown size: <c>float[] Waveform</c> in a class for
    /// <c>CreatePredictionEngine</c>. This library's stages stay what they are.
    /// </returns>
    /// <exception cref="SchemaException">The chain reads no audio, or a stage needs a column that is not made from it.</exception>
    public static ITransformer FromWaveform(this ModelOperationsCatalog catalog, ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ITransformer[] stages = [.. ChainStages.Flatten(model)];
        if (!ChainStages.HearsAudio(stages) && ChainStages.StartsWithGraph(stages)) return model;
        return new TransformerChain<ITransformer>([.. ChainStages.FromWaveform(stages).Stages]);
    }

    /// <summary>
    /// Saves the chain from the waveform on as transformers of ML.NET alone, for programs without this library, and beside them what
    /// <see cref="ModelRecord"/> tells. A
    /// chain that reads no audio is saved from the columns that its scores are computed from.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A fitted chain.</param>
    /// <param name="inputSchema">The columns that it was fitted on.</param>
    /// <param name="filePath">The zip to write or replace; it is written whole or not at all.</param>
    /// <param name="notes">Texts that travel with the model.</param>
    /// <param name="attachments">Files that travel with it, by name; see <see cref="ModelRecord.Attachments"/>.</param>
    /// <returns>The packages that a program needs to open it, and the record.</returns>
    /// <exception cref="ModelExportException">A stage is neither ML.NET's nor has a form in ONNX; the message says which, and what to
    /// do.</exception>
    /// <exception cref="SchemaException">A stage needs a column that is not made from the waveform.</exception>
    public static PortableModel SavePortable(
        this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema inputSchema, string filePath,
        IReadOnlyDictionary<string, string>? notes = null, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? attachments = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputSchema);
        ArgumentException.ThrowIfNullOrEmpty(filePath);
        return PortableModel.Save(catalog, model, inputSchema, filePath, notes, attachments);
    }
}
