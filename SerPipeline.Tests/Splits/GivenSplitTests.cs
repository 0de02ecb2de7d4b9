using SerPipeline.Splits;

namespace SerPipeline.Tests.Splits;

public class GivenSplitTests
{
    private static SplitItem[] Items(params string?[] parts) =>
        [.. parts.Select((part, i) => new SplitItem(i % 2 == 0 ? "a" : "b", $"s{i}", Key: $"{i}", Part: part))];

    [Fact]
    public void Parts_are_those_that_the_clips_name()
    {
        SplitItem[] items = Items("train", "train", "validation", "validation", "test", "test", null);
        SplitPlan plan = SplitPlanner.Create(items, [.. items.Select(_ => "x")], new SplitRequest { Protocol = SplitProtocol.Given });
        Split split = Assert.Single(plan.Folds).Split;
        Assert.Equal([0, 1, 2, 3], split.Train);
        Assert.Equal([2, 3], split.Validation);
        Assert.Equal([4, 5], split.Test);
        Assert.Equal("the corpus's own parts, with the validation part it gives", plan.Origin);
        ValidationSplit parts = ValidationSplits.Create(items, split, fraction: 0.5);
        Assert.Equal([0, 1], parts.Train);
        Assert.Equal([2, 3], parts.Validation);
    }

    [Fact]
    public void Without_a_test_part_the_validation_part_is_tested_on()
    {
        Split split = GivenSplit.Create(Items("train", "train", "validation", "validation"));
        Assert.Equal([0, 1], split.Train);
        Assert.Equal([2, 3], split.Test);
        Assert.Empty(split.Validation);
    }

    [Fact]
    public void Shared_speakers_and_copies_are_counted_and_one_file_on_both_sides_is_refused()
    {
        SplitItem[] items = Items("train", "train", "test", "test");
        items[2] = items[2] with { Speaker = "s0", ContentHash = "h" };
        items[1] = items[1] with { ContentHash = "h" };
        SplitReport report = SplitCheck.Verify(items, GivenSplit.Create(items));
        Assert.Equal((1, 1), (report.TestClipsOfTrainingSpeakers, report.TestClipsWithTrainingContent));
        items[3] = items[3] with { Key = "1" };
        Assert.Throws<CorpusException>(() => SplitCheck.Verify(items, GivenSplit.Create(items)));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("train", "train")]
    [InlineData("test", "validation")]
    public void Clips_without_two_sides_are_refused(string? first, string? second) =>
        Assert.Contains("needs clips that name their part", Assert.Throws<CorpusException>(() => GivenSplit.Create(Items(first, second)))
            .Message, StringComparison.Ordinal);
}
