using FsCheck;
using FsCheck.Fluent;
using SerPipeline.Splits;

namespace SerPipeline.Tests.Splits;

/// <summary>What every split must hold for whatever clips, drawn by FsCheck with a fixed seed.</summary>
public class SplitPropertyTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(20261122UL, 7UL);

    /// <summary>A corpus of 2 to 120 clips with up to 6 labels and 2 to 9 speakers, a fraction and a seed.</summary>
    private static readonly Arbitrary<(SplitItem[] Items, double Fraction, int Seed)> Cases =
        (from count in Gen.Choose(2, 120)
         from labels in Gen.Choose(1, 6)
         from speakers in Gen.Choose(2, 9)
         from sexKnown in Gen.Elements(true, false)
         from pairs in Gen.ArrayOf(from label in Gen.Choose(1, labels)
                                   from speaker in Gen.Choose(1, speakers)
                                   select (label, speaker), count)
         from percent in Gen.Choose(5, 95)
         from seed in Gen.Choose(0, int.MaxValue)
         select (Items(pairs, sexKnown), percent / 100.0, seed)).ToArbitrary();

    private static SplitItem[] Items((int Label, int Speaker)[] pairs, bool sexKnown)
    {
        // The first two clips make sure that there are two speakers to part.
        if (pairs.All(pair => pair.Speaker == pairs[0].Speaker)) pairs[1] = (pairs[1].Label, pairs[0].Speaker + 1);
        return [.. pairs.Select((pair, i) => new SplitItem(
            $"label{pair.Label}", $"{pair.Speaker:00}", sexKnown ? (pair.Speaker % 2 == 0 ? "female" : "male") : null, $"clip{i:000}"))];
    }

    private static void ForEvery(Action<SplitItem[], double, int> check) =>
        Check.One(Runs, Prop.ForAll(Cases, c => check(c.Items, c.Fraction, c.Seed)));

    /// <summary>Null where the fraction leaves no test clip, which is an error of its own.</summary>
    private static Split? Random(SplitItem[] items, double fraction, int seed)
    {
        try
        {
            return RandomSplit.Create(items, fraction, seed);
        }
        catch (CorpusException)
        {
            return null;
        }
    }

    private static void AssertPartition(int count, IReadOnlyList<int> a, IReadOnlyList<int> b)
    {
        Assert.Equal(Enumerable.Range(0, count), a.Concat(b).Order());
        Assert.NotEmpty(a);
        Assert.NotEmpty(b);
        Assert.Equal(a.Order(), a);
        Assert.Equal(b.Order(), b);
    }

    [Fact]
    public void Random_splits_are_partitions_stratified_to_within_one_clip_a_label()
    {
        int refused = 0;
        ForEvery((items, fraction, seed) =>
        {
            if (Random(items, fraction, seed) is not { } split)
            {
                refused++;
                // Refused only where rounding leaves nothing, or where every label has a single clip, which training keeps.
                Assert.True(items.Length * fraction < 0.5 + 1e-9 || items.GroupBy(item => item.Label).All(group => group.Count() == 1));
                return;
            }
            AssertPartition(items.Length, split.Train, split.Test);
            foreach (IGrouping<string, int> label in Enumerable.Range(0, items.Length).GroupBy(i => items[i].Label))
            {
                int tested = label.Count(split.Test.Contains);
                Assert.True(Math.Abs(tested - (label.Count() * fraction)) < 1 + 1e-9,
                    $"{label.Key}: {tested} of {label.Count()} at {fraction}");
                Assert.True(tested < label.Count(), "a label lost its last training clip");
            }
            Assert.Equal(SplitProtocol.Random, split.Protocol);
        });
        Assert.InRange(refused, 0, 30); // most cases must really be checked
    }

    [Fact]
    public void Speaker_splits_are_partitions_of_the_speakers() => ForEvery((items, fraction, seed) =>
    {
        Split split = SpeakerSplit.Create(items, fraction, seed);
        AssertPartition(items.Length, split.Train, split.Test);
        string[] speakers = [.. items.Select(item => item.Speaker!).Distinct()];
        string[] held = [.. split.Test.Select(i => items[i].Speaker!).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(held, split.HeldOutSpeakers);
        Assert.Empty(held.Intersect(split.Train.Select(i => items[i].Speaker)));
        Assert.Equal(Math.Clamp((int)Math.Round(speakers.Length * fraction, MidpointRounding.AwayFromZero), 1, speakers.Length - 1),
            held.Length);
        SplitReport report = SplitCheck.Verify(items, split);
        Assert.Equal(0, report.TestClipsOfTrainingSpeakers);
    });

    [Fact]
    public void Validation_parts_divide_training_and_keep_the_protocols_promise() => ForEvery((items, fraction, seed) =>
    {
        Split bySpeaker = SpeakerSplit.Create(items, 0.3, seed);
        string[] left = [.. bySpeaker.Train.Select(i => items[i].Speaker!).Distinct()];
        if (left.Length == 1)
        {
            Assert.Contains("one speaker",
                Assert.Throws<CorpusException>(() => ValidationSplits.Create(items, bySpeaker, fraction, seed)).Message);
        }
        else if (Validation(items, bySpeaker, fraction, seed) is not { } validation)
        {
            // Only where a label has no more speakers than validation takes can every draw cost a label.
            int wanted = Math.Clamp((int)Math.Round(left.Length * fraction, MidpointRounding.AwayFromZero), 1, left.Length - 1);
            Assert.Contains(bySpeaker.Train.GroupBy(i => items[i].Label),
                label => label.Select(i => items[i].Speaker).Distinct().Count() <= wanted);
        }
        else
        {
            Assert.Empty(bySpeaker.Train.Select(i => items[i].Label).Except(validation.Train.Select(i => items[i].Label)));
            Assert.Equal(bySpeaker.Train, validation.Train.Concat(validation.Validation).Order());
            Assert.NotEmpty(validation.Train);
            Assert.Equal(validation.ValidationSpeakers,
                validation.Validation.Select(i => items[i].Speaker!).Distinct().Order(StringComparer.Ordinal));
            Assert.Empty(validation.ValidationSpeakers.Intersect(validation.Train.Select(i => items[i].Speaker!)));
            Assert.Empty(validation.ValidationSpeakers.Intersect(bySpeaker.HeldOutSpeakers));
        }
        if (Random(items, 0.3, seed) is not { } random || random.Train.Count * fraction < 1) return;
        int[] sizes = [.. random.Train.GroupBy(i => items[i].Label).Select(group => group.Count())];
        if (sizes.All(size => size == 1)) return;
        ValidationSplit drawn = ValidationSplits.Create(items, random, fraction, seed);
        Assert.Equal(random.Train, drawn.Train.Concat(drawn.Validation).Order());
        foreach (IGrouping<string, int> label in random.Train.GroupBy(i => items[i].Label))
            Assert.True(Math.Abs(label.Count(drawn.Validation.Contains) - (label.Count() * fraction)) < 1 + 1e-9);
    });

    private static ValidationSplit? Validation(IReadOnlyList<SplitItem> items, Split split, double fraction, long seed)
    {
        try
        {
            return ValidationSplits.Create(items, split, fraction, seed);
        }
        catch (CorpusException e) when (e.Message.Contains("leaves every label a training clip", StringComparison.Ordinal))
        {
            return null;
        }
    }

    [Fact]
    public void Same_seed_same_split_whatever_the_order_of_the_items() => ForEvery((items, fraction, seed) =>
    {
        SplitItem[] shuffled = [.. items];
        new SeededRandom(seed).Shuffle<SplitItem>(shuffled);
        static IEnumerable<string?> Keys(IReadOnlyList<SplitItem> items, IEnumerable<int> positions) =>
            positions.Select(i => items[i].Key).Order(StringComparer.Ordinal);

        Split one = SpeakerSplit.Create(items, fraction, seed), two = SpeakerSplit.Create(shuffled, fraction, seed);
        Assert.Equal(Keys(items, one.Test), Keys(shuffled, two.Test));
        if (Random(items, fraction, seed) is not { } a) return;
        Split b = RandomSplit.Create(shuffled, fraction, seed);
        Assert.Equal(Keys(items, a.Test), Keys(shuffled, b.Test));
        Assert.Equal(a.Test, RandomSplit.Create(items, fraction, seed).Test);
    });

    [Fact]
    public void Folds_test_every_clip_once_and_share_no_speaker() => ForEvery((items, _, seed) =>
    {
        int speakers = items.Select(item => item.Speaker).Distinct().Count(), folds = 2 + (seed % (speakers - 1));
        IReadOnlyList<Split> splits = SpeakerSplit.Folds(items, folds, seed);
        Assert.Equal(folds, splits.Count);
        Assert.Equal(Enumerable.Range(0, items.Length), splits.SelectMany(split => split.Test).Order());
        Assert.All(splits, split => SplitCheck.Verify(items, split));
        int[] sizes = [.. splits.Select(split => split.HeldOutSpeakers.Count)];
        Assert.InRange(sizes.Max() - sizes.Min(), 0, 1);
    });
}
