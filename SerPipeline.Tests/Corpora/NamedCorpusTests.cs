using SerPipeline.Corpora;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Corpora;

/// <summary>Corpora whose file names tell the labels: made-up folders with the published quirks, and the real clips.</summary>
public class NamedCorpusTests
{
    [Fact]
    public void A_second_copy_of_tess_in_a_nested_folder_is_left_out_and_reported()
    {
        using var folder = new CorpusFolder();
        foreach (string root in new[] { "", "TESS Toronto emotional speech set data/" })
        {
            folder.Text(root + "OAF_angry/OAF_back_angry.wav");
            folder.Text(root + "OAF_neutral/OA_bite_neutral.wav");
            folder.Text(root + "OAF_Pleasant_surprise/OAF_back_ps.wav");
            folder.Text(root + "YAF_pleasant_surprised/YAF_back_ps.wav");
        }
        folder.Text("YAF_pleasant_surprised/notes.wav");

        Corpus corpus = CorpusLoader.Load("tess", folder.Path);

        Assert.Equal(
            ["OAF_Pleasant_surprise/OAF_back_ps.wav", "OAF_angry/OAF_back_angry.wav", "OAF_neutral/OA_bite_neutral.wav",
            "YAF_pleasant_surprised/YAF_back_ps.wav"],
            corpus.Clips.Select(clip => clip.RelativePath));
        Assert.Equal(["neutral", "angry", "surprised"], corpus.Labels);
        Assert.Equal(["OAF", "YAF"], corpus.Speakers);
        Assert.Equal(4, corpus.Problems.Count(problem => problem.Kind == CorpusProblemKind.Duplicate
            && problem.RelativePath.StartsWith("TESS Toronto", StringComparison.Ordinal)));
        Assert.Equal("YAF_pleasant_surprised/notes.wav",
            Assert.Single(corpus.Problems, problem => problem.Kind == CorpusProblemKind.NameNotUnderstood).RelativePath);
        Assert.Equal(("ps", "64"), (corpus.Clips[0].Attributes[LabelName.Attribute], corpus.Clips[0].Attributes["age"]));
        // Four of seven labels are missing: what people reach on all seven is no measure for them.
        Assert.Null(corpus.People);
        Assert.Equal("CC BY-NC-ND 4.0", corpus.Licence);
    }

    [Fact]
    public void Tess_files_of_other_kinds_are_read()
    {
        string aiff = Companions.Require("clips", "tess-aiff-named.wav"), fast = Companions.Require("clips", "tess-96k.wav");
        using var folder = new CorpusFolder();
        folder.Text("OAF_fear/placeholder.txt");
        File.Copy(aiff, folder.Full("OAF_fear/OAF_bean_fear.wav"));
        File.Copy(fast, folder.Full("OAF_fear/OAF_back_fear.wav"));
        CorpusScanResult scan = CorpusScan.Run(CorpusLoader.Load("tess", folder.Path), cancellation: TestContext.Current.CancellationToken);
        Assert.DoesNotContain(scan.Problems, problem => problem.Kind == CorpusProblemKind.Unreadable);
        Assert.Equal(2, scan.BySampleRate.Sum(count => count.Clips));
        Assert.Contains(scan.BySampleRate, count => count.Name == "96000");
    }

    [Fact]
    public void Crema_takes_the_sexes_from_the_table_beside_the_clips()
    {
        using var folder = new CorpusFolder();
        folder.Text("AudioWAV/1001_DFA_ANG_XX.wav");
        folder.Text("AudioWAV/1002_DFA_NEU_XX.wav");
        folder.Text("AudioWAV/1003_DFA_NEU_XX.wav");
        Corpus without = CorpusLoader.Load("crema-d", folder.Path);
        Assert.All(without.Clips, clip => Assert.Null(clip.Sex));
        Assert.Equal(CorpusProblemKind.SexUnknown, Assert.Single(without.Problems).Kind);

        folder.Text("VideoDemographics.csv",
            "ActorID,Age,Sex,Race,Ethnicity\n1001,51,Male,Caucasian,Not Hispanic\n1002,21,Female,Caucasian,Not Hispanic\n");
        foreach (string root in new[] { folder.Path, folder.Full("AudioWAV") })
        {
            Corpus corpus = CorpusLoader.Load("crema-d", root);
            Assert.Equal(["male", "female", null], corpus.Clips.Select(clip => clip.Sex));
            Assert.Contains("does not tell the sex of: 1003", Assert.Single(corpus.Problems).Message);
        }
    }

    [Fact]
    public void Ravdess_speech_and_song_are_told_apart()
    {
        using var folder = new CorpusFolder();
        folder.Text("Actor_01/03-01-05-01-01-01-01.wav");
        folder.Text("Actor_01/03-02-05-01-01-01-01.wav");
        folder.Text("Actor_02/03-02-01-01-01-01-02.wav");
        Assert.Equal(3, CorpusLoader.Load("ravdess", folder.Path).Clips.Count);
        Corpus speech = CorpusLoader.Load("ravdess-speech", folder.Path), song = CorpusLoader.Load("RAVDESS-Song", folder.Path);
        Assert.Equal("speech", Assert.Single(speech.Clips).Attributes["channel"]);
        Assert.Equal(["song", "song"], song.Clips.Select(clip => clip.Attributes["channel"]));
        Assert.Equal("ravdess-song", song.Name);
        // The other part is no mistake in the folder.
        Assert.Empty(speech.Problems);
        Assert.Empty(song.Problems);
    }

    [Fact]
    public void Labels_can_be_chosen_of_any_corpus()
    {
        using var folder = new CorpusFolder();
        foreach (string name in new[] { "DC/a01.wav", "DC/h01.wav", "DC/n01.wav", "DC/n02.wav", "KL/a01.wav" }) folder.Text(name);
        Corpus corpus = CorpusLoader.Load("savee", folder.Path, new CorpusLoadOptions { Labels = ["angry", "happy"] });
        Assert.Equal(["angry", "happy"], corpus.Labels);
        Assert.Equal(["DC/a01.wav", "DC/h01.wav", "KL/a01.wav"], corpus.Clips.Select(clip => clip.RelativePath));
        Assert.Equal("2 clips labelled 'neutral' were left out", Assert.Single(corpus.Problems).Message);

        string message = Assert.Throws<CorpusException>(() => CorpusLoader.Load("savee", folder.Path,
            new CorpusLoadOptions { Labels = ["angry", "calm"] })).Message;
        Assert.Contains("has no label 'calm': its labels are neutral, happy, angry", message);
        Assert.Throws<CorpusException>(() => corpus.WithLabels([]));
        Assert.Same(corpus, corpus.WithLabels(["angry", "happy"]));
    }

    [Fact]
    public void A_folder_without_clips_says_what_lies_there_instead()
    {
        using var folder = new CorpusFolder();
        folder.Text("1001_DFA_ANG_XX.wav");
        CorpusException error = Assert.Throws<CorpusException>(() => CorpusLoader.Load("emodb", folder.Path));
        Assert.Contains("names like 03a01Fa.wav", error.Message);
        Assert.Contains("the first is 1001_DFA_ANG_XX.wav", error.Message);
        Assert.True(error.HasNoClips);
        Assert.False(Assert.Throws<CorpusException>(() => CorpusLoader.Load("emodb", folder.Full("nowhere"))).HasNoClips);
    }

    [Fact]
    public void A_corpus_is_found_in_a_folder_of_corpora()
    {
        using var folder = new CorpusFolder();
        folder.Text("Ravdess/Actor_01/03-01-05-01-01-01-01.wav");
        folder.Text("emo_db/wav/03a01Fa.wav");
        folder.Text("SAVEE/readme.txt");
        Assert.Equal(folder.Full("Ravdess"), CorpusLocator.Find("ravdess-speech", folder.Path));
        Assert.Equal(folder.Full("Ravdess"), CorpusLocator.Find("ravdess", folder.Full("Ravdess")));
        Assert.Equal(folder.Full("emo_db"), CorpusLocator.Find("emodb", folder.Path));
        Assert.Null(CorpusLocator.Find("ravdess-song", folder.Path));
        Assert.Null(CorpusLocator.Find("savee", folder.Path));
        Assert.Null(CorpusLocator.Find("tess", folder.Full("nowhere")));
        // A clip of its own makes it the corpus's own folder.
        folder.Text("08b10Wd.wav");
        Assert.Equal(Path.GetFullPath(folder.Path), CorpusLocator.Find("emodb", folder.Path));
        Assert.Throws<CorpusException>(() => CorpusLocator.Find("folder", folder.Path));
    }

    // Counts as published: 24 actors x (4 neutral + 7 x 8).
    [Fact]
    public void Ravdess_is_whole()
    {
        Corpus corpus = CorpusLoader.Load("ravdess-speech", Companions.Require("corpora", "RAVDESS"));
        Assert.Equal((1440, 24, 8), (corpus.Clips.Count, corpus.Speakers.Count, corpus.Labels.Count));
        Assert.All(corpus.Labels, label => Assert.Equal(label == "neutral" ? 96 : 192, corpus.Clips.Count(clip => clip.Label == label)));
        Assert.Equal(720, corpus.Clips.Count(clip => clip.Sex == "female"));
        Assert.Empty(corpus.Problems);
        Assert.Equal(0.67, corpus.People!.Rate);
        Assert.Equal(corpus.People, CorpusLoader.Load("ravdess", corpus.Root).People);
    }

    // Counts a letter and a speaker as published with the corpus.
    [Fact]
    public void Emodb_is_whole()
    {
        Corpus corpus = CorpusLoader.Load("emodb", Companions.Require("corpora", "EMO-DB"));
        Assert.Equal((535, 10), (corpus.Clips.Count, corpus.Speakers.Count));
        Assert.Equal([("A", 69), ("E", 46), ("F", 71), ("L", 81), ("N", 79), ("T", 62), ("W", 127)],
            corpus.Clips.CountBy(clip => clip.Attributes[LabelName.Attribute]).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(127, corpus.Clips.Count(clip => clip.Label == "angry"));
        Assert.Equal((302, 233), (corpus.Clips.Count(clip => clip.Sex == "female"), corpus.Clips.Count(clip => clip.Sex == "male")));
        Assert.Empty(corpus.Problems);
        Assert.Equal(0.86, corpus.People!.Rate);
    }

    [Fact]
    public void The_part_of_tess_is_read_with_all_its_quirks()
    {
        Corpus corpus = CorpusLoader.Load("tess", Companions.Require("corpora", "TESS"));
        // 80 words x 7 emotions x 2 speakers.
        Assert.Equal(1120, corpus.Clips.Count);
        Assert.All(corpus.Labels,
            label => Assert.All(corpus.Speakers,
            speaker => Assert.Equal(80, corpus.Clips.Count(clip => clip.Label == label && clip.Speaker == speaker))));
        Assert.Equal(80, corpus.Clips.Select(clip => clip.Attributes["word"]).Distinct().Count());
        Assert.Equal(0.82, corpus.People!.Rate);
        Assert.Null(corpus.WithLabels(["sad", "happy"]).People);
    }
}
