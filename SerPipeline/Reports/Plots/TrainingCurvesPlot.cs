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
}

/// <summary>Options of <see cref="TrainingCurvesPlot"/>.</summary>
public sealed record TrainingCurvesPlotOptions : PlotOptions
{
    /// <summary>The name of the right panel's axis. Default: Accuracy.</summary>
    public string AccuracyLabel { get; init; } = "Accuracy";

    /// <inheritdoc/>
    protected override void Check(OptionsCheck check)
    {
        ArgumentNullException.ThrowIfNull(check);
        check.Require(AccuracyLabel is not null, AccuracyLabel, "not be null");
    }
}

/// <summary>Loss at the left and accuracy at the right by epoch, training against validation, with the epoch that early stopping kept.</summary>
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

    /// <inheritdoc/>
    private protected override void Draw(ICanvas canvas)
    {
        double padding = PlotArea.Padding(_options), top = PlotArea.TitleRoom(_options), width = canvas.Width - (2 * padding);
        LineSeries[] losses = Pair(_curves.TrainLoss, _curves.ValidationLoss), accuracies = Pair(_curves.TrainAccuracy, _curves.ValidationAccuracy);
        // Both panels use the same two colours, so one legend serves both.
        IReadOnlyList<LegendEntry> legend = LinePainter.LegendOf(Pair([], []), _options);
        double panelTop = top + Legend.Room(legend, _options, width), middle = canvas.Width / 2, bottom = canvas.Height - padding;
        string marker = _curves.BestEpoch is { } epoch ? FormattableString.Invariant($"best: {epoch}") : "";
        var loss = new LineChartOptions { YLabel = "Loss", MarkerX = _curves.BestEpoch, MarkerLabel = marker };
        LineChartOptions accuracy = loss with { YLabel = _options.AccuracyLabel, YMin = 0, YMax = 1 };
        double left = LinePainter.Draw(canvas, _options, loss, losses, new PlotArea(padding, panelTop, middle - (padding / 2), bottom));
        LinePainter.Draw(canvas, _options, accuracy, accuracies, new PlotArea(middle + (padding / 2), panelTop, canvas.Width - padding, bottom));
        Legend.Draw(canvas, legend, _options, left, top, width);
        PlotArea.DrawTitle(canvas, _options, left);
    }

    private static LineSeries[] Pair(IReadOnlyList<double> train, IReadOnlyList<double> validation) =>
        [new("Training", train) { Color = Palette.Blue }, new("Validation", validation) { Color = Palette.Vermilion }];
}
