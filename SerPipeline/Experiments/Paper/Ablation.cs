using SerPipeline.Evaluation;
using SerPipeline.Reports;
using SerPipeline.Splits;
using SerPipeline.Trainers;
using static SerPipeline.Reports.Markdown;

namespace SerPipeline.Experiments.Paper;

/// <summary>One row of the ablation: the plain recipe with one thing switched on.</summary>
/// <param name="Trainings">The name of its trainings; rows that share them train once.</param>
/// <param name="Title">What is switched on, for people.</param>
/// <param name="Switch">The options of <c>ser train</c> that switch it on.</param>
/// <param name="Options">The recipe.</param>
/// <param name="Members">How many of its members are averaged.</param>
internal sealed record Ablation(string Trainings, string Title, string Switch, SpectrogramRecipeOptions Options, int Members = 1)
{
    private const int EnsembleSize = 3;

    /// <summary>The rows: the plain recipe first, everything together last.</summary>
    /// <param name="epochs">Epochs of every training.</param>
    public static IReadOnlyList<Ablation> All(int epochs)
    {
        var plain = new SpectrogramRecipeOptions
        {
            ImageMembers = EnsembleSize,
            VectorMembers = 0,
            Epoch = epochs,
            Augmentation = AugmentationLevel.None,
            Dropout = 0,
            ChannelDropout = 0,
        };
        SpectrogramRecipeOptions all = plain with
        { SelfAttentionHeads = 4, Dropout = 0.3, ChannelDropout = 0.1, Augmentation = AugmentationLevel.Masks, Prosody = true };
        return
        [
            new("plain", "plain CNN", "`--augment none --dropout 0 --channel-dropout 0`", plain),
            new("attention", "+ self-attention, 4 heads", "`--self-attention 4`", plain with { SelfAttentionHeads = 4 }),
            new("dropout", "+ dropout .3, of channels .1", "`--dropout 0.3 --channel-dropout 0.1`",
                plain with { Dropout = 0.3, ChannelDropout = 0.1 }),
            new("stopping", "+ early stopping, patience 3, on held-out training speakers", "`--early-stopping 3`",
                plain with { ValidationSetFraction = 0.1, EarlyStoppingPatience = 3 }),
            new("masks", "+ augmentation: roll and masks", "`--augment masks`", plain with { Augmentation = AugmentationLevel.Masks }),
            new("full", "+ augmentation: roll, masks and speed", "`--augment full`", plain with { Augmentation = AugmentationLevel.Full }),
            new("prosody", "+ prosody", "`--prosody`", plain with { Prosody = true }),
            new("plain", "+ ensemble of 3", "`--ensemble 3`", plain, EnsembleSize),
            new("all", "attention, dropout, roll and masks, prosody, ensemble of 3", "all of these", all, EnsembleSize),
        ];
    }

    /// <summary>Its cells on one fold, a member each.</summary>
    /// <param name="cells">The clips.</param>
    /// <param name="split">The fold.</param>
    /// <param name="fold">Its number, from 1.</param>
    public IEnumerable<Cell> Cells(RecipeCells cells, Split split, int fold) =>
        cells.Of("ablation-" + Trainings, split, fold, Options).Take(Members);
}

/// <summary>A row's predictions, a fold each.</summary>
/// <param name="Ablation">What was switched on.</param>
/// <param name="Folds">What was said about each fold's clips.</param>
internal sealed record AblationRow(Ablation Ablation, IReadOnlyList<PredictionSet> Folds)
{
    /// <summary>The UAR of each fold.</summary>
    public IReadOnlyList<double> Uars { get; } = [.. Folds.Select(fold => fold.ToReport().Uar)];

    /// <summary>The accuracy of each fold.</summary>
    public IReadOnlyList<double> Accuracies { get; } = [.. Folds.Select(fold => fold.ToReport().Accuracy)];

    /// <summary>All clips together.</summary>
    public PredictionSet Pooled => PredictionPool.Pool(Folds);
}

/// <summary>The ablation's page.</summary>
/// <param name="rows">The plain recipe first.</param>
/// <param name="epochs">Epochs of every training.</param>
/// <param name="seconds">What the trainings took, added up.</param>
internal sealed class AblationPage(IReadOnlyList<AblationRow> rows, int epochs, double seconds)
{
    /// <summary>Writes it.</summary>
    public string Write()
    {
        var page = new Markdown();
        AblationRow plain = rows[0];
        page.Heading(1, "What each addition is worth");
        page.Paragraph("The paper proposes self-attention, regularisation, augmentation, ensembling and prosody for later work and "
            + "measures none. Here each is switched on alone over a plain CNN on log-mel spectrogram images, and all together, on "
            + "RAVDESS speech under `speaker-5fold`: five published folds of actors, nobody in training who is tested.");
        page.Code(epochs == 10 ? "ser ablate --data RAVDESS --out docs"
            : string.Create(CultureInfo.InvariantCulture, $"ser ablate --data RAVDESS --epochs {epochs} --out docs"));
        page.Paragraph(string.Create(CultureInfo.InvariantCulture,
            $"**A small recipe**: {epochs} epochs a training, {plain.Folds.Sum(fold => fold.Rows.Count)} clips tested in all, seed "
                + $"{RecipeCells.Seed}; its trainings took {seconds / 60:0} minutes of one core together, one core each. Longer "
                + $"training favours what slows learning down: augmentation and dropout. "
                + $"Mean ± standard deviation over the five folds. The difference is of UAR over all clips together, with its 95 % "
                + $"interval by resampling speakers and the p of a permutation test that swaps whole speakers "
                + $"([statistics.md](statistics.md)); eight rows are compared with one, so a p near .05 proves little. The base is the CNN "
                + $"of `SpectrogramRecipe` (frames of 16 ms, batches of 16), not that of `--trainer cnn`, whose options of the same kind "
                + $"have other sizes."));
        page.Table(["recipe", "its like in `ser train`", "UAR, mean ± deviation over folds", "accuracy", "UAR against plain", "95 %", "p"],
            rows.Select(row => Row(row, plain)));
        page.Paragraph("Fold by fold, UAR:");
        page.Table(["recipe", "fold 1", "2", "3", "4", "5"],
            rows.Select(row => (IReadOnlyList<string>)[row.Ablation.Title, .. row.Uars.Select(Share)]));
        page.Paragraph("RAVDESS is CC BY-NC-SA 4.0: models trained on it are not free for commerce.");
        return page.ToString();
    }

    private static string[] Row(AblationRow row, AblationRow plain)
    {
        string[] own = [row.Ablation.Title, row.Ablation.Switch, MeanOf(row.Uars), MeanOf(row.Accuracies)];
        if (ReferenceEquals(row, plain)) return [.. own, "", "", ""];
        RunComparison found = RunComparison.Compare(plain.Pooled, row.Pooled, new ComparisonOptions());
        string interval = $"{Signed(found.Intervals.Uar[0])} to {Signed(found.Intervals.Uar[1])}";
        // Swaps that are drawn never give 0.
        double p = found.Permutation.PValue;
        return [.. own, Signed(found.UarDifference), interval, p < 0.001 ? "< 0.001" : p.ToString("0.000", CultureInfo.InvariantCulture)];

        static string Signed(double value) => value.ToString("+0.000;-0.000", CultureInfo.InvariantCulture);
    }
}
