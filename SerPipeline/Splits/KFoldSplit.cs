namespace SerPipeline.Splits;

/// <summary>Stratified cross-validation over clips: each label dealt to folds, whoever speaks. As <see cref="RandomSplit"/>, its scores are of voices the model has heard.</summary>
public static class KFoldSplit
{
    /// <summary>Deals the clips to folds; each clip is tested once, and the folds differ by at most one clip of each label and at most one clip in all.</summary>
    /// <param name="items">The clips.</param>
    /// <param name="folds">How many folds, from 2 to the number of clips.</param>
    /// <param name="seed">The same seed and items give the same folds.</param>
    /// <exception cref="CorpusException">Fewer clips than folds.</exception>
    /// <exception cref="OptionsException">Fewer than 2 folds.</exception>
    public static IReadOnlyList<Split> Create(IReadOnlyList<SplitItem> items, int folds = 5, long seed = 42)
    {
        ArgumentNullException.ThrowIfNull(items);
        new OptionsCheck(nameof(KFoldSplit)).Require(folds >= 2, folds, "be at least 2").ThrowIfAny();
        if (items.Count < folds) throw new CorpusException($"{folds} folds need at least {folds} clips, but there are {items.Count}. Use fewer folds.");
        SeededRandom random = new SeededRandom(seed).Fork("k-fold");
        var fold = new int[items.Count];
        int next = 0;
        foreach (IGrouping<string, int> label in SplitItems.InKeyOrder(items, SplitItems.All(items)).GroupBy(i => items[i].Label, StringComparer.Ordinal)
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
