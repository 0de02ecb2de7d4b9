namespace SerPipeline.Splits;

/// <summary>
/// The paper's split: the first <c>ceil(0.2 n)</c> entries of <c>numpy.random.RandomState(42).permutation(n)</c> are the test part, the rest is training, as
/// scikit-learn's <c>train_test_split(test_size=0.2, random_state=42)</c> draws it. Speakers, and copies made before the split, end up on both sides.
/// </summary>
public static class PaperSplit
{
    private const uint Seed = 42;
    private const int TestDivisor = 5;

    /// <summary>Draws the split.</summary>
    /// <param name="items">The clips, at least two. The whole of RAVDESS speech is put in the paper's own order first, and its copies behind; other clips stay in theirs.</param>
    /// <exception cref="CorpusException">Fewer than two clips.</exception>
    public static Split Create(IReadOnlyList<SplitItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.Count < 2) throw new CorpusException($"The paper's split needs at least two clips, but there are {items.Count}.");
        int[] rows = PaperOrder(items) ?? SplitItems.All(items);
        int[] permutation = new NumpyRandom(Seed).Permutation(items.Count);
        int test = (items.Count + TestDivisor - 1) / TestDivisor;
        return new Split
        {
            Test = [.. permutation[..test].Select(i => rows[i]).Order()],
            Train = [.. permutation[test..].Select(i => rows[i]).Order()],
            Protocol = SplitProtocol.Paper,
        };
    }

    /// <summary>Whether the items are the clips that the paper divided, so that the split is its very own.</summary>
    /// <param name="items">The clips.</param>
    internal static bool HasPaperOrder(IReadOnlyList<SplitItem> items) => PaperOrder(items) is not null;

    /// <summary>Positions of the items in the paper's order: the 1,440 clips, then the copies as they were drawn; null unless every one of the 1,440 is there once.</summary>
    private static int[]? PaperOrder(IReadOnlyList<SplitItem> items)
    {
        if (items.Count < PaperRows.Originals.Count || items.Any(item => RavdessTakes.Original(item.Key) is null)) return null;
        int[] copies = [.. SplitItems.All(items).Where(i => RavdessTakes.IsCopy(items[i].Key!)).OrderBy(i => RavdessTakes.CopyNumber(items[i].Key!))];
        if (items.Count - copies.Length != PaperRows.Originals.Count) return null;
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (int i in SplitItems.All(items).Except(copies))
            if (!positions.TryAdd(RavdessTakes.SoundOnly(RavdessTakes.Original(items[i].Key)!), i)) return null;
        return PaperRows.Originals.All(positions.ContainsKey) ? [.. PaperRows.Originals.Select(name => positions[name]), .. copies] : null;
    }
}
