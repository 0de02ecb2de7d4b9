using System.Globalization;
using SerPipeline.Evaluation;
using SerPipeline.Reports;
using static SerPipeline.Reports.Markdown;

namespace SerPipeline.Experiments.Paper;

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
                $"The stage `PaperMfcc` computes the paper's features from the clips. Of {match.Rows} rows {match.Within:0.0 %} lie within 0.05 of the paper's matrix in all 40 numbers; the median of the rows' greatest differences is {match.Median:0.0e+0}, the greatest of all {match.Greatest:0.0e+0}."));
        page.Paragraph("The paper's models on these features, its split:");
        page.Table(["model", "accuracy, mean ± deviation", "seeds"], PaperCells.Models.Select(model =>
        {
            double[] values = [.. audio.Features.OfPaperSplit(model).Select(outcome => outcome.ToPredictions().ToReport().Accuracy)];
            return (string[])[model.ToUpperInvariant(), MeanOf(values), values.Length.ToString(CultureInfo.InvariantCulture)];
        }));
        WriteBeaten();
    }

    private void WriteBeaten()
    {
        page.Heading(2, "Beaten, under its own split");
        page.Paragraph(string.Create(CultureInfo.InvariantCulture,
            $"`SpectrogramRecipe`: {audio.ImageMembers} networks over log-mel images and {audio.Original.Count - audio.ImageMembers} perceptrons over utterance features, their probabilities averaged; seed {RecipeCells.Seed}, the last epoch kept. Its sizes were chosen on "
            + $"one fold of validation clips inside the training part, some of them by what two cores can train; the test clips were scored when they stood, and changed nothing. `over-train` draws clips of the rarest label again inside the training part alone."));
        page.Table(["data set", "all members: accuracy", "UAR", "95 % (Wilson)", "networks over images: accuracy", "single networks, least - greatest"],
            [Row("original", audio.Original), Row("over-train", audio.OverTrain)]);
        double original = AudioResults.Report(audio.Original).Accuracy, over = AudioResults.Report(audio.OverTrain).Accuracy;
        int clips = audio.Original[0].Rows.Count, apart = (int)Math.Round((over - original) * clips);
        page.Paragraph($"The paper has .51 on the same clips. The aim of {Share(Aim)} is {(original >= Aim ? "met" : "missed")}. That `over-train` be at least as good is {(apart >= 0 ? "met" : string.Create(CultureInfo.InvariantCulture, $"missed by {-apart} of {clips} clips, far within the interval"))}.");
        page.Paragraph("This split shares its voices with the training part, as the paper's does: the figure beats the paper's and says little about new voices. [results.md](results.md) and [ablation.md](ablation.md) have scores with speakers held out.");
    }

    private string[] Row(string name, IReadOnlyList<CellOutcome> members)
    {
        ClassificationReport all = AudioResults.Report(members), images = AudioResults.Report(members.Take(audio.ImageMembers));
        double[] single = [.. members.Take(audio.ImageMembers).Select(member => member.ToPredictions().ToReport().Accuracy)];
        IReadOnlyList<double> ends = WilsonInterval.Of(all.Accuracy, all.Support);
        return [$"`{name}`", Share(all.Accuracy), Share(all.Uar), $"{Share(ends[0])} - {Share(ends[1])}", Share(images.Accuracy), $"{Share(single.Min())} - {Share(single.Max())}"];
    }
}
