namespace SerPipeline.Evaluation;

/// <summary>The metrics of scored rows, as <see cref="EvaluateCatalog.EvaluateSpeech"/> computes them.</summary>
public sealed class SpeechMetrics
{
    internal SpeechMetrics(PredictionSet predictions, string? notProbabilities, SpeakerBootstrapOptions? bootstrap)
    {
        Predictions = predictions;
        NotProbabilities = notProbabilities;
        Report = predictions.ToReport();
        Intervals = SpeakerBootstrap.Compute(predictions, bootstrap);
        Calibration = notProbabilities is null ? Evaluation.Calibration.Of(predictions) : null;
        BySpeaker = predictions.BySpeaker();
        BySex = predictions.BySex();
    }

    /// <summary>One prediction per clip, in the rows' order; for <c>predictions.csv</c>, <see cref="RunComparison"/> or a report.</summary>
    public PredictionSet Predictions { get; }

    /// <summary>Every metric of the whole set; its log-loss and top-k accuracies are NaN without probabilities.</summary>
    public ClassificationReport Report { get; }

    /// <summary>Unweighted average recall, 0 to 1: the mean recall over the classes that have clips.</summary>
    public double Uar => Report.Uar;

    /// <summary>The share of clips recognised, 0 to 1.</summary>
    public double Accuracy => Report.Accuracy;

    /// <summary>The mean F1 over all labels, 0 to 1.</summary>
    public double MacroF1 => Report.Macro.F1;

    /// <summary>Precision, recall, F1 and clips of each class, in the order of the scores.</summary>
    public IReadOnlyList<ClassMetrics> Classes => Report.Classes;

    /// <summary>Clips, [truth, prediction].</summary>
    public ConfusionMatrix ConfusionMatrix => Report.Confusion;

    /// <summary>Intervals of UAR, accuracy and macro F1, by resampling speakers (<see cref="SpeakerBootstrap"/>).</summary>
    public RunIntervals Intervals { get; }

    /// <summary>The mean negative natural logarithm of the true class's probability; null without probabilities.</summary>
    public double? LogLoss => NotProbabilities is null ? Report.LogLoss : null;

    /// <summary>The share of clips whose true class is among the two most probable, 0 to 1; null without probabilities.</summary>
    public double? Top2Accuracy => NotProbabilities is null ? Report.Top2Accuracy : null;

    /// <summary>The expected calibration error and the reliability diagram of the probabilities; null without probabilities.</summary>
    public RunCalibration? Calibration { get; }

    /// <summary>Why the scores are no probabilities; null when they are.</summary>
    public string? NotProbabilities { get; }

    /// <summary>The metrics of each speaker, by name; empty when speakers are unknown.</summary>
    public IReadOnlyList<GroupMetrics> BySpeaker { get; }

    /// <summary>The metrics of each sex, as the corpus states it; empty when unknown.</summary>
    public IReadOnlyList<GroupMetrics> BySex { get; }
}
