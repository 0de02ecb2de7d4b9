using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Audio;
using SerPipeline.Transforms;

namespace SerPipeline.Console.ModelBuilder;

/// <summary>What generated code must know of a model.</summary>
/// <param name="Document">The model's record: labels, rate, input column.</param>
/// <param name="Resampler">The filter that clips of another rate go through.</param>
/// <param name="Packages">The packages that open it with ML.NET.</param>
internal sealed record GeneratedModel(ModelRecord Document, ResamplerOptions Resampler, IReadOnlyList<string> Packages)
{
    private const string Label = "PredictedLabel";

    // What this program has itself, so that every model can be tried. A zip says what it needs, and its maker must not choose among all
    // packages of the world.
    private static readonly string[] Known = ["Microsoft.ML", "Microsoft.ML.OnnxTransformer", "Microsoft.ML.OnnxRuntime",
        "Microsoft.ML.ImageAnalytics", "Microsoft.ML.LightGbm", "Microsoft.ML.FastTree"];

    /// <summary>Whether the classifier reads images of spectrograms, or else a vector of features.</summary>
    public bool ReadsImages => Document.Stages.Any(stage => stage.Name == "SpectrogramImage");

    /// <summary>Reads what the templates need of a model.</summary>
    /// <param name="path">Its file.</param>
    /// <exception cref="ModelFormatException">The model cannot be read.</exception>
    /// <exception cref="ModelExportException">No project can use it without this library.</exception>
    public static GeneratedModel Read(string path)
    {
        GeneratedModel model = Of(ModelRecord.Read(path), path) with { Packages = PortableModel.PackagesOf(path) };
        if (model.Packages.FirstOrDefault(package => !Known.Contains(package)) is { } unknown)
            throw new ModelExportException($"'{path}' needs '{unknown}', and projects are generated of {Spelling.List(Known)} alone.");
        DataViewSchema columns = OutputOf(path);
        if (columns.GetColumnOrNull(Label) is not { Type: TextDataViewType })
            throw new ModelExportException($"'{path}' has no text column {Label}, which generated code reads. End its chain with "
                + $"MapKeyToValue(\"{Label}\") and save it again.");
        return model;
    }

    /// <summary>What a model's record says.</summary>
    /// <param name="document">The record.</param>
    /// <param name="path">The model's file, for messages.</param>
    /// <exception cref="ModelExportException">It does not start from a waveform, or cannot be written into code.</exception>
    public static GeneratedModel Of(ModelRecord document, string path)
    {
        if (document.FormatVersion < ModelRecord.CurrentFormatVersion)
            throw new ModelExportException($"'{path}' was saved by SerPipeline {document.LibraryVersion}, and ML.NET does not open it. "
                + "Train it again.");
        if (document.SampleRateHz is null || document.WaveformColumn is not { } input)
            throw new ModelExportException($"'{path}' does not start from a waveform, so a project that reads WAV files cannot use it.");
        // They stand in literals of generated code.
        foreach (string column in (ReadOnlySpan<string>)[input, document.ScoreColumn])
            if (!ProjectNames.IsPart(column))
                throw new ModelExportException($"'{path}' calls a column '{column}', expected letters, digits and underscores: no code "
                    + "is generated around it.");
        ResamplerOptions resampler = LoadingOf(document).Resampler ?? new();
        return resampler.TablePointsPerCrossing is null
            ? new GeneratedModel(document, resampler, [])
            : throw new ModelExportException($"'{path}' resamples by a table, as the paper's features were made, and generated code has "
            + "no such filter. Load its audio with the default Resampler.");
    }

    private static LoadAudioOptions LoadingOf(ModelRecord document) => document.Stages
        .Where(stage => stage.Name == nameof(ClipStage.LoadAudio))
        .Select(stage => StageOptions.Read<LoadAudioOptions>(stage.Name, stage.Options)).FirstOrDefault() ?? new();

    private static DataViewSchema OutputOf(string path)
    {
        ITransformer model;
        DataViewSchema input;
        try
        {
            using FileStream zip = File.OpenRead(path);
            ChainAssemblies.Require(zip, path);
            (model, input) = TemporaryGraphs.Load(zip);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or InvalidOperationException or ArgumentException)
        {
            throw new ModelExportException($"'{path}' does not open with ML.NET: {e.Message} Save it by ml.Model.SavePortable.", e);
        }
        using var owned = model as IDisposable;
        return model.GetOutputSchema(input);
    }
}
