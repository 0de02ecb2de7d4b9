using SerPipeline.Evaluation;
using SerPipeline.Evaluation.Reporting;
using SerPipeline.Imaging;
using SerPipeline.Pipeline;
using SerPipeline.Trainers;

namespace SerPipeline.Console.Training;

/// <summary>Writes the folder that a run leaves: model.zip, metrics.json, predictions.csv, report.html, run.json and the figures.</summary>
internal static class RunFiles
{
    public const string ModelName = "model.zip", CurvesName = "training-curves.svg", ConfusionName = "confusion-matrix.svg";

    /// <summary>Writes the folder of one training run.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="ser">The context.</param>
    /// <param name="data">The clips.</param>
    /// <param name="result">The run.</param>
    /// <param name="settings">What the user set.</param>
    /// <param name="commandLine">The command line, program first.</param>
    public static void Write(string folder, SerContext ser, CorpusData data, TrainingResult result, TrainSettings settings, IReadOnlyList<string> commandLine)
    {
        string model = Path.Combine(folder, ModelName);
        ser.Model.Save(result.Model, result.InputSchema, model, RecordOf(data, result, settings).ToNotes());
        ReportFigure[] figures = [Curves(folder, result.History), Confusion(folder, result.Metrics)];
        var record = new RunRecord
        {
            CommandLine = commandLine,
            Protocol = result.Metrics.Protocol,
            Seed = settings.Seed,
            Started = result.Started,
            Finished = result.Finished,
            Environment = RunOptions.Environment(),
            Data = new Dictionary<string, DataFingerprint> { [data.Corpus.Name] = data.Fingerprint },
            Options = RunOptions.Of(data.Corpus, settings, result.Split, result.Options, ser.Model.ReadDocument(model)),
        };
        WriteScores(folder, $"{result.Trainer} on {data.Corpus.DisplayName}, {result.Metrics.Protocol}", result.Metrics, result.Predictions, record, figures, Notes(data, result));
    }

    /// <summary>Writes the scores of one run: metrics, predictions, record and report.</summary>
    public static void WriteScores(
        string folder, string title, RunMetrics metrics, PredictionSet predictions, RunRecord record, IReadOnlyList<ReportFigure> figures, IReadOnlyList<string> notes)
    {
        PredictionsCsv.Write(Path.Combine(folder, PredictionsCsv.FileName), predictions);
        MetricsFile.From([metrics]).Write(Path.Combine(folder, MetricsFile.FileName));
        record.Write(Path.Combine(folder, RunRecord.FileName));
        HtmlReport.Write(Path.Combine(folder, HtmlReport.FileName), new ReportContent
        {
            Title = title,
            Runs = [metrics],
            Predictions = predictions,
            Figures = figures,
            Run = record,
            Notes = notes,
        });
    }

    /// <summary>Writes the files that put several runs together: metrics.json and report.html.</summary>
    /// <param name="folder">The folder above the runs' own.</param>
    /// <param name="data">The clips.</param>
    /// <param name="runs">The runs.</param>
    public static void WriteIndex(string folder, CorpusData data, IReadOnlyList<FinishedRun> runs)
    {
        MetricsFile.From([.. runs.Select(run => run.Metrics)]).Write(Path.Combine(folder, MetricsFile.FileName));
        string[] notes = [.. LicenceNotes(data), .. runs.Select(run => run.CopiesNote).OfType<string>().Distinct(StringComparer.Ordinal), $"Each run has a folder of its own with its model, predictions, figures and report: {string.Join(", ", runs.Select(run => run.Name))}."];
        HtmlReport.Write(Path.Combine(folder, HtmlReport.FileName), new ReportContent
        {
            Title = $"{runs.Count} runs on {data.Corpus.DisplayName}",
            Runs = [.. runs.Select(run => run.Metrics)],
            Notes = notes,
        });
    }

    /// <summary>The confusion matrix as a figure, also saved.</summary>
    public static ReportFigure Confusion(string folder, RunMetrics metrics)
    {
        double[][] counts = [.. metrics.Confusion.Select(row => row.Select(count => (double)count).ToArray())];
        var plot = new ConfusionMatrixPlot(counts, metrics.Labels, new ConfusionMatrixPlotOptions { Width = 560, Height = 560, Title = $"{metrics.Trainer}, {metrics.Protocol}" });
        plot.SaveSvg(Path.Combine(folder, ConfusionName));
        return new ReportFigure("Confusion matrix", plot.ToSvg(), "Rows are the true emotions, columns what the model said, over the test clips.");
    }

    private static ReportFigure Curves(string folder, TrainingHistory history)
    {
        var curves = new TrainingCurves
        {
            TrainLoss = [.. history.Epochs.Select(e => e.TrainLoss)],
            ValidationLoss = [.. history.Epochs.Select(e => e.ValidationLoss).OfType<double>()],
            TrainAccuracy = [.. history.Epochs.Select(e => e.TrainAccuracy)],
            ValidationAccuracy = [.. history.Epochs.Select(e => e.ValidationAccuracy).OfType<double>()],
            BestEpoch = history.ChosenEpoch,
        };
        var plot = new TrainingCurvesPlot(curves, new TrainingCurvesPlotOptions { Height = 300, Title = "Training" });
        plot.SaveSvg(Path.Combine(folder, CurvesName));
        return new ReportFigure("Training curves", plot.ToSvg(),
            "Loss and accuracy after each epoch. The training loss includes augmentation and label smoothing, so it may lie above the validation loss.");
    }

    private static TrainingRecord RecordOf(CorpusData data, TrainingResult result, TrainSettings settings) => new()
    {
        Dataset = data.Corpus.Name,
        Synthetic = data.Corpus.IsSynthetic,
        Licence = data.Corpus.Licence,
        Trainer = result.Trainer,
        Protocol = result.Metrics.Protocol,
        Seed = settings.Seed,
        TrainingSpeakers = TrainingRecord.Speakers(data.Corpus, result.Split.Split),
        Fingerprint = data.Fingerprint.Sha256,
        Trained = result.Finished,
        TrainingClips = TrainingRecord.ShortHashes(result.Split.Split.Train, data.Hashes),
        TestClips = TrainingRecord.ShortHashes(result.Split.Split.Test, data.Hashes),
        TestCopies = TrainingRecord.Copies(data, result.Split.Split),
    };

    private static string[] Notes(CorpusData data, TrainingResult result)
    {
        TrainingHistory history = result.History;
        string validation = history.ValidationExamples == 0 ? "no validation part, so the last epoch was kept"
            : $"chosen on {history.ValidationExamples} validation clips{(history.ValidationGroups.Count == 0 ? "" : $" of the speakers {string.Join(", ", history.ValidationGroups)}")}";
        string[] copies = CheckedSplit.CopiesNote(result.Split) is { } note ? [note] : [];
        return [.. LicenceNotes(data), .. copies, $"Trained on {history.TrainExamples} clips; the weights are those of epoch {history.ChosenEpoch} of {history.Epochs.Count}, {validation}. The network has {history.Parameters} parameters."];
    }

    private static IEnumerable<string> LicenceNotes(CorpusData data) => Licences.Caution(data.Corpus) is { } caution ? [caution] : [];
}
