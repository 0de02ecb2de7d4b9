using SerPipeline.Experiments.Paper;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser reproduce</c>: the paper's models on its data sets and split, what the split hides, and what beats it, as one
/// page.</summary>
internal sealed class ReproduceCommand(Terminal terminal, ProgressDisplay progress) : ICommandHandler
{
    private static readonly OptionDefinition Features = new("--features", "DIR",
        "The folder of the paper's feature matrices: original, over and new, each as NAME_X.npy and NAME_y.npy, and original_rows.csv.");
    private static readonly OptionDefinition Corpus = new("--corpus", "ravdess",
        "Start from audio: the paper's features computed from the clips, its models on them, and the chain that beats them.")
    {
        Choices = ["ravdess"]
    };
    private static readonly OptionDefinition Data = new("--data", "DIR", "The folder of the corpus. Default: data.");
    private static readonly OptionDefinition Out = new("--out", "DIR", "The folder for paper.md and its figures. Default: runs/paper.");
    private static readonly OptionDefinition Work = new("--work", "DIR",
        "The folder for the outcomes of finished trainings, so that an interrupted run can resume. Default: runs/paper/trainings.");
    private static readonly OptionDefinition Quick = OptionDefinition.Flag("--quick",
        "A smoke test in under two minutes: one seed, one epoch. Its figures mean nothing, and its page says so.");

    private static readonly string[] LongestFirst = ["lstm", "cnn", "mlp"];

    public static CommandDefinition Definition { get; } = new(
        "reproduce",
        """
        Reproduce the paper: its three models on its three data sets, from the feature matrices it used (--features) or from audio
        (--corpus), on its exact split; then with speakers held out, beside a nearest-neighbour and a majority baseline. Writes
        paper.md with tables and figures. Finished trainings are not repeated.
        """.ReplaceLineEndings(" "),
        typeof(ReproduceCommand))
    {
        Options = [Features, Corpus, Data, Out, Work, Quick, CacheFolder.Option, CacheFolder.Off],
        Examples =
        [
            ("ser reproduce --features paper", "the paper's tables from its own feature matrices"),
            ("ser reproduce --corpus ravdess --data RAVDESS", "from audio, as far as RAVDESS speech allows"),
            ("ser reproduce --features paper --corpus ravdess --data RAVDESS --out docs", "the whole page"),
        ],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        string? features = input.Text(Features), corpus = input.Text(Corpus), data = input.Text(Data);
        string folder = input.Text(Out) ?? Path.Combine("runs", "paper");
        string work = input.Text(Work) ?? Path.Combine("runs", "paper", "trainings");
        ReproductionPlan plan = input.Flag(Quick) ? ReproductionPlan.Smoke : new ReproductionPlan();
        string? cache = CacheFolder.FeaturesOf(input);
        input.Require(features is not null || corpus is not null,
            "ser reproduce needs --features DIR (the paper's matrices), --corpus ravdess with --data DIR (audio), or both.");
        input.Require(data is null || corpus is not null, "--data is the folder of a corpus: add --corpus ravdess.");
        input.Check();

        // 1. What there is to do; everything is read before the first training.
        var store = new CellStore(work);
        PaperSet[] sets = features is null ? [] : [.. PaperFeatures.Sets.Select(set => PaperSet.Read(features, set))];
        PaperCells[] paper = [.. sets.Select(set => new PaperCells(set, plan))];
        AudioWork? audio = corpus is null ? null : new AudioWork(CompleteRavdess.Load(data), plan, cache);
        Cell[] cells = [.. audio?.Cells ?? [], .. paper.SelectMany(Trainings)];
        // 2. The trainings.
        IReadOnlyDictionary<string, CellOutcome> outcomes = new CellRunner(store, progress).Run(cells, cancellation);
        // 3. The page.
        FeatureResults[] results = [.. sets.Zip(paper, (set, own) => new FeatureResults(set, own, outcomes))];
        AudioResults? heard = audio?.Results(outcomes, sets.FirstOrDefault());
        if (results.Length > 0) PaperFigures.Write(Path.Combine(folder, PaperPage.FigureFolder), results);
        string page = Path.Combine(folder, "paper.md");
        string command = $"ser reproduce{(features is null ? "" : " --features PAPER")}"
            + $"{(corpus is null ? "" : " --corpus ravdess --data RAVDESS")}{(input.Flag(Quick) ? " --quick" : "")} --out docs";
        AtomicFile.WriteAllText(page,
            new PaperPage(results, heard, command, plan, outcomes.Values.Sum(outcome => outcome.Seconds)).Write());
        terminal.Result($"Wrote {page}");
        return ExitCode.Done;
    }

    // The LSTM takes longest: it comes first, so that no core is left waiting at the end.
    private static IEnumerable<Cell> Trainings(PaperCells cells) =>
        LongestFirst.SelectMany(model => cells.OfPaperSplit(model).Concat(cells.OfSpeakers(model)));
}
