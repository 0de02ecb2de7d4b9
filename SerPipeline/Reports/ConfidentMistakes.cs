using SerPipeline.Audio;
using SerPipeline.Evaluation;
using SerPipeline.Features;
using SerPipeline.Reports.Plots;

namespace SerPipeline.Reports;

/// <summary>Options of <see cref="ConfidentMistakes"/>.</summary>
public sealed record ConfidentMistakesOptions
{
    /// <summary>How many clips at most. Default: 8, which keeps a page at a few megabytes.</summary>
    public int Count { get; init; } = 8;

    /// <summary>How much of a clip is shown and played, from its beginning, in seconds. Default: 8.</summary>
    public double MaxSeconds { get; init; } = 8;

    /// <summary>Checks the options and lists all problems.</summary>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public void Validate() => new OptionsCheck(nameof(ConfidentMistakesOptions))
        .Require(Count is >= 0 and <= 100, Count, "be between 0 and 100")
        .Require(MaxSeconds is >= 0.1 and <= 60, MaxSeconds, "be between 0.1 and 60 seconds")
        .ThrowIfAny();
}

/// <summary>Finds a model's most confident mistakes among the test clips, with their plots and sound.</summary>
public static class ConfidentMistakes
{
    /// <summary>The rate that clips are shown and played at.</summary>
    internal const int SampleRateHz = 16_000;
    private static readonly LogMelOptions Mel = new() { SampleRateHz = SampleRateHz };

    /// <summary>The wrongly labelled clips, the highest probability of the wrong label first; equal ones in order of their paths.</summary>
    /// <param name="predictions">The predictions, with probabilities.</param>
    /// <param name="audioPath">Gives the audio file of a clip, or null where there is none.</param>
    /// <param name="options">How many and how long; the defaults when null.</param>
    /// <returns>
    /// A clip whose audio is absent or cannot be read has <see cref="ReportClip.Problem"/> instead of pictures and sound.
    /// </returns>
    /// <exception cref="EvaluationException">The predictions have no probabilities: confidence is unknown.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public static IReadOnlyList<ReportClip> Collect(PredictionSet predictions, Func<ClipPrediction, string?> audioPath,
        ConfidentMistakesOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(audioPath);
        options ??= new ConfidentMistakesOptions();
        options.Validate();
        if (predictions.Rows.Any(row => row.Probabilities.Length == 0))
            throw new EvaluationException("Expected probabilities for every clip, to tell how sure the model was; found a clip without. "
                + "Use a model that gives probabilities.");
        return [.. predictions.Rows.Where(row => row.Predicted != row.Label)
            .Select(row => (Row: row, Confidence: Of(row, row.Predicted), Truth: Of(row, row.Label)))
            .OrderByDescending(m => m.Confidence).ThenBy(m => m.Row.Path, StringComparer.Ordinal)
            .Take(options.Count)
            .Select(m => new ReportClip { Prediction = m.Row, Confidence = m.Confidence, TrueProbability = m.Truth })
            .Select(clip => Add(clip, audioPath(clip.Prediction), options.MaxSeconds))];

        double Of(ClipPrediction row, string label) => row.Probabilities[predictions.Place(label)];
    }

    private static ReportClip Add(ReportClip clip, string? path, double maxSeconds)
    {
        if (path is null) return clip with { Problem = "There is no audio file for it." };
        AudioClip whole;
        try
        {
            whole = AudioFile.Read(path);
        }
        catch (Exception cause) when (cause is AudioFormatException or IOException or UnauthorizedAccessException)
        {
            // The exception's own text may hold a path of this machine, which a published page should not.
            bool absent = cause is FileNotFoundException or DirectoryNotFoundException;
            return clip with { Problem = absent ? "Its audio file was not found." : "Its audio file could not be read." };
        }
        // Only what is shown is resampled, with a little more behind it so that the filter sees no edge; clips can be an hour long.
        int shown = (int)Math.Min(whole.Length, Math.Ceiling((maxSeconds + 0.1) * whole.SampleRateHz));
        float[] beginning = whole.Samples[..(shown * whole.Channels)].ToArray();
        AudioClip mono = new AudioClip(beginning, whole.SampleRateHz, whole.Channels).ToMono().Resample(SampleRateHz);
        int kept = Math.Min(mono.Length, (int)(maxSeconds * SampleRateHz));
        float[] samples = mono.Samples[..kept].ToArray();
        return clip with
        {
            Seconds = whole.Duration.TotalSeconds,
            ShownSeconds = (double)kept / SampleRateHz,
            Figures = Pictures(clip.Prediction, samples),
            Wav = Wav(samples),
        };
    }

    private static ReportFigure[] Pictures(ClipPrediction clip, float[] samples)
    {
        FrameMatrix mel = new LogMelExtractor(Mel).Extract(samples);
        var wave = new WaveformPlot(samples, SampleRateHz,
            new WaveformPlotOptions { Width = 440, Height = 120, FontSize = 11, FollowPageColors = true });
        var spectrogram = new SpectrogramPlot(mel.Values, mel.Bands, mel.Frames, new SpectrogramPlotOptions
        {
            Width = 440,
            Height = 200,
            FontSize = 11,
            FollowPageColors = true,
            SecondsPerFrame = (double)Mel.HopSamples / SampleRateHz,
            BandCentersHz = Features.Mel.FrequenciesHz(Mel.MelBands + 2, Mel.LowHz, Mel.HighHz, Mel.MelScale)[1..^1],
        });
        string name = clip.Path;
        return [new($"Waveform of {name}", wave.ToSvg()), new($"Mel spectrogram of {name}", spectrogram.ToSvg())];
    }

    private static byte[] Wav(float[] samples)
    {
        using var stream = new MemoryStream();
        WavWriter.Write(stream, new AudioClip(samples, SampleRateHz));
        return stream.ToArray();
    }
}
