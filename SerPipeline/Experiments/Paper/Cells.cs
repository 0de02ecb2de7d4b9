using SerPipeline.Evaluation;
using SerPipeline.Networks;
using SerPipeline.Reports.Plots;
using SerPipeline.Trainers;

namespace SerPipeline.Experiments.Paper;

/// <summary>One training whose outcome is kept: the smallest piece of work that is not done twice.</summary>
/// <param name="Id">Its name, and its file's.</param>
/// <param name="Key">Everything that shaped it; a kept outcome of another key is not used.</param>
/// <param name="Train">Trains and scores it.</param>
internal sealed record Cell(string Id, string Key, Func<CancellationToken, CellOutcome> Train)
{
    /// <summary>A trainer's options as part of a key, defaults included: they may be others in a later version.</summary>
    public static string KeyOf(NeuralTrainerOptions options) =>
        RunRecord.Describe(("trainer", options.Plain()))["trainer"].GetRawText();
}

/// <summary>What stays of a cell.</summary>
internal sealed record CellOutcome
{
    /// <summary>The classes, in the order of the probabilities.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>A line a test row: what it is, what the model said, and each class's probability.</summary>
    public required IReadOnlyList<CellRow> Rows { get; init; }

    /// <summary>Rows trained on, repetitions not counted.</summary>
    public required int TrainRows { get; init; }

    /// <summary>How long training and scoring took.</summary>
    public required double Seconds { get; init; }

    /// <summary>How the training went, where it was watched on the test rows; null elsewhere.</summary>
    public TrainingCurves? Curves { get; init; }

    /// <summary>The rows as predictions.</summary>
    public PredictionSet ToPredictions() => new(Labels, [.. Rows.Select(row => new ClipPrediction
    { Path = row.Path, Speaker = row.Speaker, Label = row.Label, Predicted = row.Predicted, Probabilities = [.. row.Probabilities] })]);

    /// <summary>Takes what a model said.</summary>
    /// <param name="predictions">The predictions.</param>
    /// <param name="trainRows">Rows trained on.</param>
    /// <param name="seconds">How long it took.</param>
    /// <param name="curves">How the training went, or null.</param>
    public static CellOutcome Of(PredictionSet predictions, int trainRows, double seconds, TrainingCurves? curves = null) => new()
    {
        Labels = predictions.Labels,
        Rows = [.. predictions.Rows.Select(row => new CellRow(row.Path, row.Speaker, row.Label, row.Predicted, row.Probabilities))],
        TrainRows = trainRows,
        Seconds = seconds,
        Curves = curves,
    };
}

/// <summary>One test row.</summary>
/// <param name="Path">The clip, where it is known.</param>
/// <param name="Speaker">Who speaks, where it is known.</param>
/// <param name="Label">The truth.</param>
/// <param name="Predicted">What the model said.</param>
/// <param name="Probabilities">Each class's probability.</param>
internal sealed record CellRow(string Path, string? Speaker, string Label, string Predicted, IReadOnlyList<float> Probabilities);

/// <summary>Trains the cells that are not kept yet, one on each core at a time.</summary>
/// <param name="store">Where outcomes are kept.</param>
/// <param name="progress">Where progress shows.</param>
internal sealed class CellRunner(CellStore store, IRunProgress progress)
{
    /// <summary>Runs them.</summary>
    /// <param name="cells">The cells, the longest best first.</param>
    /// <param name="cancellation">Stops the trainings under way; outcomes that are kept stay.</param>
    /// <returns>Every cell's outcome, by its id.</returns>
    public IReadOnlyDictionary<string, CellOutcome> Run(IReadOnlyList<Cell> cells, CancellationToken cancellation)
    {
        var outcomes = new Dictionary<string, CellOutcome>(StringComparer.Ordinal);
        foreach (Cell cell in cells)
            if (store.Read(cell) is { } kept) outcomes[cell.Id] = kept;
        Cell[] open = [.. cells.Where(cell => !outcomes.ContainsKey(cell.Id))];
        progress.Message(string.Create(CultureInfo.InvariantCulture, $"{cells.Count} trainings, {outcomes.Count} of them kept in "
            + $"{store.Folder}, {open.Length} to do, {Environment.ProcessorCount} at a time."));
        if (open.Length == 0) return outcomes;
        store.Open();
        TorchEngine.Start();
        TorchEngine.KeepFreedMemory();
        Train(cells, open, outcomes, cancellation);
        return outcomes;
    }

    // These networks are small: two trainings of one thread each are far faster than one of two threads. libtorch counts threads for each
    // thread that calls it, so the count is set where the training runs, and the outcome does not depend on which thread that is.
    private static CellOutcome OnOneThread(Func<CellOutcome> train)
    {
        int threads = TorchSharp.torch.get_num_threads();
        TorchSharp.torch.set_num_threads(1);
        try
        {
            return train();
        }
        finally
        {
            TorchSharp.torch.set_num_threads(threads);
        }
    }

    private void Train(IReadOnlyList<Cell> cells, Cell[] open, Dictionary<string, CellOutcome> outcomes, CancellationToken cancellation) =>
        progress.Stage("trainings", cells.Count, "trainings", stage =>
            Parallel.ForEach(Partitioner.Create(open, EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation }, cell =>
                {
                    CellOutcome outcome = OnOneThread(() => cell.Train(cancellation));
                    store.Write(cell, outcome);
                    lock (outcomes)
                    {
                        outcomes[cell.Id] = outcome;
                        stage.Report(outcomes.Count, string.Create(CultureInfo.InvariantCulture,
                            $"{cell.Id}: accuracy {outcome.ToPredictions().ToReport().Accuracy:0.000} in {outcome.Seconds:0} s"));
                    }
                }));
}

/// <summary>The folder where outcomes are kept, a file each, written whole or not at all: what was finished before an interruption is not
/// done again.</summary>
/// <param name="folder">The folder.</param>
internal sealed class CellStore(string folder)
{
    // Raise it when a cell's training or its file comes to mean something else.
    private const int Version = 1;

    private static readonly JsonSerializerOptions Json = new()
    { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, RespectNullableAnnotations = true };

    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>A cell's kept outcome; null when there is none, or one of another key or version, or a damaged file: it is then trained
    /// again.</summary>
    public CellOutcome? Read(Cell cell)
    {
        string path = PathOf(cell);
        if (!File.Exists(path)) return null;
        try
        {
            KeptCell? kept = JsonSerializer.Deserialize<KeptCell>(File.ReadAllBytes(path), Json);
            return kept is { } found && found.Version == Version && found.Key == cell.Key ? found.Outcome : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Makes the folder: better to fail before the first training than behind it.</summary>
    public void Open() => Directory.CreateDirectory(folder);

    /// <summary>Keeps an outcome.</summary>
    public void Write(Cell cell, CellOutcome outcome)
    {
        Open();
        AtomicFile.WriteAllBytes(PathOf(cell), JsonSerializer.SerializeToUtf8Bytes(new KeptCell(Version, cell.Key, outcome), Json));
    }

    private string PathOf(Cell cell) => Path.Combine(folder, cell.Id + ".json");

    private sealed record KeptCell(int Version, string Key, CellOutcome Outcome);
}
