using SerPipeline.Console.Data;
using SerPipeline.Console.Hosting;
using SerPipeline.Console.Output;
using SerPipeline.Console.Prediction;
using SerPipeline.Console.Scoring;
using SerPipeline.Pipeline;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser predict</c>: the emotion of each file, with every class's probability.</summary>
internal sealed class PredictCommand(Terminal terminal, ProgressDisplay progress) : ICommandHandler
{
    // Below this the answer comes before a bar could be read.
    private const int FilesWorthABar = 20;

    private static readonly OptionDefinition Model = new("--model", "FILE", "The model.zip of a run folder.") { Alias = "-m" };
    private static readonly OptionDefinition Json = OptionDefinition.Flag("--json", "Write JSON lines: an object a file.");
    private static readonly OptionDefinition Csv = OptionDefinition.Flag("--csv", "Write CSV: path, predicted, a probability a label.");

    public static CommandDefinition Definition { get; } = new(
        "predict",
        "Tell the emotion of audio files, with the probability of every label. Folders are searched at any depth. Files that cannot be read are named on standard error, the rest is done, and the exit code is 1.",
        typeof(PredictCommand))
    {
        Operand = new OperandDefinition("PATH", "Audio files, and folders of audio files.", IsSeveral: true),
        Options = [Model, Json, Csv],
        Examples =
        [
            ("ser predict --model runs/mine/model.zip clip.wav", "a table with the label and all probabilities"),
            ("ser predict --model model.zip recordings --csv > emotions.csv", "every audio file below a folder, for a spreadsheet"),
            ("ser predict --model model.zip a.flac b.mp3 --json", "an object a line, for other programs"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        string path = input.Required(Model);
        bool json = input.Flag(Json), csv = input.Flag(Csv);
        input.Require(!(json && csv), "--json and --csv exclude each other.");
        input.Check();

        var ser = new SerContext();
        using ModelFile model = ModelFile.Load(ser, path);
        AudioFiles files = AudioFiles.Find(input.Operands);
        foreach (string problem in files.Problems) terminal.Message($"error: {problem}");
        var bad = new List<(string Path, string Reason)>();
        ser.BadClipFound += (_, found) => bad.Add((found.Clip.Path, found.Clip.Reason));
        IReadOnlyList<FilePrediction> predictions = files.Paths.Count == 0 ? [] : Predict(ser, model, files.Paths, cancellation);
        foreach ((string file, string reason) in bad)
            terminal.Message($"error: {(reason.Contains(file, StringComparison.Ordinal) ? reason : $"{file}: {reason}")}");

        PredictionWriter.Write(terminal, json ? PredictionFormat.Json : csv ? PredictionFormat.Csv : PredictionFormat.Table, model.Labels, predictions);
        if (predictions.Count > 0) Explain(model, inFull: !json && !csv);
        return bad.Count + files.Problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private IReadOnlyList<FilePrediction> Predict(SerContext ser, ModelFile model, IReadOnlyList<string> paths, CancellationToken cancellation)
    {
        if (paths.Count < FilesWorthABar) return FilePrediction.Of(model.Chain.Transform(ser.Data.LoadFiles(paths)), cancellation);
        return progress.Run(scope =>
        {
            IProgressStage stage = scope.Start("predicting", paths.Count, ProgressUnits.Clips);
            var watched = new WatchedDataView(ser.Data.LoadFiles(paths), "Path", done => stage.Report(done), cancellation);
            IReadOnlyList<FilePrediction> predictions = FilePrediction.Of(model.Chain.Transform(watched), cancellation);
            stage.Complete();
            return predictions;
        });
    }

    private void Explain(ModelFile model, bool inFull)
    {
        if (model.Record is not { } record) return;
        if (inFull) terminal.Message($"Model: {record.Trainer}, trained on {record.Dataset} ({record.Protocol}).");
        if (record.Synthetic) terminal.Message("warning: The model learned from synthetic clips, so what it says about people means nothing.");
        if (Licences.ModelCaution(record.Licence) is { } caution) terminal.Message($"warning: {caution}");
    }
}
