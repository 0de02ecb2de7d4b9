using SerPipeline.Splits;

namespace SerPipeline.Console.ModelBuilder;

/// <summary>A project around a model in the shape of ML.NET Model Builder: its code, its model and its configuration.</summary>
internal sealed class ModelBuilderProject
{
    /// <summary>The card's name in a project.</summary>
    public const string CardName = "MODEL_CARD.md";

    private readonly string _name, _modelPath, _folder;
    private readonly GeneratedModel _model;

    /// <summary>Reads what is needed of a model.</summary>
    /// <param name="name">The class that predicts, and the first part of every file's name.</param>
    /// <param name="modelPath">The model's file.</param>
    /// <param name="folder">The project's folder.</param>
    /// <exception cref="ModelFormatException">The model cannot be read.</exception>
    /// <exception cref="ModelExportException">The model cannot be used without this library.</exception>
    public ModelBuilderProject(string name, string modelPath, string folder)
    {
        (_name, _modelPath, _folder) = (name, modelPath, folder);
        _model = GeneratedModel.Read(modelPath);
        Record = TrainingRecord.From(_model.Document, modelPath);
    }

    /// <summary>How the model was trained; null where it does not say.</summary>
    public TrainingRecord? Record { get; }

    /// <summary>
    /// The configuration, not yet written. One that is there was changed by its owner and by trainings since: its settings and trials stay,
    /// and it names the model that is generated now.
    /// </summary>
    /// <param name="data">Where the data lie that a new training reads, as <c>--data</c> takes it; null leaves that as it is.</param>
    /// <exception cref="MbConfigException">The configuration that is there cannot be used.</exception>
    public MbConfigFile Configuration(string? data)
    {
        string path = Path.Combine(_folder, _name + MbConfigFile.Extension);
        string? folds = Document.Attachments.ContainsKey(FoldFile.FileName) ? FoldsName : null;
        MbConfigFile file = File.Exists(path) ? MbConfigFile.Read(path) : NewMbConfig.Create(path, _model.ReadsImages, Record, folds);
        if (data is not null) NewMbConfig.SetSource(file, data);
        MbConfigTrial.Forget(file, Model, Record?.Trained);
        if (Record is not null && !MbConfigTrial.IsIn(file, Record.Trained))
            foreach (RunMetrics metrics in Metrics())
                new MbConfigTrial { Stages = MbConfigTrial.StagesOf(Document, Record), Metrics = metrics, Record = Record, Model = Model }
                    .AppendTo(file);
        MbConfigTrial.PointTo(file, Model);
        return file;
    }

    /// <summary>Writes the project.</summary>
    /// <param name="space">The namespace of the class.</param>
    /// <param name="config">Its configuration.</param>
    /// <returns>The paths written, within the folder.</returns>
    public IReadOnlyList<string> Write(string space, MbConfigFile config)
    {
        var files = ProjectTemplates.Render(_name, space, _model, ModelFacts.Describe(Document, Record)).ToList();
        Directory.CreateDirectory(_folder);
        // Those of another model that lay here would tell lies about this one.
        foreach (string stale in (ReadOnlySpan<string>)[CardName, FoldsName]) File.Delete(Path.Combine(_folder, stale));
        if (Document.Attachments.TryGetValue(CardPage.FileName, out ReadOnlyMemory<byte> card)) files.Add((CardName, Text(card)));
        if (Document.Attachments.TryGetValue(FoldFile.FileName, out ReadOnlyMemory<byte> folds)) files.Add((FoldsName, Text(folds)));
        AtomicFile.WriteAllBytes(Model, File.ReadAllBytes(_modelPath));
        foreach ((string path, string text) in files) AtomicFile.WriteAllText(Path.Combine(_folder, path), text);
        config.Write();
        return [Path.GetFileName(config.Path), Path.GetFileName(Model), .. files.Select(file => file.Path)];
    }

    private ModelRecord Document => _model.Document;

    private string Model => Path.Combine(_folder, _name + ".mlnet");

    private string FoldsName => $"{_name}.{FoldFile.FileName}";

    // What other programs put there under this name is no scores of this one's.
    private IReadOnlyList<RunMetrics> Metrics()
    {
        if (!Document.Attachments.TryGetValue(MetricsFile.FileName, out ReadOnlyMemory<byte> json)) return [];
        try
        {
            return MetricsFile.Parse(json.Span, MetricsFile.FileName).Runs;
        }
        catch (EvaluationException)
        {
            return [];
        }
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
