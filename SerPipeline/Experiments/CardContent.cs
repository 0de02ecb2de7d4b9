using SerPipeline.Evaluation;
using SerPipeline.Old.Models;
using SerPipeline.Reports;

namespace SerPipeline.Experiments;

/// <summary>What the card of one saved model tells.</summary>
internal sealed record CardContent
{
    /// <summary>The card's title.</summary>
    public required string Title { get; init; }

    /// <summary>The scores; under cross-corpus an entry for each corpus tested.</summary>
    public required IReadOnlyList<RunMetrics> Runs { get; init; }

    /// <summary>What the model is, is for and where it fails, beside each of the scores.</summary>
    public required IReadOnlyList<ModelCard> Cards { get; init; }

    /// <summary>The corpora it was trained and tested on.</summary>
    public required IReadOnlyList<TrainingSource> Sources { get; init; }

    /// <summary>Which of several models of its evaluation it is; null when it is the only one.</summary>
    public string? FoldNote { get; init; }

    /// <summary>What must be known besides what the scores tell, such as copied clips.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>How the training went, in sentences.</summary>
    public required string TrainingNote { get; init; }

    /// <summary>The rate that the model works at.</summary>
    public required int SampleRateHz { get; init; }

    /// <summary>The model: its stages, and whether ML.NET opens it.</summary>
    public required ModelDocument Document { get; init; }
}
