namespace SerPipeline.Evaluation;

/// <summary>A report's figures under the names of ML.NET's class of the same name, so that code which reads them moves over unchanged.</summary>
public sealed record MulticlassClassificationMetrics
{
    /// <summary>Takes the figures of a report.</summary>
    /// <param name="report">The report; it stays available as <see cref="Report"/>.</param>
    public MulticlassClassificationMetrics(ClassificationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        Report = report;
        TopKAccuracyForAllK = double.IsNaN(report.LogLoss) ? [] : [.. Enumerable.Range(1, report.Labels.Count).Select(report.TopKAccuracy)];
    }

    /// <summary>The full report.</summary>
    public ClassificationReport Report { get; }

    /// <summary>The share of clips recognised.</summary>
    public double MicroAccuracy => Report.Accuracy;

    /// <summary>The mean recall of the classes present in the truth: the field's unweighted average recall (UAR).</summary>
    public double MacroAccuracy => Report.Uar;

    /// <summary>The mean negative logarithm of the true class's probability.</summary>
    public double LogLoss => Report.LogLoss;

    /// <summary>
    /// How much better the log-loss is than that of always giving the classes' shares: (prior - loss) / prior, at most 1, negative when worse.
    /// Not a number when the truth has one class only or there are no probabilities.
    /// </summary>
    public double LogLossReduction
    {
        get
        {
            double prior = -Report.Classes.Where(c => c.Support > 0)
                .Sum(c => (double)c.Support / Report.Support * Math.Log((double)c.Support / Report.Support));
            return prior > 0 ? (prior - LogLoss) / prior : double.NaN;
        }
    }

    /// <summary>The log-loss of each class's clips; 0 for a class without clips.</summary>
    public IReadOnlyList<double> PerClassLogLoss => Report.PerClassLogLoss;

    /// <summary>The top-k accuracy for k = 1, 2, ... up to the number of classes; empty without probabilities.</summary>
    public IReadOnlyList<double> TopKAccuracyForAllK { get; }

    /// <summary>Clips by true and predicted class.</summary>
    public ConfusionMatrix ConfusionMatrix => Report.Confusion;
}
