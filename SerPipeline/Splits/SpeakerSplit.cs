namespace SerPipeline.Splits;

/// <summary>The speaker-independent protocol: no speaker is in training and test, so the score holds for new voices.</summary>
public static class SpeakerSplit
{
    /// <summary>
    /// Holds out a fraction of the speakers, drawn by seed and, where every speaker's sex is known, evenly from each sex.
    /// </summary>
    /// <param name="items">The clips; every one needs a speaker.</param>
    /// <param name="testFraction">The part of the speakers to test on; at least one and never all.</param>
    /// <param name="seed">The same seed and items give the same split.</param>
    /// <exception cref="CorpusException">A clip without speaker, or fewer than two speakers.</exception>
    /// <exception cref="OptionsException">The fraction is not between 0 and 1.</exception>
    public static Split Create(IReadOnlyList<SplitItem> items, double testFraction = 0.2, long seed = 42)
    {
        ArgumentNullException.ThrowIfNull(items);
        SplitItems.RequireFraction(testFraction, nameof(SpeakerSplit), nameof(testFraction));
        string[] speakers = SplitItems.RequireSpeakers(items, SplitItems.All(items), "A speaker-independent split");
        if (speakers.Length < 2)
            throw new CorpusException($"A speaker-independent split needs at least two speakers, but the clips have {speakers.Length}. Use "
                + "the random or kfold protocol, or add speakers.");
        string[] held = Draw(items, SplitItems.All(items), speakers, testFraction, new SeededRandom(seed).Fork("speaker-split"));
        return Divide(items, held, SplitProtocol.SpeakerIndependent);
    }

    /// <summary>Holds out the speakers named.</summary>
    /// <param name="items">The clips; every one needs a speaker.</param>
    /// <param name="heldOutSpeakers">The speakers to test on; numbers may leave out leading zeros (<c>2</c> for <c>02</c>).</param>
    /// <exception cref="CorpusException">A clip without speaker, a name that is no speaker, or no speaker left on one side.</exception>
    public static Split HoldOut(IReadOnlyList<SplitItem> items, IReadOnlyCollection<string> heldOutSpeakers)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(heldOutSpeakers);
        string[] speakers = SplitItems.RequireSpeakers(items, SplitItems.All(items), "A speaker-independent split");
        string[] unknown = [.. heldOutSpeakers.Where(name => Resolve(name.Trim(), speakers) is null)];
        if (unknown.Length > 0)
            throw new CorpusException($"Held-out speakers not found: {string.Join(", ", unknown)}. The speakers are "
                + $"{string.Join(", ", speakers)}.");
        string[] held = [.. heldOutSpeakers.Select(name => Resolve(name.Trim(), speakers)!).Distinct().Order(StringComparer.Ordinal)];
        if (held.Length == 0 || held.Length == speakers.Length)
            throw new CorpusException($"A speaker-independent split needs speakers on both sides, but {held.Length} of {speakers.Length} "
                + "would be held out.");
        return Divide(items, held, SplitProtocol.SpeakerIndependent);
    }

    /// <summary>One split a speaker: each is the test part once.</summary>
    /// <param name="items">The clips; every one needs a speaker.</param>
    /// <returns>The splits in ordinal order of the speakers.</returns>
    /// <exception cref="CorpusException">A clip without speaker, or fewer than two speakers.</exception>
    public static IReadOnlyList<Split> LeaveOneOut(IReadOnlyList<SplitItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        string[] speakers = SplitItems.RequireSpeakers(items, SplitItems.All(items), "Leaving one speaker out");
        if (speakers.Length < 2) throw new CorpusException($"Leaving one speaker out needs at least two speakers, but the clips have "
            + $"{speakers.Length}. Use the random or kfold protocol, or add speakers.");
        return [.. speakers.Select(speaker => Divide(items, [speaker], SplitProtocol.LeaveOneSpeakerOut))];
    }

    /// <summary>
    /// Speaker-independent cross-validation: the speakers assigned to folds so that each has about the same number of speakers, of clips of
    /// each label and, where it is known of everyone, of speakers of each sex. Each speaker is tested once.
    /// </summary>
    /// <param name="items">The clips; every one needs a speaker.</param>
    /// <param name="folds">How many folds, from 2 to the number of speakers.</param>
    /// <param name="seed">The same seed and items give the same folds.</param>
    /// <exception cref="CorpusException">A clip without speaker, or fewer speakers than folds.</exception>
    public static IReadOnlyList<Split> Folds(IReadOnlyList<SplitItem> items, int folds = 5, long seed = 42)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        int[] all = SplitItems.All(items);
        string[] speakers = SplitItems.RequireSpeakers(items, all, "Speaker-independent cross-validation");
        if (speakers.Length < folds)
            throw new CorpusException($"{folds} speaker-independent folds need at least {folds} speakers, but the clips have "
                + $"{speakers.Length} ({string.Join(", ", speakers)}). Leave one speaker out at a time (leave-one-speaker-out), hold out "
                + "named speakers (speaker-independent), or add speakers.");
        string[][] members = SpeakerFoldBalancer.Assign(items, speakers, folds, new SeededRandom(seed).Fork("speaker-folds"));
        return [.. members.Select(held => Divide(items, held, SplitProtocol.SpeakerFolds))];
    }

    /// <summary>The speakers to hold out, in ordinal order: at least one, never all.</summary>
    internal static string[] Draw(IReadOnlyList<SplitItem> items, IReadOnlyCollection<int> positions, string[] speakers, double fraction,
        SeededRandom random)
    {
        int wanted = Math.Clamp((int)Math.Round(speakers.Length * fraction, MidpointRounding.AwayFromZero), 1, speakers.Length - 1);
        string[][] groups = GroupsBySex(items, positions, speakers);
        double exact = (double)wanted / speakers.Length;
        int[] shares = ProportionalShares.Of([.. groups.Select(group => group.Length)], exact, wanted, random.Fork("shares"));
        // A group of one keeps its speaker; where that leaves fewer than wanted, sexes are ignored.
        if (shares.Sum() < wanted) (groups, shares) = ([speakers], [wanted]);
        var held = new List<string>();
        for (int g = 0; g < groups.Length; g++)
        {
            random.Fork("group", g).Shuffle<string>(groups[g]);
            held.AddRange(groups[g].Take(shares[g]));
        }
        return [.. held.Order(StringComparer.Ordinal)];
    }

    /// <summary>The items of the given speakers are the test part.</summary>
    internal static Split Divide(IReadOnlyList<SplitItem> items, string[] held, string protocol)
    {
        var outside = held.ToHashSet();
        ILookup<bool, int> parts = SplitItems.All(items).ToLookup(i => outside.Contains(items[i].Speaker!));
        return new Split { Train = [.. parts[false]], Test = [.. parts[true]], Protocol = protocol, HeldOutSpeakers = held };
    }

    private static string[][] GroupsBySex(IReadOnlyList<SplitItem> items, IReadOnlyCollection<int> positions, string[] speakers)
    {
        Dictionary<string, string> sexes = SexOfEach(items, positions);
        if (sexes.Count < speakers.Length) return [[.. speakers]];
        return [.. speakers.GroupBy(speaker => sexes[speaker]).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => group.ToArray())];
    }

    /// <summary>The sex of each speaker of whom it is known.</summary>
    internal static Dictionary<string, string> SexOfEach(IReadOnlyList<SplitItem> items, IReadOnlyCollection<int> positions)
    {
        var sexes = new Dictionary<string, string>();
        foreach (int i in positions)
            if (items[i].Sex is { Length: > 0 } sex) sexes.TryAdd(items[i].Speaker!, sex);
        return sexes;
    }

    /// <summary>The speaker of that name, which may leave out leading zeros; null when there is none.</summary>
    internal static string? Resolve(string name, string[] speakers)
    {
        if (speakers.Contains(name)) return name;
        if (name.Length == 0 || !name.All(char.IsAsciiDigit)) return null;
        string bare = name.TrimStart('0');
        string[] same = [.. speakers.Where(speaker => speaker.All(char.IsAsciiDigit) && speaker.TrimStart('0') == bare)];
        return same.Length == 1 ? same[0] : null;
    }
}
