using FsCheck;
using FsCheck.Fluent;
using SerPipeline.Corpora;
using SerPipeline.Splits;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Splits;

public class FoldFileTests
{
    private const string Fold = """ "dataset": "x", "protocol": "speaker-5fold", "origin": "y", "folds": [ { "fold": 1, """;

    private static readonly SplitItem[] Items = [.. from speaker in new[] { "01", "02", "03", "04" } from label in new[] { "a", "b" }
        select new SplitItem(label, speaker)];

    private static readonly Corpus Corpus = new("mine", "/mine", Items.Select((item, i) => new CorpusClip
    {
        Path = $"/mine/{i}.wav",
        RelativePath = $"{i}.wav",
        Label = item.Label,
        Speaker = item.Speaker,
        Corpus = "mine",
    }), ["a", "b"]);

    private static FoldFile File(params FoldSpeakers[] folds) =>
        new()
        {
            Version = 1,
            Dataset = "mine",
            Protocol = SplitProtocol.SpeakerIndependent,
            Origin = "by hand",
            Folds = folds,
            Path = "my-folds.json"
        };

    private static string Refused(params FoldSpeakers[] folds)
    {
        string message = Assert.Throws<CorpusException>(() => Apply(File(folds))).Message;
        Assert.Contains("my-folds.json", message);
        return message;
    }

    private static SplitPlan Apply(FoldFile file) =>
        SplitPlanner.Create(Corpus, new SplitRequest { Protocol = file.Protocol, FoldFile = file });

    [Fact]
    public void A_plan_written_and_read_again_divides_the_same()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "folds.json");
        foreach (string protocol in new[] { SplitProtocol.LeaveOneSpeakerOut, SplitProtocol.SpeakerIndependent })
        {
            SplitPlan plan = SplitPlanner.Create(Corpus, new SplitRequest { Protocol = protocol });
            FoldFile.From(plan, Corpus).Write(path);
            SplitPlan again = SplitPlanner.Create(Corpus, new SplitRequest { Protocol = protocol, FoldFile = FoldFile.Read(path) });
            Assert.Equal(plan.Folds.Select(fold => (fold.Number, string.Join(',', fold.Split.Test), string.Join(',', fold.Split.Train))),
                again.Folds.Select(fold => (fold.Number, string.Join(',', fold.Split.Test), string.Join(',', fold.Split.Train))));
            Assert.Equal($"folds.json ({plan.Origin})", again.Origin);
            Assert.Empty(again.Warnings);
        }
        Assert.Throws<CorpusException>(() =>
            FoldFile.From(SplitPlanner.Create(Corpus, new SplitRequest { Protocol = SplitProtocol.Random }), Corpus));
    }

    [Fact]
    public void Named_validation_speakers_are_used_and_leading_zeros_may_be_left_out()
    {
        SplitPlan plan = Apply(File(new FoldSpeakers(1, ["1"], ["3"])));
        Split split = Assert.Single(plan.Folds).Split;
        Assert.Equal(["01"], split.HeldOutSpeakers);
        Assert.Equal(["03"], split.ValidationSpeakers);
        ValidationSplit validation = ValidationSplits.Create(SplitItems.From(Corpus.Clips), split, 0.5, 1);
        Assert.Equal([4, 5], validation.Validation);
        Assert.Equal([2, 3, 6, 7], validation.Train);
        Assert.Equal(["03"], validation.ValidationSpeakers);
    }

    [Fact]
    public void Folds_that_cannot_be_are_refused_by_name()
    {
        Assert.Contains("folds 1 and 2 overlap: both test 02", Refused(new(1, ["01", "02"], []), new(2, ["02", "03", "04"], [])));
        Assert.Contains("folds 1 and 2 overlap: both test 02", Refused(new(1, ["01", "02"], []), new(2, ["2", "03", "04"], [])));
        Assert.Contains("unknown speakers: 9, anna; the speakers are 01, 02, 03, 04", Refused(new FoldSpeakers(1, ["9"], ["anna"])));
        Assert.Contains("speakers in no fold: 04", Refused(new(1, ["01"], []), new(2, ["02", "03"], [])));
        Assert.Contains("fold 1 tests everybody", Refused(new FoldSpeakers(1, ["01", "02", "03", "04"], [])));
        Assert.Contains("tests or validates on everybody", Refused(new FoldSpeakers(1, ["01", "02"], ["03", "04"])));
        Assert.Contains("fold 1 tests and validates on: 01", Refused(new FoldSpeakers(1, ["01"], ["01"])));
        Assert.Contains("fold 1 tests and validates on: 01", Refused(new FoldSpeakers(1, ["01"], ["1"])));
        Assert.Contains("fold 1 lists twice: 01", Refused(new FoldSpeakers(1, ["01", "01"], [])));
        Assert.Contains("fold 2 tests nobody", Refused(new(1, ["01"], []), new(2, [], [])));
        Assert.Contains("fold numbers", Refused(new(1, ["01", "02"], []), new(1, ["03", "04"], [])));
        Assert.Contains("it has no folds", Refused());
    }

    [Fact]
    public void A_fold_file_of_another_protocol_or_data_set_is_not_taken_silently()
    {
        FoldFile file = File(new(1, ["01", "02"], []), new(2, ["03", "04"], []));
        Assert.Throws<OptionsException>(() => SplitPlanner.Create(Corpus,
            new SplitRequest { Protocol = SplitProtocol.SpeakerFolds, FoldFile = file }));
        Assert.Throws<OptionsException>(() => SplitPlanner.Create(Corpus,
            new SplitRequest { Protocol = SplitProtocol.Random, FoldFile = file }));
        Assert.Contains("'theirs'", Assert.Single(Apply(file with { Dataset = "theirs" }).Warnings));
        Assert.Contains("tests 2 speakers",
            Assert.Throws<CorpusException>(() => Apply(file with { Protocol = SplitProtocol.LeaveOneSpeakerOut })).Message);
        Assert.Contains("its protocol is 'random'",
            Assert.Throws<CorpusException>(() => (file with { Protocol = "random" }).Write("/nowhere/x.json")).Message);
    }

    [Theory]
    [InlineData("", "found something else")]
    [InlineData("null", "found something else")]
    [InlineData("[1]", "found something else")]
    [InlineData("""{ "version": 1 }""", "found something else")]
    [InlineData("""{ "version": 2, """ + Fold + """ "test": ["1"], "validation": [] } ] }""", "version is 2")]
    [InlineData("""{ "version": 1, """ + Fold + """ "test": [1], "validation": [] } ] }""", "found something else")]
    [InlineData("""{ "version": 1, """ + Fold + """ "test": ["1"] } ] }""", "validation")]
    [InlineData("""{ "version": 1, """ + Fold + """ "test": [null], "validation": [] } ] }""", "empty speaker")]
    [InlineData("""{ "version": 1, "dataset": "x", "protocol": "speaker-5fold", "origin": "y", "folds": [ null ] }""", "a fold is null")]
    [InlineData("""{ "version": 1, "dataset": "x", "protocol": "speaker-5fold", "origin": "y", "fold": [] }""", "found something else")]
    public void Malformed_files_are_refused_with_their_name(string json, string problem)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "broken.json");
        System.IO.File.WriteAllText(path, json);
        string message = Assert.Throws<CorpusException>(() => FoldFile.Read(path)).Message;
        Assert.Contains(path, message);
        Assert.Contains(problem, message);
        Assert.Contains("cannot be read", Assert.Throws<CorpusException>(() => FoldFile.Read(path + ".absent")).Message);
    }

    /// <summary>Corpora of 5 to 30 speakers with very different numbers of clips and of labels.</summary>
    private static readonly Arbitrary<(SplitItem[] Items, int Seed)> Corpora =
        (from speakers in Gen.Choose(5, 30)
         from sizes in Gen.ArrayOf(Gen.Choose(1, 40), speakers)
         from seed in Gen.Choose(0, int.MaxValue)
         select (Uneven(sizes, seed), seed)).ToArbitrary();

    private static SplitItem[] Uneven(int[] sizes, int seed)
    {
        var random = new SeededRandom(seed);
        return [.. sizes.SelectMany((size, speaker) => Enumerable.Range(0, size).Select(clip =>
            new SplitItem($"l{random.Next(4)}", $"s{speaker:00}", speaker % 3 == 0 ? "male" : "female", $"{speaker:00}-{clip:00}")))];
    }

    [Fact]
    public void Dealt_speakers_are_each_tested_once_in_folds_more_alike_than_chance()
    {
        double dealt = 0, drawn = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(20261125UL, 7UL), Prop.ForAll(Corpora, c =>
        {
            string[] speakers = [.. c.Items.Select(item => item.Speaker!).Distinct().Order(StringComparer.Ordinal)];
            IReadOnlyList<Split> splits = SpeakerSplit.Folds(c.Items, 5, c.Seed);
            Assert.Equal(speakers, splits.SelectMany(split => split.HeldOutSpeakers).Order(StringComparer.Ordinal));
            Assert.Equal(Enumerable.Range(0, c.Items.Length), splits.SelectMany(split => split.Test).Order());
            Assert.InRange(splits.Max(split => split.HeldOutSpeakers.Count) - splits.Min(split => split.HeldOutSpeakers.Count), 0, 1);
            double own = SpeakerFoldBalancer.Imbalance(c.Items, [.. splits.Select(split => split.HeldOutSpeakers)]);
            string[] shuffled = [.. speakers];
            new SeededRandom(c.Seed).Shuffle<string>(shuffled);
            double chance = SpeakerFoldBalancer.Imbalance(c.Items,
                [.. Enumerable.Range(0, 5).Select(f => shuffled.Where((_, i) => i % 5 == f).ToArray())]);
            Assert.True(own <= chance + 1e-9, $"dealt {own}, by chance {chance}");
            dealt += own;
            drawn += chance;
            Assert.Equal(splits.Select(split => split.HeldOutSpeakers),
                SpeakerSplit.Folds([.. c.Items.Reverse()], 5, c.Seed).Select(split => split.HeldOutSpeakers));
        }));
        Assert.True(dealt < drawn / 2, $"dealt {dealt}, by chance {drawn}");
    }

    [Fact]
    public void K_folds_are_stratified_to_within_one_clip_of_each_label_and_in_all()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(20261125UL, 7UL), Prop.ForAll(Corpora, c =>
        {
            int folds = 2 + (c.Seed % 9);
            if (c.Items.Length < folds) return;
            IReadOnlyList<Split> splits = KFoldSplit.Create(c.Items, folds, c.Seed);
            Assert.Equal(folds, splits.Count);
            Assert.Equal(Enumerable.Range(0, c.Items.Length), splits.SelectMany(split => split.Test).Order());
            Assert.All(splits, split => Assert.Equal(Enumerable.Range(0, c.Items.Length), split.Test.Concat(split.Train).Order()));
            foreach (string label in c.Items.Select(item => item.Label).Distinct())
            {
                int[] counts = [.. splits.Select(split => split.Test.Count(i => c.Items[i].Label == label))];
                Assert.InRange(counts.Max() - counts.Min(), 0, 1);
            }
            Assert.InRange(splits.Max(split => split.Test.Count) - splits.Min(split => split.Test.Count), 0, 1);
        }));
        Assert.Throws<CorpusException>(() => KFoldSplit.Create(Items, 9));
        Assert.Throws<OptionsException>(() => KFoldSplit.Create(Items, 1));
    }
}
