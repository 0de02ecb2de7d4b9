using SerPipeline.Evaluation;
using SerPipeline.Reports.Plots;

namespace SerPipeline.Experiments.Paper;

/// <summary>One training whose outcome is kept: the smallest piece of work that is not done twice.</summary>
/// <param name="Id">Its name, and its file's.</param>
/// <param name="Key">Everything that shaped it; a kept outcome of another key is not used.</param>
/// <param name="Train">Trains and scores it.</param>
internal sealed record Cell(string Id, string Key, Func<CancellationToken, CellOutcome> Train);

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
    {
        Path = row.Path,
        Speaker = row.Speaker,
        Label = row.Label,
        Predicted = row.Predicted,
        Probabilities = [.. row.Probabilities],
    })]);

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
