using SerPipeline.Experiments.Paper;
using SerPipeline.Splits;

namespace SerPipeline.Console.Commands;

/// <summary><c>ser ablate</c>: what each thing that the paper only proposes adds to a plain CNN, on new speakers.</summary>
internal sealed class AblateCommand(Terminal terminal, ProgressDisplay progress) : ICommandHandler
{
    private const int DefaultEpochs = 10;

    private static readonly OptionDefinition Data = new("--data", "DIR", "The folder of RAVDESS speech. Default: data.");
    private static readonly OptionDefinition Epochs = new("--epochs", "N", "Epochs of each training. Default: 10, a small recipe.");
    private static readonly OptionDefinition Out = new("--out", "DIR", "The folder for ablation.md. Default: runs/ablation.");
    private static readonly OptionDefinition Work = new("--work", "DIR",
        "The folder for the outcomes of finished trainings, so that an interrupted run can resume. Default: runs/ablation/trainings.");

    public static CommandDefinition Definition { get; } = new(
        "ablate",
        """
        Measure self-attention, dropout, early stopping, augmentation, prosody and ensembling, each switched on alone over a plain
        CNN on spectrogram images and all together, on RAVDESS under the five published folds of actors. Writes ablation.md. Finished
        trainings are not repeated.
        """.ReplaceLineEndings(" "),
        typeof(AblateCommand))
    {
        Options = [Data, Epochs, Out, Work, CacheFolder.Option, CacheFolder.Off],
        Examples = [("ser ablate --data RAVDESS --out docs", "the table of docs/ablation.md")],
    };

    /// <inheritdoc/>
    public int Run(CommandInput input, CancellationToken cancellation)
    {
        string folder = input.Text(Out) ?? Path.Combine("runs", "ablation");
        string work = input.Text(Work) ?? Path.Combine("runs", "ablation", "trainings");
        int epochs = input.Whole(Epochs, 1) ?? DefaultEpochs;
        string? cache = CacheFolder.FeaturesOf(input), data = input.Text(Data);
        input.Check();

        var cells = new RecipeCells(CompleteRavdess.Load(data), cache);
        IReadOnlyList<Split> folds = SpeakerFolds.Create(cells.Items).Folds;
        IReadOnlyList<Ablation> rows = Ablation.All(epochs);
        // Fold by fold, so that an interrupted run has whole folds.
        Cell[] all = [.. folds.SelectMany((split, fold) => rows.SelectMany(row => row.Cells(cells, split, fold + 1)))
            .DistinctBy(cell => cell.Id)];
        IReadOnlyDictionary<string, CellOutcome> outcomes = new CellRunner(new CellStore(work), progress).Run(all, cancellation);
        AblationRow[] table = [.. rows.Select(row => new AblationRow(row, [.. folds.Select((split, fold) => Mean(row, split, fold + 1))]))];
        string page = Path.Combine(folder, "ablation.md");
        AtomicFile.WriteAllText(page, new AblationPage(table, epochs, outcomes.Values.Sum(outcome => outcome.Seconds)).Write());
        terminal.Result($"Wrote {page}");
        return ExitCode.Done;

        PredictionSet Mean(Ablation row, Split split, int fold) =>
            RecipeCells.Mean([.. row.Cells(cells, split, fold).Select(cell => outcomes[cell.Id])]);
    }
}
