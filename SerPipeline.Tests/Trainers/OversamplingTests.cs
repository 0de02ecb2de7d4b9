using SerPipeline.Trainers;

namespace SerPipeline.Tests.Trainers;

/// <summary>Which examples are drawn again.</summary>
public sealed class OversamplingTests
{
    // RandomOverSampler on counts 6, 3, 1: 'minority' brings the last to 6, 'auto' the second as well.
    [Theory]
    [InlineData(Oversampling.None, 0, 0, 0)]
    [InlineData(Oversampling.Minority, 0, 0, 5)]
    [InlineData(Oversampling.All, 0, 3, 5)]
    public void Rare_classes_are_drawn_again_until_they_match_the_largest(Oversampling oversampling, params int[] expected)
    {
        int[] labels = [0, 0, 1, 0, 2, 1, 0, 0, 1, 0, 1, 2];
        int[] train = [.. Enumerable.Range(0, 10)];
        int[] added = RandomOversampler.Draw(train, labels, 3, oversampling, new SeededRandom(4));
        Assert.Equal(expected, Enumerable.Range(0, 3).Select(c => added.Count(p => labels[p] == c)));
        Assert.All(added, p => Assert.Contains(p, train));
    }

    [Fact]
    public void Whatever_the_counts_all_classes_present_get_equal()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new SeededRandom(seed);
            int[] labels = [.. Enumerable.Range(0, 2 + random.Next(40)).Select(_ => random.Next(5))];
            int[] train = [.. Enumerable.Range(0, labels.Length).Where(_ => random.NextDouble() < 0.8)];
            int[] added = RandomOversampler.Draw(train, labels, 5, Oversampling.All, random.Fork("x"));
            Assert.Subset(train.ToHashSet(), added.ToHashSet());
            Assert.True(train.Concat(added).GroupBy(p => labels[p]).Select(g => g.Count()).Distinct().Count() <= 1, $"seed {seed}");
            Assert.Equal(added, RandomOversampler.Draw(train, labels, 5, Oversampling.All, random.Fork("x")));
        }
    }

    [Fact]
    public void Repeated_examples_are_drawn_with_replacement()
    {
        // Twenty draws of ten: with replacement some repeat and, but for one chance in 10^8, not each twice.
        int[] labels = [.. Enumerable.Repeat(0, 30), .. Enumerable.Repeat(1, 10)], all = [.. Enumerable.Range(0, 40)];
        int[] added = RandomOversampler.Draw(all, labels, 2, Oversampling.All, new SeededRandom(1));
        Assert.Equal(20, added.Length);
        Assert.NotEqual(Enumerable.Repeat(2, 10), added.GroupBy(p => p).Select(g => g.Count()));
        Assert.NotEqual(added, RandomOversampler.Draw(all, labels, 2, Oversampling.All, new SeededRandom(2)));
    }
}
