using System.Text;
using SerPipeline.Console.Runs;
using SerPipeline.Console.Scoring;
using SerPipeline.Corpora.Splits;
using SerPipeline.Evaluation;
using SerPipeline.Models;

namespace SerPipeline.Console.ModelBuilder;

/// <summary>A project around a model in the shape of ML.NET Model Builder: its code, its model and its configuration.</summary>
/// <param name="Name">The class that predicts, and the first part of every file's name.</param>
/// <param name="Namespace">The namespace of the class.</param>
/// <param name="ModelPath">The model's file.</param>
/// <param name="Data">Where the data lie that a new training reads, as <c>--data</c> takes it; null where that is not known.</param>
internal sealed record ModelBuilderProject(string Name, string Namespace, string ModelPath, string? Data)
{
    /// <summary>The card's name in a project.</summary>
    public const string CardName = "MODEL_CARD.md";

    /// <inheritdoc cref="ProjectNames.IsClass"/>
    public static bool IsIdentifier(string word) => ProjectNames.IsClass(word);

    /// <inheritdoc cref="ProjectNames.IsNamespace"/>
    public static bool IsNamespace(string words) => ProjectNames.IsNamespace(words);

    /// <summary>The files that come from templates, by their paths within the project.</summary>
    /// <param name="document">The model.</param>
    /// <exception cref="ModelExportException">The model cannot be used without this library.</exception>
    public IReadOnlyList<(string Path, string Text)> Sources(ModelDocument document) =>
        ProjectTemplates.Render(Name, Namespace, GeneratedModel.Of(document, ModelPath), ModelFacts.Describe(document, ModelPath));

    /// <summary>
    /// The configuration, not yet written. One that is there was changed by its owner and by trainings since: its settings and trials stay, and it names the model that is generated now.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="document">The model.</param>
    /// <exception cref="ModelExportException">The model cannot be used without this library.</exception>
    /// <exception cref="MbConfigException">The configuration that is there cannot be used.</exception>
    public MbConfigFile Configuration(string folder, ModelDocument document)
    {
        string path = Path.Combine(folder, Name + MbConfigFile.Extension), model = ModelIn(folder);
        TrainingRecord? record = TrainingRecord.From(document, ModelPath);
        string? folds = document.Attachments.ContainsKey(FoldFile.FileName) ? FoldsName : null;
        MbConfigFile file = File.Exists(path) ? MbConfigFile.Read(path) : NewMbConfig.Create(path, GeneratedModel.Of(document, ModelPath).ReadsImages, Data, record, folds);
        if (Data is not null) NewMbConfig.SetSource(file, Data);
        MbConfigTrial.Forget(file, model, record?.Trained);
        if (record is not null && !MbConfigTrial.IsIn(file, record.Trained))
            foreach (RunMetrics metrics in MetricsOf(document))
                new MbConfigTrial { Stages = document.Stages, Metrics = metrics, Record = record, Model = model }.AppendTo(file);
        MbConfigTrial.PointTo(file, model);
        // It would fail when it is trained with.
        MbConfigSettings.Of(file);
        return file;
    }

    /// <summary>Writes the project.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="document">The model.</param>
    /// <param name="config">Its configuration.</param>
    /// <returns>The paths written, within the folder.</returns>
    /// <exception cref="ModelExportException">The model cannot be used without this library.</exception>
    public IReadOnlyList<string> Write(string folder, ModelDocument document, MbConfigFile config)
    {
        var files = Sources(document).ToList();
        Directory.CreateDirectory(folder);
        // Those of another model that lay here would tell lies about this one.
        foreach (string stale in (ReadOnlySpan<string>)[CardName, FoldsName]) File.Delete(Path.Combine(folder, stale));
        if (document.Attachments.TryGetValue(CardPage.FileName, out ReadOnlyMemory<byte> card)) files.Add((CardName, Text(card)));
        if (document.Attachments.TryGetValue(FoldFile.FileName, out ReadOnlyMemory<byte> folds)) files.Add((FoldsName, Text(folds)));
        AtomicFile.WriteAllBytes(ModelIn(folder), File.ReadAllBytes(ModelPath));
        foreach ((string path, string text) in files) AtomicFile.WriteAllText(Path.Combine(folder, path), text);
        config.Write();
        return [Path.GetFileName(config.Path), Path.GetFileName(ModelIn(folder)), .. files.Select(file => file.Path)];
    }

    // What other programs put there under this name is no scores of this one's.
    private IReadOnlyList<RunMetrics> MetricsOf(ModelDocument document)
    {
        if (!document.Attachments.TryGetValue(MetricsFile.FileName, out ReadOnlyMemory<byte> json)) return [];
        try
        {
            return MetricsFile.Parse(json.Span, $"{MetricsFile.FileName} of '{ModelPath}'").Runs;
        }
        catch (EvaluationException)
        {
            return [];
        }
    }

    private string ModelIn(string folder) => Path.Combine(folder, Name + ".mlnet");

    private string FoldsName => $"{Name}.{FoldFile.FileName}";

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
