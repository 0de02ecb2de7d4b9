using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Corpora.Synthesis;
using SerPipeline.Features;
using SerPipeline.Reports.Plots;

namespace SerPipeline.Experiments.Paper;

/// <summary>The paper's figures.</summary>
internal static class PaperFigures
{
    private const int SampleRateHz = 16_000;

    private static readonly RavdessName Angry = RavdessName.OfOriginal("03-01-05-01-01-01-01.wav")!;

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
            new TrainingCurvesPlot(curves, new TrainingCurvesPlotOptions { Title = title, Width = 760, Height = 320 })
                .SavePng(Path.Combine(folder, $"curves-{model}-{set}.png"));
        Evaluation.ConfusionMatrix confusion = outcome.ToPredictions().ToReport().Confusion;
        double[][] counts = [.. confusion.Counts.Select(row => row.Select(count => (double)count).ToArray())];
        var options = new ConfusionMatrixPlotOptions { Title = title, Width = 520, Height = 440, Numbers = ConfusionNumbers.Counts };
        new ConfusionMatrixPlot(counts, confusion.Labels, options)
            .SavePng(Path.Combine(folder, $"confusion-{model}-{set}.png"));
    }

    private static void WriteClip(string folder)
    {
        AudioClip clip = SpeechSynthesizer.Speak(Angry, SampleRateHz, 42);
        var waveform = new WaveformPlotOptions { Title = "A synthetic angry clip", Width = 760, Height = 220 };
        new WaveformPlot(clip.ToMono().Samples, SampleRateHz, waveform).SavePng(Path.Combine(folder, "waveform.png"));
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

/// <summary>The way of a clip to a label: the paper's above, this library's below.</summary>
internal static class PipelineFigure
{
    private const double BoxWidth = 128, BoxHeight = 52, Gap = 24, Margin = 12, RowHeight = 92;

    private static readonly (string Title, (string First, string Second)[] Boxes)[] Rows =
    [
        ("The paper", [("Clip", "22,050 Hz"), ("40 MFCCs", "a frame"), ("Mean over time", "[40]"), ("CNN, LSTM", "or MLP"),
            ("Label", "one of 8")]),
        ("The image chain", [("Clip", "16 kHz, trimmed"), ("Log-mel", "[64, frames]"), ("Image", "[64, 128] grey"),
            ("5 CNNs", "+ 3 MLPs, mean"), ("Label", "one of 8")]),
    ];

    /// <summary>Writes it as SVG.</summary>
    public static void Write(string path)
    {
        double width = (2 * Margin) + (5 * BoxWidth) + (4 * Gap), height = (2 * RowHeight) + Margin;
        var canvas = new SvgCanvas(width, height, "The way of a clip to a label");
        PlotTheme theme = PlotTheme.Light;
        canvas.FillRectangle(0, 0, width, height, theme.Paper);
        for (int row = 0; row < Rows.Length; row++) DrawRow(canvas, theme, Rows[row].Title, Rows[row].Boxes, row * RowHeight);
        AtomicFile.WriteAllText(path, canvas.ToString());
    }

    private static void DrawRow(SvgCanvas canvas, PlotTheme theme, string title, (string First, string Second)[] boxes, double top)
    {
        canvas.DrawText(new CanvasPoint(Margin, top + 20), title, new TextStyle(13, theme.Ink, Bold: true));
        double y = top + 30;
        for (int i = 0; i < boxes.Length; i++)
        {
            double x = Margin + (i * (BoxWidth + Gap)), middle = y + (BoxHeight / 2);
            canvas.FillRectangle(x, y, BoxWidth, BoxHeight, theme.Grid);
            canvas.DrawText(new CanvasPoint(x + (BoxWidth / 2), middle - 9), boxes[i].First,
                new TextStyle(13, theme.Ink, TextAnchor.Middle, TextBaseline.Middle, Bold: true));
            canvas.DrawText(new CanvasPoint(x + (BoxWidth / 2), middle + 11), boxes[i].Second,
                new TextStyle(11, theme.Muted, TextAnchor.Middle, TextBaseline.Middle));
            if (i == boxes.Length - 1) continue;
            double end = x + BoxWidth + Gap - 3;
            canvas.DrawLine(new CanvasPoint(x + BoxWidth + 3, middle), new CanvasPoint(end - 6, middle), new Stroke(theme.Ink, 1.5));
            canvas.FillPolygon([new CanvasPoint(end, middle), new CanvasPoint(end - 8, middle - 4), new CanvasPoint(end - 8, middle + 4)],
                theme.Ink);
        }
    }
}
