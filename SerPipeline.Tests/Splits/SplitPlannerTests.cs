using SerPipeline.Corpora;
using SerPipeline.Splits;
using SerPipeline.Tests.Support;


namespace SerPipeline.Tests.Splits;

public class SplitPlannerTests
{
    private static SplitItem[] Ravdess(string channel = "03-01") => [.. from actor in Enumerable.Range(1, 24)
        from emotion in Enumerable.Range(1, 8)
        from repetition in Enumerable.Range(1, 2)
        select new SplitItem(RavdessName.Emotions[emotion - 1], $"{actor:00}", actor % 2 == 1 ? "male"
            : "female", $"{channel}-{emotion:00}-01-01-{repetition:00}-{actor:00}.wav")];

    private static SplitPlan Plan(SplitItem[] items, SplitRequest request, string[]? corpora = null) =>
        SplitPlanner.Create(items, corpora ?? [.. items.Select(_ => "any")], request);

    private static SplitPlan Plan(SplitItem[] items, string protocol) => Plan(items, new SplitRequest { Protocol = protocol });

    private static string Held(SplitPlan plan) =>
        string.Join(" ", plan.Folds.Select(fold => "{" + string.Join(",", fold.Split.HeldOutSpeakers.Select(s => s.TrimStart('0'))) + "}"));

    [Fact]
    public void Ravdess_gets_the_published_folds_whatever_the_data_set_is_called()
    {
        SplitPlan plan = Plan(Ravdess(), SplitProtocol.SpeakerFolds);
        Assert.Equal("{2,5,14,15,16} {3,6,7,13,18} {10,11,12,19,20} {8,17,21,23,24} {1,4,9,22}", Held(plan));
        Assert.Equal([1, 2, 3, 4, 5], plan.Folds.Select(fold => fold.Number));
        Assert.Contains("published folds of RAVDESS", plan.Origin);
        SplitPlan song = Plan([.. Ravdess("03-02").Where(item => item.Speaker != "18")], SplitProtocol.SpeakerFolds);
        Assert.Equal("{2,5,14,15,16} {3,6,7,13} {10,11,12,19,20} {8,17,21,23,24} {1,4,9,22}", Held(song));
        Assert.Contains("actor 18 has no songs", song.Origin);
    }

    [Fact]
    public void Speakers_01_to_24_of_another_corpus_or_part_of_the_actors_are_assigned_by_seed()
    {
        SplitItem[] other = [.. Ravdess().Select((item, i) => item with { Key = $"clip{i}.wav" })];
        Assert.Contains("assigned by seed 42, balanced by label and sex", Plan(other, SplitProtocol.SpeakerFolds).Origin);
        Assert.Contains("assigned by seed", Plan([.. Ravdess().Where(item => item.Speaker != "07")], SplitProtocol.SpeakerFolds).Origin);
        Assert.DoesNotContain("sex", Plan([.. other.Select(item => item with { Sex = null })], SplitProtocol.SpeakerFolds).Origin);
    }

    [Fact]
    public void Every_protocol_gives_checked_folds_with_its_name_and_tests_what_it_promises()
    {
        SplitItem[] items = Ravdess();
        (string Protocol, int Folds)[] expected =
        [
            (SplitProtocol.Random, 1), (SplitProtocol.Paper, 1), (SplitProtocol.SpeakerIndependent, 1), (SplitProtocol.KFold, 5),
                (SplitProtocol.SpeakerFolds, 5), (SplitProtocol.LeaveOneSpeakerOut, 24),
        ];
        foreach ((string protocol, int folds) in expected)
        {
            SplitPlan plan = Plan(items, protocol);
            Assert.Equal((protocol, folds), (plan.Protocol, plan.Folds.Count));
            Assert.All(plan.Folds, fold => Assert.Equal(protocol, fold.Split.Protocol));
            Assert.Equal(folds > 1 ? 1 : null, plan.Folds[0].Number);
            Assert.All(plan.Folds, fold => Assert.Null(fold.TrainCorpora));
            if (folds > 1) Assert.Equal(Enumerable.Range(0, items.Length), plan.Folds.SelectMany(fold => fold.Split.Test).Order());
            if (protocol == SplitProtocol.Paper)
                Assert.Contains("scores do not compare with the paper's", Assert.Single(plan.Warnings), StringComparison.Ordinal);
            else Assert.Empty(plan.Warnings);
        }
        Assert.Equal(["02", "05"],
            Plan(items, new SplitRequest
            {
                Protocol = SplitProtocol.SpeakerIndependent,
                TestSpeakers = ["2", "5"]
            }).Folds[0].Split.HeldOutSpeakers);
    }

    [Fact]
    public void Fewer_than_five_speakers_are_told_what_else_there_is()
    {
        string message = Assert.Throws<CorpusException>(() => Plan([.. Ravdess().Where(item => item.Speaker is "01" or "02")],
            SplitProtocol.SpeakerFolds)).Message;
        Assert.Contains("the clips have 2 (01, 02)", message);
        Assert.Contains("leave-one-speaker-out", message);
        SplitItem[] one = [.. Ravdess().Where(item => item.Speaker == "01")];
        foreach (string protocol in new[] { SplitProtocol.SpeakerIndependent, SplitProtocol.LeaveOneSpeakerOut })
            Assert.Contains("random or kfold protocol", Assert.Throws<CorpusException>(() => Plan(one, protocol)).Message);
    }

    [Fact]
    public void Labels_missing_in_training_stop_and_labels_missing_in_test_are_told()
    {
        SplitItem[] items = [new("a", "1"), new("b", "1"), new("a", "2"), new("b", "2"), new("a", "3")];
        Assert.Contains("(test speakers 3) no test clip has the label b",
            Assert.Single(Plan(items, SplitProtocol.LeaveOneSpeakerOut).Warnings));
        string message = Assert.Throws<CorpusException>(() => Plan([.. items, new("c", "3")], SplitProtocol.LeaveOneSpeakerOut)).Message;
        Assert.Contains("fold 3 of leave-one-speaker-out (test speakers 3)", message);
        Assert.Contains("could not be learned: c", message);
    }

    [Fact]
    public void Cross_corpus_takes_each_corpus_in_turn_or_the_ones_named()
    {
        string[] names = ["x", "y", "z"];
        SplitItem[] items = [.. from name in names from label in new[] { "a", "b" }
            select new SplitItem(label, name + "/1", Key: $"{name}/{label}")];
        string[] corpora = [.. items.Select(item => item.Key!.Split('/')[0])];
        SplitPlan all = Plan(items, new SplitRequest { Protocol = SplitProtocol.CrossCorpus }, corpora);
        Assert.Equal(names, all.Folds.Select(fold => fold.TrainCorpora));
        Assert.All(all.Folds, fold => Assert.Equal((2, 4), (fold.Split.Train.Count, fold.Split.Test.Count)));
        Assert.Equal(["x/1", "z/1"], all.Folds[1].Split.HeldOutSpeakers);

        SplitPlan joined = Plan(items, new SplitRequest { Protocol = SplitProtocol.CrossCorpus, TestCorpora = ["y"] }, corpora);
        Assert.Equal((null, "x+z"), (joined.Folds[0].Number, joined.Folds[0].TrainCorpora));
        Assert.Equal([2, 3], joined.Folds[0].Split.Test);
        SplitPlan pair = Plan(items, new SplitRequest { Protocol = SplitProtocol.CrossCorpus, TrainCorpora = ["z"], TestCorpora = ["x"] },
            corpora);
        Assert.Equal([4, 5], pair.Folds[0].Split.Train);
        Assert.Equal([0, 1], pair.Folds[0].Split.Test);
        Assert.Equal("z trains, x tests", pair.Origin);
    }

    [Fact]
    public void Cross_corpus_refuses_one_corpus_unknown_ones_and_differing_labels()
    {
        SplitItem[] items = [new("a", "x/1"), new("b", "x/1"), new("a", "y/1")];
        string Message(SplitRequest request, params string[] corpora) =>
            Assert.Throws<CorpusException>(() => Plan(items, request, corpora)).Message;
        var cross = new SplitRequest { Protocol = SplitProtocol.CrossCorpus };
        Assert.Contains("at least two corpora", Message(cross, "x", "x", "x"));
        Assert.Contains("Corpora not found: w. The corpora are x, y", Message(cross with { TrainCorpora = ["w"] }, "x", "x", "y"));
        Assert.Contains("leaves none", Message(cross with { TrainCorpora = ["x", "y"] }, "x", "x", "y"));
        Assert.Contains("only in training b, only in test none. Combine the corpora over their common labels",
            Message(cross, "x", "x", "y"));
    }

    [Fact]
    public void Settings_that_do_not_go_together_are_listed_together()
    {
        var request = new SplitRequest
        {
            Protocol = "magic",
            TestFraction = 1,
            Folds = 1,
            TrainCorpora = ["x"],
            TestCorpora = ["x"],
            TestSpeakers = ["1"]
        };
        Assert.Equal(7, Assert.Throws<OptionsException>(request.Validate).Problems.Count);
        new SplitRequest { Protocol = SplitProtocol.KFold }.Validate();
        Assert.Throws<ArgumentException>(() => SplitPlanner.Create(Ravdess(), ["x"], new SplitRequest { Protocol = SplitProtocol.Random }));
    }

    [Fact]
    public void The_real_corpora_are_divided_as_published_and_by_turns()
    {
        Corpus ravdess = CorpusLoader.Load("ravdess", Companions.Require("corpora", "RAVDESS"), new CorpusLoadOptions { Name = "mine" });
        Assert.Contains("published folds", SplitPlanner.Create(ravdess, new SplitRequest { Protocol = SplitProtocol.SpeakerFolds }).Origin);
        SplitPlan paper = SplitPlanner.Create(ravdess, new SplitRequest { Protocol = SplitProtocol.Paper });
        Assert.Contains("the paper's own order", paper.Origin);
        Assert.Equal(288, paper.Folds[0].Split.Test.Count);
        Assert.Equal(96, PaperRows.CopiesOf(ravdess).Count);

        Corpus emodb = CorpusLoader.Load("emodb", Companions.Require("corpora", "EMO-DB"));
        SplitPlan dealt = SplitPlanner.Create(emodb, new SplitRequest { Protocol = SplitProtocol.SpeakerFolds });
        Assert.All(dealt.Folds, fold => Assert.Equal(2, fold.Split.HeldOutSpeakers.Count));
        Corpus tess = CorpusLoader.Load("tess", Companions.Require("corpora", "TESS"));
        Corpus both = CorpusCombination.Combine([tess, emodb], LabelCombination.Common);
        SplitPlan cross = SplitPlanner.Create(both, new SplitRequest { Protocol = SplitProtocol.CrossCorpus });
        Assert.Equal(["emodb", "tess"], cross.Folds.Select(fold => fold.TrainCorpora!).Order(StringComparer.Ordinal));
        Assert.All(cross.Folds, fold => Assert.Equal(both.Clips.Count, fold.Split.Train.Count + fold.Split.Test.Count));
        Assert.Contains("tess/OAF", SplitItems.From(both.Clips).Select(item => item.Speaker));
    }

    [Fact]
    public void Synthetic_clips_with_the_names_of_ravdess_get_no_published_folds()
    {
        Corpus Make(bool synthetic) => new("demo", "/demo", Ravdess().Select(item => new CorpusClip
        {
            Path = "/demo/" + item.Key,
            RelativePath = item.Key!,
            Label = item.Label,
            Speaker = item.Speaker,
            Sex = item.Sex,
            Corpus = "demo",
        }), RavdessName.Emotions)
        { IsSynthetic = synthetic };
        var request = new SplitRequest { Protocol = SplitProtocol.SpeakerFolds };
        Assert.Contains("published", SplitPlanner.Create(Make(false), request).Origin);
        Assert.Contains("assigned by seed", SplitPlanner.Create(Make(true), request).Origin);
    }

    [Fact]
    public void Combined_corpora_keep_the_prefixes_they_have()
    {
        CorpusClip Clip(string corpus, string path, string speaker) =>
            new() { Path = "/" + path, RelativePath = path, Label = "sad", Speaker = speaker, Corpus = corpus };
        IReadOnlyList<SplitItem> items = SplitItems.From([Clip("x", "x/a.wav", "x/01"), Clip("y", "a.wav", "01")]);
        Assert.Equal(["x/01", "y/01"], items.Select(item => item.Speaker));
        Assert.Equal(["x/a.wav", "y/a.wav"], items.Select(item => item.Key));
    }
}
