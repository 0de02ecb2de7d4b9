using SerPipeline.Evaluation;
using SerPipeline.Reports.Plots;

namespace SerPipeline.Reports;

/// <summary>A figure of a report.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Svg">The SVG document. Its background stays white in dark browsers; it may refer to nothing outside itself.</param>
/// <param name="Caption">What to see in it, or null.</param>
public sealed record ReportFigure(string Title, string Svg, string? Caption = null);

/// <summary>The learning curves of one training.</summary>
/// <param name="Name">Which one, such as <c>fold 3</c>.</param>
/// <param name="Curves">What was measured after each epoch.</param>
public sealed record ReportCurves(string Name, TrainingCurves Curves);

/// <summary>What a report shows.</summary>
public sealed record ReportContent
{
    /// <summary>The page's title.</summary>
    public required string Title { get; init; }

    /// <summary>The runs, at least one; those of one data set (trained on and tested), trainer and protocol are shown together.</summary>
    public required IReadOnlyList<RunMetrics> Runs { get; init; }

    /// <summary>
    /// The metrics of several folds' test clips together, as <see cref="MetricsFile.Pooled"/> has them. A group of runs takes the entry
    /// of its data sets, trainer and protocol: its interval, calibration, speakers and sexes. A single run needs none.
    /// </summary>
    public IReadOnlyList<RunMetrics> Pooled { get; init; } = [];

    /// <summary>
    /// The predictions of the test clips, or null. They give the tables by speaker and sex where no run's metrics hold them.
    /// </summary>
    public PredictionSet? Predictions { get; init; }

    /// <summary>The learning curves of each fold; empty when nothing was trained.</summary>
    public IReadOnlyList<ReportCurves> Curves { get; init; } = [];

    /// <summary>The most confidently wrong clips; see <see cref="ConfidentMistakes"/>.</summary>
    public IReadOnlyList<ReportClip> Clips { get; init; } = [];

    /// <summary>The licence that the clips' audio is shared under, stated beside it; null when unknown, which is stated too.</summary>
    public string? ClipLicence { get; init; }

    /// <summary>
    /// Whether the page may hold the clips' sound, which is resampled and may be cut: a licence without derivatives, such as CC BY-NC-ND,
    /// forbids it. Without it pictures and paths remain. Default: true.
    /// </summary>
    public bool EmbedsSound { get; init; } = true;

    /// <summary>What the model is, what it is for and where it fails; or null.</summary>
    public ModelCard? Card { get; init; }

    /// <summary>Further figures, below the ones made from the metrics.</summary>
    public IReadOnlyList<ReportFigure> Figures { get; init; } = [];

    /// <summary>Options, versions and fingerprints, or null.</summary>
    public RunRecord? Run { get; init; }

    /// <summary>Warnings to show under the protocol, such as data that leaks by design; a paragraph each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Remarks to show under the protocol, one paragraph each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>A test clip in a report: its prediction, plots and sound.</summary>
public sealed record ReportClip
{
    /// <summary>The clip and its prediction.</summary>
    public required ClipPrediction Prediction { get; init; }

    /// <summary>The probability of the label that the model chose.</summary>
    public required double Confidence { get; init; }

    /// <summary>The probability of the true label.</summary>
    public required double TrueProbability { get; init; }

    /// <summary>How long the whole clip is, in seconds; 0 where its audio could not be read.</summary>
    public double Seconds { get; init; }

    /// <summary>How much of it is shown and played, from its beginning, in seconds.</summary>
    public double ShownSeconds { get; init; }

    /// <summary>The waveform and mel spectrogram as SVG, one above the other; empty where the audio could not be read.</summary>
    public IReadOnlyList<ReportFigure> Figures { get; init; } = [];

    /// <summary>The audio as a WAV file: one channel, 16 kHz, 16 bit; null where it could not be read.</summary>
    public byte[]? Wav { get; init; }

    /// <summary>Why there is no sound, or null.</summary>
    public string? Problem { get; init; }
}
