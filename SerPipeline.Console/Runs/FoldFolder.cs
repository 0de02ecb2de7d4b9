using SerPipeline.Console.Data;
using SerPipeline.Console.Output;
using SerPipeline.Console.Scoring;
using SerPipeline.Console.Training;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Splits;
using SerPipeline.Evaluation;
using SerPipeline.Imaging;
using SerPipeline.Models;
using SerPipeline.Pipeline;
using SerPipeline.Trainers;

namespace SerPipeline.Console.Runs;

/// <summary>Writes what one training leaves: model.zip, metrics.json, predictions.csv and run.json.</summary>
/// <param name="experiment">What the fold belongs to.</param>
/// <param name="data">The clips.</param>
/// <param name="settings">What the user set.</param>
/// <param name="commandLine">The command line, program first.</param>
internal sealed class FoldFolder(Experiment experiment, CorpusData data, TrainSettings settings, IReadOnlyList<string> commandLine)
{
    public const string ModelName = "model.zip";

    /// <summary>Writes the files.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="ser">The context.</param>
    /// <param name="result">The training.</param>
    public FoldOutcome Write(string folder, SerContext ser, TrainingResult result)
    {
        string model = Path.Combine(folder, ModelName);
        ModelDocument document = ser.Model.Save(result.Model, result.InputSchema, model, RecordOf(result).ToNotes());
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
        PredictionsCsv.Write(Path.Combine(folder, PredictionsCsv.FileName), result.Predictions);
        MetricsFile.From(result.Metrics).Write(Path.Combine(folder, MetricsFile.FileName));
        record.Write(Path.Combine(folder, RunRecord.FileName));
        string name = FoldNames.Of(result.Fold.Fold, experiment.Plan.Folds.Count);
        return new FoldOutcome(name, result.Predictions, result.Metrics, CurvesOf(result.History), result.History.Temperature, result.History.Parameters, record, NoteOf(result, document));
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
            FoldFile = SplitProtocol.KeepsSpeakersApart(split.Protocol) && split.Protocol != SplitProtocol.CrossCorpus ? FoldFile.From(experiment.Plan.Plan, data.Corpus).ToJson() : null,
            TrainingPeople = People.OfTraining(data.Corpus, split),
            Fingerprint = data.Fingerprint.Sha256,
            Settings = SettingsOf(),
            Trained = result.Finished,
            TrainingClips = TrainingRecord.ShortHashes(split.Train, data.Hashes),
            TestClips = TrainingRecord.ShortHashes(split.Test, data.Hashes),
            TestCopies = TrainingRecord.Copies(data, split),
        };
    }

    // Of several trainers, protocols and seeds, those of this model.
    private SortedDictionary<string, string> SettingsOf()
    {
        var kept = new SortedDictionary<string, string>(settings.Given.ToDictionary(), StringComparer.Ordinal)
        {
            [TrainOptions.Trainer.Key] = experiment.Trainer,
            [TrainOptions.Protocol.Key] = ProtocolNames.ShortOf(experiment.Plan.Plan.Protocol),
            [TrainOptions.Seed.Key] = Format.Whole(experiment.Plan.Seed),
        };
        // The folds ride in the model; where they lay is nobody's concern.
        if (kept.TryGetValue(TrainOptions.FoldFile.Key, out string? path)) kept[TrainOptions.FoldFile.Key] = Path.GetFileName(path);
        return kept;
    }

    private string? LicenceOf(Split split)
    {
        string[] corpora = [.. split.Train.Select(i => data.Corpus.Clips[i].Corpus).Distinct(StringComparer.Ordinal)];
        string?[] known = [.. corpora.Select(name => CorpusFacts.Find(name)?.Licence)];
        bool whole = data.Corpus.Clips.All(clip => corpora.Contains(clip.Corpus, StringComparer.Ordinal));
        return whole || known.Contains(null) ? data.Corpus.Licence : string.Join("; ", known.Distinct(StringComparer.Ordinal));
    }

    private string NoteOf(TrainingResult result, ModelDocument document)
    {
        TrainingHistory history = result.History;
        string validation = history.ValidationExamples == 0 ? "no validation part, so the last epoch was kept"
            : $"chosen on {history.ValidationExamples} validation clips{(history.ValidationGroups.Count == 0 ? "" : $" of the speaker{(history.ValidationGroups.Count == 1 ? "" : "s")} {string.Join(", ", history.ValidationGroups)}")}";
        string fold = experiment.HasFolds ? $"{FoldNames.Of(result.Fold.Fold, experiment.Plan.Folds.Count)}: trained" : "Trained";
        int networks = result.Model.Transformers.OfType<EnsembleModel>().SingleOrDefault()?.Members.Count ?? 1;
        string size = networks == 1 ? $"The network has {history.Parameters} parameters."
            : $"That is the first of {networks} networks, whose probabilities are averaged; together they have {history.Parameters} parameters.";
        return $"{fold} on {history.TrainExamples} clips; the weights are those of epoch {history.ChosenEpoch} of {history.Epochs.Count}, {validation}. {size} {ApartFrom(document)}";
    }
}
