using System.Globalization;
using SerPipeline.Evaluation;
using SerPipeline.Reports;
using static SerPipeline.Reports.Markdown;

namespace SerPipeline.Experiments.Paper;

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
        page.Paragraph("The paper proposes self-attention, regularisation, augmentation, ensembling and prosody for later work and measures none. Here each is switched on alone over a plain CNN on log-mel spectrogram images, and all together, on RAVDESS speech under "
            + "`speaker-5fold`: five published folds of actors, nobody in training who is tested.");
        page.Code(epochs == 10 ? "ser ablate --data RAVDESS --out docs" : string.Create(CultureInfo.InvariantCulture, $"ser ablate --data RAVDESS --epochs {epochs} --out docs"));
        page.Paragraph(string.Create(CultureInfo.InvariantCulture,
            $"**A small recipe**: {epochs} epochs a training, {plain.Folds.Sum(fold => fold.Rows.Count)} clips tested in all, seed {RecipeCells.Seed}; its trainings took {seconds / 60:0} minutes of one core together, one core each. Longer training favours what slows learning down: augmentation and dropout. "
            + $"Mean ± standard deviation over the five folds. The difference is of UAR over all clips together, with its 95 % interval by resampling speakers and the p of a permutation test that swaps whole speakers ([statistics.md](statistics.md)); eight rows are compared with one, so a p near .05 proves little."));
        page.Table(["recipe", "switched on by", "UAR, mean ± deviation over folds", "accuracy", "UAR against plain", "95 %", "p"], rows.Select(row => Row(row, plain)));
        page.Paragraph("Fold by fold, UAR:");
        page.Table(["recipe", "fold 1", "2", "3", "4", "5"], rows.Select(row => (IReadOnlyList<string>)[row.Ablation.Title, .. row.Uars.Select(Share)]));
        page.Paragraph("RAVDESS is CC BY-NC-SA 4.0: models trained on it are not free for commerce.");
        return page.ToString();
    }

    private static string[] Row(AblationRow row, AblationRow plain)
    {
        string[] own = [row.Ablation.Title, row.Ablation.Switch, MeanOf(row.Uars), MeanOf(row.Accuracies)];
        if (ReferenceEquals(row, plain)) return [.. own, "", "", ""];
        RunComparison found = RunComparison.Compare(plain.Pooled, row.Pooled, new ComparisonOptions());
        return [.. own, found.UarDifference.ToString("+0.000;-0.000", CultureInfo.InvariantCulture), $"{found.Intervals.Uar[0].ToString("+0.000;-0.000", CultureInfo.InvariantCulture)} to {found.Intervals.Uar[1].ToString("+0.000;-0.000", CultureInfo.InvariantCulture)}", found.Permutation.PValue.ToString("0.000", CultureInfo.InvariantCulture)];
    }
}
