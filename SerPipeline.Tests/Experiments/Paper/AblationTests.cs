using SerPipeline.Evaluation;
using SerPipeline.Experiments.Paper;
using SerPipeline.Tests.Reports;

namespace SerPipeline.Tests.Experiments.Paper;

public sealed class AblationTests
{
    private const int Folds = 5;

    [Fact]
    public void Each_row_switches_on_what_its_option_says_over_the_plain_recipe()
    {
        IReadOnlyList<Ablation> rows = Ablation.All(3);
        Assert.Equal("plain CNN", rows[0].Title);
        Assert.All(rows, row => Assert.Equal((3, 3), (row.Options.Epoch, row.Options.ImageMembers)));
        Assert.Equal(rows.Count, rows.Select(row => row.Switch).Distinct().Count());
        // Rows of the same trainings share their options: what is trained once is one thing.
        Assert.All(rows.GroupBy(row => row.Trainings), same => Assert.Single(same.Select(row => row.Options).Distinct()));
        Assert.Equal(rows.Count - 1, rows.Select(row => row.Options).Distinct().Count());
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 3, 3], rows.Select(row => row.Members));
    }

    [Fact]
    public void The_page_compares_every_row_with_the_plain_one_over_all_clips()
    {
        IReadOnlyList<Ablation> all = Ablation.All(10);
        PredictionSet predictions = ReportSamples.Predictions(24, 960);
        // Every third clip of each speaker that was missed is right now.
        PredictionSet better = new(predictions.Labels, [.. predictions.Rows.Select((row, i) => i / 24 % 3 == 0 ? Right(row) : row)]);
        AblationRow[] rows = [new(all[0], Parts(predictions)), new(all[1], Parts(predictions)), new(all[2], Parts(better))];
        string[][] table = [.. new AblationPage(rows, 10, 7200).Write().Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split(" | "))];
        string[] Of(string title) => table.First(cells => cells[0].Trim() == title);

        Assert.DoesNotContain("+0.", string.Join(' ', Of(all[0].Title)), StringComparison.Ordinal);
        Assert.Equal(["+0.000", "+0.000 to +0.000", "1.000"], Of(all[1].Title)[^3..]);
        double gain = better.ToReport().Uar - predictions.ToReport().Uar;
        string[] gained = Of(all[2].Title);
        Assert.Equal(FormattableString.Invariant($"+{gain:0.000}"), gained[^3]);
        // Drawn swaps of 24 speakers who all gain never reach as much, and never give 0.
        Assert.Equal("< 0.001", gained[^1]);
        // The second table has the five folds.
        string[] folds = table.Last(cells => cells[0].Trim() == all[2].Title);
        Assert.Equal(Folds + 1, folds.Length);
        Assert.Equal(Parts(better).Select(part => part.ToReport().Uar.ToString("0.000")[1..]), folds[1..].Select(cell => cell.Trim()));

        static ClipPrediction Right(ClipPrediction row)
        {
            string[] labels = ReportSamples.Emotions;
            return row with { Predicted = row.Label, Probabilities = [.. labels.Select(label => label == row.Label ? 0.93f : 0.01f)] };
        }
    }

    // By speaker, as the folds are.
    private static PredictionSet[] Parts(PredictionSet whole) => [.. whole.Rows.GroupBy(row => int.Parse(row.Speaker!) % Folds)
        .Select(part => new PredictionSet(whole.Labels, [.. part]))];
}
