using System.Globalization;
using SerPipeline.Corpora;
using SerPipeline.Evaluation;
using SerPipeline.Reports;
using static SerPipeline.Reports.Markdown;

namespace SerPipeline.Experiments.Paper;

/// <summary>What the paper's split hides.</summary>
/// <param name="page">The page.</param>
/// <param name="sets">The results.</param>
internal sealed class HiddenSection(Markdown page, IReadOnlyList<FeatureResults> sets)
{
    /// <summary>Writes it.</summary>
    public void Write()
    {
        page.Heading(2, "What the split hides");
        page.Paragraph(
            "The same models and features with speakers held out: `original` in the five published folds of actors, `new` with one of the two TESS speakers tested and everybody else trained on, in turn. "
            + "Accuracy is over all held-out rows together. Beside them two rules that learn nothing: the label of the nearest training row by z-scored distance, and the commonest label of the training rows.");
        page.Table(["data set", "model", "paper's split: accuracy", "speakers held out: accuracy", "lost", "speakers held out: UAR"], sets.SelectMany(Rows));
        WriteLeaks();
        Explain();
    }

    private static IEnumerable<string[]> Rows(FeatureResults set)
    {
        foreach (string model in PaperCells.Models)
        {
            double[] random = [.. set.OfPaperSplit(model).Select(outcome => outcome.ToPredictions().ToReport().Accuracy)];
            IReadOnlyList<ClassificationReport> held = set.OfSpeakers(model);
            yield return held.Count == 0
                ? [$"`{set.Set.Name}`", model.ToUpperInvariant(), MeanOf(random), "", "", ""]
                : [$"`{set.Set.Name}`", model.ToUpperInvariant(), MeanOf(random), MeanOf([.. held.Select(r => r.Accuracy)]), Share(random.Average() - held.Average(r => r.Accuracy)), MeanOf([.. held.Select(r => r.Uar)])];
        }
        yield return Baseline(set, "nearest row", FeatureResults.Nearest);
        yield return Baseline(set, "commonest label", FeatureResults.Majority);
    }

    private static string[] Baseline(FeatureResults set, string name, Func<Old.Pipeline.IDataView, Old.Pipeline.IDataView, PredictionSet> baseline)
    {
        ClassificationReport random = set.PaperBaseline(baseline);
        ClassificationReport? held = set.SpeakerBaseline(baseline);
        return [$"`{set.Set.Name}`", name, Share(random.Accuracy), held is null ? "" : Share(held.Accuracy), held is null ? "" : Share(random.Accuracy - held.Accuracy), held is null ? "" : Share(held.Uar)];
    }

    private void WriteLeaks()
    {
        page.Heading(3, "Test rows that are training rows");
        page.Table(["data set", "test rows", "of them equal to a training row in every number"], sets.Select(set =>
        {
            (int twins, int rows) = set.Leak();
            return (string[])[$"`{set.Set.Name}`", rows.ToString(CultureInfo.InvariantCulture), twins.ToString(CultureInfo.InvariantCulture)];
        }));
        if (sets.Any(set => set.Set.Name == PaperFeatures.Over))
            page.Paragraph("`over` was made by copying neutral clips before the division, so that many a test clip was trained on. Copied inside the training part alone (`over-train`), no clip is on both sides by copying; the one pair of `original` is two takes of RAVDESS that are the same recording.");
    }

    private void Explain()
    {
        page.Heading(3, "How to read it");
        if (sets.FirstOrDefault(set => set.Set.Name == PaperFeatures.New) is { } found && found.OfSpeakers("cnn") is { Count: > 0 } held)
        {
            double random = found.OfPaperSplit("cnn").Average(outcome => outcome.ToPredictions().ToReport().Accuracy), apart = held.Average(report => report.Accuracy);
            double nearest = found.PaperBaseline(FeatureResults.Nearest).Accuracy;
            page.Paragraph($"The CNN's {Share(random)} on `new` is a figure about two known voices: most rows are TESS, where two women say the same words in the same way, and a rule without any training that takes the nearest row's label has {Share(nearest)}. "
                + $"On a TESS speaker never heard before the same CNN has {Share(apart)}.");
        }
        page.Paragraph("In `new` no file names the clips: which TESS rows belong to which speaker is inferred from the distances between rows, and the folds of the songs follow from their order.");
    }
}
