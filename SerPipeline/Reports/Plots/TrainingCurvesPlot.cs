using SerPipeline.Features;
using SerPipeline.Trainers;

namespace SerPipeline.Reports.Plots;

/// <summary>What a training session measured after each epoch. Lists are empty where something was not measured.</summary>
public sealed record TrainingCurves
{
    /// <summary>The loss on the training set.</summary>
    public IReadOnlyList<double> TrainLoss { get; init; } = [];

    /// <summary>The loss on the validation set.</summary>
    public IReadOnlyList<double> ValidationLoss { get; init; } = [];

    /// <summary>The accuracy on the training set, 0 to 1.</summary>
    public IReadOnlyList<double> TrainAccuracy { get; init; } = [];

    /// <summary>The accuracy on the validation set, 0 to 1.</summary>
    public IReadOnlyList<double> ValidationAccuracy { get; init; } = [];

    /// <summary>The epoch, counted from 1, whose weights were kept; null when the last one was.</summary>
    public int? BestEpoch { get; init; }

    internal static TrainingCurves Of(TrainingHistory history, int? bestEpoch) => new()
    {
        TrainLoss = [.. history.Epochs.Select(e => e.TrainLoss)],
        ValidationLoss = [.. history.Epochs.Select(e => e.ValidationLoss).OfType<double>()],
        TrainAccuracy = [.. history.Epochs.Select(e => e.TrainAccuracy)],
        ValidationAccuracy = [.. history.Epochs.Select(e => e.ValidationAccuracy).OfType<double>()],
        BestEpoch = bestEpoch,
    };
}

/// <summary>Options of <see cref="TrainingCurvesPlot"/>.</summary>
public sealed record TrainingCurvesPlotOptions : PlotOptions
{
    /// <summary>The name of the right panel's axis. Default: Accuracy.</summary>
    public string AccuracyLabel { get; init; } = "Accuracy";
}

/// <summary>
/// Loss at the left and accuracy at the right by epoch, training against validation, with the epoch that early stopping kept.
/// </summary>
public sealed class TrainingCurvesPlot : Plot
{
    private readonly TrainingCurvesPlotOptions _options;
    private readonly TrainingCurves _curves;

    /// <summary>Creates the plot.</summary>
    /// <param name="curves">What was measured.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public TrainingCurvesPlot(TrainingCurves curves, TrainingCurvesPlotOptions? options = null)
        : base(options ??= new TrainingCurvesPlotOptions { Height = 300 })
    {
        ArgumentNullException.ThrowIfNull(curves);
        _curves = curves;
        _options = options;
    }

    private protected override void Draw(ICanvas canvas)
    {
        string marker = _curves.BestEpoch is { } epoch ? FormattableString.Invariant($"best: {epoch}") : "";
        DrawPanels(canvas, _options, LinePainter.LegendOf(Pair([], []), _options),
            new LineChartOptions { MarkerX = _curves.BestEpoch, MarkerLabel = marker },
            Pair(_curves.TrainLoss, _curves.ValidationLoss), Pair(_curves.TrainAccuracy, _curves.ValidationAccuracy));
    }

    // Both panels use the same colours, so one legend serves both.
    internal static void DrawPanels(
        ICanvas canvas, TrainingCurvesPlotOptions options, IReadOnlyList<LegendEntry> legend, LineChartOptions panel,
        IReadOnlyList<LineSeries> losses, IReadOnlyList<LineSeries> accuracies)
    {
        double padding = PlotArea.Padding(options), top = PlotArea.TitleRoom(options), width = canvas.Width - (2 * padding);
        double panelTop = top + Legend.Room(legend, options, width), middle = canvas.Width / 2, bottom = canvas.Height - padding;
        LineChartOptions loss = panel with { YLabel = "Loss" },
            accuracy = panel with { YLabel = options.AccuracyLabel, YMin = 0, YMax = 1 };
        double left = LinePainter.Draw(canvas, options, loss, losses, new PlotArea(padding, panelTop, middle - (padding / 2), bottom));
        LinePainter.Draw(canvas, options, accuracy, accuracies,
            new PlotArea(middle + (padding / 2), panelTop, canvas.Width - padding, bottom));
        Legend.Draw(canvas, legend, options, left, top, width);
        PlotArea.DrawTitle(canvas, options, left);
    }

    private static LineSeries[] Pair(IReadOnlyList<double> train, IReadOnlyList<double> validation) =>
        [new("Training", train) { Color = Palette.Blue }, new("Validation", validation) { Color = Palette.Vermilion }];
}

/// <summary>
/// Loss at the left and accuracy at the right by epoch for several trainings, such as folds: a thin line each, and a thick one for their
/// mean over the epochs that all of them reached (later ones would compare different folds).
/// </summary>
public sealed class FoldCurvesPlot : Plot
{
    private static readonly Rgb Train = Palette.Blue, Validation = Palette.Vermilion;
    private readonly TrainingCurvesPlotOptions _options;
    private readonly IReadOnlyList<TrainingCurves> _curves;

    /// <summary>Creates the plot.</summary>
    /// <param name="curves">What was measured, at least one training.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <exception cref="ArgumentException">There are no curves.</exception>
    /// <exception cref="OptionsException">An option is out of its range.</exception>
    public FoldCurvesPlot(IReadOnlyList<TrainingCurves> curves, TrainingCurvesPlotOptions? options = null)
        : base(options ??= new TrainingCurvesPlotOptions { Height = 320 })
    {
        ArgumentNullException.ThrowIfNull(curves);
        if (curves.Count == 0) throw new ArgumentException("Expected the curves of at least one training, found none.", nameof(curves));
        _curves = curves;
        _options = options;
    }

    private protected override void Draw(ICanvas canvas)
    {
        LegendEntry[] legend =
        [
            new("Training, mean", Train, IsLine: true), new("Validation, mean", Validation, IsLine: true),
            new(FormattableString.Invariant($"each of {_curves.Count} trainings"), _options.Theme.Muted, IsLine: true),
        ];
        TrainingCurvesPlot.DrawPanels(canvas, _options, legend, new LineChartOptions(),
            Lines(c => c.TrainLoss, c => c.ValidationLoss), Lines(c => c.TrainAccuracy, c => c.ValidationAccuracy));
    }

    private List<LineSeries> Lines(Func<TrainingCurves, IReadOnlyList<double>> train,
        Func<TrainingCurves, IReadOnlyList<double>> validation)
    {
        var lines = new List<LineSeries>();
        // Thin lines first: the means lie on top.
        foreach ((Func<TrainingCurves, IReadOnlyList<double>> values, Rgb color) in new[] { (train, Train), (validation, Validation) })
            lines.AddRange(_curves.Select(c => new LineSeries("", values(c)) { Color = color.Mix(Rgb.White, 0.55), Width = 0.8 }));
        lines.Add(new LineSeries("Training", Mean(train)) { Color = Train, Width = 2.4 });
        lines.Add(new LineSeries("Validation", Mean(validation)) { Color = Validation, Width = 2.4 });
        return lines;
    }

    private double[] Mean(Func<TrainingCurves, IReadOnlyList<double>> values)
    {
        IReadOnlyList<double>[] measured = [.. _curves.Select(values).Where(v => v.Count > 0)];
        return measured.Length == 0
            ? [] : [.. Enumerable.Range(0, measured.Min(v => v.Count)).Select(epoch => measured.Average(v => v[epoch]))];
    }
}
