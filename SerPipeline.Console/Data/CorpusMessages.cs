using SerPipeline.Transforms;

namespace SerPipeline.Console.Data;

/// <summary>What commands say of a corpus before they use it.</summary>
internal static class CorpusMessages
{
    private const int OfAKind = 10;

    /// <summary>Writes its size, its labels, its note and its licence's caution.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="corpus">The corpus.</param>
    public static void Write(Terminal terminal, Corpus corpus)
    {
        string speakers = corpus.Speakers.Count == 0 ? "speakers unknown" : Format.Count(corpus.Speakers.Count, "speaker");
        terminal.Message($"Corpus {corpus.DisplayName}: {Format.Count(corpus.Clips.Count, "clip")}, "
            + $"{Format.Count(corpus.Labels.Count, "label")}, {speakers}, in {corpus.Root}");
        Dictionary<string, int> counts = corpus.Clips.CountBy(clip => clip.Label).ToDictionary();
        terminal.Message("Labels: "
            + string.Join(", ", corpus.Labels.Select(label => $"{label} {Format.Whole(counts.GetValueOrDefault(label))}")));
        Remarks(corpus, terminal.Message);
        if (corpus.Note is { } note) terminal.Message(note);
        if (Licences.Caution(corpus) is { } caution) terminal.Message(caution);
    }

    /// <summary>Tells how labels and folders were understood.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="write">Where to.</param>
    public static void Remarks(Corpus corpus, Action<string> write)
    {
        foreach (string remark in LabelNames.Remarks(corpus).Concat(corpus.Remarks)) write(remark);
    }

    /// <summary>Writes the same of a data set, and whether it leaks by design.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="dataset">The data set.</param>
    public static void Write(Terminal terminal, OpenedDataset dataset)
    {
        if (dataset.Definition is { } definition) terminal.Message($"Data set {dataset.Name}: {definition.Description}");
        Write(terminal, dataset.Corpus);
        if (dataset.OversampleInTraining)
            terminal.Message("The rarest label is oversampled inside the training part; the test part stays as it is.");
    }

    /// <summary>Writes the list of what is wrong with a corpus: the same before every command.</summary>
    /// <param name="problems">The problems.</param>
    /// <param name="write">Where to.</param>
    /// <param name="all">Whether to write every one of a kind, instead of the first few.</param>
    public static void Trouble(IReadOnlyList<CorpusProblem> problems, Action<string> write, bool all = false)
    {
        write(CorpusTrouble.Summary(problems));
        int width = problems.Select(problem => CorpusTrouble.Words(problem.Kind).Length).DefaultIfEmpty(0).Max();
        foreach (IGrouping<CorpusProblemKind, CorpusProblem> kind in problems.GroupBy(problem => problem.Kind))
        {
            int shown = all ? int.MaxValue : OfAKind;
            string words = CorpusTrouble.Words(kind.Key).PadRight(width);
            foreach (CorpusProblem problem in kind.Take(shown))
                write($"  {words}  {problem.RelativePath}: {problem.Message}");
            if (kind.Count() > shown)
                write($"  {words}  and {Format.Whole(kind.Count() - shown)} more; ser corpora --all lists them.");
        }
    }
}

/// <summary>Collects the clips that could not be read, each once however often it was met.</summary>
internal sealed class BadClips
{
    private readonly ConcurrentDictionary<string, string> _reasons = new(StringComparer.Ordinal);
    private int _written;

    /// <summary>Notes a clip; thread-safe.</summary>
    public void Add(BadClip clip) => _reasons.TryAdd(clip.Path, clip.Reason);

    /// <summary>How many there are.</summary>
    public int Count => _reasons.Count;

    /// <summary>Writes those not written yet to standard error, in ordinal order.</summary>
    /// <param name="terminal">Where to.</param>
    public void Write(Terminal terminal)
    {
        if (Count == _written) return;
        _written = Count;
        foreach ((string path, string reason) in _reasons.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            terminal.Message(reason.Contains(path, StringComparison.Ordinal) ? $"left out: {reason}" : $"left out: {path}: {reason}");
        terminal.Message($"warning: {Format.Count(Count, "clip")} could not be read and {(Count == 1 ? "was" : "were")} left out. "
            + "--strict stops instead.");
    }
}
