using SerPipeline.Audio;
using SerPipeline.Corpora;
using SerPipeline.Experiments;
using SerPipeline.Splits;


namespace SerPipeline.Tests.Splits;

public class SplitTests
{
    /// <summary>24 speakers x 8 labels x 4 clips, odd speakers male, as in RAVDESS.</summary>
    private static readonly SplitItem[] Ravdess = [.. from speaker in Enumerable.Range(1, 24)
        from label in RavdessName.Emotions
        from clip in Enumerable.Range(1, 4)
        select new SplitItem(label, $"{speaker:00}", speaker % 2 == 1 ? "male" : "female", $"{speaker:00}-{label}-{clip}")];

    [Fact]
    public void A_protocol_name_holds_the_clips_heard_before_and_how_test_clips_sound()
    {
        foreach (string protocol in SplitProtocol.All.Select(known => known.Name))
            foreach (int clips in (int[])[0, 5, 10])
                foreach (RecordingCondition condition in Enum.GetValues<RecordingCondition>())
                {
                    string name = SplitProtocol.NameOf(protocol, clips, condition);
                    Assert.Equal((protocol, clips, condition), SplitProtocol.Divide(name));
                    Assert.Equal(name, ProtocolNames.ProtocolOf(ProtocolNames.ShortOf(name)));
                    Assert.Equal(SplitProtocol.KeepsSpeakersApart(protocol), SplitProtocol.KeepsSpeakersApart(name));
                }
        Assert.Equal("leave-one-speaker-out+10@room", SplitProtocol.NameOf(SplitProtocol.LeaveOneSpeakerOut, 10, RecordingCondition.Room));
        Assert.Equal("loso+10@room", ProtocolNames.ShortOf("leave-one-speaker-out+10@room"));
        // Names of others are whole names.
        foreach (string other in (string[])["of@mine", "mine+more", "a+1b", "+10", "x@Telephone"])
            Assert.Equal((other, 0, RecordingCondition.AsRecorded), SplitProtocol.Divide(other));
    }

    [Fact]
    public void Named_speakers_are_held_out_with_or_without_leading_zeros()
    {
        Split split = SpeakerSplit.HoldOut(Ravdess, ["2", "5", "14", "15", " 16 "]);
        Assert.Equal(["02", "05", "14", "15", "16"], split.HeldOutSpeakers);
        Assert.Equal(5 * 32, split.Test.Count);
        Assert.Equal(19 * 32, split.Train.Count);
        Assert.Equal("speaker-independent", split.Protocol);
    }

    [Fact]
    public void Held_out_speakers_that_cannot_be_are_named()
    {
        string message = Assert.Throws<CorpusException>(() => SpeakerSplit.HoldOut(Ravdess, ["2", "25", "anna"])).Message;
        Assert.Contains("25, anna", message);
        Assert.Contains("01, 02", message);
        Assert.Throws<CorpusException>(() => SpeakerSplit.HoldOut(Ravdess, []));
        Assert.Throws<CorpusException>(() => SpeakerSplit.HoldOut(Ravdess, [.. Enumerable.Range(1, 24).Select(n => $"{n}")]));
    }

    [Fact]
    public void Drawn_speakers_are_balanced_by_sex_and_depend_on_the_seed()
    {
        var seen = new HashSet<string>();
        for (int seed = 0; seed < 40; seed++)
        {
            Split split = SpeakerSplit.Create(Ravdess, 0.25, seed);
            Assert.Equal(6, split.HeldOutSpeakers.Count);
            Assert.Equal(3, split.HeldOutSpeakers.Count(speaker => int.Parse(speaker) % 2 == 0));
            seen.UnionWith(split.HeldOutSpeakers);
        }
        // A speaker is missed by 40 draws of a quarter with probability .75^40 = 1e-5.
        Assert.Equal(24, seen.Count);
    }

    [Fact]
    public void Random_split_of_ravdess_has_the_papers_size()
    {
        Split split = RandomSplit.Create(Ravdess, 0.2, 42);
        // 96 clips a label: 19.2 each; the total is 20 % of 768, rounded.
        Assert.Equal(154, split.Test.Count);
        Assert.All(split.Test.GroupBy(i => Ravdess[i].Label), label => Assert.InRange(label.Count(), 19, 20));
        Assert.NotEqual(split.Test, RandomSplit.Create(Ravdess, 0.2, 43).Test);
    }

    [Fact]
    public void Random_split_reports_the_speakers_it_shares()
    {
        SplitReport report = SplitCheck.Verify(Ravdess, RandomSplit.Create(Ravdess));
        Assert.Equal(154, report.TestClipsOfTrainingSpeakers);
        Assert.Equal(24, report.SharedSpeakers.Count);
        Assert.Empty(report.LabelsOnlyInTest);
    }

    [Fact]
    public void Every_leak_is_an_error()
    {
        SplitItem[] items =
        [
            new("a", "1", Key: "x.wav", ContentHash: "h1"), new("b", "1", Key: "y.wav", ContentHash: "h2"),
            new("a", "2", Key: "z.wav", ContentHash: "h1"), new("b", "3", Key: "y.wav", ContentHash: "h4"),
        ];
        Split Make(int[] train, int[] test, string protocol = SplitProtocol.Random) =>
            new() { Train = train, Test = test, Protocol = protocol };
        string Message(Split split) => Assert.Throws<CorpusException>(() => SplitCheck.Verify(items, split)).Message;

        Assert.Contains("same audio content as a training clip: z.wav = x.wav", Message(Make([0], [2], SplitProtocol.SpeakerIndependent)));
        Assert.Contains("same audio content as a training clip: z.wav = x.wav", Message(Make([0], [2], SplitProtocol.LeaveOneSpeakerOut)));
        Assert.Contains("same file as a training clip: y.wav = y.wav", Message(Make([1], [3])));
        Assert.Contains("1 speaker in training and test: 1", Message(Make([0], [1], SplitProtocol.SpeakerIndependent)));
        Assert.Contains("1 speaker in training and test: 1", Message(Make([0], [1], SplitProtocol.LeaveOneSpeakerOut)));
        Assert.Contains("more than once", Message(Make([0, 1], [1])));
        Assert.Contains("outside the 4 items", Message(Make([0, 4], [1])));
        Assert.Contains("test part is empty", Message(Make([0, 1], [])));
        Assert.Contains("training part is empty", Message(Make([], [0])));
        Assert.Equal(["b"], SplitCheck.Verify(items, Make([0], [1])).LabelsOnlyInTest);
        Assert.Equal(1, SplitCheck.Verify(items, Make([0], [1])).TestClipsOfTrainingSpeakers);
    }

    [Fact]
    public void Copied_audio_is_counted_under_the_random_protocol_and_unknown_content_is_no_copy()
    {
        SplitItem[] items =
        [
            new("a", "1", Key: "a.wav", ContentHash: "h1"), new("a", "2", Key: "b.wav"), new("a", "3", Key: "c.wav", ContentHash: "h1"),
            new("a", "4", Key: "d.wav"), new("a", "5", Key: "e.wav", ContentHash: "h2"), new("a", "6", Key: "f.wav", ContentHash: "h1"),
        ];
        Split split = new() { Train = [0, 1], Test = [2, 3, 4, 5], Protocol = SplitProtocol.Random };
        Assert.Equal(2, SplitCheck.Verify(items, split).TestClipsWithTrainingContent);
        // Two unreadable clips, both without a hash, are not called copies under a speaker protocol either.
        Split speakers = new() { Train = [0, 1], Test = [3, 4], Protocol = SplitProtocol.SpeakerIndependent };
        Assert.Equal(0, SplitCheck.Verify(items, speakers).TestClipsWithTrainingContent);
    }

    [Fact]
    public void Speaker_protocols_refuse_clips_without_speakers_and_say_what_to_do()
    {
        SplitItem[] items = [new("a", "1"), new("a", null, Key: "who.wav"), new("b", "2")];
        foreach (Action split in new Action[]
        {
            () => SpeakerSplit.Create(items), () => SpeakerSplit.HoldOut(items, ["1"]), () => SpeakerSplit.LeaveOneOut(items), () =>
                SpeakerSplit.Folds(items, 2),
        })
        {
            string message = Assert.Throws<CorpusException>(split).Message;
            Assert.Contains("1 of 3 clips have none", message);
            Assert.Contains("who.wav", message);
            Assert.Contains("random protocol", message);
        }
        Split unchecked1 = new() { Train = [0], Test = [1], Protocol = SplitProtocol.SpeakerIndependent };
        Assert.Contains("cannot be checked", Assert.Throws<CorpusException>(() => SplitCheck.Verify(items, unchecked1)).Message);
        Assert.Equal(1, SplitCheck.Verify(items, unchecked1 with { Protocol = SplitProtocol.Random }).TestClipsOfUnknownSpeaker);
    }

    [Fact]
    public void Fractions_outside_zero_to_one_and_too_few_speakers_are_refused()
    {
        foreach (double fraction in new[] { 0, 1, -0.1, 1.5, double.NaN })
        {
            Assert.Throws<OptionsException>(() => RandomSplit.Create(Ravdess, fraction));
            Assert.Throws<OptionsException>(() => SpeakerSplit.Create(Ravdess, fraction));
            Assert.Throws<OptionsException>(() => ValidationSplits.Create(Ravdess, RandomSplit.Create(Ravdess), fraction));
        }
        SplitItem[] one = [new("a", "1"), new("b", "1")];
        Assert.Throws<CorpusException>(() => SpeakerSplit.Create(one));
        Assert.Throws<CorpusException>(() => SpeakerSplit.LeaveOneOut(one));
        Assert.Throws<CorpusException>(() => SpeakerSplit.Folds(Ravdess, 25));
    }

    [Fact]
    public void Leaving_one_speaker_out_gives_one_split_a_speaker()
    {
        IReadOnlyList<Split> splits = SpeakerSplit.LeaveOneOut(Ravdess);
        Assert.Equal(24, splits.Count);
        Assert.All(splits, split => Assert.Equal(("leave-one-speaker-out", 32, 1),
            (split.Protocol, split.Test.Count, split.HeldOutSpeakers.Count)));
        Assert.Equal("07", splits[6].HeldOutSpeakers[0]);
    }

    [Fact]
    public void Speakers_of_two_corpora_are_different_people()
    {
        CorpusClip Clip(string corpus) =>
            new() { Path = $"/{corpus}/a.wav", RelativePath = "a.wav", Label = "sad", Speaker = "01", Corpus = corpus };
        IReadOnlyList<SplitItem> items = SplitItems.From([Clip("x"), Clip("y")]);
        Assert.Equal(["x/01", "y/01"], items.Select(item => item.Speaker));
        Assert.Equal(["x/a.wav", "y/a.wav"], items.Select(item => item.Key));
        Assert.Equal("01", SplitItems.From([Clip("x")])[0].Speaker);
    }
}
