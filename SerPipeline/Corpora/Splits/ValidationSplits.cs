namespace SerPipeline.Corpora.Splits;

/// <summary>Takes a validation part from a split's training part, under the same promise as the split itself; the test part is never touched.</summary>
public static class ValidationSplits
{
    /// <summary>Divides the training part.</summary>
    /// <param name="items">The items the split was made of.</param>
    /// <param name="split">The split; under a speaker protocol validation gets whole speakers, under the random one it is stratified by label.</param>
    /// <param name="fraction">Not used where the split names its validation speakers; else the part of the training speakers (speaker protocols) or of each label's training clips (random) to validate on.</param>
    /// <param name="seed">The same seed, items and split give the same parts.</param>
    /// <exception cref="CorpusException">Only one speaker, or too few clips, are left to divide.</exception>
    /// <exception cref="OptionsException">The fraction is not between 0 and 1.</exception>
    public static ValidationSplit Create(IReadOnlyList<SplitItem> items, Split split, double fraction = 0.15, long seed = 42)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(split);
        SplitItems.RequireFraction(fraction, nameof(ValidationSplits), nameof(fraction));
        if (split.ValidationSpeakers.Count > 0) return Named(items, split);
        SeededRandom random = new SeededRandom(seed).Fork("validation");
        return SplitProtocol.KeepsSpeakersApart(split.Protocol) ? BySpeaker(items, split, fraction, random) : ByLabel(items, split, fraction, random);
    }

    private static ValidationSplit BySpeaker(IReadOnlyList<SplitItem> items, Split split, double fraction, SeededRandom random)
    {
        string[] speakers = SplitItems.RequireSpeakers(items, split.Train, "A validation part under a speaker protocol");
        if (speakers.Length < 2)
            throw new CorpusException($"The training part has only one speaker ({string.Join(", ", speakers)}): a validation part would share that speaker with training. "
                + "Hold out fewer speakers, or train without a validation part.");
        string[] chosen = SpeakerSplit.Draw(items, split.Train, speakers, fraction, random);
        var apart = chosen.ToHashSet(StringComparer.Ordinal);
        ILookup<bool, int> parts = split.Train.ToLookup(i => apart.Contains(items[i].Speaker!));
        return new ValidationSplit { Train = [.. parts[false].Order()], Validation = [.. parts[true].Order()], ValidationSpeakers = chosen };
    }

    private static ValidationSplit Named(IReadOnlyList<SplitItem> items, Split split)
    {
        var apart = split.ValidationSpeakers.ToHashSet(StringComparer.Ordinal);
        ILookup<bool, int> parts = split.Train.ToLookup(i => items[i].Speaker is { } speaker && apart.Contains(speaker));
        if (!parts[false].Any() || !parts[true].Any())
            throw new CorpusException($"The validation speakers {string.Join(", ", split.ValidationSpeakers)} have {parts[true].Count()} of {split.Train.Count} training clips: both parts need some.");
        return new ValidationSplit { Train = [.. parts[false].Order()], Validation = [.. parts[true].Order()], ValidationSpeakers = split.ValidationSpeakers };
    }

    private static ValidationSplit ByLabel(IReadOnlyList<SplitItem> items, Split split, double fraction, SeededRandom random)
    {
        (int[] rest, int[] drawn) = RandomSplit.Draw(items, split.Train, fraction, random);
        if (drawn.Length == 0)
            throw new CorpusException($"{fraction} of {split.Train.Count} training clips leaves no clip to validate on. Use more clips or a larger validation fraction.");
        return new ValidationSplit { Train = rest, Validation = drawn };
    }
}
