namespace SerPipeline.Splits;

/// <summary>
/// The random protocol: clips drawn within each label, whoever speaks. Scores under it are higher than on new speakers, because the model has heard the test voices.
/// </summary>
public static class RandomSplit
{
    /// <summary>Draws a stratified test part.</summary>
    /// <param name="items">The clips.</param>
    /// <param name="testFraction">The part of each label to test on; each label's share is exact to within one clip, and every label keeps a training clip.</param>
    /// <param name="seed">The same seed and items give the same split.</param>
    /// <exception cref="CorpusException">Too few clips for a test part.</exception>
    /// <exception cref="OptionsException">The fraction is not between 0 and 1.</exception>
    public static Split Create(IReadOnlyList<SplitItem> items, double testFraction = 0.2, long seed = 42)
    {
        ArgumentNullException.ThrowIfNull(items);
        SplitItems.RequireFraction(testFraction, nameof(RandomSplit), nameof(testFraction));
        (int[] rest, int[] drawn) = Draw(items, SplitItems.All(items), testFraction, new SeededRandom(seed).Fork("random-split"));
        if (drawn.Length == 0)
            throw new CorpusException($"A random split needs at least one test clip, but {testFraction} of {items.Count} clips leaves none. Use more clips or a larger test fraction.");
        return new Split { Train = rest, Test = drawn, Protocol = SplitProtocol.Random };
    }

    /// <summary>Draws the fraction of each label; both parts ascending.</summary>
    internal static (int[] Remaining, int[] Drawn) Draw(IReadOnlyList<SplitItem> items, IEnumerable<int> positions, double fraction, SeededRandom random)
    {
        // 1. Groups by label, in an order that depends on the labels alone.
        int[][] groups = [.. SplitItems.InKeyOrder(items, positions).GroupBy(i => items[i].Label, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => group.ToArray())];
        // 2. How many of each.
        int[] shares = Allotment.Deal([.. groups.Select(group => group.Length)], fraction, random.Fork("shares"));
        // 3. Which ones.
        var rest = new List<int>();
        var drawn = new List<int>();
        for (int g = 0; g < groups.Length; g++)
        {
            random.Fork("label", g).Shuffle<int>(groups[g]);
            drawn.AddRange(groups[g].Take(shares[g]));
            rest.AddRange(groups[g].Skip(shares[g]));
        }
        return ([.. rest.Order()], [.. drawn.Order()]);
    }
}
