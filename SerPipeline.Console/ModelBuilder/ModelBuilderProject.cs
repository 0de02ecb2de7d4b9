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

    /// <summary>Writes the project. A configuration that is there already stays, and names the model that is generated now.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="document">The model.</param>
    /// <returns>The paths written, within the folder.</returns>
    /// <exception cref="ModelExportException">The model cannot be used without this library.</exception>
    /// <exception cref="MbConfigException">The configuration that is there cannot be read.</exception>
    public IReadOnlyList<string> Write(string folder, ModelDocument document)
    {
        var sources = Sources(document).ToList();
        string model = Name + ".mlnet";
        if (document.Attachments.TryGetValue(CardPage.FileName, out ReadOnlyMemory<byte> card)) sources.Add((CardName, Text(card)));
        if (document.Attachments.TryGetValue(FoldFile.FileName, out ReadOnlyMemory<byte> foldFile)) sources.Add((FoldsName, Text(foldFile)));
        MbConfigFile config = Configuration(Path.Combine(folder, Name + MbConfigFile.Extension), document, Path.Combine(folder, model));
        AtomicFile.WriteAllBytes(Path.Combine(folder, model), File.ReadAllBytes(ModelPath));
        foreach ((string path, string text) in sources) AtomicFile.WriteAllText(Path.Combine(folder, path), text);
        config.Write();
        return [Path.GetFileName(config.Path), model, .. sources.Select(source => source.Path)];
    }

    // One that is there was changed by its owner and by trainings since: nothing in it is lost.
    private MbConfigFile Configuration(string path, ModelDocument document, string model)
    {
        TrainingRecord? record = TrainingRecord.From(document, ModelPath);
        string? folds = document.Attachments.ContainsKey(FoldFile.FileName) ? FoldsName : null;
        MbConfigFile file = File.Exists(path) ? MbConfigFile.Read(path) : NewMbConfig.Create(path, GeneratedModel.Of(document, ModelPath).ReadsImages, Data, record, folds);
        if (record is null || MetricsOf(document) is not { } metrics || MbConfigTrial.IsIn(file, record.Trained)) return file;
        new MbConfigTrial { Stages = document.Stages, Metrics = metrics, Record = record, Model = model }.AppendTo(file);
        return file;
    }

    private RunMetrics? MetricsOf(ModelDocument document) =>
        document.Attachments.TryGetValue(MetricsFile.FileName, out ReadOnlyMemory<byte> json) ? MetricsFile.Parse(json.Span, $"{MetricsFile.FileName} of '{ModelPath}'").Runs[0] : null;

    private string FoldsName => $"{Name}.{FoldFile.FileName}";

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
