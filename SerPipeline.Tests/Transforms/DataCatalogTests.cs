using Microsoft.ML;
using Microsoft.ML.Data;
using SerPipeline.Corpora;
using SerPipeline.Splits;
using SerPipeline.Transforms;
using TrainTestData = Microsoft.ML.DataOperationsCatalog.TrainTestData;

namespace SerPipeline.Tests.Transforms;

public sealed class DataCatalogTests(Recordings files) : IClassFixture<Recordings>
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void A_corpus_becomes_one_row_a_clip_in_its_order()
    {
        Corpus corpus = files.Corpus(speakers: 2, takes: 1);
        IDataView clips = _ml.Data.LoadCorpus(corpus);
        Assert.Equal(["Path", "RelativePath", "Label", "Speaker", "Sex", "Corpus"], clips.Schema.Select(c => c.Name));
        Assert.Equal(6, clips.GetRowCount());
        Assert.Equal(corpus.Clips.Select(c => c.Path), clips.Texts("Path"));
        Assert.Equal(corpus.Clips.Select(c => c.Speaker), clips.Texts("Speaker"));
        // What the corpus does not say is an empty text.
        Assert.All(clips.Texts("Sex"), s => Assert.Equal("", s));
        Assert.Equal(["a", "b"], _ml.Data.LoadFiles(["a", "b"]).Texts("Path"));
    }

    [Fact]
    public void Keys_follow_the_order_of_the_corpus_where_they_are_asked_to()
    {
        IDataView clips = _ml.Data.LoadCorpus(files.Corpus(2, 1));
        Assert.Equal(Recordings.Labels, _ml.Data.LabelValues(clips).Texts("Label"));
        // The clips lie in the order of their names: high, low, middle.
        VBuffer<ReadOnlyMemory<char>> keys = default;
        _ml.Transforms.Conversion.MapValueToKey("Label", keyData: _ml.Data.LabelValues(clips)).Fit(clips).Transform(clips)
            .Schema["Label"].GetKeyValues(ref keys);
        Assert.Equal(Recordings.Labels, keys.DenseValues().Select(k => k.ToString()));
        IDataView plain = _ml.Data.LoadFromEnumerable([new { Label = "b" }, new { Label = "a" }, new { Label = "b" }]);
        Assert.Equal(["b", "a"], _ml.Data.LabelValues(plain).Texts("Label"));
    }

    [Theory]
    [InlineData("random", 1, false)]
    [InlineData("paper", 1, false)]
    [InlineData("kfold", 3, false)]
    [InlineData("speaker", 1, true)]
    [InlineData("speaker-5fold", 5, true)]
    [InlineData("loso", 6, true)]
    [InlineData("cross", 2, true)]
    public void Folds_follow_the_protocol_and_mark_the_speakers_it_keeps_apart(string protocol, int count, bool apart)
    {
        IDataView clips = protocol == "cross" ? TwoCorpora() : _ml.Data.LoadCorpus(files.Corpus(speakers: 6, takes: 2));
        IReadOnlyList<TrainTestData> folds = _ml.Data.Folds(clips, protocol, numberOfFolds: 3);
        Assert.Equal(count, folds.Count);
        foreach (TrainTestData fold in folds)
        {
            string[] train = fold.TrainSet.Texts("RelativePath"), test = fold.TestSet.Texts("RelativePath");
            Assert.Empty(train.Intersect(test));
            Assert.Equal(clips.GetRowCount(), train.Length + test.Length);
            Assert.Equal(apart, RowSubsetView.IsSamplingKey(fold.TrainSet.Schema["Speaker"]));
            Assert.Equal(apart, RowSubsetView.IsSamplingKey(fold.TestSet.Schema["Speaker"]));
            if (apart && protocol != "cross") Assert.Empty(fold.TrainSet.Texts("Speaker").Intersect(fold.TestSet.Texts("Speaker")));
        }
        if (count > 1) Assert.Equal(clips.Texts("RelativePath").Order(), folds.SelectMany(f => f.TestSet.Texts("RelativePath")).Order());
        Assert.Equal(folds.Select(f => string.Join(",", f.TestSet.Texts("Path"))), _ml.Data.Folds(clips, protocol, 3)
            .Select(f => string.Join(",", f.TestSet.Texts("Path"))));
    }

    [Fact]
    public void Folds_are_those_of_the_planner()
    {
        Corpus corpus = files.Corpus(speakers: 6, takes: 2);
        var request = new SplitRequest { Protocol = SplitProtocol.SpeakerIndependent, Seed = 9, TestFraction = 0.3 };
        Split planned = SplitPlanner.Create(corpus, request).Folds[0].Split;
        TrainTestData found = _ml.Data.SpeakerSplit(_ml.Data.LoadCorpus(corpus), testFraction: 0.3, seed: 9);
        Assert.Equal(planned.Test.Select(i => corpus.Clips[i].Path), found.TestSet.Texts("Path"));
        TrainTestData applied = _ml.Data.ApplySplit(_ml.Data.LoadCorpus(corpus), planned);
        Assert.Equal(found.TrainSet.Texts("Path"), applied.TrainSet.Texts("Path"));
        Assert.Equal(["s2"], _ml.Data.SpeakerSplit(_ml.Data.LoadCorpus(corpus), testSpeakers: ["s2"]).TestSet.Texts("Speaker").Distinct());
    }

    [Fact]
    public void What_cannot_be_divided_says_why()
    {
        IDataView clips = _ml.Data.LoadCorpus(files.Corpus(2, 1));
        Assert.Throws<OptionsException>(() => _ml.Data.Folds(clips, "guess"));
        Assert.Throws<CorpusException>(() => _ml.Data.SpeakerSplit(clips, testSpeakers: ["nobody"]));
        Assert.Contains("'Emotion'", Assert.Throws<SchemaException>(() => _ml.Data.SpeakerSplit(clips, labelColumnName: "Emotion"))
            .Message, StringComparison.Ordinal);
        Assert.Throws<CorpusException>(() =>
            _ml.Data.SpeakerSplit(_ml.Data.LoadFromEnumerable([new { Label = "a" }, new { Label = "b" }])));
        Split leak = new() { Train = [0, 1, 2], Test = [2, 3], Protocol = SplitProtocol.Random },
            outside = new() { Train = [0], Test = [6], Protocol = SplitProtocol.Random };
        Split shared = new() { Train = [0, 1], Test = [2, 3], Protocol = SplitProtocol.SpeakerIndependent };
        foreach (Split split in new[] { leak, outside, shared }) Assert.Throws<CorpusException>(() => _ml.Data.ApplySplit(clips, split));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.SelectRows(clips, [-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.SelectRows(clips, [6]));
    }

    [Fact]
    public void Selections_are_made_under_the_stages_so_that_no_other_row_is_computed()
    {
        float[][] clips = [.. Enumerable.Range(0, 10).Select(i => Recordings.Tone(0, i, 0).Samples.ToArray())];
        var stage = new CountingStage("Waveform");
        foreach (IDataView rows in new[] { Views.Waveforms(clips), new CountingView(Views.Waveforms(clips)) })
        {
            int before = stage.Computed;
            IDataView some = _ml.Data.SelectRows(stage.Transform(rows), [7, 2, 2, 5]);
            Assert.Equal([2, 5, 7], some.Values<int>("Row"));
            Assert.Equal(3, some.GetRowCount());
            Assert.Equal(3, some.Prints("Out", "Row").Length);
            Assert.Equal(before + 3, stage.Computed);
            Assert.Equal([5, 7], _ml.Data.SelectRows(some, [1, 2]).Values<int>("Row"));
        }
        IDataView corpus = _ml.Data.LoadCorpus(files.Corpus(3, 1));
        IDataView loaded = ReadingTests.Chain(corpus, new() { BadClips = BadClipRule.Skip });
        TrainTestData split = _ml.Data.SpeakerSplit(loaded, testSpeakers: ["s1"]);
        Assert.Equal(3, split.TestSet.Prints("Features", "Speaker").Length);
        Assert.True(RowSubsetView.IsSamplingKey(split.TestSet.Schema["Speaker"]));
        Assert.Equal(loaded.Schema.Select(c => c.Name), split.TestSet.Schema.Select(c => c.Name));
    }

    [Fact]
    public void Keys_do_as_labels_and_speakers()
    {
        IDataView clips = _ml.Data.LoadCorpus(files.Corpus(4, 1));
        IDataView keyed = _ml.Transforms.Conversion.MapValueToKey([new("Label"), new("Speaker")]).Fit(clips).Transform(clips);
        Assert.Equal(_ml.Data.SpeakerSplit(clips, seed: 5).TestSet.Texts("Path"), _ml.Data.SpeakerSplit(keyed, seed: 5)
            .TestSet.Texts("Path"));
    }

    private IDataView TwoCorpora()
    {
        Corpus corpus = files.Corpus(speakers: 2, takes: 1);
        CorpusClip Of(CorpusClip clip, string name) =>
            clip with { Corpus = name, RelativePath = $"{name}/{clip.RelativePath}", Speaker = $"{name}/{clip.Speaker}" };
        return _ml.Data.LoadCorpus(new Corpus("both", corpus.Root, corpus.Clips.SelectMany(c => new[] { Of(c, "one"), Of(c, "two") }),
            corpus.Labels));
    }
}
