namespace SerPipeline.Splits;

/// <summary>
/// The cross-corpus protocol: training and test are different corpora, so that recording room, language and speakers are new.
/// </summary>
internal static class CrossCorpusSplit
{
    /// <summary>The folds that a request asks for.</summary>
    /// <param name="items">The clips of all corpora.</param>
    /// <param name="corpora">The corpus of each clip, in the same order.</param>
    /// <param name="request">Which corpora train and test.</param>
    /// <exception cref="CorpusException">One corpus only, a name that is no corpus, nothing left on one side, or parts with different
    /// labels.</exception>
    public static IReadOnlyList<PlannedFold> Create(IReadOnlyList<SplitItem> items, IReadOnlyList<string> corpora, SplitRequest request)
    {
        string[] names = [.. corpora.Distinct()];
        if (names.Length < 2)
            throw new CorpusException($"The cross-corpus protocol needs at least two corpora, but all clips are of "
                + $"{names.FirstOrDefault() ?? "none"}. Combine corpora over their common labels, such as ravdess+tess.");
        string[] unknown = [.. request.TrainCorpora.Concat(request.TestCorpora).Except(names)];
        if (unknown.Length > 0) throw new CorpusException($"Corpora not found: {string.Join(", ", unknown)}. The corpora are "
            + $"{string.Join(", ", names)}.");
        if (request.TrainCorpora.Count == 0 && request.TestCorpora.Count == 0)
            return [.. names.Select((name, i) => Fold(items, corpora, i + 1, [name], [.. names.Where(other => other != name)]))];
        string[] train = Chosen(names, request.TrainCorpora, request.TestCorpora),
            test = Chosen(names, request.TestCorpora, request.TrainCorpora);
        if (train.Length == 0 || test.Length == 0)
            throw new CorpusException($"The cross-corpus protocol needs corpora on both sides, but "
                + $"{string.Join(", ", train.Length == 0 ? test : train)} leaves none of {string.Join(", ", names)} to "
                + $"{(train.Length == 0 ? "train" : "test")} on.");
        return [Fold(items, corpora, null, train, test)];
    }

    // In the corpora's own order; all others where none is named.
    private static string[] Chosen(string[] names, IReadOnlyList<string> wanted, IReadOnlyList<string> other) =>
        [.. names.Where(name => wanted.Count > 0 ? wanted.Contains(name)
            : !other.Contains(name))];

    private static PlannedFold Fold(IReadOnlyList<SplitItem> items, IReadOnlyList<string> corpora, int? number, string[] train,
        string[] test)
    {
        int[] trains = [.. SplitItems.All(items).Where(i => train.Contains(corpora[i]))];
        int[] tests = [.. SplitItems.All(items).Where(i => test.Contains(corpora[i]))];
        RequireSameLabels(items, trains, tests, string.Join('+', train), string.Join('+', test));
        return new PlannedFold(number, new Split
        {
            Train = trains,
            Test = tests,
            Protocol = SplitProtocol.CrossCorpus,
            HeldOutSpeakers = [.. tests.Select(i => items[i].Speaker).OfType<string>().Distinct().Order(StringComparer.Ordinal)],
        }, string.Join('+', train));
    }

    private static void RequireSameLabels(IReadOnlyList<SplitItem> items, int[] train, int[] test, string trainName, string testName)
    {
        string[] taught = Labels(items, train), asked = Labels(items, test);
        if (taught.SequenceEqual(asked)) return;
        throw new CorpusException($"Training ({trainName}) and test ({testName}) have different labels: only in training "
            + $"{List(taught.Except(asked))}, only in test {List(asked.Except(taught))}. Combine the corpora over their common labels.");
    }

    private static string[] Labels(IReadOnlyList<SplitItem> items, int[] positions) =>
        [.. positions.Select(i => items[i].Label).Distinct().Order(StringComparer.Ordinal)];

    private static string List(IEnumerable<string> labels) => string.Join(", ", labels) is { Length: > 0 } list ? list : "none";
}
