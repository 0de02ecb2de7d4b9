using SerPipeline.Corpora;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Corpora;

public class CorpusCombinationTests
{
    private static Corpus Tess(CorpusFolder folder)
    {
        foreach (string emotion in new[] { "angry", "fear", "ps" })
            foreach (string speaker in new[] { "OAF", "YAF" }) folder.Text($"TESS/{speaker}_{emotion}/{speaker}_back_{emotion}.wav");
        return CorpusLoader.Load("tess", folder.Full("TESS"));
    }

    private static Corpus EmoDb(CorpusFolder folder)
    {
        foreach (string name in new[] { "03a01Wa", "03a01La", "08a01Aa", "08a01Wa", "08a01Lb" }) folder.Text($"EMO-DB/{name}.wav");
        return CorpusLoader.Load("emodb", folder.Full("EMO-DB"));
    }

    [Fact]
    public void The_union_keeps_all_labels_and_names_those_of_one_corpus()
    {
        using var folder = new CorpusFolder();
        Corpus corpus = CorpusCombination.Combine([Tess(folder), EmoDb(folder)]);

        Assert.Equal("tess+emodb", corpus.Name);
        Assert.Equal(["angry", "fearful", "surprised", "bored"], corpus.Labels);
        Assert.Equal(["emodb/03", "emodb/08", "tess/OAF", "tess/YAF"], corpus.Speakers);
        Assert.Equal(11, corpus.Clips.Count);
        Assert.Equal(("emodb/03a01La.wav", "emodb", "emodb/03"),
            (corpus.Clips[0].RelativePath, corpus.Clips[0].Corpus, corpus.Clips[0].Speaker));
        Assert.All(corpus.Clips, clip => Assert.True(File.Exists(clip.Path)));
        Assert.Equal([("tess", "surprised"), ("emodb", "bored")],
            corpus.Problems.Where(problem => problem.Kind == CorpusProblemKind.LabelOfOneCorpus)
            .Select(problem => (problem.RelativePath, problem.Message.Split('\'')[3])));
        Assert.Equal(Path.GetFullPath(folder.Path).TrimEnd('/'), corpus.Root);
        Assert.Equal("tess: CC BY-NC-ND 4.0; emodb: free to use, cite the authors; the copy on Zenodo is CC BY 4.0", corpus.Licence);
        Assert.Null(corpus.People);
    }

    [Fact]
    public void The_common_labels_leave_clips_out_and_count_them()
    {
        using var folder = new CorpusFolder();
        Corpus corpus = CorpusCombination.Combine([Tess(folder), EmoDb(folder)], LabelCombination.Common, "both");
        Assert.Equal(("both", 7), (corpus.Name, corpus.Clips.Count));
        Assert.Equal(["angry", "fearful"], corpus.Labels);
        Assert.Equal([("tess", "2 clips labelled 'surprised' were left out"), ("emodb", "2 clips labelled 'bored' were left out")],
            corpus.Problems.Select(problem => (problem.RelativePath, problem.Message)));
    }

    [Fact]
    public void A_list_of_labels_sets_their_order()
    {
        using var folder = new CorpusFolder();
        Corpus tess = Tess(folder), emodb = EmoDb(folder);
        Assert.Equal(["fearful", "angry"], CorpusCombination.Combine([tess, emodb], ["fearful", "angry"]).Labels);
        Assert.Contains("has the label 'calm': tess has angry, fearful, surprised; emodb has",
            Assert.Throws<CorpusException>(() => CorpusCombination.Combine([tess, emodb], ["angry", "calm"])).Message);
        Assert.Contains("'emodb' has none of the labels surprised",
            Assert.Throws<CorpusException>(() => CorpusCombination.Combine([tess, emodb], ["surprised"])).Message);
    }

    [Fact]
    public void What_cannot_be_combined_is_refused()
    {
        using var folder = new CorpusFolder();
        Corpus tess = Tess(folder);
        Assert.Contains("'tess' alone", Assert.Throws<CorpusException>(() => CorpusCombination.Combine([tess])).Message);
        Assert.Contains("named 'tess'", Assert.Throws<CorpusException>(() => CorpusCombination.Combine([tess, tess])).Message);

        Corpus again = CorpusLoader.Load("folder", folder.Full("TESS"), new CorpusLoadOptions { Name = "mine" });
        Assert.Contains("belongs to two of the corpora to combine, 'tess' and 'mine'",
            Assert.Throws<CorpusException>(() => CorpusCombination.Combine([tess, again])).Message);

        folder.Text("s/a/1.wav");
        Corpus other = CorpusLoader.Load("folder", folder.Full("s"));
        Assert.Contains("no label in common: tess has angry, fearful, surprised; s has a",
            Assert.Throws<CorpusException>(() => CorpusCombination.Combine([tess, other], LabelCombination.Common)).Message);

        // The singers are the speakers: as two corpora they would be 48 people.
        folder.Text("R/03-01-05-01-01-01-01.wav");
        folder.Text("R/03-02-05-01-01-01-01.wav");
        Corpus speech = CorpusLoader.Load("ravdess-speech", folder.Full("R")), song = CorpusLoader.Load("ravdess-song", folder.Full("R"));
        Assert.Contains("the same people", Assert.Throws<CorpusException>(() => CorpusCombination.Combine([speech, song])).Message);
    }

    [Fact]
    public void The_three_real_corpora_combine()
    {
        string[] names = ["RAVDESS", "TESS", "EMO-DB"], formats = ["ravdess", "tess", "emodb"];
        Corpus[] parts = [.. formats.Zip(names).Select(pair => CorpusLoader.Load(pair.First, Companions.Require("corpora", pair.Second)))];
        Corpus all = CorpusCombination.Combine(parts), common = CorpusCombination.Combine(parts, LabelCombination.Common);
        Assert.Equal((1440 + 1120 + 535, 24 + 2 + 10), (all.Clips.Count, all.Speakers.Count));
        Assert.Equal(Emotions.All, all.Labels);
        Assert.Equal(["neutral", "happy", "sad", "angry", "fearful", "disgust"], common.Labels);
        // Six labels: RAVDESS without calm and surprised (2 x 192), TESS without surprised (160), EMO-DB without bored (81).
        Assert.Equal(1440 - 384 + 1120 - 160 + 535 - 81, common.Clips.Count);
    }
}
