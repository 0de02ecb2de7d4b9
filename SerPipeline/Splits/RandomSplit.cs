namespace SerPipeline.Splits;

/// <summary>
/// The random protocol: clips drawn within each label, whoever speaks. Scores under it are higher than on new speakers, because the model
/// has heard the test voices.
/// </summary>
public static class RandomSplit
{
    /// <summary>Draws a stratified test part.</summary>
    /// <param name="items">The clips.</param>
    /// <param name="testFraction">The part of each label to test on; each label's share is exact to within one clip, and every label keeps
    /// a training clip.</param>
    /// <param name="seed">The same seed and items give the same split.</param>
    /// <exception cref="CorpusException">Too few clips for a test part.</exception>
    /// <exception cref="OptionsException">The fraction is not between 0 and 1.</exception>
    public static Split Create(IReadOnlyList<SplitItem> items, double testFraction = 0.2, long seed = 42)
    {
        ArgumentNullException.ThrowIfNull(items);
        SplitItems.RequireFraction(testFraction, nameof(RandomSplit), nameof(testFraction));
        (int[] rest, int[] drawn) = Draw(items, SplitItems.All(items), testFraction, new SeededRandom(seed).Fork("random-split"));
        if (drawn.Length == 0)
            throw new CorpusException($"A random split needs at least one test clip, but {testFraction} of {items.Count} clips leaves "
                + "none. Use more clips or a larger test fraction.");
        return new Split { Train = rest, Test = drawn, Protocol = SplitProtocol.Random };
    }

    /// <summary>Draws the fraction of each label; both parts ascending.</summary>
    internal static (int[] Remaining, int[] Drawn) Draw(IReadOnlyList<SplitItem> items, IEnumerable<int> positions, double fraction,
        SeededRandom random)
    {
        // 1. Groups by label, in an order that depends on the labels alone.
        int[][] groups = [.. SplitItems.InKeyOrder(items, positions).GroupBy(i => items[i].Label)
            .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => group.ToArray())];
        // 2. How many of each.
        int[] shares = ProportionalShares.Of([.. groups.Select(group => group.Length)], fraction, random.Fork("shares"));
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

/// <summary>
/// Stratified cross-validation over clips: the clips of each label spread over the folds, whoever speaks. As <see cref="RandomSplit"/>, its
/// scores are of voices the model has heard.
/// </summary>
public static class KFoldSplit
{
    /// <summary>
    /// Assigns the clips to folds; each clip is tested once, and the folds differ by at most one clip of each label and at most one clip in
    /// all.
    /// </summary>
    /// <param name="items">The clips.</param>
    /// <param name="folds">How many folds, from 2 to the number of clips.</param>
    /// <param name="seed">The same seed and items give the same folds.</param>
    /// <exception cref="CorpusException">Fewer clips than folds.</exception>
    /// <exception cref="OptionsException">Fewer than 2 folds.</exception>
    public static IReadOnlyList<Split> Create(IReadOnlyList<SplitItem> items, int folds = 5, long seed = 42)
    {
        ArgumentNullException.ThrowIfNull(items);
        new OptionsCheck(nameof(KFoldSplit)).Require(folds >= 2, folds, "be at least 2").ThrowIfAny();
        if (items.Count < folds) throw new CorpusException($"{folds} folds need at least {folds} clips, but there are {items.Count}. Use "
            + "fewer folds.");
        SeededRandom random = new SeededRandom(seed).Fork("k-fold");
        var fold = new int[items.Count];
        int next = 0;
        foreach (IGrouping<string, int> label in SplitItems.InKeyOrder(items, SplitItems.All(items)).GroupBy(i => items[i].Label)
            .OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            int[] clips = [.. label];
            random.Fork(label.Key).Shuffle<int>(clips);
            // A label begins at the fold where the last one ended, so that the folds' sizes stay even too.
            foreach (int i in clips) fold[i] = next++ % folds;
        }
        return [.. Enumerable.Range(0, folds).Select(f => new Split
        {
            Test = [.. SplitItems.All(items).Where(i => fold[i] == f)],
            Train = [.. SplitItems.All(items).Where(i => fold[i] != f)],
            Protocol = SplitProtocol.KFold,
        })];
    }
}

/// <summary>Shares of groups in proportion to their sizes, by largest remainders (Hamilton's method).</summary>
internal static class ProportionalShares
{
    /// <summary>Shares that differ from <c>sizes * fraction</c> by less than one, and leave at least one of each group behind.</summary>
    /// <param name="sizes">The groups' sizes, each at least 1.</param>
    /// <param name="fraction">The fraction wanted, between 0 and 1.</param>
    /// <param name="random">Decides between equal remainders.</param>
    public static int[] Of(IReadOnlyList<int> sizes, double fraction, SeededRandom random) =>
        Of(sizes, fraction, (int)Math.Round(sizes.Sum() * fraction, MidpointRounding.AwayFromZero), random);

    /// <inheritdoc cref="Of(IReadOnlyList{int}, double, SeededRandom)"/>
    /// <param name="sizes">The groups' sizes.</param>
    /// <param name="fraction">The part wanted.</param>
    /// <param name="total">The sum wanted; reached unless a group would have nothing left.</param>
    /// <param name="random">Decides between equal remainders.</param>
    public static int[] Of(IReadOnlyList<int> sizes, double fraction, int total, SeededRandom random)
    {
        var shares = new int[sizes.Count];
        var remainders = new double[sizes.Count];
        for (int g = 0; g < shares.Length; g++)
        {
            double exact = sizes[g] * fraction;
            shares[g] = Math.Min((int)Math.Floor(exact), sizes[g] - 1);
            remainders[g] = exact - shares[g];
        }
        int[] order = [.. Enumerable.Range(0, shares.Length)];
        random.Shuffle<int>(order);
        // A stable sort keeps the shuffled order among equal remainders; rounding hides the last bits of 0.2 * 5 and the like.
        foreach (int g in order.OrderByDescending(g => Math.Round(remainders[g], 9)))
        {
            if (shares.Sum() >= total) break;
            if (remainders[g] > 1e-9 && shares[g] + 1 < sizes[g]) shares[g]++;
        }
        return shares;
    }
}
