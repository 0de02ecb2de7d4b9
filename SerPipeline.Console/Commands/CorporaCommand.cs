namespace SerPipeline.Console.Commands;

/// <summary><c>ser corpora</c>: lists the corpora known, or reads every clip of some and reports what is in them and what is wrong with
/// them.</summary>
internal sealed class CorporaCommand(Terminal terminal, ProgressDisplay progress) : ICommandHandler
{
    private static readonly OptionDefinition Json = OptionDefinition.Flag("--json",
        "Write everything found as JSON: one object per data set, with one record per clip.");
    private static readonly OptionDefinition All = OptionDefinition.Flag("--all", "List every problem instead of the first ten of a kind.");

    public static CommandDefinition Definition { get; } = new(
        "corpora",
        """
        Scan corpora or data sets: clips by label, speaker and sex, hours, sample rates, and every problem found (unreadable, silent,
        clipped, too short, duplicate). Problems do not make it fail. Without --corpus and --dataset: list the known corpora, their
        licences, and which of them are found below --data.
        """.ReplaceLineEndings(" "),
        typeof(CorporaCommand))
    {
        Options = [.. CorpusSource.Options, CacheFolder.Option, All, Json],
        Examples =
        [
            ("ser corpora --corpus ravdess --data RAVDESS", "what is in a copy of RAVDESS, and what is wrong with it"),
            ("ser corpora --data corpora", "the known corpora, and which of them are in the folder"),
            ("ser corpora --corpus tess+emodb --data corpora --combine common", "two corpora as one, with the labels that both have"),
            ("ser corpora --dataset new --data corpora", "the same for a named data set"),
            ("ser corpora --corpus folder --data clips --json", "one folder per label, as JSON for other programs"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        bool json = input.Flag(Json), all = input.Flag(All);
        if (!CorpusSource.IsNamed(input)) return List(input, json);
        CorpusSource.Settings source = CorpusSource.Settings.From(input);
        input.Check();
        var scans = new List<CorpusScanResult>();
        foreach ((string name, Func<OpenedDataset> open) in CorpusSource.Each(source, progress, cancellation))
        {
            if (scans.Count > 0 && !json) terminal.Result();
            scans.Add(Examine(name, open, json, all, source.Load.KeepDoubtful, cancellation));
        }
        if (json) terminal.Json(scans);
        return ExitCode.Done;
    }

    private CorpusScanResult Examine(string name, Func<OpenedDataset> open, bool json, bool all, bool keepDoubtful,
        CancellationToken cancellation)
    {
        OpenedDataset dataset;
        try
        {
            dataset = open();
        }
        catch (CorpusException unusable)
        {
            // A folder without clips, or a manifest with errors, is something found out, like a file that cannot be read.
            if (!json) terminal.Result(unusable.HasNoClips ? $"No clips: {unusable.Message}"
                : $"The corpus {name} cannot be used: {unusable.Message}");
            return Unusable(name, unusable.Message);
        }
        CorpusScanResult scan = Scan(dataset.Corpus, keepDoubtful, cancellation);
        if (json) return scan;
        if (dataset.Definition is { } definition)
            terminal.Result($"Data set {dataset.Name}{(dataset.LeaksByDesign ? " (leaks: true)" : "")}: {definition.Description}");
        Write(dataset.Corpus, scan, all);
        return scan;
    }

    // A corpus that cannot be read, in the form of every other scan: no clips and one problem.
    private static CorpusScanResult Unusable(string name, string reason) => new()
    {
        Corpus = name,
        Clips = [],
        ByLabel = [],
        BySpeaker = [],
        BySex = [],
        BySampleRate = [],
        ByChannels = [],
        LabelBySpeaker = new LabelBySpeaker([], [], []),
        Hours = 0,
        Seconds = default,
        Problems = [new CorpusProblem(CorpusProblemKind.CorpusUnusable, name, reason)],
    };

    private CorpusScanResult Scan(Corpus corpus, bool keepDoubtful, CancellationToken cancellation) =>
        progress.Stage("scanning", corpus.Clips.Count, ProgressUnits.Clips, stage => CorpusScan.Run(corpus,
            new StageProgress<CorpusScanProgress>(stage, p => p.Done), keepDoubtful: keepDoubtful, cancellation: cancellation));

    private int List(CommandInput input, bool json)
    {
        CorpusSource.RequireNothingElse(input);
        input.Check();
        IReadOnlyList<KnownCorpus> corpora = KnownCorpus.Below(input.Text(CorpusSource.Data));
        if (json)
        {
            terminal.Json(corpora);
            return ExitCode.Done;
        }
        var table = new TextTable("corpus", "found in", "licence", "title");
        foreach (KnownCorpus corpus in corpora) table.Add(corpus.Name, corpus.Folder ?? "-", corpus.Licence, corpus.Title);
        table.Write(terminal);
        terminal.Result();
        terminal.Result("Besides them: folder (one folder per label), manifest (a table with path,label,speaker) and demo (synthetic). "
            + "--corpus NAME --data DIR scans one.");
        return ExitCode.Done;
    }

    private void Write(Corpus corpus, CorpusScanResult scan, bool all)
    {
        (double shortest, double longest) = scan.Seconds;
        terminal.Result($"Corpus {corpus.DisplayName} in {corpus.Root}");
        if (corpus.Note is { } note) terminal.Result(note);
        if (corpus.Licence is { } licence) terminal.Result($"Licence: {licence}");
        if (corpus.People is { } people)
            terminal.Result(FormattableString.Invariant($"People, from sound alone: {people.Rate:0.00#} ({people.Source})"));
        CorpusMessages.Remarks(corpus, terminal.Result);
        terminal.Result(FormattableString.Invariant(
            $"{Format.Count(scan.Clips.Count, "clip")}, {scan.Hours:0.00} hours, clips of {shortest:0.0} to {longest:0.0} s"));
        Labels(corpus, scan);
        Counts("sex", scan.BySex);
        Counts("rate (Hz)", scan.BySampleRate);
        Counts("channels", scan.ByChannels);
        terminal.Result();
        Speakers(corpus, scan);
        terminal.Result();
        CorpusMessages.Trouble(scan.Problems, terminal.Result, all);
    }

    private void Labels(Corpus corpus, CorpusScanResult scan)
    {
        terminal.Result();
        ILookup<string, string> own = NativeLabels.Of(corpus);
        var table = new TextTable("label", ">clips", ">hours", "the corpus's own");
        foreach (ScanCount count in scan.ByLabel)
            table.Add(count.Name, Format.Whole(count.Clips), Format.Hours(count.Hours), string.Join("; ", own[count.Name]));
        if (own.Count == 0) Rows("label", scan.ByLabel);
        else table.Write(terminal);
    }

    private void Counts(string what, IReadOnlyList<ScanCount> counts)
    {
        terminal.Result();
        Rows(what, counts);
    }

    private void Rows(string what, IReadOnlyList<ScanCount> counts)
    {
        var table = new TextTable(what, ">clips", ">hours");
        foreach (ScanCount count in counts) table.Add(count.Name, Format.Whole(count.Clips), Format.Hours(count.Hours));
        table.Write(terminal);
    }

    private void Speakers(Corpus corpus, CorpusScanResult scan)
    {
        ILookup<string, string?> sexes = corpus.Clips.Where(clip => clip.Speaker is not null)
            .ToLookup(clip => clip.Speaker!, clip => clip.Sex, StringComparer.Ordinal);
        LabelBySpeaker matrix = scan.LabelBySpeaker;
        var table = new TextTable(["speaker", "sex", .. matrix.Labels.Select(label => ">" + label), ">clips"]);
        for (int s = 0; s < matrix.Speakers.Count; s++)
        {
            IReadOnlyList<int> clips = matrix.Clips[s];
            table.Add([matrix.Speakers[s], SexOf(sexes[matrix.Speakers[s]]), .. clips.Select(count => Format.Whole(count)),
                Format.Whole(clips.Sum())]);
        }
        table.Write(terminal);
    }

    // The first one named may be the wrong one.
    private static string SexOf(IEnumerable<string?> sexes)
    {
        string[] named = [.. sexes.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return named.Length == 0 ? "unknown" : string.Join('/', named);
    }
}

/// <summary>A corpus that the library knows, and where a copy of it lies.</summary>
/// <param name="Name">Its name for <c>--corpus</c>.</param>
/// <param name="Title">Its title.</param>
/// <param name="Licence">Its licence or terms.</param>
/// <param name="Page">Where its authors publish it.</param>
/// <param name="Folder">The folder that holds clips of it; null when none was found.</param>
internal sealed record KnownCorpus(string Name, string Title, string Licence, string Page, string? Folder)
{
    /// <summary>Every corpus, looked for below a folder.</summary>
    /// <param name="folder">The folder; null looks in the default one.</param>
    public static IReadOnlyList<KnownCorpus> Below(string? folder) =>
        [.. CorpusFacts.All.Select(facts => new KnownCorpus(facts.Name, facts.Title, facts.Licence, facts.Page,
            CorpusLocator.Find(facts.Name, folder ?? DataFolders.Default)))];
}
