using SerPipeline.Evaluation;

namespace SerPipeline.Tests.Evaluation;

public class RunComparisonTests
{
    [Fact]
    public void Three_speakers_are_enumerated_as_by_hand()
    {
        // Parts +3, +1, -1 of 12 clips: sums over the 8 signs are 3, 5, 1, 3 and their negatives. Found 3; 6 of 8 reach it.
        PermutationTest test = PermutationTest.Run("speaker", [0.25, 1.0 / 12, -1.0 / 12], 100, new SeededRandom(0));
        Assert.True(test.Exact);
        Assert.Equal((8, 6.0 / 8, 0.25), (test.Permutations, test.PValue, test.SmallestPValue));
    }

    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(2, 0.5)]
    [InlineData(5, 0.0625)]
    [InlineData(6, 0.03125)]
    public void The_smallest_p_value_is_reached_where_b_always_wins(int speakers, double smallest)
    {
        PredictionSet a = SpeakerBootstrapTests.Speakers([.. Enumerable.Repeat(2, speakers)], 10),
            b = SpeakerBootstrapTests.Speakers([.. Enumerable.Repeat(8, speakers)], 10);
        PermutationTest test = RunComparison.Compare(a, b).Permutation;
        Assert.Equal((smallest, smallest), (test.PValue, test.SmallestPValue));
    }

    [Fact]
    public void Speakers_without_a_difference_do_not_lower_the_smallest_p_value()
    {
        // 3 of 40 speakers differ: 8 swaps are all there are, and 2 of them are as extreme.
        PermutationTest test = PermutationTest.Run("speaker", [0.1, 0.1, 0.1, .. new double[37]], 10_000, new SeededRandom(0));
        Assert.True(test.Exact);
        Assert.Equal((40, 3, 8, 0.25, 0.25), (test.Units, test.Differing, test.Permutations, test.PValue, test.SmallestPValue));
    }

    [Fact]
    public void Other_labels_to_choose_from_are_refused_unless_allowed()
    {
        PredictionSet set = SpeakerBootstrapTests.Speakers([2, 6], 8);
        var two = new PredictionSet(["a", "b"],
            [.. set.Rows.Select(row => row with { Probabilities = row.Predicted == "a" ? [0.6f, 0.4f] : [0.4f, 0.6f] })]);
        var three = new PredictionSet(["a", "b", "c"],
            [.. set.Rows.Select(row => row with { Probabilities = row.Predicted == "a" ? [0.6f, 0.2f, 0.2f] : [0.2f, 0.6f, 0.2f] })]);
        Assert.Contains("A has a, b, B has a, b, c", Assert.Throws<EvaluationException>(() => RunComparison.Compare(two, three)).Message,
            StringComparison.Ordinal);
        Assert.Equal(16, RunComparison.Compare(two, three, new ComparisonOptions { AllowPartial = true }).Clips);
        // Their order does not matter.
        var turned = new PredictionSet(["b", "a"],
            [.. set.Rows.Select(row => row with { Probabilities = row.Predicted == "b" ? [0.6f, 0.4f] : [0.4f, 0.6f] })]);
        Assert.Equal(16, RunComparison.Compare(two, turned).Clips);
    }

    [Fact]
    public void Drawn_swaps_agree_with_all_swaps()
    {
        var random = new SeededRandom(2);
        double[] parts = [.. Enumerable.Range(0, 12).Select(_ => random.NextNormal() + 0.3)];
        double all = PermutationTest.Run("speaker", parts, 4096, random).PValue;
        PermutationTest drawn = PermutationTest.Run("speaker", parts, 4095, random.Fork("drawn"));
        Assert.False(drawn.Exact);
        // 4,095 draws know a share p to sqrt(p (1 - p) / 4095); four deviations.
        Assert.Equal(all, drawn.PValue, 4 * Math.Sqrt(all * (1 - all) / 4095));
    }

    [Fact]
    public void Alike_systems_are_told_apart_no_more_often_than_the_level()
    {
        // Per data set, two systems that draw right or wrong from the same speaker-dependent
        // chance. 1,000 sets at level 0.05: 50 expected, deviation 6.9; at most 50 + 3 * 6.9.
        int rejected = Enumerable.Range(0, 1000).Count(sample => Test(sample, gain: 0) <= 0.05);
        Assert.InRange(rejected, 15, 71);
    }

    [Fact]
    public void A_clear_difference_is_found()
    {
        // 20 points on 16 speakers with 24 clips: the difference is some 5 of its deviations.
        Assert.True(Enumerable.Range(0, 100).Count(sample => Test(sample, gain: 0.2) <= 0.05) >= 90);
    }

    [Fact]
    public void Scores_differences_and_changes_follow_the_rows()
    {
        PredictionSet a = SpeakerBootstrapTests.Speakers([2, 6, 4], 8), b = SpeakerBootstrapTests.Speakers([5, 6, 3], 8);
        RunComparison found = RunComparison.Compare(a, b);
        Assert.Equal(b.ToReport().Uar - a.ToReport().Uar, found.UarDifference, 1e-14);
        Assert.Equal(2.0 / 24, found.AccuracyDifference, 1e-14);
        Assert.Equal((1L, 3L), (found.McNemar.OnlyA, found.McNemar.OnlyB));
        Assert.Equal(["0/2.wav", "0/3.wav", "0/4.wav", "2/3.wav"], found.Changed.Select(clip => clip.Path));
        Assert.Equal([ClipChange.Fixed, ClipChange.Fixed, ClipChange.Fixed, ClipChange.Broken], found.Changed.Select(clip => clip.Change));
        Assert.InRange(found.UarDifference, found.Intervals.Uar[0], found.Intervals.Uar[1]);
        RunComparison back = RunComparison.Compare(b, a);
        Assert.Equal(-found.UarDifference, back.UarDifference, 1e-14);
        Assert.Equal(found.Permutation.PValue, back.Permutation.PValue);
    }

    [Fact]
    public void Clips_that_do_not_pair_are_refused()
    {
        PredictionSet a = SpeakerBootstrapTests.Speakers([2, 6], 8), more = SpeakerBootstrapTests.Speakers([2, 6, 3], 8);
        Assert.Contains("8 only in B", Assert.Throws<EvaluationException>(() => RunComparison.Compare(a, more)).Message,
            StringComparison.Ordinal);
        RunComparison part = RunComparison.Compare(a, more, new ComparisonOptions { AllowPartial = true });
        Assert.Equal((16, 0, 8), (part.Clips, part.OnlyInA, part.OnlyInB));
        Refused("true label", row => row with { Label = row.Label == "a" ? "b" : "a" });
        Refused("one speaker", row => row with { Speaker = "another" });
        Refused("no path in common", row => row with { Path = "x/" + row.Path });
        Refused("there twice", row => row with { Path = "0/0.wav" });

        void Refused(string message, Func<ClipPrediction, ClipPrediction> change)
        {
            var other = new PredictionSet(a.Labels, [.. a.Rows.Select(change)]);
            Assert.Contains(message, Assert.Throws<EvaluationException>(() => RunComparison.Compare(a, other)).Message,
                StringComparison.Ordinal);
        }
    }

    private static double Test(int sample, double gain)
    {
        var random = new SeededRandom(sample).Fork("systems");
        var rowsA = new List<ClipPrediction>();
        var rowsB = new List<ClipPrediction>();
        for (int speaker = 0; speaker < 16; speaker++)
        {
            double p = random.NextDouble(0.3, 0.7);
            for (int clip = 0; clip < 24; clip++)
            {
                string label = clip % 3 == 0 ? "a" : "b", wrong = clip % 3 == 0 ? "b" : "a";
                var row = new ClipPrediction { Path = $"{speaker}/{clip}", Speaker = $"{speaker}", Label = label, Predicted = wrong };
                rowsA.Add(row with { Predicted = random.NextDouble() < p ? label : wrong });
                rowsB.Add(row with { Predicted = random.NextDouble() < p + gain ? label : wrong });
            }
        }
        return RunComparison.Compare(new PredictionSet(["a", "b"], rowsA), new PredictionSet(["a", "b"], rowsB),
            new ComparisonOptions { Permutations = 400, Draws = 100, Seed = sample }).Permutation.PValue;
    }
}
