namespace SerPipeline.Evaluation;

/// <summary>Options of <see cref="SpeakerBootstrap"/>.</summary>
public sealed record SpeakerBootstrapOptions
{
    /// <summary>
    /// How often speakers are drawn, 100 to 1,000,000. Default: 2,000, enough for the ends of a 95 % interval (Efron and Tibshirani 1993,
    /// section 14.2, ask for 1,000 or more).
    /// </summary>
    public int Draws { get; init; } = 2000;

    /// <summary>The intervals' confidence, between 0 and 1. Default: 0.95.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>The seed of the draws. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="OptionsException">An option is out of range; all problems are listed.</exception>
    public void Validate() => new OptionsCheck(nameof(SpeakerBootstrapOptions))
        .Require(Draws is >= 100 and <= 1_000_000, Draws, "be between 100 and 1000000")
        .Require(Confidence is > 0 and < 1, Confidence, "be between 0 and 1, both excluded")
        .ThrowIfAny();
}

/// <summary>
/// Intervals of a run's metrics by speaker: whole speakers are drawn with replacement, as many as there are, and the metrics of each draw
/// are computed from the clips of those drawn (cluster bootstrap; Field and Welsh 2007, "Bootstrapping clustered data"). The interval
/// runs between percentiles of the draws (Efron and Tibshirani 1993, chapter 13).
/// </summary>
/// <remarks>
/// UAR runs over the classes present in a draw: a draw may by chance hold no clip of a rare class. Macro F1 runs over every label of the
/// set. The interval does not include the variation between trainings.
/// </remarks>
public static class SpeakerBootstrap
{
    /// <summary>Computes the intervals.</summary>
    /// <param name="predictions">
    /// The test clips. Where a speaker is unknown, or there is one only, clips are drawn instead and <see cref="RunIntervals.Caution"/>
    /// says so.
    /// </param>
    /// <param name="options">The options, or null for the defaults.</param>
    /// <exception cref="EvaluationException">The set has no rows.</exception>
    /// <exception cref="OptionsException">An option is out of range.</exception>
    public static RunIntervals Compute(PredictionSet predictions, SpeakerBootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        options ??= new SpeakerBootstrapOptions();
        options.Validate();
        if (predictions.Rows.Count == 0)
            throw new EvaluationException(
                "Expected at least one prediction to resample; found none. Check that the test set is not empty.");

        // 1. What each unit adds to the counts: few different cells, so only those.
        ResamplingUnits units = ResamplingUnits.Of([.. predictions.Rows.Select(row => row.Speaker)]);
        int classes = predictions.Labels.Count;
        int[] cells = [.. predictions.Rows.Select(row => (predictions.Place(row.Label) * classes) + predictions.Place(row.Predicted))];
        (int Cell, long Clips)[][] added =
            [.. units.Rows.Select(rows => rows.GroupBy(row => cells[row]).Select(group => (group.Key, (long)group.Count())).ToArray())];

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
            var report = ClassificationReport.FromCounts(predictions.Labels, counts);
            (uar[draw], accuracy[draw], macroF1[draw]) = (report.Uar, report.Accuracy, report.Macro.F1);
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
}

/// <summary>The units that are drawn or swapped as a whole: speakers, or single clips where speakers cannot serve.</summary>
/// <param name="Name"><c>speaker</c> or <c>clip</c>.</param>
/// <param name="Rows">The rows of each unit.</param>
/// <param name="Caution">Why an interval over them is unreliable; null when it is not.</param>
internal sealed record ResamplingUnits(string Name, IReadOnlyList<int[]> Rows, string? Caution)
{
    public const string Speaker = "speaker", Clip = "clip";

    // Percentile intervals over fewer clusters cover too little (Field and
    // Welsh 2007; Cameron, Gelbach and Miller 2008 show it for 5 and 10).
    private const int FewSpeakers = 10;

    // Below this, most draws hold only two or three different speakers.
    private const int HardlyAny = 5;

    /// <summary>Groups clips by speaker. With one speaker, clips are the units, with a caution.</summary>
    /// <param name="speakers">Each clip's speaker, or null.</param>
    public static ResamplingUnits Of(IReadOnlyList<string?> speakers)
    {
        if (speakers.Any(speaker => speaker is null))
            return Clips(speakers.Count,
                string.Create(CultureInfo.InvariantCulture,
                    $"The speaker of {speakers.Count(speaker => speaker is null)} of {speakers.Count} clips is not known, so clips were "
                    + $"drawn. Clips of one speaker are not independent: the interval is too narrow."));
        int[][] rows = BySpeaker(speakers);
        if (rows.Length == 1)
            return Clips(speakers.Count,
                "There is 1 speaker only, so clips were drawn: the interval says how sure the score is for this voice, "
                + "and nothing about other voices.");
        if (rows.Length < HardlyAny)
            return new ResamplingUnits(Speaker, rows, string.Create(CultureInfo.InvariantCulture,
                $"There are {rows.Length} speakers only: the interval is hardly more than the range of their scores and "
                    + $"must not be read as one of 95 %."));
        return new ResamplingUnits(Speaker, rows, rows.Length >= FewSpeakers ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"There are {rows.Length} speakers only: "
                + $"an interval from fewer than {FewSpeakers} is unreliable, and usually too narrow."));
    }

    /// <summary>The rows of each speaker, speakers in ordinal order of their names.</summary>
    public static int[][] BySpeaker(IReadOnlyList<string?> speakers) =>
        [.. Enumerable.Range(0, speakers.Count).GroupBy(i => speakers[i]!, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => group.ToArray())];

    private static ResamplingUnits Clips(int count, string caution) =>
        new(Clip, [.. Enumerable.Range(0, count).Select(i => new[] { i })], caution);

    /// <summary>Draws as many units as there are, with replacement.</summary>
    public void Draw(SeededRandom random, Action<int> drawn)
    {
        for (int i = 0; i < Rows.Count; i++) drawn(random.Next(Rows.Count));
    }

    /// <summary>
    /// The low and high end that leave the same share of the values outside on both sides; linear between neighbours, as numpy.quantile
    /// does by default.
    /// </summary>
    /// <param name="values">The values; sorted in place.</param>
    /// <param name="confidence">The share between the ends.</param>
    public static IReadOnlyList<double> Interval(double[] values, double confidence)
    {
        Array.Sort(values);
        return [Quantile((1 - confidence) / 2), Quantile((1 + confidence) / 2)];

        double Quantile(double share)
        {
            double place = share * (values.Length - 1);
            int below = (int)Math.Floor(place);
            int above = Math.Min(below + 1, values.Length - 1);
            return values[below] + ((place - below) * (values[above] - values[below]));
        }
    }
}
