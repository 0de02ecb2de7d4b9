using SerPipeline.Corpora;
using SerPipeline.Corpora.Datasets;
using SerPipeline.Splits;
using SerPipeline.Tests.Support;


namespace SerPipeline.Tests.Corpora;

public class DatasetTests
{
    private const string Start = """{ "version": 1, "datasets": { "x": { "description": "d", "corpora": """;

    private static string Shipped => Path.Combine(Companions.Repository(), "data", "datasets.json");

    [Fact]
    public void The_file_of_the_project_defines_its_four_data_sets()
    {
        DatasetFile file = DatasetFile.Read(Shipped);
        Assert.Equal([("original", "ravdess-speech", Oversampling.None, false), ("over", "ravdess-speech", Oversampling.BeforeSplit, true),
             ("over-train", "ravdess-speech", Oversampling.Training, false), ("new", "ravdess-song+tess", Oversampling.None, false)],
            file.Datasets.Select(set => (set.Name, string.Join('+', set.Corpora.Select(corpus => corpus.Format)), set.Oversample,
            set.Leaks)));
        Assert.Contains("expected one of original, over, over-train, new", Assert.Throws<CorpusException>(() => file.Get("newer")).Message);
        Assert.Same(file.Datasets[3], file.Get("NEW"));
    }

    [Fact]
    public void Over_doubles_neutral_to_192_clips_behind_all_others()
    {
        string ravdess = Companions.Require("corpora", "RAVDESS");
        DatasetFile file = DatasetFile.Read(Shipped);
        Corpus original = file.Get("original").Open(_ => ravdess).Corpus, over = file.Get("over").Open(_ => ravdess, 7).Corpus;
        Assert.Equal(("original", 1440), (original.Name, original.Clips.Count));
        Assert.Equal(("over", 1536), (over.Name, over.Clips.Count));
        Assert.Equal(original.Clips.Select(clip => clip.RelativePath), over.Clips.Take(1440).Select(clip => clip.RelativePath));
        CorpusClip[] copies = [.. over.Clips.Skip(1440)];
        Assert.All(copies, copy =>
        {
            CorpusClip source = Assert.Single(original.Clips, clip => clip.RelativePath == copy.Attributes[OversampledCorpus.CopyOf]);
            Assert.Equal((source.Path, source.Speaker, "neutral"), (copy.Path, copy.Speaker, copy.Label));
            Assert.StartsWith(source.RelativePath + "#copy-", copy.RelativePath, StringComparison.Ordinal);
        });
        // The paper's own draws, whatever the seed: they hit 62 different clips, and its split parts 31 of the pairs.
        Assert.Equal(62, copies.Select(copy => copy.Path).Distinct().Count());
        Assert.Contains("the paper's own draws", over.Note);
        Split split = SplitPlanner.Create(over, new SplitRequest { Protocol = SplitProtocol.Paper }).Folds[0].Split;
        var heard = split.Train.Select(i => over.Clips[i].Path).ToHashSet();
        // The 32nd twin are two takes of RAVDESS that decode to the same audio, which paths do not tell.
        Assert.Equal((308, 31), (split.Test.Count, split.Test.Count(i => heard.Contains(over.Clips[i].Path))));
        Assert.Contains("leaks: true", over.Note);
        Assert.Equal(over.Clips.Select(clip => clip.RelativePath),
            file.Get("over").Open(_ => ravdess, 8).Corpus.Clips.Select(clip => clip.RelativePath));
        // With labels of another size the paper's draws are none: the rarest grows, and none where all are alike.
        DatasetDefinition own = file.Get("over");
        Corpus mapped = (own with { LabelMap = new Dictionary<string, string> { ["calm"] = "neutral" } }).Open(_ => ravdess, 7).Corpus;
        Assert.DoesNotContain("the paper's own draws", mapped.Note!);
        Assert.Equal(288, mapped.Clips.Count(clip => clip.Label == "neutral"));
        Corpus even = (own with { Labels = ["happy", "sad"] }).Open(_ => ravdess, 7).Corpus;
        Assert.Equal(384, even.Clips.Count);
        Assert.DoesNotContain("LEAKS", even.Note ?? "");
        Assert.Contains("oversampled already", Assert.Throws<CorpusException>(() => OversampledCorpus.BeforeSplit(over, 7)).Message);
    }

    // The rule of imbalanced-learn's sampling_strategy="minority": one label grows to the largest, the others stay.
    [Fact]
    public void Only_the_rarest_label_grows()
    {
        using var folder = new CorpusFolder();
        foreach (string name in new[] { "a/1", "a/2", "a/3", "a/4", "b/5", "b/6", "b/7", "c/8", "c/9" }) folder.Text(name + ".wav");
        Corpus corpus = OversampledCorpus.BeforeSplit(CorpusLoader.Load("folder", folder.Path), 3);
        Assert.Equal([("a", 4), ("b", 3), ("c", 4)],
            corpus.Clips.CountBy(clip => clip.Label).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (pair.Key, pair.Value)));
        Assert.All(corpus.Clips.Skip(9), copy => Assert.Equal("c", copy.Label));
    }

    [Fact]
    public void Draws_are_with_replacement_and_decided_by_the_seed()
    {
        using var folder = new CorpusFolder();
        for (int i = 0; i < 96; i++) folder.Text($"rare/{i}.wav");
        for (int i = 0; i < 192; i++) folder.Text($"usual/{i + 96}.wav");
        Corpus corpus = CorpusLoader.Load("folder", folder.Path);
        string[] Copies(long seed) => [.. OversampledCorpus.BeforeSplit(corpus, seed).Clips.Skip(288).Select(copy => copy.RelativePath)];
        // 96 draws of 96 hit 96 x (1 - 1/e), about 61, different clips; 45 to 75 is beyond five deviations.
        Assert.InRange(Copies(7).Select(path => path.Split('#')[0]).Distinct().Count(), 45, 75);
        Assert.Equal(Copies(7), Copies(7));
        Assert.NotEqual(Copies(7), Copies(8));
    }

    [Fact]
    public void A_corpus_in_balance_is_left_as_it_is()
    {
        using var folder = new CorpusFolder();
        folder.Text("a/1.wav");
        folder.Text("b/2.wav");
        Corpus corpus = CorpusLoader.Load("folder", folder.Path);
        Assert.Same(corpus, OversampledCorpus.BeforeSplit(corpus, 1));
    }

    [Fact]
    public void Data_sets_of_ones_own_name_their_folders_relative_to_the_file()
    {
        using var folder = new CorpusFolder();
        folder.Text("clips/happy/anna_1.wav");
        folder.Text("clips/sad/ben_1.wav");
        folder.Text("clips/noise/ben_2.wav");
        folder.Text("tess/OAF_back_happy.wav");
        folder.Text("tess/OAF_back_fear.wav");
        folder.Text("conf/sets.json", """
            { "version": 1, "datasets": { "mine": { "description": "own and TESS", "labels": ["sad", "happy"], "corpora": [
              { "name": "office", "format": "folder", "path": "../clips", "labels": ["happy", "sad"],
                "speakerPattern": "/(?<speaker>[a-z]+)_" },
              "tess" ] } } }
            """);
        Dataset mine = DatasetFile.Read(folder.Full("conf/sets.json")).Get("mine").Open(name => folder.Full(name));
        Assert.Equal(("mine", "own and TESS"), (mine.Corpus.Name, mine.Definition.Description));
        Assert.Equal(["sad", "happy"], mine.Corpus.Labels);
        Assert.Equal([("office/happy/anna_1.wav", "office/anna"), ("office/sad/ben_1.wav", "office/ben"),
            ("tess/OAF_back_happy.wav", "tess/OAF")],
            mine.Corpus.Clips.Select(clip => (clip.RelativePath, clip.Speaker!)));
    }

    [Theory]
    [InlineData(Start + """["tess"], "oversampel": "none" } } }""",
        "datasets.x: there is no field 'oversampel': expected description, corpora, map, labels, oversample, sources")]
    [InlineData(Start + """["tes"] } } }""", "datasets.x.corpora[0]: expected one of ravdess")]
    [InlineData(Start + """[] } } }""", "datasets.x.corpora: expected a list with one or more corpora, got []")]
    [InlineData("""{ "version": 1, "datasets": { "x": { "corpora": ["tess"] } } }""",
        "datasets.x.description: expected a text, got nothing")]
    [InlineData(Start + """["tess", "TESS"] } } }""", "'tess' is there more than once")]
    [InlineData(Start + """["tess"], "labels": "all" } } }""",
        "datasets.x.labels: expected \"union\", \"common\" or a list of labels, got \"all\"")]
    [InlineData(Start + """["tess"], "oversample": true } } }""",
        "datasets.x.oversample: expected \"none\", \"before-split\" or \"training\", got true")]
    [InlineData(Start + """[{ "name": "a", "format": "folder" }] } } }""", "datasets.x.corpora[0].path: expected a text, got nothing")]
    [InlineData(Start + """[{ "name": "a", "format": "zip", "path": "." }] } } }""", "datasets.x.corpora[0].format: expected one of")]
    [InlineData(Start + """[{ "name": "a", "format": "folder", "path": ".", "speakerPattern": "(" }] } } }""",
        "SpeakerPattern must be a regular expression")]
    [InlineData(Start + """["tess"], "map": { "Happy": "glad", "happy": "merry" } } } }""",
        "datasets.x: CorpusLoadOptions.LabelMap must have one or more different labels as keys, got 'Happy=glad,happy=merry'")]
    [InlineData(Start + """[{ "name": "my office", "format": "folder", "path": "." }] } } }""",
        "datasets.x.corpora[0].name: expected a name without spaces, commas and slashes, got 'my office'")]
    [InlineData(Start + """[{ "name": "a/b", "format": "folder", "path": "." }] } } }""",
        "datasets.x.corpora[0].name: expected a name without")]
    [InlineData("""{ "version": 2, "datasets": { "x": { "description": "d", "corpora": ["tess"] } } }""", "version: expected 1, got 2")]
    [InlineData("""{ "version": 1, "data": {} }""", "the file: there is no field 'data'")]
    [InlineData("""{ "version": 1, "datasets": {} }""", "datasets: expected an object with a field for each data set")]
    [InlineData("""{ "version": 1, "version": 1, "datasets": {} }""", "version")]
    [InlineData("{ \"version\": 1,\n \"datasets\": \n ]", "line 3")]
    [InlineData("[]", "the file: expected an object with version, datasets, got []")]
    public void A_file_with_errors_is_refused_with_the_field(string json, string expected)
    {
        using var folder = new CorpusFolder();
        string file = folder.Text("sets.json", json);
        string message = Assert.Throws<CorpusException>(() => DatasetFile.Read(file)).Message;
        Assert.Contains(expected, message);
        Assert.Contains(file, message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Contains("nowhere.json", Assert.Throws<CorpusException>(() => DatasetFile.Read("nowhere.json")).Message);
}
