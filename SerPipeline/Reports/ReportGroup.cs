using SerPipeline.Evaluation;

namespace SerPipeline.Reports;

/// <summary>The runs of one data set (trained on and tested), trainer and protocol: folds and seeds of the same.</summary>
internal sealed class ReportGroup
{
    private ReportGroup(RunMetrics[] runs, RunMetrics[] pooled, string filePrefix)
    {
        Runs = runs;
        Pooled = pooled;
        RunMetrics first = runs[0];
        Name = $"{first.Trainer} on {first.Dataset}{(first.TrainDataset is null ? "" : $" (trained on {first.TrainDataset})")}, "
            + $"{first.Protocol}";
        FilePrefix = filePrefix;
        // Several seeds have several pooled entries: the first shows speakers and calibration, the counts are summed over all.
        Details = runs.Length == 1 ? pooled.FirstOrDefault() ?? runs[0] : pooled.FirstOrDefault();
        Together = Sum(runs);
    }

    public IReadOnlyList<RunMetrics> Runs { get; }

    /// <summary>The metrics of the pooled folds, one per seed; empty when none are given.</summary>
    public IReadOnlyList<RunMetrics> Pooled { get; }

    /// <summary>
    /// The metrics with interval, calibration, speakers and sexes: of the single run, or of the first seed's folds together; null
    /// without.
    /// </summary>
    public RunMetrics? Details { get; }

    /// <summary>The metrics that follow from all runs' confusion matrices added up; null when the runs have different labels.</summary>
    public ClassificationReport? Together { get; }

    public string Name { get; }

    /// <summary>What the names of the group's figures begin with; empty for a report of one group.</summary>
    public string FilePrefix { get; }

    /// <summary>The groups of a report, in the order of their first runs.</summary>
    public static IReadOnlyList<ReportGroup> Of(ReportContent content)
    {
        if (content.Runs.Count == 0) throw new EvaluationException("Expected at least one run to report; found none.");
        var groups = content.Runs.GroupBy(Key).ToList();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        return [.. groups.Select(group => new ReportGroup([.. group], [.. content.Pooled.Where(pooled => Key(pooled).Equals(group.Key))],
            groups.Count == 1 ? "" : Prefix(group.First(), taken)))];

        static (string, string?, string, string) Key(RunMetrics run) => (run.Dataset, run.TrainDataset, run.Trainer, run.Protocol);
    }

    // Names that differ only in what a file name cannot hold are numbered.
    private static string Prefix(RunMetrics run, HashSet<string> taken)
    {
        string slug = Slug($"{run.Trainer}-{(run.TrainDataset is null ? "" : run.TrainDataset + "-to-")}{run.Dataset}-{run.Protocol}"),
            free = slug;
        for (int number = 2; !taken.Add(free); number++) free = string.Create(CultureInfo.InvariantCulture, $"{slug}-{number}");
        return free + "-";
    }

    private static ClassificationReport? Sum(RunMetrics[] runs)
    {
        if (runs.Any(run => !run.Labels.SequenceEqual(runs[0].Labels, StringComparer.Ordinal))) return null;
        int n = runs[0].Labels.Count;
        return ClassificationReport.FromCounts(runs[0].Labels,
            [.. Enumerable.Range(0, n * n).Select(i => runs.Sum(run => run.Confusion[i / n][i % n]))]);
    }

    /// <summary>A name as every file system takes it.</summary>
    internal static string Slug(string text)
    {
        string slug = string.Concat(text.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        while (slug.Contains("--", StringComparison.Ordinal)) slug = slug.Replace("--", "-", StringComparison.Ordinal);
        slug = slug.Trim('-');
        return slug.Length > 80 ? slug[..80] : slug;
    }
}
