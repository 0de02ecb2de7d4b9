using SerPipeline.Evaluation;

namespace SerPipeline.Reports;

/// <summary>A test clip in a report: what was said of it, how it looks and how it sounds.</summary>
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
