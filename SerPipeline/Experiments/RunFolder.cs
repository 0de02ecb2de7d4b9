using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Networks;
using SerPipeline.Prediction;
using SerPipeline.Reports;
using SerPipeline.Reports.Plots;
using SerPipeline.Splits;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments;

/// <summary>Writes what one training leaves: model.zip, metrics.json, predictions.csv and run.json.</summary>
/// <param name="experiment">What the fold belongs to.</param>
/// <param name="data">The clips.</param>
/// <param name="settings">What the user set.</param>
/// <param name="commandLine">The command line, program first.</param>
internal sealed class FoldFolder(Experiment experiment, CorpusData data, ExperimentSettings settings, IReadOnlyList<string> commandLine)
{
    public const string ModelName = ModelPath.FileName, CheckpointName = "training.checkpoint";

    private const string NoteName = "note";

    // Where a machine keeps features and files decides nothing, and what was typed is in the other settings.
    private static readonly string[] Immaterial = ["featureCache", "foldFile", "given"];

    /// <summary>What an interrupted run has left of a fold; null where it did not finish it: run.json comes last.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="fold">The fold.</param>
    /// <exception cref="ResumeException">It is of other settings or data.</exception>
    public FoldOutcome? Read(string folder, CheckedFold fold)
    {
        string path = Path.Combine(folder, RunRecord.FileName);
        if (!File.Exists(path)) return null;
        var record = RunRecord.Read(path);
        string now = RunRecord.Describe(("command", settings))["command"].GetRawText();
        string[] differences = [.. Checkpoint.Differences(record.Options["command"].GetRawText(), now)
            .Where(one => !Immaterial.Contains(one.Name)).Select(one => one.Text)];
        if (differences.Length > 0)
            throw new ResumeException($"The run in {folder} has other settings: {string.Join("; ", differences)}. Resume it with its own, "
                + "or train in another folder.");
        UnfinishedRun.RequireSame(data.Corpus.Name, data.Fingerprint, record.Data.GetValueOrDefault(data.Corpus.Name), folder);
        string model = Path.Combine(folder, ModelName);
        var saved = ModelRecord.Read(model);
        TrainingHistory history = HistoryFile.Find(saved.Attachments, model)
            ?? throw new ResumeException($"{model} does not tell how its training went. Remove {path} to train the fold again.");
        RequireSameParts(fold.Fold, TrainingRecord.From(saved, model), history, folder);
        // The draws of enrolled clips are in no file, so that such a fold is done again.
        if (experiment.Plan.Enrolled > 0) return null;
        return new FoldOutcome(FoldNames.Of(fold.Fold, experiment.Plan.Folds.Count),
            PredictionsCsv.Read(Path.Combine(folder, PredictionsCsv.FileName)),
            MetricsFile.Read(Path.Combine(folder, MetricsFile.FileName)).Runs, CurvesOf(history), history.Temperature, history.Parameters,
            record, record.Options[NoteName].GetString()!, []);
    }

    /// <summary>Writes the files.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="context">The context.</param>
    /// <param name="result">The training.</param>
    public FoldOutcome Write(string folder, ExperimentContext context, TrainingResult result)
    {
        // Whatever goes wrong behind it, what took longest is there; with its scores and card it is saved once more.
        string path = Path.Combine(folder, ModelName);
        IReadOnlyDictionary<string, string> notes = RecordOf(result).ToNotes();
        PortableModel saved = context.Ml.Model.SavePortable(result.Model, result.InputSchema, path, notes, Attachments(result));
        ModelRecord model = saved.Record;
        var record = new RunRecord
        {
            CommandLine = commandLine,
            Protocol = experiment.Plan.Protocol,
            Seed = experiment.Plan.Seed,
            Started = result.Started,
            Finished = result.Finished,
            Environment = RunOptions.Environment(
                TorchEngine.Resolve(RunOptions.DeviceOf(result.Options)).type.ToString().ToLowerInvariant()),
            Data = new Dictionary<string, DataFingerprint> { [data.Corpus.Name] = data.Fingerprint },
            Options = RunOptions.Of(data.Corpus, settings, experiment, result, model),
        };
        string fold = FoldNames.Of(result.Fold.Fold, experiment.Plan.Folds.Count);
        string note = NoteOf(experiment.HasFolds ? $"{fold}: trained" : "Trained", result);
        record = record.With(NoteName, note);
        byte[] metrics = MetricsFile.From(result.Metrics).ToBytes();
        string card = CardPage.Render(new FoldCard(experiment, data).Of(result, saved, record, NoteOf("Trained", result)));
        saved.Attach(Attachments(result, metrics, card));
        PredictionsCsv.Write(Path.Combine(folder, PredictionsCsv.FileName), result.Predictions);
        AtomicFile.WriteAllBytes(Path.Combine(folder, MetricsFile.FileName), metrics);
        record.Write(Path.Combine(folder, RunRecord.FileName));
        return new FoldOutcome(fold, result.Predictions, result.Metrics, CurvesOf(result.History), result.History.Temperature,
            result.History.Parameters, record, note, result.Draws);
    }

    // Fold files, a corpus's own parts and the sexes that a drawn split goes by may have been edited since; the scores of two divisions
    // must not stand beside each other.
    private void RequireSameParts(PlannedFold fold, TrainingRecord? trained, TrainingHistory history, string folder)
    {
        Split split = fold.Split;
        bool same = trained is not null && trained.TrainingClips.SetEquals(TrainingRecord.ShortHashes(split.Train, data.Hashes))
            && trained.TestClips.SetEquals(TrainingRecord.ShortHashes(split.Test, data.Hashes))
            && trained.TestCopies.SetEquals(TrainingRecord.Copies(data, split));
        // A fold file tells whom it named, or that it named nobody. Without one those who validate are drawn where nobody names them, and
        // of no use to trainers that choose no epoch.
        IReadOnlyList<string>? named = trained?.FoldFile is { } file
            ? FoldFile.Parse(file, folder).Folds.FirstOrDefault(one => one.Fold == (fold.Number ?? 1))?.Validation
            : split.ValidationSpeakers.Count > 0 && history.ValidationGroups.Count > 0 ? history.ValidationGroups : null;
        bool others = named is not null && !split.ValidationSpeakers.ToHashSet(StringComparer.Ordinal).SetEquals(named);
        if (!same || others)
            throw new ResumeException($"The run in {folder} trained, validated or tested on other clips than would be now: the fold file, "
                + "the parts that the corpus gives, the speakers' sexes or which files can be read have changed since. Bring them back, or "
                + "train in another folder.");
    }

    private static TrainingCurves CurvesOf(TrainingHistory history) =>
        TrainingCurves.Of(history, history.ChosenEpoch == 0 ? null : history.ChosenEpoch);

    internal SortedDictionary<string, ReadOnlyMemory<byte>> Attachments(TrainingResult result, byte[]? metrics = null, string? card = null)
    {
        var files = new SortedDictionary<string,
            ReadOnlyMemory<byte>>(StringComparer.Ordinal)
        {
            [HistoryFile.FileName] = HistoryFile.ToBytes(result.History),
        };
        if (HeardRecordings.ToBytes(result.Fold.Fold.Split.Train.Select(i => data.Prints[i].Print).OfType<Fingerprint>()) is { } prints)
            files.Add(HeardRecordings.FileName, prints);
        if (metrics is not null) files.Add(MetricsFile.FileName, metrics);
        if (card is not null) files.Add(CardPage.FileName, Encoding.UTF8.GetBytes(card));
        if (experiment.Folds(data.Corpus) is { } folds) files.Add(FoldFile.FileName, Encoding.UTF8.GetBytes(folds.ToJson()));
        return files;
    }

    internal TrainingRecord RecordOf(TrainingResult result)
    {
        Split split = result.Fold.Fold.Split;
        return new TrainingRecord
        {
            // A model of a cross-corpus fold knows the corpora that train it, and only their terms hold for it.
            Dataset = result.Fold.Fold.TrainCorpora ?? data.Corpus.Name,
            Synthetic = data.Corpus.IsSynthetic,
            Licence = LicenceOf(split),
            Trainer = experiment.Trainer,
            Protocol = split.Protocol,
            Seed = experiment.Plan.Seed,
            Fold = experiment.HasFolds ? result.Fold.Fold.Number : null,
            TrainingPeople = People.OfTraining(data.Corpus, split),
            Fingerprint = data.Fingerprint.Sha256,
            Settings = settings.SettingsOfModel?.Invoke(experiment.Trainer, ProtocolNames.ShortOf(experiment.Plan.Protocol),
                experiment.Plan.Seed),
            TrainerOptions = RunRecord.Describe(("trainer", RunOptions.Plain(result.Options)))["trainer"],
            Trained = result.Finished,
            TrainingClips = TrainingRecord.ShortHashes(split.Train, data.Hashes),
            TestClips = TrainingRecord.ShortHashes(split.Test, data.Hashes),
            TestCopies = TrainingRecord.Copies(data, split),
        };
    }

    private string? LicenceOf(Split split)
    {
        TrainingSource[] learned = [.. TrainingSource.Of(data, split).Where(source => source.Trains)];
        if (data.Corpus.Clips.All(clip => learned.Any(source => source.Name == clip.Corpus))) return data.Corpus.Licence;
        return learned.All(source => source.Licence is null) ? null
            : string.Join("; ", learned.Select(source => source.Licence ?? "unknown").Distinct(StringComparer.Ordinal));
    }

    private static string NoteOf(string opening, TrainingResult result)
    {
        TrainingHistory history = result.History;
        string speakers = history.ValidationGroups.Count == 0 || result.Fold.Fold.Split.Validation.Count > 0 ? ""
            : $" of the speaker{(history.ValidationGroups.Count == 1 ? "" : "s")} {string.Join(", ", history.ValidationGroups)}";
        string validation = history.ValidationExamples == 0 ? "no validation part, so the last epoch was kept"
            : $"chosen on {Format.Count(history.ValidationExamples, "validation clip")}{speakers}";
        if (history.Epochs.Count == 0) return $"{opening} on {history.TrainExamples} clips, in one go and without a validation part.";
        int networks = result.Networks;
        string size = networks == 1 ? $"The network has {history.Parameters} parameters."
            : $"That is the first of {networks} networks, whose probabilities are averaged; together they have {history.Parameters} "
                + "parameters.";
        return $"{opening} on {history.TrainExamples} clips; the weights are those of epoch {history.ChosenEpoch} of "
            + $"{history.Epochs.Count}, {validation}. {size}";
    }
}

/// <summary>Writes what an experiment leaves above its folds: metrics.json, predictions.csv of all folds, run.json, folds.json, report.html
/// and the figures.</summary>
/// <param name="experiment">What was done.</param>
/// <param name="data">Its clips.</param>
internal sealed class ExperimentFolder(Experiment experiment, CorpusData data)
{
    /// <summary>Writes the files; with one fold its own files are in the same folder already.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="folds">The folds.</param>
    /// <param name="clips">What the models said about all folds' test clips; null where folds are not put together.</param>
    /// <param name="pooled">Their scores.</param>
    /// <param name="final">The model trained on all clips, or null.</param>
    public void Write(string folder, IReadOnlyList<FoldOutcome> folds, PredictionSet? clips, RunMetrics? pooled, FinalModel? final)
    {
        RunMetrics[] runs = [.. folds.SelectMany(fold => fold.Metrics)];
        RunRecord record = folds.Count == 1 ? folds[0].Record : Together(folds);
        if (final is not null) record = record.With("final", new { final.Clips, final.Epochs, Scores = "folds" });
        experiment.Folds(data.Corpus)?.Write(Path.Combine(folder, FoldFile.FileName));
        if (folds.Count > 1)
        {
            MetricsFile.From(runs, pooled is null ? [] : [pooled]).Write(Path.Combine(folder, MetricsFile.FileName));
            if (clips is not null) PredictionsCsv.Write(Path.Combine(folder, PredictionsCsv.FileName), clips);
            record.Write(Path.Combine(folder, RunRecord.FileName));
        }
        new ExperimentReport(experiment, data).Write(folder, folds, clips ?? folds[0].Predictions, pooled, record, final);
    }

    // Every fold has its own run.json; what is the same for all stands here.
    private static RunRecord Together(IReadOnlyList<FoldOutcome> folds)
    {
        RunRecord first = folds[0].Record;
        var options = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach ((string name, JsonElement value) in first.Options)
            if (name != RunOptions.SplitSection && folds.All(fold => fold.Record.Options.TryGetValue(name, out JsonElement other)
                && JsonElement.DeepEquals(value, other)))
                options.Add(name, value);
        return first with { Finished = folds[^1].Record.Finished, Options = options };
    }
}

/// <summary>Writes the files that put several experiments together: metrics.json and report.html.</summary>
internal static class IndexFolder
{
    /// <summary>Writes the files.</summary>
    /// <param name="folder">The folder above the experiments' own.</param>
    /// <param name="finished">What was done.</param>
    public static void Write(string folder, IReadOnlyList<FinishedExperiment> finished)
    {
        RunMetrics[] runs = [.. finished.SelectMany(one => one.Runs)];
        RunMetrics[] pooled = [.. finished.Select(one => one.Pooled).OfType<RunMetrics>()];
        MetricsFile.From(runs, pooled).Write(Path.Combine(folder, MetricsFile.FileName));
        var content = new ReportContent
        {
            Title = $"{finished.Count} runs on "
                + $"{string.Join(", ", finished.Select(one => one.Experiment.Data.Name).Distinct(StringComparer.Ordinal))}",
            Runs = runs,
            Pooled = pooled,
            Notes =
            [
                .. finished.Select(one => Licences.Caution(one.Experiment.Data.Corpus)).OfType<string>().Distinct(StringComparer.Ordinal),
                .. finished.Select(one => one.LeakNote).OfType<string>().Distinct(StringComparer.Ordinal),
                .. ProtocolNotices.BestOf([.. finished.Select(one => one.Whole).OfType<RunMetrics>()]) is { } best ? (string[])[best] : [],
                $"Each run has a folder of its own with its model, predictions, figures and report: "
                    + $"{string.Join(", ", finished.Select(one => one.Experiment.Name))}.",
            ],
        };
        HtmlReport.Write(Path.Combine(folder, HtmlReport.FileName), content);
        ReportFigures.Write(folder, content);
    }
}
