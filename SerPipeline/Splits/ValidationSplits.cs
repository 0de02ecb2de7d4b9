namespace SerPipeline.Splits;

/// <summary>
/// Takes a validation part from a split's training part, by the rule of the split's protocol; the test part is never touched.
/// </summary>
public static class ValidationSplits
{
    // Where a label has few speakers, a draw may take them all; most other draws do not.
    private const int Draws = 100;

    /// <summary>Divides the training part.</summary>
    /// <param name="items">The items the split was made of.</param>
    /// <param name="split">The split; under a speaker protocol validation gets whole speakers, under the random one it is stratified by
    /// label.</param>
    /// <param name="fraction">Not used where the split names its validation speakers; else the part of the training speakers (speaker
    /// protocols) or of each label's training clips (random) to validate on.</param>
    /// <param name="seed">The same seed, items and split give the same parts.</param>
    /// <exception cref="CorpusException">Only one speaker, or too few clips, are left to divide; or a label would have no training clip
    /// left.</exception>
    /// <exception cref="OptionsException">The fraction is not between 0 and 1.</exception>
    public static ValidationSplit Create(IReadOnlyList<SplitItem> items, Split split, double fraction = 0.15, long seed = 42)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(split);
        if (split.Validation.Count > 0)
            return new ValidationSplit { Train = [.. split.Train.Except(split.Validation).Order()], Validation = split.Validation };
        SplitItems.RequireFraction(fraction, nameof(ValidationSplits), nameof(fraction));
        if (split.ValidationSpeakers.Count > 0) return Named(items, split);
        SeededRandom random = new SeededRandom(seed).Fork("validation");
        return SplitProtocol.KeepsSpeakersApart(split.Protocol) ? BySpeaker(items, split, fraction, random)
            : ByLabel(items, split, fraction, random);
    }

    private static ValidationSplit BySpeaker(IReadOnlyList<SplitItem> items, Split split, double fraction, SeededRandom random)
    {
        string[] speakers = SplitItems.RequireSpeakers(items, split.Train, "A validation part under a speaker protocol");
        if (speakers.Length < 2)
            throw new CorpusException($"The training part has only one speaker ({string.Join(", ", speakers)}): a validation part would "
                + "share that speaker with training. Hold out fewer speakers, or train without a validation part.");
        for (int draw = 0; draw < Draws; draw++)
        {
            string[] chosen = SpeakerSplit.Draw(items, split.Train, speakers, fraction, draw == 0 ? random : random.Fork("again", draw));
            ValidationSplit parts = Divide(items, split, chosen);
            if (LabelsLost(items, parts).Length == 0) return parts;
        }
        throw new CorpusException($"None of {Draws} drawn validation parts leaves every label a training clip: some labels have too few "
            + "speakers. Name the validation speakers, or train without a validation part.");
    }

    private static ValidationSplit Divide(IReadOnlyList<SplitItem> items, Split split, IReadOnlyList<string> speakers)
    {
        var apart = speakers.ToHashSet();
        ILookup<bool, int> parts = split.Train.ToLookup(i => items[i].Speaker is { } speaker && apart.Contains(speaker));
        return new ValidationSplit
        { Train = [.. parts[false].Order()], Validation = [.. parts[true].Order()], ValidationSpeakers = speakers };
    }

    /// <summary>Labels that only the validation part has left: a network could not learn them.</summary>
    private static string[] LabelsLost(IReadOnlyList<SplitItem> items, ValidationSplit parts) =>
        [.. parts.Validation.Select(i => items[i].Label).Except(parts.Train.Select(i => items[i].Label))
            .Order(StringComparer.Ordinal)];

    // Speakers that a fold file names validate whatever the fraction.
    internal static ValidationSplit Named(IReadOnlyList<SplitItem> items, Split split)
    {
        ValidationSplit parts = Divide(items, split, split.ValidationSpeakers);
        if (parts.Train.Count == 0 || parts.Validation.Count == 0)
            throw new CorpusException($"The validation speakers {string.Join(", ", split.ValidationSpeakers)} have "
                + $"{parts.Validation.Count} of {split.Train.Count} training clips: both parts need some.");
        if (LabelsLost(items, parts) is { Length: > 0 } lost)
            throw new CorpusException($"The validation speakers {string.Join(", ", split.ValidationSpeakers)} take every training clip of "
                + $"these labels, so that they could not be learned: {string.Join(", ", lost)}.");
        return parts;
    }

    private static ValidationSplit ByLabel(IReadOnlyList<SplitItem> items, Split split, double fraction, SeededRandom random)
    {
        (int[] rest, int[] drawn) = RandomSplit.Draw(items, split.Train, fraction, random);
        if (drawn.Length == 0)
            throw new CorpusException($"{fraction} of {split.Train.Count} training clips leaves no clip to validate on. Use more clips or "
                + "a larger validation fraction.");
        return new ValidationSplit { Train = rest, Validation = drawn };
    }
}
