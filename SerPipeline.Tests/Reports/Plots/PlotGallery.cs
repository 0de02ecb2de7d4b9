using SerPipeline.Evaluation;
using SerPipeline.Features;
using SerPipeline.Reports.Plots;


namespace SerPipeline.Tests.Reports.Plots;

/// <summary>Plots of ordinary and extreme data, each made anew when asked for.</summary>
public static class PlotGallery
{
    private static readonly string[] Emotions = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"];

    private static readonly Dictionary<string, Func<(Plot, int, int)>> All = new()
    {
        ["spectrogram"] = () =>
            (new SpectrogramPlot(Noise(64 * 300), 64, 300, new() { BandCentersHz = Centers(64), Title = "Spectrogram" }), 720, 360),
        ["spectrogram of one frame"] = () =>
            (new SpectrogramPlot(Noise(64), 64, 1, new() { BandCentersHz = Centers(64), Width = 300, Height = 200 }), 300, 200),
        ["spectrogram of ten minutes"] = () =>
            (new SpectrogramPlot(Noise(8 * 60_000), 8, 60_000, new() { Colors = ColorMap.Gray }), 720, 360),
        ["constant spectrogram"] = () => (new SpectrogramPlot(new float[20], 4, 5), 720, 360),
        ["mfcc"] = () => (HeatmapPlot.Mfcc(Noise(20 * 100), 20, 100, new() { SecondsPerColumn = 0.01 }), 720, 360),
        ["chroma"] = () => (HeatmapPlot.Chroma(Noise(12 * 100), 100,
            new() { SecondsPerColumn = 0.032, Title = new string('T', 200) }), 720, 360),
        ["small chroma"] = () =>
            (new HeatmapPlot(Noise(12 * 9), 12, 9,
                new() { RowLabels = [.. Enumerable.Range(0, 12).Select(i => $"row {i}")], Width = 240, Height = 150 }), 240, 150),
        ["waveform"] = () => (new WaveformPlot(Noise(48_000), 16_000, new() { Height = 200, Title = "Wave" }), 720, 200),
        ["one sample"] = () => (new WaveformPlot([0.5f], 16_000), 720, 200),
        ["silence"] = () => (new WaveformPlot(new float[16_000], 16_000), 720, 200),
        ["training curves"] = () => (new TrainingCurvesPlot(Curves(60), new() { Title = "Training", Height = 300 }), 720, 300),
        ["one epoch"] = () => (new TrainingCurvesPlot(Curves(1)), 720, 300),
        ["no epoch"] = () => (new TrainingCurvesPlot(new()), 720, 300),
        ["long training"] = () => (new TrainingCurvesPlot(Curves(1000), new() { Width = 480, Height = 240, FontSize = 10 }), 480, 240),
        ["empty line chart"] = () => (new LineChart([]), 720, 360),
        ["constant lines"] = () =>
            (new LineChart([new("a", [2, 2, 2]), new("b", [])], new() { YLabel = "y", MarkerX = 3, MarkerLabel = "early stop at 3" }), 720,
                360),
        ["many lines"] = () =>
            (new LineChart([.. Enumerable.Range(0, 12).Select(i => new LineSeries($"series {i}", [i, i + 1]))], new() { Width = 300 }), 300,
                360),
        ["tiny and huge values"] = () => (new LineChart([new("a", [1e-7, 3e-7]) { X = [0.5, 1e6] }], new() { Title = "Tiny" }), 720, 360),
        ["confusion matrix"] = () =>
            (new ConfusionMatrixPlot(Counts(8, 30), Emotions, new() { Width = 560, Height = 560, Title = "<&>\"" }), 560, 560),
        ["confusion matrix of long names"] = () =>
            (new ConfusionMatrixPlot(Counts(3, 20_000), ["a name that nobody would give a class", "b", "c"],
                new() { Width = 320, Height = 320 }), 320, 320),
        ["confusion matrix of 24"] = () =>
            (new ConfusionMatrixPlot(Counts(24, 99), [.. Enumerable.Range(1, 24).Select(i => $"speaker {i}")],
                new() { Width = 700, Height = 700 }), 700, 700),
        ["wide confusion matrix"] = () =>
            (new ConfusionMatrixPlot(Counts(7, 40), Emotions[..7], new() { Width = 900, Height = 360 }), 900, 360),
        ["bars"] = () => (new BarChart(Emotions, [Bars("CNN", 8)],
            new() { YMax = 1, YLabel = "Recall", Reference = 0.125, Title = "Recall" }), 720, 360),
        ["grouped bars"] = () =>
            (new BarChart(["RAVDESS", "TESS", "EMO-DB"], [Bars("CNN", 3), Bars("LSTM", 3), Bars("MLP", 3)], new() { Width = 400 }), 400,
                360),
        ["crowded bars"] = () =>
            (new BarChart([.. Enumerable.Range(0, 20).Select(i => $"category {i}")], [Bars("", 20)], new() { Width = 400 }), 400, 360),
        ["bars of nothing"] = () => (new BarChart(["a", "b"], [new("", [0, double.NaN])]), 720, 360),
        ["bars of 36 speakers"] = () =>
            (new BarChart([.. Enumerable.Range(1, 36).Select(i => $"speaker {i:00}")], [Bars("UAR", 36) with { Errors = null }],
                new()
                {
                    Width = 760,
                    Height = 300,
                    YMax = 1,
                    YLabel = "UAR",
                    Reference = 0.6,
                    ReferenceLabel = "all speakers 60.0 %",
                    Highlighted = [3],
                    Title = "UAR by speaker"
                }), 760, 300),
        ["confusion counts"] = () =>
            (new ConfusionMatrixPlot(Counts(8, 3000), Emotions,
                new() { Width = 548, Height = 558, Title = "Clips", Numbers = ConfusionNumbers.Counts }), 548, 558),
        ["confusion shares of 24"] = () =>
            (new ConfusionMatrixPlot(Counts(24, 99), [.. Enumerable.Range(1, 24).Select(i => $"class {i}")],
                new() { Width = 900, Height = 910, Numbers = ConfusionNumbers.Shares }), 900, 910),
        ["fold curves"] = () =>
            (new FoldCurvesPlot([.. Enumerable.Range(1, 24).Select(i => Curves(20 + i))],
                new() { Width = 760, Height = 320, Title = "Training" }), 760, 320),
        ["fold curves of one epoch"] = () => (new FoldCurvesPlot([Curves(1), Curves(1)]), 720, 320),
        ["fold curves without values"] = () =>
            (new FoldCurvesPlot([new(), Curves(3) with { ValidationLoss = [] }], new() { Width = 300, Height = 200 }), 300, 200),
        ["reliability"] = () =>
            (new ReliabilityPlot([new("Unscaled", Bins(15, 0.8), 0.171), new("Temperature 1.62", Bins(15, 1), 0.034)],
                new() { Width = 760, Height = 420, Title = "Reliability" }), 760, 420),
        ["reliability of ten bins alone"] = () => (new ReliabilityPlot([new("Unscaled", Bins(10, 0.7), 0.2)]), 400, 440),
        ["reliability of nothing"] = () =>
            (new ReliabilityPlot([new("No clips", [new(0, 1, 0, 0, 0)], 0)], new() { Width = 300, Height = 260 }), 300, 260),
        ["score matrix"] = () =>
            (new ScoreMatrixPlot([[0.61, 0.3, 0.25], [0.2, 0.99, 0.31], [0.4, double.NaN, 1]], ["ravdess", "tess", "emodb"],
                ["ravdess", "tess", "emodb"],
                new() { Width = 550, Height = 340, Title = "UAR across data sets", Remark = "UAR in %; guessing 14.3 %" }), 550, 340),
        ["score matrix of long names"] = () =>
            (new ScoreMatrixPlot([[0.61, 0.3], [0.2, 0.99]], ["ravdess+tess+emodb without calm", "b"],
                ["a corpus with a really long name", "ravdess+tess+emodb"], new() { Width = 300, Height = 260 }), 300, 260),
        ["score matrix of one"] = () => (new ScoreMatrixPlot([[0.5]], ["a"], ["b"]), 560, 420),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    public static (Plot Plot, int Width, int Height) Make(string name) => All[name]();

    private static float[] Noise(int count)
    {
        var random = new SeededRandom(count);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextNormal() * 0.2))];
    }

    private static double[] Centers(int bands) =>
        [.. Enumerable.Range(1, bands).Select(i => 700 * (Math.Pow(10, i * 2840.0 / (bands + 1) / 2595) - 1))];

    private static TrainingCurves Curves(int epochs)
    {
        double[] falling = [.. Enumerable.Range(0, epochs).Select(e => 2 * Math.Exp(-e / 20.0))],
            rising = [.. falling.Select(loss => 1 - (loss / 2.2))];
        return new TrainingCurves
        {
            TrainLoss = falling,
            ValidationLoss = [.. falling.Select(l => l + 0.3)],
            TrainAccuracy = rising,
            ValidationAccuracy = rising,
            BestEpoch = epochs
        };
    }

    private static double[][] Counts(int classes, int most)
    {
        var random = new SeededRandom(classes);
        return [.. Enumerable.Range(0, classes)
            .Select(row => Enumerable.Range(0, classes).Select(column => row == column ? most : (double)random.Next(most / 4)).ToArray())];
    }

    private static RunReliabilityBin[] Bins(int count, double accuracy) =>
        [.. Enumerable.Range(0, count)
            .Select(i => new RunReliabilityBin((double)i / count, (i + 1.0) / count, i < 2 ? 0 : 5 + (i * i), (i + 0.5) / count,
                accuracy * (i + 0.5) / count))];

    private static BarSeries Bars(string name, int count) => new(name, [.. Enumerable.Range(0, count).Select(i => 0.3 + (0.6 * i / count))])
    {
        Errors = [.. Enumerable.Range(0, count).Select(i => new ErrorBar(0.25 + (0.6 * i / count), 0.38 + (0.6 * i / count)))],
    };
}
