namespace SerPipeline.Evaluation;

/// <summary>
/// The file <c>metrics.json</c>: <c>{ "version": 1, "runs": [ ... ], "summary": [ ... ] }</c>. Other programs read it, so its names are a
/// contract.
/// </summary>
public sealed record MetricsFile
{
    /// <summary>The file's usual name.</summary>
    public const string FileName = "metrics.json";

    // Metrics are quotients of the counts beside them; a file whose figures differ by more was edited or damaged.
    private const double Tolerance = 1e-9;
    // No list holds more clips, and sums of more might not fit into a number.
    private const long MostClips = int.MaxValue;
    private const string Kind = "metrics (metrics.json)";

    /// <summary>The version of the file's fields.</summary>
    public int Version { get; init; } = RunJson.Version;

    /// <summary>An entry for each data set, trainer, protocol, fold and seed.</summary>
    public required IReadOnlyList<RunMetrics> Runs { get; init; }

    /// <summary>
    /// An entry for each data set, trainer, protocol and seed with several folds: the metrics of all folds' test clips together; its
    /// <c>fold</c> is null.
    /// </summary>
    public IReadOnlyList<RunMetrics> Pooled { get; init; } = [];

    /// <summary>An entry for each data set, trainer and protocol with several runs.</summary>
    public IReadOnlyList<RunSummary> Summary { get; init; } = [];

    /// <summary>Collects runs, and summarises those that differ in fold or seed only.</summary>
    /// <param name="runs">The runs, at least one.</param>
    /// <param name="pooled">The metrics of pooled folds; null for none.</param>
    public static MetricsFile From(IReadOnlyList<RunMetrics> runs, IReadOnlyList<RunMetrics>? pooled = null) =>
        new() { Runs = runs, Pooled = pooled ?? [], Summary = RunSummary.Of(runs) };

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="EvaluationException">A run's figures contradict each other or are not finite.</exception>
    public void Write(string path)
    {
        AtomicFile.WriteAllBytes(path, ToBytes(path));
    }

    /// <summary>The file's content, UTF-8, such as a model keeps it.</summary>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="EvaluationException">A run's figures contradict each other or are not finite.</exception>
    public byte[] ToBytes(string name = FileName)
    {
        Check(name);
        return RunJson.ToBytes(this, name);
    }

    /// <summary>Reads a file and checks that its figures fit together.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="EvaluationException">The file is absent, of another version, lacks a field or contradicts itself.</exception>
    public static MetricsFile Read(string path)
    {
        MetricsFile file = RunJson.Read<MetricsFile>(path, Kind, nullItems: false);
        file.Check(path);
        return file;
    }

    /// <summary>Reads the content of a file, such as one stored with a model.</summary>
    /// <param name="content">The content.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="EvaluationException">As <see cref="Read"/>.</exception>
    public static MetricsFile Parse(ReadOnlySpan<byte> content, string source)
    {
        MetricsFile file = RunJson.Parse<MetricsFile>(content.ToArray(), source, Kind, nullItems: false);
        file.Check(source);
        return file;
    }

    private void Check(string path)
    {
        if (Runs.Count == 0) throw new EvaluationException($"Expected at least one run in {path}; found none.");
        Check(path, "runs", Runs);
        Check(path, "pooled", Pooled);
    }

    private static void Check(string path, string list, IReadOnlyList<RunMetrics> runs)
    {
        for (int i = 0; i < runs.Count; i++)
            if (Problem(runs[i]) is { } problem)
                throw new EvaluationException($"Expected consistent metrics in {path}; in {list}[{i}] {problem}. Repeat the evaluation.");
    }

    private static string? Problem(RunMetrics run)
    {
        // 1. Shapes.
        int n = run.Labels.Count;
        if (n == 0 || run.Labels.Any(string.IsNullOrWhiteSpace) || run.Labels.Distinct(StringComparer.Ordinal).Count() != n)
            return "'labels' has none, an empty or a repeated one";
        if (run.Confusion.Count != n || run.Confusion.Any(row => row.Count != n))
            return $"'confusion' is not {n} x {n}, one row and column per label";
        if (!run.Classes.Select(c => c.Label).SequenceEqual(run.Labels, StringComparer.Ordinal))
            return "'classes' does not list the labels in their order";

        // 2. Counts.
        if (CountsOf(run).Any(count => count is < 0 or > MostClips)) return "a count is negative or too large";
        if (run.TestClips < 1 || run.Confusion.Sum(row => row.Sum()) != run.TestClips) return "'confusion' does not add up to 'testClips'";
        if (run.Classes.Where((c, i) => c.Support != run.Confusion[i].Sum()).Any())
            return "a class's 'support' is not the sum of its row of 'confusion'";

        // 3. Figures: the same definitions over the same counts.
        ClassificationReport known = ClassificationReport.FromCounts(run.Labels, [.. run.Confusion.SelectMany(row => row)]);
        if (Differs(run.Accuracy, known.Accuracy)) return "'accuracy' does not follow from 'confusion'";
        if (Differs(run.Uar, known.Uar)) return "'uar' does not follow from 'confusion'";
        if (Differs(run.MacroF1, known.Macro.F1)) return "'macroF1' does not follow from 'confusion'";
        for (int i = 0; i < n; i++)
            if (Differs(run.Classes[i].Precision, known.Classes[i].Precision) || Differs(run.Classes[i].Recall, known.Classes[i].Recall)
                || Differs(run.Classes[i].F1, known.Classes[i].F1))
                return $"the figures of class '{run.Labels[i]}' do not follow from 'confusion'";
        if (run.LogLoss is { } loss && !(loss >= 0 && double.IsFinite(loss))) return "'logLoss' is negative or not finite";
        return run.Top2 is { } top2 && !(top2 is >= 0 and <= 1) ? "'top2' is not between 0 and 1" : null;
    }

    // Every count that is summed, here or over runs.
    private static IEnumerable<long> CountsOf(RunMetrics run) =>
    [
        run.TestClips, run.TrainClips, run.ValidationClips, .. run.Confusion.SelectMany(row => row),
        .. run.LeakCheck is { } leak ? [leak.OfTrainingSpeakers ?? 0, leak.SameContent, leak.NearDuplicates, leak.Touched] : (long[])[],
        .. (run.Calibration?.Reliability ?? []).Concat(run.Calibration?.ScaledReliability ?? []).Select(bin => bin.Clips),
    ];

    private static bool Differs(double found, double known) => !(Math.Abs(found - known) <= Tolerance);
}
