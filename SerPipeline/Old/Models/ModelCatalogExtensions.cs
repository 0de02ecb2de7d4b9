using SerPipeline.Old.Models;


// In the namespace of the grammar, so that one using brings every catalog method.
namespace SerPipeline.Old.Pipeline;

/// <summary>Saves and loads models.</summary>
public static class ModelCatalogExtensions
{
    private static readonly ZipModelFormat Format = new();

    /// <summary>
    /// Saves everything that prediction needs: the chain, its parameters, labels and weights. Where every stage has a form in ONNX the file is a model of ML.NET too, which
    /// <c>mlContext.Model.Load</c> opens; else what is returned says why not, in <see cref="ModelDocument.OnnxProblem"/>. The file is written whole or not at all.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A fitted stage or chain.</param>
    /// <param name="inputSchema">The columns that the first stage was given.</param>
    /// <param name="filePath">The zip to write.</param>
    /// <param name="notes">Texts that travel with the model, such as how it was trained.</param>
    /// <param name="attachments">Files that travel with the model, see <see cref="ModelDocument.Attachments"/>.</param>
    /// <returns>What the file holds.</returns>
    /// <exception cref="ModelFormatException">A stage cannot be saved, or an attachment is too large or has a name that it may not have.</exception>
    public static ModelDocument Save(
        this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema inputSchema, string filePath, IReadOnlyDictionary<string, string>? notes = null,
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? attachments = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputSchema);
        (ReadOnlyMemory<byte>? onnx, string? problem) = TryExport(model, inputSchema);
        var document = new ModelDocument
        {
            Onnx = onnx,
            OnnxProblem = problem,
            LibraryVersion = ModelDocument.ThisVersion,
            InputColumns = [.. inputSchema.Where(c => !c.IsHidden).Select(ModelColumn.From)],
            Stages = [.. StageRegistry.Flatten(model).Select(StageRegistry.Save)],
            Notes = notes ?? new Dictionary<string, string>(),
            Attachments = attachments ?? new Dictionary<string, ReadOnlyMemory<byte>>(),
        };
        catalog.Save(document, filePath);
        return document;
    }

    /// <summary>Saves what a model file is to hold: what another <c>Save</c> returned or <see cref="ReadDocument"/> gave, with other notes or attachments. The file is written whole or not at all.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="document">What the file is to hold.</param>
    /// <param name="filePath">The zip to write.</param>
    /// <exception cref="ModelFormatException">An attachment is too large or has a name that it may not have.</exception>
    public static void Save(this ModelOperationsCatalog catalog, ModelDocument document, string filePath)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(document);
        AtomicFile.Write(filePath, stream => Format.Write(stream, document));
    }

    /// <summary>Loads a model.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="filePath">The zip.</param>
    /// <param name="inputSchema">Receives the columns that the first stage was given when the model was trained.</param>
    /// <returns>The fitted chain; dispose it to free its native memory.</returns>
    /// <exception cref="ModelFormatException">The file is damaged, truncated, foreign or newer than this library.</exception>
    public static TransformerChain<ITransformer> Load(this ModelOperationsCatalog catalog, string filePath, out DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ModelDocument document = catalog.ReadDocument(filePath);
        inputSchema = new DataViewSchema([.. document.InputColumns.Select(c => c.ToColumn())]);
        return StageRegistry.Load(document, catalog.Context, filePath);
    }

    /// <summary>Writes a chain as one ONNX model, see <see cref="OnnxExporter"/>. The file is written whole or not at all.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A fitted chain.</param>
    /// <param name="inputSchema">The columns that the first stage was given.</param>
    /// <param name="filePath">The .onnx file to write.</param>
    /// <param name="startColumn">A vector column to start from instead of the waveform; see <see cref="OnnxExporter.Export"/>.</param>
    /// <exception cref="ModelExportException">A stage or layer has no form in ONNX.</exception>
    public static void ConvertToOnnx(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema inputSchema, string filePath, string? startColumn = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        AtomicFile.WriteAllBytes(filePath, OnnxExporter.Export(model, inputSchema, startColumn).ToBytes());
    }

    private static (ReadOnlyMemory<byte>? Onnx, string? Problem) TryExport(ITransformer model, DataViewSchema inputSchema)
    {
        try
        {
            return (OnnxExporter.Export(model, inputSchema).ToBytes(), null);
        }
        catch (ModelExportException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>Reads a model file without building its stages: versions, columns, options, notes and attachments.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="filePath">The zip.</param>
    /// <exception cref="ModelFormatException">The file is damaged, truncated, foreign or newer than this library.</exception>
    public static ModelDocument ReadDocument(this ModelOperationsCatalog catalog, string filePath)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(filePath);
        if (!File.Exists(filePath)) throw new ModelFormatException($"There is no model file '{filePath}'.");
        using FileStream stream = File.OpenRead(filePath);
        return Format.Read(stream, filePath);
    }
}
