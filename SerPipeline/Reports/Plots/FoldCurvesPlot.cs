namespace SerPipeline.Reports.Plots;

/// <summary>
/// Loss at the left and accuracy at the right by epoch for several trainings, such as folds: a thin line each, and a thick one for their mean over the
/// epochs that all of them reached (later ones would compare different folds).
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

    /// <inheritdoc/>
    private protected override void Draw(ICanvas canvas)
    {
        double padding = PlotArea.Padding(_options), top = PlotArea.TitleRoom(_options), width = canvas.Width - (2 * padding);
        LegendEntry[] legend =
        [
            new("Training, mean", Train, IsLine: true), new("Validation, mean", Validation, IsLine: true),
            new(FormattableString.Invariant($"each of {_curves.Count} trainings"), _options.Theme.Muted, IsLine: true),
        ];
        double panelTop = top + Legend.Room(legend, _options, width), middle = canvas.Width / 2, bottom = canvas.Height - padding;
        List<LineSeries> losses = Lines(c => c.TrainLoss, c => c.ValidationLoss), accuracies = Lines(c => c.TrainAccuracy, c => c.ValidationAccuracy);
        double left = LinePainter.Draw(canvas, _options, new LineChartOptions { YLabel = "Loss" }, losses, new PlotArea(padding, panelTop, middle - (padding / 2), bottom));
        LinePainter.Draw(canvas, _options, new LineChartOptions { YLabel = _options.AccuracyLabel, YMin = 0, YMax = 1 }, accuracies,
            new PlotArea(middle + (padding / 2), panelTop, canvas.Width - padding, bottom));
        Legend.Draw(canvas, legend, _options, left, top, width);
        PlotArea.DrawTitle(canvas, _options, left);
    }

    private List<LineSeries> Lines(Func<TrainingCurves, IReadOnlyList<double>> train, Func<TrainingCurves, IReadOnlyList<double>> validation)
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
        return measured.Length == 0 ? [] : [.. Enumerable.Range(0, measured.Min(v => v.Count)).Select(epoch => measured.Average(v => v[epoch]))];
    }
}
