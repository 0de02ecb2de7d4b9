using SerPipeline.Evaluation;
using SerPipeline.Reports;
using static SerPipeline.Reports.Markdown;

namespace SerPipeline.Experiments.Paper;

/// <summary>What the paper's split hides.</summary>
/// <param name="page">The page.</param>
/// <param name="sets">The results.</param>
internal sealed class HeldOutSection(Markdown page, IReadOnlyList<FeatureResults> sets)
{
    /// <summary>Writes it.</summary>
    public void Write()
    {
        page.Heading(2, "What the split hides");
        page.Paragraph(
            "The same models and features with speakers held out: `original` in the five published folds of actors, `new` with one of "
                + "the two TESS speakers tested and everybody else trained on, in turn. "
                + "Accuracy is over all held-out rows together. Beside them two rules that learn nothing: the label of the nearest "
                + "training row by z-scored distance, and the commonest label of the training rows.");
        page.Table(["data set", "model", "paper's split: accuracy", "speakers held out: accuracy", "lost", "speakers held out: UAR"],
            sets.SelectMany(Rows));
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
                : [$"`{set.Set.Name}`", model.ToUpperInvariant(), MeanOf(random), MeanOf([.. held.Select(r => r.Accuracy)]),
                Share(random.Average() - held.Average(r => r.Accuracy)), MeanOf([.. held.Select(r => r.Uar)])];
        }
        yield return Baseline(set, "nearest row", FeatureResults.Nearest);
        yield return Baseline(set, "commonest label", FeatureResults.Majority);
    }

    private static string[] Baseline(FeatureResults set, string name, Func<IDataView, IDataView, PredictionSet> baseline)
    {
        ClassificationReport random = set.PaperBaseline(baseline);
        ClassificationReport? held = set.SpeakerBaseline(baseline);
        return [$"`{set.Set.Name}`", name, Share(random.Accuracy), held is null ? "" : Share(held.Accuracy), held is null ? ""
            : Share(random.Accuracy - held.Accuracy), held is null ? "" : Share(held.Uar)];
    }

    private void WriteLeaks()
    {
        page.Heading(3, "Test rows that are training rows");
        page.Table(["data set", "test rows", "of them equal to a training row in every number"], sets.Select(set =>
        {
            (int twins, int rows) = set.Leak();
            return (string[])[$"`{set.Set.Name}`", Format.Whole(rows), Format.Whole(twins)];
        }));
        if (sets.Any(set => set.Set.Name == PaperFeatures.Over))
            page.Paragraph("`over` was made by copying neutral clips before the division, so that many a test clip was trained on. "
                + "Copied inside the training part alone (`over-train`), no clip is on both sides by copying; the one pair of "
                + "`original` is two takes of RAVDESS that are the same recording.");
    }

    private void Explain()
    {
        page.Heading(3, "How to read it");
        if (sets.FirstOrDefault(set => set.Set.Name == PaperFeatures.New) is { } found && found.OfSpeakers("cnn") is { Count: > 0 } held)
        {
            double random = found.OfPaperSplit("cnn").Average(outcome => outcome.ToPredictions().ToReport().Accuracy),
                apart = held.Average(report => report.Accuracy);
            double nearest = found.PaperBaseline(FeatureResults.Nearest).Accuracy;
            page.Paragraph($"The CNN's {Share(random)} on `new` is a figure about two known voices: most rows are TESS, where two women "
                + $"say the same words in the same way, and a rule without any training that takes the nearest row's label has "
                + $"{Share(nearest)}. "
                + $"On a TESS speaker never heard before the same CNN has {Share(apart)}.");
        }
        page.Paragraph("In `new` no file names the clips: which TESS rows belong to which speaker is inferred from the distances "
            + "between rows, and the folds of the songs follow from their order.");
    }
}

/// <summary>From audio: the paper's features and models, and the chain that beats them.</summary>
/// <param name="page">The page.</param>
/// <param name="audio">The results.</param>
internal sealed class AudioSection(Markdown page, AudioResults audio)
{
    /// <summary>The accuracy that was set as the aim under the paper's split.</summary>
    private const double Aim = 0.85;

    /// <summary>Writes it.</summary>
    public void Write()
    {
        page.Heading(2, "From audio");
        if (audio.Match is { } match)
            page.Paragraph(string.Create(CultureInfo.InvariantCulture,
                $"The stage `PaperMfcc` computes the paper's features from the clips. Of {match.Rows} rows {match.Within:0.0 %} lie "
                    + $"within 0.05 of the paper's matrix in all 40 numbers; the median of the rows' greatest differences is "
                    + $"{match.Median:0.0e+0}, the greatest of all {match.Greatest:0.0e+0}."));
        page.Paragraph("The paper's models on these features, its split:");
        page.Table(["model", "accuracy, mean ± deviation", "seeds"], PaperCells.Models.Select(model =>
        {
            double[] values = [.. audio.Features.OfPaperSplit(model).Select(outcome => outcome.ToPredictions().ToReport().Accuracy)];
            return (string[])[model.ToUpperInvariant(), MeanOf(values), Format.Whole(values.Length)];
        }));
        WriteBeaten();
    }

    private void WriteBeaten()
    {
        page.Heading(2, "Beaten, under its own split");
        page.Paragraph(string.Create(CultureInfo.InvariantCulture,
            $"`SpectrogramRecipe`: {audio.ImageMembers} networks over log-mel images and {audio.Original.Count - audio.ImageMembers} "
                + $"perceptrons over utterance features, their probabilities averaged; seed {RecipeCells.Seed}, the last epoch kept. "
                + $"Its sizes were chosen on "
                + $"one fold of validation clips inside the training part, some of them by what two cores can train; the test clips were "
                + $"scored when they stood, and changed nothing. `over-train` draws clips of the rarest label again inside the training "
                + $"part alone."));
        page.Table(["data set", "all members: accuracy", "UAR", "95 % (Wilson, clips taken as independent)",
            "networks over images: accuracy",
            "single networks, least - greatest"],
            [Row("original", audio.Original), Row("over-train", audio.OverTrain)]);
        double original = AudioResults.Report(audio.Original).Accuracy, over = AudioResults.Report(audio.OverTrain).Accuracy;
        int clips = audio.Original[0].Rows.Count, apart = (int)Math.Round((over - original) * clips);
        string asGood = apart >= 0 ? "met"
            : string.Create(CultureInfo.InvariantCulture, $"missed by {-apart} of {clips} clips");
        page.Paragraph($"The paper has .51 on the same clips. The aim of {Share(Aim)} is {(original >= Aim ? "met" : "missed")}. "
            + $"That `over-train` be at least as good is {asGood}.");
        page.Paragraph("This split shares its voices with the training part, as the paper's does: the figure beats the paper's and says "
            + "little about new voices. [results.md](results.md) and [ablation.md](ablation.md) have scores with speakers held out.");
    }

    private string[] Row(string name, IReadOnlyList<CellOutcome> members)
    {
        ClassificationReport all = AudioResults.Report(members), images = AudioResults.Report(members.Take(audio.ImageMembers));
        double[] single = [.. members.Take(audio.ImageMembers).Select(member => member.ToPredictions().ToReport().Accuracy)];
        IReadOnlyList<double> ends = WilsonInterval.Of(all.Accuracy, all.Support);
        return [$"`{name}`", Share(all.Accuracy), Share(all.Uar), $"{Share(ends[0])} - {Share(ends[1])}", Share(images.Accuracy),
            $"{Share(single.Min())} - {Share(single.Max())}"];
    }
}
