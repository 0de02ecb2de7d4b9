using SerPipeline.Corpora;
using SerPipeline.Splits;
using SerPipeline.Tests.Support;


namespace SerPipeline.Tests.Splits;

/// <summary>
/// The paper's split against NumPy's own numbers, the published test supports and the rows of the published feature matrices.
/// </summary>
public class PaperSplitTests
{
    /// <summary>
    /// First eight and last three of <c>numpy.random.RandomState(seed).permutation(n)</c>: NumPy computed them (see numpy_permutations.py).
    /// </summary>
    [Theory]
    [InlineData(42u, 1, "0", "0")]
    [InlineData(42u, 2, "1 0", "1 0")]
    [InlineData(42u, 3, "0 1 2", "0 1 2")]
    [InlineData(42u, 10, "8 1 5 0 7 2 9 4", "4 3 6")]
    [InlineData(42u, 308, "288 9 57 60 25 63 92 184", "106 270 102")]
    [InlineData(42u, 1440, "168 605 548 65 628 964 1390 1422", "1294 860 1126")]
    [InlineData(42u, 1536, "1159 76 316 1040 1357 924 757 1505", "860 1459 1126")]
    [InlineData(42u, 3812, "2979 2522 599 3484 1161 1117 3767 2273", "860 3507 3174")]
    [InlineData(0u, 10, "2 8 4 9 1 6 7 3", "3 0 5")]
    [InlineData(uint.MaxValue, 10, "6 9 5 1 8 0 7 4", "4 2 3")]
    public void Permutations_are_numpys(uint seed, int count, string first, string last)
    {
        int[] permutation = new NumpyRandom(seed).Permutation(count);
        Assert.Equal(Enumerable.Range(0, count), permutation.Order());
        Assert.Equal(first, string.Join(' ', permutation.Take(8)));
        Assert.Equal(last, string.Join(' ', permutation.TakeLast(3)));
    }

    [Fact]
    public void The_mersenne_twister_is_its_authors()
    {
        // The 10,000th number from the seed 5489 is part of the C++ standard ([rand.predef], mt19937).
        var random = new NumpyRandom(5489);
        for (int i = 1; i < 10_000; i++) random.NextUInt32();
        Assert.Equal(4123659995u, random.NextUInt32());
    }

    [Theory]
    [InlineData("original", 288, "25 43 38 30 43 36 31 42")]
    [InlineData("over", 308, "44 41 35 41 34 38 33 42")]
    [InlineData("new", 763, "104 33 122 107 119 123 83 72")]
    public void Test_supports_of_the_published_matrices_are_the_papers(string set, int tests, string supports)
    {
        long[] labels = Labels(Companions.Require("golden", "paper", set + "_y.npy"));
        SplitItem[] items = [.. labels.Select(label => new SplitItem(RavdessName.Emotions[(int)label]))];
        Split split = PaperSplit.Create(items);
        Assert.Equal(tests, split.Test.Count);
        Assert.Equal(supports, Supports(items, split));
        Assert.Equal(Enumerable.Range(0, items.Length), split.Test.Concat(split.Train).Order());
    }

    [Fact]
    public void Originals_are_the_rows_that_the_matrix_lists()
    {
        string[] rows = [.. File.ReadLines(Companions.Require("golden", "paper", "original_rows.csv")).Skip(1)
            .Select(line => Path.GetFileNameWithoutExtension(line.Split(',')[0]))];
        Assert.Equal(rows, PaperRows.Originals);
    }

    [Fact]
    public void Copies_are_the_rows_that_over_repeats()
    {
        // Of the 1,440 rows of original_X two are equal, and neither is neutral: a copy's row names its clip.
        float[][] over = Rows(Companions.Require("golden", "paper", "over_X.npy"));
        for (int copy = 0; copy < PaperRows.Copies.Count; copy++)
        {
            int original = PaperRows.Originals.ToList().IndexOf(PaperRows.Copies[copy]);
            Assert.Equal(over[original], over[1440 + copy]);
        }
        Assert.Equal(1440 + 96, over.Length);
    }

    [Fact]
    public void Ravdess_in_any_order_gives_the_papers_parts_and_over_its_32_twins()
    {
        SplitItem[] original = [.. PaperRows.Originals.Order(StringComparer.Ordinal).Select(Item)];
        Split split = PaperSplit.Create(original);
        Assert.Equal("25 43 38 30 43 36 31 42", Supports(original, split));
        Assert.Contains("the paper's own order", Plan(original).Origin);
        // 168 leads numpy's permutation of 1,440.
        Assert.Contains(Array.FindIndex(original, item => item.Key == $"Actor/{PaperRows.Originals[168]}.wav"), split.Test);

        SplitItem[] over = [.. original.Concat(PaperRows.Copies.Select((name,
            i) => Item(name) with { Key = $"Actor/{name}.wav#copy-{i + 1:00}" }))
            .OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => item with { ContentHash = item.Key!.Split('#')[0] })];
        Split doubled = PaperSplit.Create(over);
        Assert.Equal("44 41 35 41 34 38 33 42", Supports(over, doubled));
        // 31 by drawing, and one because two takes of RAVDESS are the same recording.
        Assert.Equal(31, SplitCheck.Verify(over, doubled).TestClipsWithTrainingContent);
        over = [.. over.Select(item =>
            item with { ContentHash = item.ContentHash!.Replace("03-01-03-01-02-02-07", "03-01-03-01-02-01-07") })];
        Assert.Equal(32, SplitCheck.Verify(over, doubled).TestClipsWithTrainingContent);
    }

    [Fact]
    public void The_published_over_matrix_has_32_test_rows_with_a_twin_in_training()
    {
        float[][] rows = Rows(Companions.Require("golden", "paper", "over_X.npy"));
        SplitItem[] items = [.. rows.Select(row => new SplitItem("x", ContentHash: string.Join(' ', row)))];
        Split split = PaperSplit.Create(items);
        Assert.Equal((308, 32), (split.Test.Count, SplitCheck.Verify(items, split).TestClipsWithTrainingContent));
    }

    [Fact]
    public void Parts_of_ravdess_and_other_clips_keep_their_own_order_and_the_plan_says_so()
    {
        SplitItem[] part = [.. PaperRows.Originals.Take(1439).Select(Item)];
        Split split = PaperSplit.Create(part);
        Assert.Equal(new NumpyRandom(42).Permutation(1439).Take(288).Order(), split.Test);
        Assert.Contains("not the paper's", Plan(part).Origin);
        SplitItem[] twice = [.. PaperRows.Originals.Take(1439).Append(PaperRows.Originals[0])
            .Select((name, i) => Item(name) with { Key = $"{i}/{name}.wav" })];
        Assert.Contains("not the paper's", Plan(twice).Origin);
        Assert.Throws<CorpusException>(() => PaperSplit.Create([new SplitItem("a")]));
    }

    [Fact]
    public void Clips_to_double_are_found_by_name_or_missed_by_name()
    {
        Corpus Make(IEnumerable<string> names) => new("x", "/x", names.Select(name => new CorpusClip
        {
            Path = $"/x/{name}.wav",
            RelativePath = $"{name}.wav",
            Label = "any",
            Corpus = "x",
        }), ["any"]);
        Assert.Equal(PaperRows.Copies.Select(name => name + ".wav"),
            PaperRows.CopiesOf(Make(PaperRows.Originals)).Select(clip => clip.RelativePath));
        string message = Assert.Throws<CorpusException>(() =>
            PaperRows.CopiesOf(Make(PaperRows.Originals.Where(name => !name.EndsWith("-17"))))).Message;
        Assert.Contains("-17", message);
    }

    private static SplitItem Item(string name)
    {
        Assert.True(RavdessName.TryParse(name, out RavdessName? parsed, out _));
        return new SplitItem(parsed.Emotion, parsed.Speaker, parsed.Sex, $"Actor/{name}.wav");
    }

    private static SplitPlan Plan(SplitItem[] items) =>
        SplitPlanner.Create(items, [.. items.Select(_ => "ravdess")], new SplitRequest { Protocol = SplitProtocol.Paper });

    private static string Supports(SplitItem[] items, Split split) =>
        string.Join(' ', RavdessName.Emotions.Select(emotion => split.Test.Count(i => items[i].Label == emotion)));

    private static float[][] Rows(string path)
    {
        NpyArray<float> matrix = NpyFile.Read<float>(path);
        return [.. Enumerable.Range(0, matrix.Shape[0]).Select(row => matrix.Row(row).ToArray())];
    }

    private static long[] Labels(string path) => NpyFile.Read<long>(path).Values.ToArray();
}
