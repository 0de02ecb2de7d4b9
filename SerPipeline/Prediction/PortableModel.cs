using System.IO.Compression;
using SerPipeline.Transforms;

namespace SerPipeline.Prediction;

/// <summary>What <see cref="ModelCatalogExtensions.SavePortable"/> wrote.</summary>
/// <param name="FilePath">The zip.</param>
/// <param name="Packages">The packages that a program needs to open it with <c>ml.Model.Load</c>, <c>Microsoft.ML</c> first.</param>
/// <param name="Record">What it says of itself under <c>SerPipeline/</c>.</param>
public sealed record PortableModel(string FilePath, IReadOnlyList<string> Packages, ModelRecord Record)
{
    private const string MainPackage = "Microsoft.ML";

    // Assemblies that come with Microsoft.ML itself.
    private static readonly string[] InMainPackage =
        ["Core", "Data", "DataView", "CpuMath", "Transforms", "StandardTrainers", "KMeansClustering", "PCA"];

    internal static PortableModel Save(
        ModelOperationsCatalog catalog, ITransformer model, DataViewSchema inputSchema, string path,
        IReadOnlyDictionary<string, string>? notes, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? attachments)
    {
        (IReadOnlyList<ITransformer> stages, DataViewSchema input, ModelStage[] own) = Start([.. ChainStages.Flatten(model)],
            inputSchema);
        using var saved = new MemoryStream();
        catalog.Save(new TransformerChain<ITransformer>([.. PortableChain.Of(stages, input)]), input, saved);
        ModelRecord record = RecordOf(stages, input, own) with
        {
            Notes = notes ?? new Dictionary<string, string>(),
            Attachments = Together(attachments, SpeakerAdaptationFiles.Of(stages, input)),
        };
        saved.Position = 0;
        string[] packages = PackagesOf(saved);
        saved.Position = 0;
        AtomicFile.Write(path, stream => ModelZip.Write(stream, saved, record));
        return new PortableModel(Path.GetFullPath(path), packages, record);
    }

    /// <summary>Writes the file anew with other attachments. The model itself is not saved again.</summary>
    /// <param name="attachments">All files that are to travel with the model.</param>
    /// <exception cref="ModelFormatException">A name cannot be used, or the files are too large.</exception>
    public PortableModel Attach(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> attachments)
    {
        using var saved = new MemoryStream(File.ReadAllBytes(FilePath), writable: false);
        // What the model itself needs stays.
        ModelRecord record = Record with
        {
            Attachments = Together(attachments, Record.Attachments.Where(file => file.Key is SpeakerAdaptationFiles.Graph
                or SpeakerAdaptationFiles.Statistics)),
        };
        AtomicFile.Write(FilePath, stream => ModelZip.Write(stream, saved, record));
        return this with { Record = record };
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Together(IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? given,
        IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> own)
    {
        var all = new Dictionary<string, ReadOnlyMemory<byte>>(given ?? new Dictionary<string, ReadOnlyMemory<byte>>(),
            StringComparer.Ordinal);
        foreach ((string name, ReadOnlyMemory<byte> content) in own) all[name] = content;
        return all;
    }

    private static (IReadOnlyList<ITransformer> Stages, DataViewSchema Input, ModelStage[] Own) Start(IReadOnlyList<ITransformer> all,
        DataViewSchema inputSchema)
    {
        if (ChainStages.HearsAudio(all))
        {
            (IReadOnlyList<ITransformer> behind, DataViewSchema waveform) = ChainStages.FromWaveform(all);
            string path = all.OfType<LoadAudioTransformer>().FirstOrDefault()?.InputColumnName ?? "Path";
            return (behind, waveform, [.. behind.OfType<RowTransformer>().Select(stage => stage is PrepareWaveformTransformer prepare
                ? RecordOf(new LoadAudioTransformer(prepare.OutputColumnName, path, prepare.Options)) : RecordOf(stage))]);
        }
        // From features on: what the scores are computed from, and the label no more.
        DataViewSchema output = ChainStages.Output(inputSchema, all);
        var chain = (ITransformer)new TransformerChain<ITransformer>([.. all]);
        IEnumerable<DataViewSchema.Column> wanted = Classifier.Of(output) is { } classifier ? [output[classifier.ScoreColumn]]
            : output.Where(c => !c.IsHidden && inputSchema.GetColumnOrNull(c.Name) is null);
        var columns = new DataViewSchema.Builder();
        columns.AddColumns(chain.GetRowToRowMapper(inputSchema).GetDependencies(wanted));
        DataViewSchema start = columns.ToSchema();
        return (ChainStages.From(start, all), start, [.. all.OfType<RowTransformer>().Select(RecordOf)]);
    }

    private static ModelStage RecordOf(RowTransformer stage) =>
        new(stage.StageName, stage.OutputColumnName, stage.InputColumnName, stage.Stage.Json);

    private static ModelRecord RecordOf(IReadOnlyList<ITransformer> stages, DataViewSchema input, ModelStage[] own)
    {
        Classifier? classifier = Classifier.Of(ChainStages.Output(input, stages));
        (Onnx.OnnxModel? scoring, IReadOnlyList<string> inputs, string? problem) = ScoringGraph.Of(stages, input);
        int? rate = stages.OfType<PrepareWaveformTransformer>().FirstOrDefault()?.Options.SampleRateHz;
        return new ModelRecord
        {
            Stages = own,
            Labels = classifier?.Labels ?? [],
            ScoreColumn = classifier?.ScoreColumn ?? "Score",
            SampleRateHz = rate,
            WaveformColumn = rate is null ? null : input[0].Name,
            ScoringInputs = inputs,
            // An array that is null would become an empty memory.
            Scoring = scoring is null ? (ReadOnlyMemory<byte>?)null : scoring.ToBytes(),
            ScoringProblem = problem,
        };
    }

    /// <summary>The packages that open a zip of ML.NET's.</summary>
    internal static string[] PackagesOf(string path)
    {
        using FileStream saved = File.OpenRead(path);
        return PackagesOf(saved);
    }

    // Each transformer's entry names the assembly that reads it.
    private static string[] PackagesOf(Stream saved)
    {
        using var zip = new ZipArchive(saved, ZipArchiveMode.Read, leaveOpen: true);
        var packages = new SortedSet<string>(StringComparer.Ordinal) { MainPackage };
        foreach (string assembly in ChainAssemblies.Of(zip))
        {
            if (InMainPackage.Any(part => assembly == $"{MainPackage}.{part}")) continue;
            packages.Add(assembly);
            if (assembly == "Microsoft.ML.OnnxTransformer") packages.Add("Microsoft.ML.OnnxRuntime");
        }
        return [.. packages];
    }
}
