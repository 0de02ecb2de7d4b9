using System.Text;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Old.Models;
using SerPipeline.Old.Pipeline;
using SerPipeline.Old.Trainers;
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
    public const string ModelName = "model.zip";

    /// <summary>Writes the files.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="ser">The context.</param>
    /// <param name="result">The training.</param>
    public FoldOutcome Write(string folder, SerContext ser, TrainingResult result)
    {
        // Whatever goes wrong behind it, what took longest is there; with its scores and card it is saved once more.
        string path = Path.Combine(folder, ModelName);
        ModelDocument document = ser.Model.Save(result.Model, result.InputSchema, path, RecordOf(result).ToNotes());
        var record = new RunRecord
        {
            CommandLine = commandLine,
            Protocol = experiment.Plan.Plan.Protocol,
            Seed = experiment.Plan.Seed,
            Started = result.Started,
            Finished = result.Finished,
            Environment = RunOptions.Environment(),
            Data = new Dictionary<string, DataFingerprint> { [data.Corpus.Name] = data.Fingerprint },
            Options = RunOptions.Of(data.Corpus, settings, experiment, result, document),
        };
        string fold = FoldNames.Of(result.Fold.Fold, experiment.Plan.Folds.Count);
        byte[] metrics = MetricsFile.From(result.Metrics).ToBytes();
        string card = CardPage.Render(new FoldCard(experiment, data).Of(result, document, record, NoteOf("Trained", result)));
        ser.Model.Save(document with { Attachments = Attachments(metrics, card) }, path);
        PredictionsCsv.Write(Path.Combine(folder, PredictionsCsv.FileName), result.Predictions);
        AtomicFile.WriteAllBytes(Path.Combine(folder, MetricsFile.FileName), metrics);
        record.Write(Path.Combine(folder, RunRecord.FileName));
        string note = $"{NoteOf(experiment.HasFolds ? $"{fold}: trained" : "Trained", result)} {ApartFrom(document)}";
        return new FoldOutcome(fold, result.Predictions, result.Metrics, CurvesOf(result.History), result.History.Temperature, result.History.Parameters, record, note);
    }

    private SortedDictionary<string, ReadOnlyMemory<byte>> Attachments(byte[] metrics, string card)
    {
        var files = new SortedDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal)
        {
            [MetricsFile.FileName] = metrics,
            [CardPage.FileName] = Encoding.UTF8.GetBytes(card),
        };
        if (experiment.Folds(data.Corpus) is { } folds) files.Add(FoldFile.FileName, Encoding.UTF8.GetBytes(folds.ToJson()));
        return files;
    }

    private static string ApartFrom(ModelDocument document) => document.OnnxProblem is { } problem
        ? $"{ModelName} opens with this library alone: {problem}"
        : $"{ModelName} opens in ML.NET too.";

    private static TrainingCurves CurvesOf(TrainingHistory history) => new()
    {
        TrainLoss = [.. history.Epochs.Select(e => e.TrainLoss)],
        ValidationLoss = [.. history.Epochs.Select(e => e.ValidationLoss).OfType<double>()],
        TrainAccuracy = [.. history.Epochs.Select(e => e.TrainAccuracy)],
        ValidationAccuracy = [.. history.Epochs.Select(e => e.ValidationAccuracy).OfType<double>()],
        BestEpoch = history.ChosenEpoch,
    };

    private TrainingRecord RecordOf(TrainingResult result)
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
            Settings = settings.SettingsOfModel?.Invoke(experiment.Trainer, ProtocolNames.ShortOf(experiment.Plan.Plan.Protocol), experiment.Plan.Seed),
            Trained = result.Finished,
            TrainingClips = TrainingRecord.ShortHashes(split.Train, data.Hashes),
            TestClips = TrainingRecord.ShortHashes(split.Test, data.Hashes),
            TestCopies = TrainingRecord.Copies(data, split),
        };
    }

    private string? LicenceOf(Split split)
    {
        string[] corpora = [.. split.Train.Select(i => data.Corpus.Clips[i].Corpus).Distinct(StringComparer.Ordinal)];
        string?[] known = [.. corpora.Select(name => CorpusFacts.Find(name)?.Licence)];
        bool whole = data.Corpus.Clips.All(clip => corpora.Contains(clip.Corpus, StringComparer.Ordinal));
        return whole || known.Contains(null) ? data.Corpus.Licence : string.Join("; ", known.Distinct(StringComparer.Ordinal));
    }

    private static string NoteOf(string opening, TrainingResult result)
    {
        TrainingHistory history = result.History;
        string validation = history.ValidationExamples == 0 ? "no validation part, so the last epoch was kept"
            : $"chosen on {history.ValidationExamples} validation clips{(history.ValidationGroups.Count == 0 ? "" : $" of the speaker{(history.ValidationGroups.Count == 1 ? "" : "s")} {string.Join(", ", history.ValidationGroups)}")}";
        int networks = result.Model.Transformers.OfType<EnsembleModel>().SingleOrDefault()?.Members.Count ?? 1;
        string size = networks == 1 ? $"The network has {history.Parameters} parameters."
            : $"That is the first of {networks} networks, whose probabilities are averaged; together they have {history.Parameters} parameters.";
        return $"{opening} on {history.TrainExamples} clips; the weights are those of epoch {history.ChosenEpoch} of {history.Epochs.Count}, {validation}. {size}";
    }
}
