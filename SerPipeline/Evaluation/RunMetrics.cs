using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace SerPipeline.Evaluation;

/// <summary>What was evaluated, and how: data set, trainer, protocol, fold, seed and speakers.</summary>
public record RunProtocol
{
    /// <summary>The data set's name.</summary>
    public required string Dataset { get; init; }

    /// <summary>The trainer's name.</summary>
    public required string Trainer { get; init; }

    /// <summary>
    /// How clips were split into training and test, such as <c>random</c>, <c>speaker-independent</c>, <c>leave-one-speaker-out</c>,
    /// <c>cross-corpus</c>.
    /// </summary>
    public required string Protocol { get; init; }

    /// <summary>The fold's number from 1, or null when there is one split only.</summary>
    [JsonRequired]
    public int? Fold { get; init; }

    /// <summary>The run's seed.</summary>
    public required long Seed { get; init; }

    /// <summary>Whether the clips were made by a program: scores on them say nothing about human speech.</summary>
    public bool Synthetic { get; init; }

    /// <summary>Clips trained on.</summary>
    public required long TrainClips { get; init; }

    /// <summary>Clips that chose epoch or hyper-parameters; 0 without validation.</summary>
    public long ValidationClips { get; init; }

    /// <summary>The speakers of the test clips that were in no training or validation clip.</summary>
    public IReadOnlyList<string> HeldOutSpeakers { get; init; } = [];

    /// <summary>
    /// The speakers of the test clips that also were in training or validation: a score then tells of known voices only. Null when the
    /// corpus names no speakers.
    /// </summary>
    public IReadOnlyList<string>? SharedSpeakers { get; init; }

    /// <summary>The data set trained on where it is another than the one tested, as under <c>cross-corpus</c>; else null.</summary>
    public string? TrainDataset { get; init; }

    /// <summary>What the leak check before training found, or null when the run was not checked.</summary>
    public RunLeakCheck? LeakCheck { get; init; }
}

/// <summary>
/// One entry of <c>metrics.json</c>: one data set, trainer, protocol, fold and seed evaluated. Property names are the file's, in
/// camelCase.
/// </summary>
public sealed record RunMetrics : RunProtocol
{
    /// <summary>Metrics to be filled in.</summary>
    public RunMetrics() { }

    [SetsRequiredMembers]
    private RunMetrics(RunProtocol protocol, ClassificationReport report) : base(protocol)
    {
        TestClips = report.Support;
        Accuracy = report.Accuracy;
        Uar = report.Uar;
        MacroF1 = report.Macro.F1;
        WeightedF1 = report.Weighted.F1;
        Top2 = Known(report.Top2Accuracy);
        LogLoss = Known(report.LogLoss);
        MajorityBaseline = report.Baseline.MajorityAccuracy;
        ChanceBaseline = report.Baseline.ChanceAccuracy;
        Labels = report.Labels;
        Confusion = report.Confusion.Counts;
        Classes = report.Classes;
    }

    /// <summary>Clips scored.</summary>
    public required long TestClips { get; init; }

    /// <summary>How the model adapted to the test speakers; null under protocols without enrolled clips.</summary>
    public RunAdaptation? Adaptation { get; init; }

    /// <summary>The share of clips recognised.</summary>
    public required double Accuracy { get; init; }

    /// <summary>The mean recall over the classes present in the truth.</summary>
    public required double Uar { get; init; }

    /// <summary>The mean F1 over all labels.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>The mean F1 weighted by support.</summary>
    public double WeightedF1 { get; init; }

    /// <summary>The share of clips whose true class is among the two most probable; null without probabilities.</summary>
    public double? Top2 { get; init; }

    /// <summary>The mean negative natural logarithm of the true class's probability; null without probabilities.</summary>
    public required double? LogLoss { get; init; }

    /// <summary>The accuracy of always predicting the most frequent true class.</summary>
    public double MajorityBaseline { get; init; }

    /// <summary>The expected accuracy of drawing a label at random: 1 divided by the number of labels.</summary>
    public double ChanceBaseline { get; init; }

    /// <summary>The labels, in the order of the confusion matrix.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Clips, [truth, prediction].</summary>
    public required IReadOnlyList<IReadOnlyList<long>> Confusion { get; init; }

    /// <summary>The metrics of each label.</summary>
    public required IReadOnlyList<ClassMetrics> Classes { get; init; }

    /// <summary>Intervals by resampling speakers, or null.</summary>
    public RunIntervals? Intervals { get; init; }

    /// <summary>The calibration of the probabilities; null without probabilities.</summary>
    public RunCalibration? Calibration { get; init; }

    /// <summary>Each speaker's metrics; empty when speakers are unknown.</summary>
    public IReadOnlyList<RunGroup> BySpeaker { get; init; } = [];

    /// <summary>Each sex's metrics, as the corpus states it; empty when unknown.</summary>
    public IReadOnlyList<RunGroup> BySex { get; init; } = [];

    /// <summary>How well people do, where that was published for the corpus and its labels.</summary>
    public RunPeople? People { get; init; }

    /// <summary>Whether test speakers were heard in training.</summary>
    [JsonIgnore]
    public bool SharesSpeakers => SharedSpeakers is { Count: > 0 };

    /// <summary>Combines a report with its protocol.</summary>
    /// <param name="protocol">What was evaluated, and how.</param>
    /// <param name="report">The metrics of its test clips.</param>
    public static RunMetrics From(RunProtocol protocol, ClassificationReport report)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(report);
        return new RunMetrics(protocol, report);
    }

    private static double? Known(double value) => double.IsNaN(value) ? null : value;
}
