namespace SerPipeline.Splits;

/// <summary>What a split's two parts have in common, as far as its protocol allows.</summary>
/// <param name="TestClipsOfTrainingSpeakers">Test clips whose speaker is also in training: always 0 under a speaker protocol.</param>
/// <param name="SharedSpeakers">Speakers in both parts, in ordinal order.</param>
/// <param name="TestClipsOfUnknownSpeaker">Test clips whose speaker is unknown: they may or may not be in training.</param>
/// <param name="TestClipsWithTrainingContent">Test clips whose decoded audio is also a training clip's, as far as content hashes are known:
/// always 0 under a speaker protocol.</param>
/// <param name="LabelsOnlyInTest">Labels without a single training clip: they cannot be predicted.</param>
/// <param name="LabelsOnlyInTraining">Labels without a single test clip: the score says nothing about them.</param>
public sealed record SplitReport(
    int TestClipsOfTrainingSpeakers, IReadOnlyList<string> SharedSpeakers, int TestClipsOfUnknownSpeaker, int TestClipsWithTrainingContent,
    IReadOnlyList<string> LabelsOnlyInTest, IReadOnlyList<string> LabelsOnlyInTraining);

/// <summary>Checks that training and test do not share what the protocol forbids. Call it before training.</summary>
public static class SplitCheck
{
    private const int Shown = 5;

    /// <summary>Checks a split.</summary>
    /// <param name="items">The items the split was made of; with content hashes, copies under another name are found too.</param>
    /// <param name="split">The split.</param>
    /// <returns>What the parts share within the protocol's rules.</returns>
    /// <exception cref="CorpusException">An item or a key in both parts, or, under a speaker protocol, one speaker or one content on both
    /// sides. All are listed.</exception>
    public static SplitReport Verify(IReadOnlyList<SplitItem> items, Split split) => Verify(items, split, (_, _) => []);

    /// <inheritdoc cref="Verify(IReadOnlyList{SplitItem}, Split)"/>
    /// <param name="items">The items.</param>
    /// <param name="split">The split.</param>
    /// <param name="alike">Test clips, each with a training clip that sounds like it, which speaker protocols forbid as they do
    /// copies.</param>
    internal static SplitReport Verify(IReadOnlyList<SplitItem> items, Split split,
        Func<IReadOnlyList<SplitItem>, Split, IEnumerable<string>> alike)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(split);
        var problems = new List<string>();
        AddPositions(items, split, problems);
        if (problems.Count == 0)
        {
            AddShared(items, split, item => item.Key, "file", problems);
            if (SplitProtocol.KeepsSpeakersApart(split.Protocol))
            {
                // Under the random protocols duplicates are only counted: the test voices are known there anyway.
                AddShared(items, split, item => item.ContentHash, "audio content", problems);
                AddPairs([.. alike(items, split)], "close in sound to", problems);
                AddSpeakers(items, split, problems);
            }
        }
        if (problems.Count > 0)
            throw new CorpusException($"The {split.Protocol} split leaks or is "
                + $"malformed:{Environment.NewLine}{string.Join(Environment.NewLine, problems)}");
        return Describe(items, split);
    }

    private static void AddPositions(IReadOnlyList<SplitItem> items, Split split, List<string> problems)
    {
        if (split.Train.Count == 0) problems.Add("the training part is empty");
        if (split.Test.Count == 0) problems.Add("the test part is empty");
        int[] all = [.. split.Train, .. split.Test];
        int outside = all.Count(i => i < 0 || i >= items.Count);
        if (outside > 0) problems.Add($"{outside} positions lie outside the {items.Count} items");
        int repeated = all.Length - all.Distinct().Count();
        if (repeated > 0) problems.Add($"{repeated} positions appear more than once in training and test together");
    }

    private static void AddShared(IReadOnlyList<SplitItem> items, Split split, Func<SplitItem, string?> identity, string what,
        List<string> problems)
    {
        var train = new Dictionary<string, int>();
        foreach (int i in split.Train)
            if (identity(items[i]) is { } value) train.TryAdd(value, i);
        List<string> pairs = [];
        foreach (int i in split.Test)
            if (identity(items[i]) is { } value && train.TryGetValue(value, out int same))
                pairs.Add($"{Name(items, i)} = {Name(items, same)}");
        AddPairs(pairs, $"with the same {what} as", problems);
    }

    private static void AddPairs(List<string> pairs, string relation, List<string> problems)
    {
        if (pairs.Count == 0) return;
        string more = pairs.Count > Shown ? $" and {pairs.Count - Shown} more" : "";
        problems.Add($"{Format.Count(pairs.Count, "test clip")} {relation} a training clip: {string.Join("; ", pairs.Take(Shown))}{more}. "
            + "Remove the duplicates before splitting.");
    }

    private static void AddSpeakers(IReadOnlyList<SplitItem> items, Split split, List<string> problems)
    {
        int unknown = split.Train.Concat(split.Test).Count(i => string.IsNullOrEmpty(items[i].Speaker));
        if (unknown > 0) problems.Add($"the speaker of {Format.Count(unknown, "clip")} is not known, so that the protocol's promise cannot "
            + "be checked");
        string[] shared = Shared(items, split);
        if (shared.Length > 0) problems.Add($"{Format.Count(shared.Length, "speaker")} in training and test: {string.Join(", ", shared)}");
    }

    private static SplitReport Describe(IReadOnlyList<SplitItem> items, Split split)
    {
        string[] shared = Shared(items, split);
        var known = shared.ToHashSet();
        HashSet<string> heard = split.Train.Select(i => items[i].ContentHash).OfType<string>().ToHashSet();
        HashSet<string> trainLabels = Labels(items, split.Train), testLabels = Labels(items, split.Test);
        return new SplitReport(split.Test.Count(i => items[i].Speaker is { } speaker && known.Contains(speaker)), shared,
            split.Test.Count(i => string.IsNullOrEmpty(items[i].Speaker)),
            split.Test.Count(i => items[i].ContentHash is { } hash && heard.Contains(hash)),
            [.. testLabels.Except(trainLabels).Order(StringComparer.Ordinal)],
            [.. trainLabels.Except(testLabels).Order(StringComparer.Ordinal)]);
    }

    private static string[] Shared(IReadOnlyList<SplitItem> items, Split split) =>
        [.. split.Train.Select(i => items[i].Speaker).Intersect(split.Test.Select(i => items[i].Speaker))
            .Where(speaker => !string.IsNullOrEmpty(speaker)).Select(speaker => speaker!).Order(StringComparer.Ordinal)];

    private static HashSet<string> Labels(IReadOnlyList<SplitItem> items, IReadOnlyList<int> positions) =>
        positions.Select(i => items[i].Label).ToHashSet();

    /// <summary>An item's key, or its position.</summary>
    internal static string Name(IReadOnlyList<SplitItem> items, int i) =>
        items[i].Key ?? $"clip {i.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}
