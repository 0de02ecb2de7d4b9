using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Synthesis;
using SerPipeline.Evaluation;
using SerPipeline.Features;
using SerPipeline.Reports.Plots;

namespace SerPipeline.Experiments.Paper;

/// <summary>The paper's figures.</summary>
internal static class PaperFigures
{
    private const int SampleRateHz = 16_000;

    private static readonly RavdessName Angry = new() { Modality = "audio", Channel = "speech", Emotion = "angry", Intensity = "normal", Statement = 1, Repetition = 1, Actor = 1 };

    /// <summary>Writes them all.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="sets">The results.</param>
    public static void Write(string folder, IReadOnlyList<FeatureResults> sets)
    {
        Directory.CreateDirectory(folder);
        PipelineFigure.Write(Path.Combine(folder, "pipeline.svg"));
        WriteClip(folder);
        foreach (FeatureResults set in sets)
            foreach (string model in PaperCells.Models)
                WriteModel(folder, set.Set.Name, model, set.OfPaperSplit(model)[0]);
    }

    private static void WriteModel(string folder, string set, string model, CellOutcome outcome)
    {
        string title = $"{model.ToUpperInvariant()} on {set}, seed 0";
        if (outcome.Curves is { } curves)
            new TrainingCurvesPlot(curves, new TrainingCurvesPlotOptions { Title = title, Width = 760, Height = 320 }).SavePng(Path.Combine(folder, $"curves-{model}-{set}.png"));
        ConfusionMatrix confusion = outcome.ToPredictions().ToReport().Confusion;
        double[][] counts = [.. confusion.Counts.Select(row => row.Select(count => (double)count).ToArray())];
        new ConfusionMatrixPlot(counts, confusion.Labels, new ConfusionMatrixPlotOptions { Title = title, Width = 520, Height = 440, Numbers = ConfusionNumbers.Counts })
            .SavePng(Path.Combine(folder, $"confusion-{model}-{set}.png"));
    }

    private static void WriteClip(string folder)
    {
        AudioClip clip = SpeechSynthesizer.Speak(Angry, SampleRateHz, 42);
        new WaveformPlot(clip.ToMono().Samples, SampleRateHz, new WaveformPlotOptions { Title = "A synthetic angry clip", Width = 760, Height = 220 }).SavePng(Path.Combine(folder, "waveform.png"));
        var options = new LogMelOptions();
        FrameMatrix frames = new LogMelExtractor(options).Extract(clip.ToMono().Samples);
        new SpectrogramPlot(frames.Values, frames.Bands, frames.Frames, new SpectrogramPlotOptions
        {
            Title = "Its log-mel spectrogram",
            Width = 760,
            Height = 300,
            SecondsPerFrame = (double)options.HopSamples / options.SampleRateHz,
            BandCentersHz = Mel.FrequenciesHz(options.MelBands + 2, options.LowHz, options.HighHz, options.MelScale)[1..^1],
        }).SavePng(Path.Combine(folder, "log-spectrogram.png"));
    }
}
