using SerPipeline.Evaluation;

namespace SerPipeline.Tests.Evaluation;

public class SpeakerBootstrapTests
{
    [Fact]
    public void Speakers_of_equal_size_follow_the_closed_form()
    {
        // 24 speakers with 20 clips each: the accuracy of a draw is the mean of
        // 24 draws from the speakers' accuracies p, whose standard deviation is
        // sqrt(sum (p - mean)^2) / K exactly, and nearly normal for K = 24. 20,000 draws
        // know a 95 % end to some 0.02 deviations; 0.1 leaves room for the skew.
        var random = new SeededRandom(1);
        int[] right = [.. Enumerable.Range(0, 24).Select(_ => 5 + random.Next(14))];
        RunIntervals found = SpeakerBootstrap.Compute(Speakers(right, 20), new SpeakerBootstrapOptions { Draws = 20_000, Seed = 3 });
        double mean = right.Average() / 20, deviation = Math.Sqrt(right.Sum(r => Math.Pow((r / 20.0) - mean, 2))) / 24;
        Assert.Equal(mean - (1.959964 * deviation), found.Accuracy[0], 0.1 * deviation);
        Assert.Equal(mean + (1.959964 * deviation), found.Accuracy[1], 0.1 * deviation);
        Assert.Equal(("speaker", 24, 20_000, 3L, 0.95), (found.Unit, found.Units, found.Draws, found.Seed, found.Confidence));
        Assert.Null(found.Caution);
    }

    [Fact]
    public void Single_clips_follow_the_binomial()
    {
        // 400 clips, 240 right: each draw is Binomial(400, 0.6) / 400, whose 2.5 % and 97.5 %
        // quantiles are 0.5525 and 0.6475 within a clip (0.0025) and the draws' noise.
        PredictionSet set = Speakers([240], 400);
        RunIntervals found =
            SpeakerBootstrap.Compute(new PredictionSet(set.Labels, [.. set.Rows.Select(row => row with { Speaker = null })]),
                new SpeakerBootstrapOptions { Draws = 20_000 });
        double deviation = Math.Sqrt(0.6 * 0.4 / 400);
        Assert.Equal(0.6 - (1.959964 * deviation), found.Accuracy[0], 0.003);
        Assert.Equal(0.6 + (1.959964 * deviation), found.Accuracy[1], 0.003);
        Assert.Equal(("clip", 400), (found.Unit, found.Units));
        Assert.Contains("not independent", found.Caution, StringComparison.Ordinal);
    }

    [Fact]
    public void The_interval_covers_the_truth_nearly_as_often_as_it_says()
    {
        // Speakers' true accuracies are uniform on 0.4 to 0.8, 0.6 on average. Percentile
        // intervals of 30 clusters cover some 93 %; 400 samples know that to
        // sqrt(0.93 * 0.07 / 400) = 0.013, so 0.89 to 0.98 is three deviations.
        // Clips alone would cover far less, as the second assertion shows.
        int covered = 0, coveredByClips = 0;
        var random = new SeededRandom(5);
        for (int sample = 0; sample < 400; sample++)
        {
            int[] right = [.. Enumerable.Range(0, 30).Select(_ =>
            {
                double p = random.NextDouble(0.4, 0.8);
                return Enumerable.Range(0, 40).Count(_ => random.NextDouble() < p);
            })];
            PredictionSet set = Speakers(right, 40);
            IReadOnlyList<double> ends = SpeakerBootstrap.Compute(set, new SpeakerBootstrapOptions { Draws = 200, Seed = sample }).Accuracy;
            if (ends[0] <= 0.6 && 0.6 <= ends[1]) covered++;
            double clips = 1.96 * Math.Sqrt(0.24 / 1200);
            if (Math.Abs((right.Sum() / 1200.0) - 0.6) <= clips) coveredByClips++;
        }
        Assert.InRange(covered / 400.0, 0.89, 0.98);
        Assert.True(coveredByClips < covered - 40, $"{coveredByClips} of 400 by clips, {covered} by speakers");
    }

    [Theory]
    [InlineData(1, "1 speaker only", "clip")]
    [InlineData(4, "4 speakers only", "speaker")]
    [InlineData(9, "9 speakers only", "speaker")]
    [InlineData(10, null, "speaker")]
    public void Few_speakers_are_a_caution_with_their_count(int speakers, string? caution, string unit)
    {
        RunIntervals found = SpeakerBootstrap.Compute(Speakers([.. Enumerable.Repeat(3, speakers)], 5));
        Assert.Equal(unit, found.Unit);
        if (caution is null) Assert.Null(found.Caution);
        else Assert.Contains(caution, found.Caution, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_repeats_itself_and_rows_may_come_in_any_order()
    {
        PredictionSet set = Speakers([.. Enumerable.Range(0, 24).Select(speaker => 3 + (speaker * 7 % 13))], 17);
        RunIntervals once = SpeakerBootstrap.Compute(set),
            again = SpeakerBootstrap.Compute(new PredictionSet(set.Labels, [.. set.Rows.Reverse()]));
        Assert.Equal(once.Uar, again.Uar);
        Assert.Equal(once.MacroF1, again.MacroF1);
        Assert.NotEqual(once.Uar, SpeakerBootstrap.Compute(set, new SpeakerBootstrapOptions { Seed = 1 }).Uar);
    }

    [Fact]
    public void Bad_options_are_listed_together()
    {
        var error = Assert.Throws<OptionsException>(() =>
            SpeakerBootstrap.Compute(Speakers([1], 2), new SpeakerBootstrapOptions { Draws = 1, Confidence = 95 }));
        Assert.Equal(2, error.Problems.Count);
        Assert.Throws<EvaluationException>(() => SpeakerBootstrap.Compute(new PredictionSet(["a"], [])));
    }

    /// <summary>Speakers with as many clips each, of two labels in turn, the first ones recognised.</summary>
    internal static PredictionSet Speakers(int[] right, int clips) =>
        new(["a", "b"], [.. right.SelectMany((count, speaker) => Enumerable.Range(0, clips).Select(clip => new ClipPrediction
    {
        Path = $"{speaker}/{clip}.wav",
        Speaker = $"speaker {speaker:00}",
        Label = clip % 2 == 0 ? "a" : "b",
        Predicted = clip % 2 == 0 == clip < count ? "a" : "b",
    }))]);
}
