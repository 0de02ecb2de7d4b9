namespace SerPipeline.Evaluation;

/// <summary>
/// Intervals of a run's metrics that allow for how much speakers differ: whole speakers are drawn with replacement, as many as there are, and the
/// metrics of each draw are computed from the clips of those drawn (cluster bootstrap; Field and Welsh 2007, "Bootstrapping clustered data"). The interval runs
/// between percentiles of the draws (Efron and Tibshirani 1993, chapter 13).
/// </summary>
/// <remarks>
/// UAR runs over the classes present in a draw: a draw may by chance hold no clip of a rare class. Macro F1 runs over every label of the set. The model is taken as
/// it is: that another training would give other predictions is not in the interval.
/// </remarks>
public static class SpeakerBootstrap
{
    /// <summary>Computes the intervals.</summary>
    /// <param name="predictions">The test clips. Where a speaker is unknown, or there is one only, clips are drawn instead and <see cref="RunIntervals.Caution"/> says so.</param>
    /// <param name="options">The options, or null for the defaults.</param>
    /// <exception cref="EvaluationException">The set has no rows.</exception>
    /// <exception cref="OptionsException">An option is out of range.</exception>
    public static RunIntervals Compute(PredictionSet predictions, SpeakerBootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        options ??= new SpeakerBootstrapOptions();
        options.Validate();
        if (predictions.Rows.Count == 0) throw new EvaluationException("Expected at least one prediction to resample; found none. Check that the test set is not empty.");

        // 1. What each unit adds to the counts: few different cells, so only those.
        ResamplingUnits units = ResamplingUnits.Of([.. predictions.Rows.Select(row => row.Speaker)]);
        int classes = predictions.Labels.Count;
        int[] cells = Cells(predictions);
        (int Cell, long Clips)[][] added = [.. units.Rows.Select(rows => rows.GroupBy(row => cells[row]).Select(group => (group.Key, (long)group.Count())).ToArray())];

        // 2. The metrics of each draw.
        var random = new SeededRandom(options.Seed).Fork("bootstrap");
        double[] uar = new double[options.Draws], accuracy = new double[options.Draws], macroF1 = new double[options.Draws];
        long[] counts = new long[classes * classes];
        for (int draw = 0; draw < options.Draws; draw++)
        {
            Array.Clear(counts);
            units.Draw(random, unit =>
            {
                foreach ((int cell, long clips) in added[unit]) counts[cell] += clips;
            });
            uar[draw] = CountMetrics.Uar(counts, classes);
            accuracy[draw] = CountMetrics.Accuracy(counts, classes);
            macroF1[draw] = CountMetrics.MacroF1(counts, classes);
        }
        return new RunIntervals
        {
            Confidence = options.Confidence,
            Unit = units.Name,
            Units = units.Rows.Count,
            Draws = options.Draws,
            Seed = options.Seed,
            Caution = units.Caution,
            Uar = ResamplingUnits.Interval(uar, options.Confidence),
            Accuracy = ResamplingUnits.Interval(accuracy, options.Confidence),
            MacroF1 = ResamplingUnits.Interval(macroF1, options.Confidence),
        };
    }

    private static int[] Cells(PredictionSet predictions)
    {
        Dictionary<string, int> places = predictions.Labels.Index().ToDictionary(label => label.Item, label => label.Index, StringComparer.Ordinal);
        return [.. predictions.Rows.Select(row => (places[row.Label] * predictions.Labels.Count) + places[row.Predicted])];
    }
}
